"""Networks of a library's own layers: right ones pass, wrong ones and those that lack a layer are told."""

import copy
import pickle
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor

import framework
from parity.catalogue import pages
from parity.catalogue.network import JOINTS, Wired
from parity.contract import CHECKS
from parity.run.doctor import examine
from parity.run.first_try import first_try
from parity.subjects import load
from parity.subjects.adapters import Library, Modules
from parity.subjects.composed.composite import StatefulComposite
from parity.subjects.contract import Subject, Unsupported
from parity.subjects.framework import BuiltModule
from parity.subjects.process import Limits
from parity.trust.alternatives import SUBJECTS
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from tests.networks.changed import Changed

NETWORKS = [page.module for page in pages().values() if page.network is not None]
NUMPY = "examples/adapters/numpy_library.py"


def failing(subject: Subject, asked: Iterable[Cell]) -> list[str]:
    """Return every quantity that fails, with its cell; and every exception but a lack."""
    found = []
    for cell in asked:
        judged, error = CHECKS[cell.check].judged(Trial(cell, subject))
        found += [f"{cell} {one.record.quantity}" for one in judged if one.record.verdict in ("fail", "error")]
        found += [f"{cell} {error!r}"] if error is not None and not isinstance(error, Unsupported) else []
    return found


def of_page(module: str, check: str = "") -> list[Cell]:
    return list(cells(pages()[module], [CHECKS[check]] if check else CHECKS.values(), ["cpu"], 0))


@pytest.mark.parametrize("module", NETWORKS)
@pytest.mark.parametrize("subject", [load("torch_nn"), SUBJECTS[0]], ids=lambda subject: subject.name)
def test_networks_of_right_layers_are_right(module: str, subject: Subject) -> None:
    numbers = ("values", "one-step", "lockstep")
    asked = [cell for cell in of_page(module) if cell.dtype == "float32" and cell.check in numbers]
    assert failing(subject, asked) == []
    assert CHECKS["lockstep"].records(Trial(next(cell for cell in asked if cell.check == "lockstep"), subject))


@pytest.mark.parametrize("module", NETWORKS)
def test_the_framework_has_none_of_them_and_they_are_composed(module: str) -> None:
    built = Trial(of_page(module)[0], load("framework")).build()
    assert isinstance(built, StatefulComposite)
    drawn = Trial(of_page(module)[0], load("framework")).drawn
    assert built.state_dict().keys() - built.buffers().keys() == drawn.parameters.keys()
    assert len(built.param()) == len(drawn.parameters)


@pytest.mark.parametrize("joint", JOINTS)
def test_the_derivative_of_a_joint_is_that_of_torch(joint: str) -> None:
    options = {"dim": 1}
    shapes = {"sum": [(3, 4), (3, 4)], "concatenation": [(3, 4), (3, 2)], "last": [(3, 4)]}[joint]
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    y = JOINTS[joint].forward(options, *inputs)
    dy = torch.randn_like(y)
    wanted = torch.autograd.grad(y, inputs, dy)
    got = JOINTS[joint].backward(options, *(value.detach() for value in inputs), dy)
    assert all(torch.equal(one, other) for one, other in zip(got, wanted, strict=True))


def test_the_transformer_block_is_that_of_torch() -> None:
    block, encoder = (
        pages()["TransformerBlock"].reference(6, 2, 5),
        torch.nn.TransformerEncoderLayer(6, 2, 5, dropout=0.0, norm_first=True),
    )
    encoder.load_state_dict(block.state_dict())
    x, mask = torch.randn(4, 3, 6), torch.tensor([[False, False, False, True]] * 3)
    torch.testing.assert_close(block(x), encoder(x))
    torch.testing.assert_close(block(x, mask), encoder(x, src_key_padding_mask=mask))


def test_a_library_without_a_layer_lacks_the_networks_that_need_it() -> None:
    subject = Changed("BatchNorm2d", None)
    for cell in of_page("ResidualBlock"):
        judged, error = CHECKS[cell.check].judged(Trial(cell, subject))
        assert judged == []
        assert str(error) == "ResidualBlock needs BatchNorm2d, and changed has no BatchNorm2d"
    others = [module for module in NETWORKS if module != "ResidualBlock"]
    assert failing(subject, [cell for module in others for cell in of_page(module, "values")]) == []


def test_what_a_layer_does_not_take_is_told_with_the_network() -> None:
    subject = Library("flat", {"Linear": framework.Linear, "LSTM": framework.LSTM}, only={"LSTM": {"rank": (2,)}})
    _, error = CHECKS["values"].judged(Trial(of_page("LSTMClassifier", "values")[0], subject))
    assert str(error) == "LSTMClassifier needs LSTM, and the LSTM of flat takes no input of 3 axes"


def test_a_plain_adapter_gets_the_networks_without_a_line() -> None:
    lines, healthy = examine(NUMPY, Limits(), NETWORKS)
    assert healthy
    said = "\n".join(lines)
    assert "LSTMClassifier: 2 cells run, none fails" in said
    assert (
        "TransformerBlock: not offered (TransformerBlock needs LayerNorm, and numpy_library has no LayerNorm)" in said
    )
    assert not first_try(load(NUMPY), pages()["LSTMClassifier"]).said


class Encoder(torch.nn.TransformerEncoderLayer):
    """A library's own transformer block."""

    built = 0

    def __init__(self, d_model: int, nhead: int, dim_feedforward: int) -> None:
        super().__init__(d_model, nhead, dim_feedforward, dropout=0.0, norm_first=True)
        Encoder.built += 1

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # type: ignore[override]  # as the page calls it
        return super().forward(x, src_key_padding_mask=mask)


def test_a_network_that_a_library_has_by_its_name_is_its_own() -> None:
    subject = Modules("own", {"TransformerBlock": Encoder})
    assert failing(subject, of_page("TransformerBlock", "values")) == []
    assert Encoder.built
    _, error = CHECKS["values"].judged(Trial(of_page("UNetDenoiser")[0], subject))
    assert str(error) == "UNetDenoiser needs Conv2d, and own has no Conv2d"


class WritesDy(BuiltModule):
    """A layer whose backward is right, and writes into the cotangent that it was given."""

    def backward(self, *cotangents: Any) -> Any:
        dx = super().backward(*(None if dy is None else dy.clone() for dy in cotangents))
        cotangents[0].mul_(2)
        return dx


class WritesX(BuiltModule):
    """A layer whose forward is right, and writes into its input."""

    def __init__(self, module: framework.Module) -> None:
        super().__init__(module)
        self.forward = self.called

    def called(self, x: Tensor) -> Any:
        y = self.module.forward(x.clone())
        x.mul_(2)
        return y


class OneForAll(BuiltModule):
    """Layers that keep their input in one place for all of them."""

    x: Any = None

    def __init__(self, module: framework.Module) -> None:
        super().__init__(module)
        self.forward = self.called

    def called(self, x: Tensor) -> Any:
        OneForAll.x = x.clone()
        return self.module.forward(x)

    def backward(self, *cotangents: Any) -> Any:
        self.module.forward(OneForAll.x)
        return super().backward(*cotangents)


@pytest.mark.parametrize(
    ("layer", "kind", "module", "wrong"),
    [
        ("BatchNorm2d", WritesDy, "ResidualBlock", "dx"),
        ("LayerNorm", WritesX, "TransformerBlock", "output"),
        ("LayerNorm", OneForAll, "TransformerBlock", "dnorm1.weight"),
    ],
)
def test_a_layer_that_is_right_alone_and_wrong_among_others_is_found(
    layer: str, kind: Callable[[framework.Module], BuiltModule], module: str, wrong: str
) -> None:
    subject = Changed(layer, kind)
    alone = [cell for cell in of_page(layer, "values") if cell.dtype == "float32" and cell.regime == "normal"][:20]
    assert failing(subject, alone) == []
    found = failing(subject, of_page(module, "values"))
    assert any(said.endswith(f" {wrong}") for said in found)


def test_a_network_is_copied_and_pickled() -> None:
    trial = Trial(of_page("UNetDenoiser")[0], load("framework"))
    built = trial.build()
    wanted = trial.observe(built)
    for again in (copy.deepcopy(built), pickle.loads(pickle.dumps(built))):
        again.zero_grad()
        assert all(torch.equal(value, wanted[name]) for name, value in trial.observe(again).items())


def test_the_reference_is_made_of_torchs_modules() -> None:
    for module in NETWORKS:
        page = pages()[module]
        reference = page.reference(**page.cases[0].options)
        assert isinstance(reference, Wired)
        assert {type(child).__module__.partition(".")[0] for child in reference.children()} == {"torch"}
