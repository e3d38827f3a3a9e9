"""Every fault of every optimiser, and what the verdict makes of it: mutants, nulls, right rules."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from torch import Tensor

from parity.catalogue.optimisers import optimisers
from parity.stepping.checks import CHECKS, cells
from parity.stepping.course import StepCell
from parity.stepping.trial import StepTrial
from parity.subjects.contract import Subject, Unsupported
from parity.trust import assert_close
from parity.trust.cells import sampled
from parity.trust.optimisers.any_faults import ANY, COUNTING, planted
from parity.trust.optimisers.own_faults import OWN
from parity.trust.optimisers.ruled import FORGETS_NOTHING, RIGHT, Ruled
from parity.trust.optimisers.rules import RULES, At, Step
from reports.trust import record

COUNTS = ("Adam", "AdamW", "NAdam", "Adagrad")  # where the count of steps is part of the formula
WRONG = ("fail", "error")


@dataclass(frozen=True)
class StepMutant:
    """One planted fault of an optimiser; `own` if only this one can have it."""

    id: str
    module: str
    cause: str
    step: Step
    own: bool = False
    forgets: frozenset[str] = FORGETS_NOTHING

    def subject(self) -> Ruled:
        """Return the rule with the fault in it, as a subject."""
        return Ruled(self.id, {self.module: self.step}, self.forgets)


def of_optimiser(name: str) -> list[StepMutant]:
    """Return the mutants of one optimiser."""
    rule = RULES[name]
    general = {**ANY, **(COUNTING if name in COUNTS else {})}
    found = [StepMutant(named(name, fault), name, fault, planted(change, rule)) for fault, change in general.items()]
    found += [
        StepMutant(named(name, fault), name, fault, rule.changed(**parts), own=True)
        for fault, parts in OWN[name].items()
    ]
    lost = ("state", "step") if name in COUNTS else ("state",)
    return found + [
        StepMutant(
            named(name, f"{what} lost in a save"), name, f"{what} lost in a save", rule, False, frozenset({what})
        )
        for what in lost
    ]


def named(optimiser: str, fault: str) -> str:
    return f"{optimiser}/step/{fault.replace(' ', '-')}"


@cache
def step_mutants() -> dict[str, StepMutant]:
    """Return every mutant of every optimiser by its id; raise ValueError where two have one."""
    every = [mutant for name in optimisers() for mutant in of_optimiser(name)]
    found = {mutant.id: mutant for mutant in every}
    if len(found) < len(every):
        raise ValueError("the ids of the mutants of optimisers must be unique")
    return found


def asked(name: str, seed: int) -> Iterator[StepCell]:
    """Yield the cells of an optimiser, those first that tell most: plain dtypes and regimes before the others."""
    planned = list(cells(optimisers()[name], CHECKS, ["cpu"], seed))
    return iter(sorted(planned, key=lambda cell: (cell.case.large, cell.regime != "normal", cell.dtype != "float32")))


def accused(cell: StepCell, subject: Subject) -> str:
    """Return the first quantity of a cell that the verdict finds wrong; empty if none is."""
    try:
        found = CHECKS[cell.check].run(StepTrial(cell, subject))
        return next((one.quantity for one in found if one.verdict in WRONG), "")
    except Unsupported:
        return ""
    except Exception:
        return "all"


def close(cell: StepCell, subject: Subject) -> bool:
    """Return whether assert_close finds nothing in the values of a cell, against torch.optim in the same dtype."""
    trial = StepTrial(cell, subject)
    got = trial.walk().parameters.stacked()
    wanted = {name: trial.evidence.reference[name] for name in got}
    return not assert_close.accused(got, wanted)


def step_kills(module: str, seed: int, stride: int = 1) -> Iterator[record.MutantRecord]:
    """Yield the record of every mutant of an optimiser, or of every `stride`-th."""
    for mutant in of_optimiser(module)[::stride]:
        subject, by, by_close = mutant.subject(), "", False
        for cell in asked(module, seed):
            if quantity := accused(cell, subject):
                by, by_close = f"{cell} {quantity}", not close(cell, subject)
                break
        yield record.MutantRecord(
            id=mutant.id,
            module=module,
            quantity="step",
            cause=mutant.cause,
            scale=1.0,
            killed=bool(by),
            by=by,
            killed_by_assert_close=by_close,
        )


def standing(at: At) -> Tensor:
    return at.value.clone()


def vanishing(at: At) -> Tensor:
    return 0 * at.value


def step_nulls(module: str, seed: int) -> Iterator[record.NullRecord]:
    """Yield what optimisers that compute nothing get in the value cells: one stands still, one leaves zeros."""
    for name, step in {"stands still": standing, "zeros": vanishing}.items():
        subject, passed, tally = Ruled(name, {module: step}), "", Counter[str]()
        for cell in cells(optimisers()[module], ["values"], ["cpu"], seed):
            verdicts = [one.verdict for one in CHECKS["values"].run(StepTrial(cell, subject))]
            failed = sum(verdict in WRONG for verdict in verdicts)
            tally.update({"cells": 1, "failed": int(bool(failed)), "quantities": len(verdicts), "wrong": failed})
            passed = passed or ("" if failed else str(cell))
        yield record.NullRecord(
            null=name,
            module=module,
            cells=tally["cells"],
            failed=tally["failed"],
            coincides=0,
            passed=tally["cells"] - tally["failed"],
            quantities=tally["quantities"],
            quantities_failed=tally["wrong"],
            quantities_coincide=0,
            first_passed=passed,
        )


def step_alarms(module: str, seeds: Sequence[int], stride: int = 1) -> Iterator[record.FalseAlarm]:
    """Yield how often right rules are accused, by rule, regime and dtype; a run is a cell, or every `stride`-th."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    first: dict[tuple[str, str, str], str] = {}
    every = (cell for seed in seeds for cell in cells(optimisers()[module], CHECKS, ["cpu"], seed))
    for cell in sampled(every, module, stride):
        for subject in RIGHT:
            key = subject.name, cell.regime, cell.dtype
            quantity = accused(cell, subject)
            theirs = cell.check == "values" and not close(cell, subject)
            counts.setdefault(key, Counter()).update({"runs": 1, "ours": int(bool(quantity)), "theirs": int(theirs)})
            if quantity:
                first.setdefault(key, f"{cell} {quantity}, seed {cell.seed}")
    for key, count in counts.items():
        yield record.FalseAlarm(
            implementation=key[0],
            module=module,
            regime=key[1],
            dtype=key[2],
            runs=count["runs"],
            alarms=count["ours"],
            assert_close_alarms=count["theirs"],
            first=first.get(key, ""),
        )
