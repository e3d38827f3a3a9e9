"""A recorded run, replayed: bit by bit what the computation itself gives under the same steps."""

from dataclasses import replace
from itertools import islice

import pytest
import torch
from torch import Tensor, nn

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.verdict import arithmetic
from parity.verdict.draw import draw, mapped
from parity.verdict.perturbed.operations import MonteCarloArithmetic
from parity.verdict.perturbed.program import Perturbed, Recorder, same
from parity.verdict.plan import cells
from parity.verdict.reference import Reference

STEP = 2.0**-20
ASKED = arithmetic.of(torch.float32, "cpu")
READ_NUMBERS = {"GaussianNLLLoss", "BatchNorm1d", "BatchNorm2d"}  # torch.nn asks for one on its way, to refuse by

NOT_MAPPED = {"Dropout", "Dropout2d", "ResidualBlock"}  # they draw, or write into what was given


@pytest.mark.parametrize("module", sorted(pages()))
def test_a_replay_is_the_run_itself(module: str) -> None:
    page, followed, rounded, mapped_over, alike = pages()[module], 0, 0, 0, 0
    narrow = (cell for cell in cells(page, [CHECKS["values"]], ["cpu"], 0) if not cell.case.large)
    for cell in islice(narrow, 0, None, 25):
        drawn = mapped(draw(cell), torch.Tensor.double)
        reference = Reference(page.exact, cell.case, torch.float64)
        recorded = Perturbed(
            lambda r=reference, d=drawn: r.holding(d),  # type: ignore[misc]  # the defaults hold the loop's own
            lambda made, r=reference, d=drawn: r.differentiated(made, d),  # type: ignore[misc]
            ASKED,
            torch.Generator().manual_seed(0),
            record=True,
            leaves=lambda r=reference, d=drawn: r.leaves(d),  # type: ignore[misc]
        )
        recorded(STEP)
        if recorded.program is None:
            continue
        followed += 1
        torch.manual_seed(5)
        unsized = replace(recorded.program, steps=[step._replace(sizes=None) for step in recorded.program.steps])
        replayed = unsized.run(MonteCarloArithmetic(ASKED, torch.Generator().manual_seed(7), STEP))
        torch.manual_seed(5)
        sized = recorded.program.run(MonteCarloArithmetic(ASKED, torch.Generator().manual_seed(7), STEP))
        torch.manual_seed(5)
        made = reference.holding(drawn)
        with MonteCarloArithmetic(ASKED, torch.Generator().manual_seed(7), STEP):
            live = reference.differentiated(made, drawn)
        torch.manual_seed(5)
        exact = reference.quantities(drawn)
        assert replayed.keys() == live.keys()
        for name, value in live.items():
            assert torch.equal(value.nan_to_num(7.0), replayed[name].nan_to_num(7.0)), f"{cell}: {name}"
            assert furthest(sized[name], value) <= furthest(value, exact[name]) / 1000, f"{cell}: {name}"
        rounded += recorded.program.signs > 0
        state, steps = recorded.generator.get_state(), [STEP, 2 * STEP, STEP]
        halved = mapped(drawn, lambda value: torch.stack([value, value / 2]))
        together = recorded.at_once(steps, halved.leaves)
        if together is None:
            continue
        mapped_over += 1
        recorded.generator.set_state(state)
        for at, step in enumerate(steps, 1):
            for name, value in recorded(step).items():
                off = furthest(together[name][at], value)
                assert off <= furthest(value, exact[name]) / 1000, f"{cell}: {name} at once"
        if not all(same(value, together[name][0]) for name, value in exact.items()):
            continue  # as where digits cancel, and torch's kernel and its decomposition lose others
        alike += 1
        of_halves = reference.quantities(mapped(drawn, lambda value: value / 2))
        for row, wanted in ((4, exact), (5, of_halves)):
            for name, value in wanted.items():
                assert same(value, together[name][row]), f"{cell}: {name} of other numbers"
    assert followed or module in READ_NUMBERS
    assert mapped_over or not rounded or module in NOT_MAPPED
    assert alike > mapped_over / 2 or not mapped_over


def furthest(one: Tensor, other: Tensor) -> float:
    """Return the largest distance of two elements that are finite."""
    return float((one - other).nan_to_num(0.0, 0.0, 0.0).abs().max()) if one.numel() else 0.0


class Doubled(nn.Module):
    """Writes over what it was given a view of: a replay must write over its own."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(3, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        self.get_buffer("count")[:2].add_(x.detach()[:2])
        return self.get_buffer("count") * 2 + x.exp()


def test_what_is_written_in_place_is_the_replays_own() -> None:
    x, made = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64), Doubled()

    def begun() -> nn.Module:
        made.get_buffer("count").zero_()
        return made

    recorded = Perturbed(begun, lambda own: {"y": own(x)}, ASKED, torch.Generator().manual_seed(0), record=True)
    first = recorded(0.0)["y"].clone()
    assert recorded.program is not None
    counted = made.get_buffer("count").clone()
    assert torch.equal(recorded(0.0)["y"], first)
    assert torch.equal(recorded(0.0)["y"], first)
    assert torch.equal(made.get_buffer("count"), counted)  # a replay leaves the module alone


@pytest.mark.parametrize("hangs", [lambda x: x * x.max().item(), lambda x: x[x > 0] * 2], ids=["number", "mask"])
def test_what_hangs_on_numbers_is_not_replayed(hangs: object) -> None:
    x = torch.tensor([-1.0, 2.0], dtype=torch.float64)
    with Recorder(ASKED, torch.Generator().manual_seed(0), STEP) as mode:
        y = hangs(x)  # type: ignore[operator]  # a parameter of the test
    assert mode.program({"y": y}) is None


def test_what_was_made_elsewhere_is_not_replayed() -> None:
    elsewhere = torch.ones(2, dtype=torch.float64)
    with Recorder(ASKED, torch.Generator().manual_seed(0), STEP) as mode:
        torch.exp(torch.zeros(2, dtype=torch.float64))
    assert mode.program({"y": elsewhere}) is None


def test_a_kernel_that_torch_maps_wrongly_is_not_mapped() -> None:
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    exp, of_rows = torch.ops.aten.exp.default, torch._C._functorch.is_batchedtensor

    def astray(value: Tensor) -> Tensor:
        return exp(value) * 1.5 if of_rows(value) else exp(value)

    astray._schema = exp._schema  # type: ignore[attr-defined]
    recorded = Perturbed(
        lambda: nn.Identity(), lambda _: {"y": (x * 2).exp()}, ASKED, torch.Generator().manual_seed(0), record=True
    )
    recorded(STEP)
    program = recorded.program
    assert program is not None
    assert recorded.at_once([STEP, STEP]) is not None
    recorded.program = replace(
        program, steps=[step._replace(kernel=astray) if step.kernel is exp else step for step in program.steps]
    )
    assert recorded.at_once([STEP, STEP]) is None
    own, beside = recorded.runs([STEP, STEP], [])
    assert len(own["y"]) == 2
    assert not beside
