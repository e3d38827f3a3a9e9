"""The command, the records and the table of the audit."""

from dataclasses import asdict

import pytest

from parity.__main__ import main
from parity.independence import Audit, records, rules
from reports.parity import audit_table
from reports.record import line

CHEAT = """
import torch
from parity.catalogue import pages
from parity.subjects.torch_nn import BuiltReference
class Cheat:
    name, explains = "cheat", False
    def build(self, module, options, parameters, device, dtype):
        built = pages()[module].reference(**options)
        built.load_state_dict(parameters)
        return BuiltReference(built)
subject = Cheat()
"""


def test_the_framework_ends_in_success(capsys):
    assert main(["audit", "--subject", "framework", "--module", "Tanh,Linear", "--module", "Flatten"]) == 0
    said = capsys.readouterr().out
    assert "Of 3 modules of framework: 3 independent." in said
    assert "Not audited: " not in said


def test_a_module_that_is_none_is_one_clear_line(capsys):
    assert main(["audit", "--module", "Linaer"]) == 2
    assert "did you mean Linear?" in capsys.readouterr().err


def test_a_void_row_ends_in_failure(tmp_path, capsys):
    path = tmp_path / "cheat.py"
    path.write_text(CHEAT)
    assert main(["audit", "--subject", str(path), "--module", "Tanh"]) == 1
    assert "autograd engine" in capsys.readouterr().out


def test_an_unknown_subject_is_one_clear_line(capsys):
    assert main(["audit", "--subject", "nope"]) == 2
    assert capsys.readouterr().err.startswith("audit: subject must be one of framework")


def test_a_record_is_a_line_of_json():
    (record,) = records([Audit("s", "Linear", {"add": 2, "mm": 3}, "void", ("it cheated",), "a remark")])
    assert record.operations == "mm x3, add x2"
    assert record.detail == "it cheated; a remark"
    assert '"kind": "audit"' in line(record)


def test_the_table_shows_verdicts_and_escapes_markup():
    rows = records(
        [
            Audit("s", "Tanh", {"tanh": 1}, "independent"),
            Audit("s", "ReLU", {"_relu|x": 1}, "void", ("it called relu",)),
        ]
    )
    shown = audit_table.render([asdict(row) for row in rows])
    assert "Of 2 modules of s: 1 independent, 1 void." in shown
    assert shown.index("ReLU") < shown.index("Tanh")
    assert "\\|x" in shown


def test_the_table_lists_the_kinds_that_were_audited_and_those_that_were_not():
    told = {"audited": "9 of 12 cells listened to, 3 rehearsed: bias True", "unaudited": "bias False (it crashed)"}
    rows = records([Audit("s", "Linear", {}, "independent", **told), Audit("s", "Tanh", {}, "independent")])
    shown = audit_table.render([asdict(row) for row in rows])
    line = "- Linear: 9 of 12 cells listened to, 3 rehearsed: bias True. Not audited: bias False (it crashed)"
    assert line in shown
    assert "- Tanh" not in shown
    assert "What was audited" not in audit_table.render([asdict(rows[1])])


def test_the_table_says_once_what_is_audited_of_every_module():
    both = ("all 9 cells listened to, 3 rehearsed: bias True; rank of x 2", "8 of 9 cells listened to: bias True")
    rows = records(
        [Audit("s", module, {}, "independent", audited=said) for module, said in zip("AB", both, strict=True)]
    )
    shown = audit_table.render([asdict(row) for row in rows])
    assert "Every module was audited in cells of bias True." in shown
    assert "- A: all 9 cells listened to, 3 rehearsed: rank of x 2\n- B: 8 of 9 cells listened to\n" in shown


@pytest.mark.parametrize("node", ["ExpBackward0", "torch::autograd::CopySlices", "SoftmaxBackward0"])
def test_a_node_of_torch_is_forbidden(node):
    assert node in rules.fault(f"autograd::engine::evaluate_function: {node}")


@pytest.mark.parametrize("node", ["OwnFunctionBackward", "torch::autograd::AccumulateGrad"])
def test_a_node_of_the_subject_is_allowed(node):
    assert not rules.fault(f"autograd::engine::evaluate_function: {node}")


def test_a_subject_that_cannot_be_imported_is_one_clear_line(tmp_path, capsys):
    path = tmp_path / "broken.py"
    path.write_text("import no_such_library")
    assert main(["audit", "--subject", str(path)]) == 2
    assert "could not be loaded: ModuleNotFoundError: No module named 'no_such_library'" in capsys.readouterr().err


def test_an_unknown_verdict_is_named():
    (record,) = records([Audit("s", "Tanh", {}, "perhaps")])
    with pytest.raises(ValueError, match="verdict must be one of"):
        audit_table.render([asdict(record)])


def test_nothing_audited_says_so():
    assert audit_table.render([]) == "Nothing was audited."


@pytest.mark.parametrize(
    "operator",
    "aten::convolution aten::conv2d aten::linear aten::_softmax aten::log_softmax aten::relu_ aten::leaky_relu "
    "aten::elu aten::gelu aten::hardtanh aten::mse_loss aten::nll_loss_forward aten::binary_cross_entropy "
    "aten::max_pool2d aten::native_layer_norm aten::_native_batch_norm_legit aten::upsample_nearest2d "
    "aten::scaled_dot_product_attention aten::gru aten::lstm_cell aten::_thnn_fused_lstm_cell aten::embedding "
    "aten::dropout aten::tanh_backward aten::threshold_backward aten::_make_dual mkldnn::_linear_pointwise "
    "aten::_addmm_activation aten::mkldnn_convolution".split(),
)
def test_a_layer_kernel_is_forbidden(operator):
    assert rules.fault(operator)


@pytest.mark.parametrize(
    "operator",
    "aten::mm aten::addmm aten::bmm aten::baddbmm aten::einsum aten::matmul aten::exp_ aten::tanh aten::sigmoid "
    "aten::erf aten::clamp_min aten::where aten::sum aten::mean aten::amax aten::logsumexp aten::unfold "
    "aten::im2col aten::col2im aten::linalg_vector_norm aten::normal_ aten::_foreach_mul_ aten::flatten "
    "aten::as_strided aten::_convert_indices_from_coo_to_csr mine::softmax PythonDispatchMode".split(),
)
def test_a_building_block_is_allowed(operator):
    assert not rules.fault(operator)
