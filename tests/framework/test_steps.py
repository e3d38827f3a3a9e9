"""A step in one piece, compiled or played again as a graph, is the step call by call."""

import copy

import pytest
import torch

import framework
from framework.compiling import step


def network(device: str, dtype: torch.dtype = torch.float64) -> framework.Sequential:
    torch.manual_seed(3)
    layers = (
        framework.Linear(3, 5),
        framework.Sequential(framework.Tanh(), framework.LayerNorm(5)),
        framework.Linear(5, 2),
    )
    return framework.Sequential(*layers).to(device, dtype)


class TrainedBothWays:
    """A network that is trained call by call, and its twin, which is trained in whole steps."""

    def __init__(self, device: str, criterion: framework.Loss, *, graph: bool, momentum: float = 0.5) -> None:
        self.plain, self.inside, self.criterion = network(device), network(device), criterion
        self.by_calls = framework.SGD(self.plain.param(), lr=0.1, momentum=momentum)
        self.whole = framework.SGD(self.inside.param(), lr=0.1, momentum=momentum)
        self.step = framework.CompiledStep(self.inside, copy.deepcopy(criterion), self.whole, graph=graph)

    def agree(self, x: torch.Tensor, t: torch.Tensor) -> None:
        """Take a step either way, and hold the one to the other."""
        self.plain.zero_grad()
        loss = self.criterion(self.plain(x), t)
        self.plain.backward(self.criterion.backward())
        self.by_calls.step()
        assert near(self.step(x, t), loss)
        for one, other in zip(self.inside.param(), self.plain.param(), strict=True):
            assert near(one.value, other.value)
            assert near(one.grad, other.grad)


def near(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether two results differ by rounding alone: code that fuses operations rounds elsewhere."""
    return torch.allclose(one, other, rtol=1e-11, atol=1e-12)


def drawn(device: str, *shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, device=device)


@pytest.fixture
def graphs(device: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the graphs that are recorded; without a device that knows them, a graph is the work itself, done again."""
    made, recorded = [], step.recorded if device != "cpu" else lambda work: work
    monkeypatch.setattr(step, "recorded", lambda work: made.append("a graph") or recorded(work))
    if device == "cpu":
        monkeypatch.setattr(torch.Tensor, "is_cuda", True, raising=False)
        monkeypatch.setattr(step, "capturing", lambda: False)
    return made


def test_a_step_compiled_is_the_step(device: str) -> None:
    pair = TrainedBothWays(device, framework.MSELoss(), graph=False)
    for _ in range(4):
        pair.agree(drawn(device, 6, 3), drawn(device, 6, 2))


def test_a_step_as_a_graph_is_the_step(device: str, graphs: list[str]) -> None:
    pair = TrainedBothWays(device, framework.MSELoss(), graph=True)
    for _ in range(6):
        pair.agree(drawn(device, 6, 3), drawn(device, 6, 2))
    assert len(graphs) == 1


def test_a_graph_takes_the_classes_of_its_batch(device: str, graphs: list[str]) -> None:
    pair = TrainedBothWays(device, framework.CrossEntropyLoss(), graph=True)
    for _ in range(6):
        pair.agree(drawn(device, 6, 3), torch.randint(2, (6,), device=device))
    assert len(graphs) == 1


def test_another_rate_or_place_is_another_graph(device: str, graphs: list[str]) -> None:
    pair = TrainedBothWays(device, framework.MSELoss(), graph=True)
    for rate, wanted in ((0.1, 0), (0.1, 0), (0.1, 1), (0.2, 2), (0.2, 2)):
        pair.by_calls.lr = pair.whole.lr = rate
        pair.agree(drawn(device, 6, 3), drawn(device, 6, 2))
        assert len(graphs) == wanted
    pair.whole.load_state_dict(pair.whole.state_dict())  # other tensors
    pair.agree(drawn(device, 6, 3), drawn(device, 6, 2))
    assert len(graphs) == 3


def test_a_graph_of_other_shapes_is_another(device: str, graphs: list[str]) -> None:
    pair = TrainedBothWays(device, framework.MSELoss(), graph=True, momentum=0.0)
    for batch in (6, 6, 6, 4, 4, 4, 6):
        pair.agree(drawn(device, batch, 3), drawn(device, batch, 2))
    assert len(graphs) == 3


def test_what_a_graph_writes_is_counted_as_written(
    device: str, graphs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = TrainedBothWays(device, framework.MSELoss(), graph=True)
    for _ in range(3):
        pair.agree(drawn(device, 6, 3), drawn(device, 6, 2))
    monkeypatch.setattr(step.PlayedStep, "__call__", lambda *_: torch.zeros(()))  # writes where no version is counted
    y = pair.inside(drawn(device, 6, 3))
    pair.step(drawn(device, 6, 3), drawn(device, 6, 2))
    assert graphs
    with pytest.raises(RuntimeError, match="must be unchanged"):
        pair.inside.backward(torch.ones_like(y))


def test_a_step_within_a_larger_graph_is_no_graph_of_its_own(
    device: str, graphs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = TrainedBothWays(device, framework.MSELoss(), graph=True)
    for _ in range(3):
        pair.agree(drawn(device, 6, 3), drawn(device, 6, 2))
    monkeypatch.setattr(step, "capturing", lambda: True)
    monkeypatch.setattr(step.PlayedStep, "__call__", lambda *_: pytest.fail("a graph was played within a graph"))
    pair.agree(drawn(device, 6, 3), drawn(device, 6, 2))
    assert len(graphs) == 1


def test_the_loss_of_a_graph_stays_what_it_was(device: str, graphs: list[str]) -> None:
    pair = TrainedBothWays(device, framework.MSELoss(), graph=True)
    losses = [pair.step(drawn(device, 6, 3), drawn(device, 6, 2)) for _ in range(4)]
    assert graphs
    assert len({loss.item() for loss in losses}) == 4


def test_a_graph_asks_for_its_device_and_for_steps_that_are_alike() -> None:
    module = framework.Linear(3, 2)
    step = framework.CompiledStep(module, framework.MSELoss(), framework.SGD(module.param()), graph=True)
    with pytest.raises(ValueError, match="CompiledStep: x must be on a CUDA device to be part of a graph, was on cpu"):
        step(torch.randn(4, 3), torch.randn(4, 2))
    with pytest.raises(ValueError, match=r"optimiser must step alike .* to be part of a graph, but Adam counts its"):
        framework.CompiledStep(module, framework.MSELoss(), framework.Adam(module.param()), graph=True)
    with pytest.raises(TypeError, match="CompiledStep: graph must be"):
        framework.CompiledStep(module, framework.MSELoss(), framework.SGD(module.param()), graph=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [framework.SGD, framework.RMSprop, framework.Adadelta])
def test_what_counts_no_steps_steps_alike(kind: type[framework.Optimiser]) -> None:
    """The count of steps is in no formula of these: however often was stepped, a step gives the same."""
    found = []
    for count in (0, 7):
        value, grad = torch.ones(3), torch.tensor([1.0, -2.0, 0.5])
        optimiser = kind([(value, grad)])  # type: ignore[call-arg]
        optimiser.groups[0].numbers["step"] = count
        optimiser.step()
        found.append(value)
    assert torch.equal(*found)


def test_a_step_wants_a_loss_and_an_optimiser() -> None:
    module = framework.Linear(3, 2)
    with pytest.raises(TypeError, match="CompiledStep: criterion must be of Loss, was Linear"):
        framework.CompiledStep(module, module, framework.SGD(module.param()))
    with pytest.raises(TypeError, match="CompiledStep: optimiser must be of Optimiser, was MSELoss"):
        framework.CompiledStep(module, framework.MSELoss(), framework.MSELoss())  # type: ignore[arg-type]
