"""The false side: every honest library of the tests and of the examples keeps its rows."""

import pytest

from parity.catalogue import pages
from parity.independence import audit
from parity.run.auditing import audited_alone
from parity.subjects import load
from parity.verdict.cell import Cell
from tests.subjects.libraries import SHAPES
from tests.subjects.restricted import CONV, LIBRARIES, TRANSPOSED, Restricted

WRAPPING = ("autodiff", "torch.nn.Module")  # torch differentiates, as they say


@pytest.mark.parametrize("name", SHAPES)
def test_a_library_of_each_shape_is_not_accused(name):
    build, module, _ = SHAPES[name]
    found = audited_alone(build(1.0), module)
    wanted = "not audited" if name in WRAPPING else "independent"
    assert (found.verdict, found.findings) == (wanted, ("it says that it wraps torch",) if name in WRAPPING else ())


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("module", [CONV, TRANSPOSED])
def test_a_restricted_library_is_not_accused(library, module):
    found = audited_alone(Restricted(LIBRARIES[library]), module)
    assert (found.verdict, found.findings, found.unaudited) == ("independent", (), "")


@pytest.mark.parametrize("module", ["Linear", "ReLU", "MSELoss"])
def test_a_library_of_numpy_is_not_accused(module):
    subject = load("examples/adapters/numpy_mlp.py")
    found = audited_alone(subject, module)
    assert found.verdict == "independent" or found.findings[0].startswith("unsupported: ")


def test_a_tape_is_not_accused():
    page = pages()["Linear"]
    found = audit(load("tape"), Cell(page, page.cases[0]))
    assert (found.verdict, found.findings) == ("independent", ())
