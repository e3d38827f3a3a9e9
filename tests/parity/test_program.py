"""A recorded run, replayed: bit by bit what the computation itself gives under the same steps."""

from dataclasses import replace
from functools import partial
from itertools import islice

import pytest
import torch
from torch import Tensor, nn

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.verdict import arithmetic
from parity.verdict.draw import Draw, draw, mapped
from parity.verdict.perturbed.followed import Followed, Programs
from parity.verdict.perturbed.operations import MonteCarloArithmetic
from parity.verdict.perturbed.program import Program, Recorder, recorded, same
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
        program = of_reference(reference, drawn)
        if program is None:
            continue
        followed += 1
        torch.manual_seed(5)
        replayed = program.run(MonteCarloArithmetic(ASKED, torch.Generator().manual_seed(7), STEP))
        torch.manual_seed(5)
        again = Followed(program, ASKED)
        again.run(torch.Generator().manual_seed(8), STEP)
        torch.manual_seed(5)
        sized = program.run(MonteCarloArithmetic(ASKED, torch.Generator().manual_seed(7), STEP), sums=again.sums)
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
        rounded += again.steps_taken > 0
        generator, steps = torch.Generator().manual_seed(0), [STEP, 2 * STEP, STEP]
        halved = mapped(drawn, lambda value: torch.stack([value, value / 2]))
        together = again.at_once(generator, steps, halved.leaves)
        if together is None:
            continue
        mapped_over += 1
        generator.manual_seed(0)
        for at, step in enumerate(steps, 1):
            for name, value in again.run(generator, step).items():
                off = furthest(together[name][at], value)
                assert off <= furthest(value, exact[name]) / 1000, f"{cell}: {name} at once"
        if not again.gives(exact):
            continue  # as where digits cancel, and torch's kernel and its decomposition lose others
        alike += 1
        of_halves = reference.quantities(mapped(drawn, lambda value: value / 2))
        for row, wanted in ((4, exact), (5, of_halves)):
            for name, value in wanted.items():
                assert same(value, together[name][row]), f"{cell}: {name} of other numbers"
    assert followed or module in READ_NUMBERS
    assert mapped_over or not rounded or module in NOT_MAPPED
    assert alike > mapped_over / 2 or not mapped_over


def of_reference(reference: Reference, drawn: Draw) -> Program | None:
    made = reference.holding(drawn)
    return recorded(lambda: reference.differentiated(made, drawn), lambda: reference.leaves(drawn), ASKED)


@pytest.mark.parametrize("module", ["GELU", "LSTM", "CrossEntropyLoss", "MaxPool2d", "ScaledDotProductAttention"])
def test_the_program_of_one_draw_is_that_of_others_of_its_case(module: str) -> None:
    page, programs, recordings = pages()[module], Programs(most=1000), 0
    narrow = [cell for cell in cells(page, [CHECKS["values"]], ["cpu"], 0) if not cell.case.large]

    def record() -> Program | None:
        nonlocal recordings
        recordings += 1
        return of_reference(reference, drawn)

    for cell in narrow[::5]:
        drawn, reference = mapped(draw(cell), torch.Tensor.double), Reference(page.exact, cell.case, torch.float64)
        truth = reference.quantities(drawn)
        leaves = reference.holding(drawn) and reference.leaves(drawn)
        kept = programs.followed(cell.case, record, leaves, truth, ASKED)
        own = of_reference(reference, drawn)
        assert kept
        assert own
        for name, value in Followed(own, ASKED).alone.items():
            assert torch.equal(value.nan_to_num(7.0), kept.alone[name].nan_to_num(7.0)), f"{cell}: {name}"
    assert recordings < len(narrow[::5])


def test_a_program_that_gives_another_truth_is_recorded_anew() -> None:
    x, programs = torch.tensor([1.0, 2.0], dtype=torch.float64), Programs(most=1)

    def followed(scale: float) -> Tensor:
        truth = {"y": (x * scale).exp()}
        record = partial(recorded, lambda: {"y": (x * scale).exp()}, lambda: [x], ASKED)
        found = programs.followed("key", record, [x], truth, ASKED)
        assert found
        assert found.gives(truth)
        return found.alone["y"]

    assert torch.equal(followed(1.0), x.exp())
    assert torch.equal(followed(2.0), (x * 2).exp())


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
    program = recorded(lambda: {"y": made(x)}, list, ASKED)
    assert program is not None
    counted, first = made.get_buffer("count").clone(), made(x) - torch.tensor([2.0, 4.0, 0.0])
    for _ in range(2):
        assert torch.equal(Followed(program, ASKED).alone["y"], first)
    made.get_buffer("count").zero_()
    assert torch.equal(counted, torch.tensor([1.0, 2.0, 0.0]))
    assert torch.equal(made.get_buffer("count"), torch.zeros(3))  # a replay leaves the module alone


@pytest.mark.parametrize("hangs", [lambda x: x * x.max().item(), lambda x: x[x > 0] * 2], ids=["number", "mask"])
def test_what_hangs_on_numbers_is_not_replayed(hangs: object) -> None:
    x = torch.tensor([-1.0, 2.0], dtype=torch.float64)
    with Recorder(ASKED) as mode:
        y = hangs(x)  # type: ignore[operator]  # a parameter of the test
    assert mode.program({"y": y}) is None


def test_what_was_made_elsewhere_is_not_replayed() -> None:
    elsewhere = torch.ones(2, dtype=torch.float64)
    with Recorder(ASKED) as mode:
        torch.exp(torch.zeros(2, dtype=torch.float64))
    assert mode.program({"y": elsewhere}) is None


def test_a_kernel_that_torch_maps_wrongly_is_not_mapped() -> None:
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    exp, of_rows = torch.ops.aten.exp.default, torch._C._functorch.is_batchedtensor

    def astray(value: Tensor) -> Tensor:
        return exp(value) * 1.5 if of_rows(value) else exp(value)

    astray._schema = exp._schema  # type: ignore[attr-defined]
    program = recorded(lambda: {"y": (x * 2).exp()}, list, ASKED)
    assert program is not None
    generator = torch.Generator().manual_seed(0)
    assert Followed(program, ASKED).at_once(generator, [STEP, STEP]) is not None
    steps = [step._replace(kernel=astray) if step.kernel is exp else step for step in program.steps]
    assert Followed(replace(program, steps=steps), ASKED).at_once(generator, [STEP, STEP]) is None
