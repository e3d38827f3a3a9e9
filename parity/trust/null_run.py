"""Every null in every value cell: what failed, what coincides with the truth, and what passed but should not."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from torch import Tensor

from parity.contract import checks_of
from parity.subjects.contract import Subject
from parity.trust.cells import sampled
from parity.trust.nulls import NULLS, Previous
from parity.trust.planted import host, hosted
from parity.verdict import limits
from parity.verdict.cell import Cell
from parity.verdict.plan import cells, why_degenerate
from parity.verdict.reading import same_bits
from parity.verdict.trial import Trial
from reports.trust import record

FAILED, PASSED = "failed", "passed"
EXACT = "the truth itself, rounded, or what it tends to at an infinity, is what the null answers"
TIES = "the truth itself; at kinks, where it is a set, a member of the set"
NEARLY = "the truth to the few roundings of itself that every right answer is allowed"


def reason(by: Trial, quantity: str, answer: Tensor) -> str:
    """Return why a null is right here; empty where nothing explains it."""
    gauge = by.evidence.gauges[quantity]
    truth = gauge.wanted(answer, by.evidence.truth[quantity]).to(answer.dtype)
    if same_bits(answer + 0.0, truth + 0.0):  # so that -0 is 0
        return EXACT
    if right_but_at_ties(by, quantity, answer.double(), truth.double()):
        return TIES
    return why_degenerate(by.cell, quantity) or (NEARLY if nearly(by, quantity, answer.double()) else "")


def nearly(by: Trial, quantity: str, answer: Tensor) -> bool:
    """Return whether every element is as near to the truth as the limit asks where the gauge is as narrow as can be."""
    truth, gauge = by.evidence.truth[quantity], by.evidence.gauges[quantity]
    allowed = limits.LIMIT * limits.STORAGE[by.cell.torch_dtype] * limits.NARROWEST * truth.abs()
    off = gauge.distance(answer, truth)
    return bool(((off <= allowed) | (answer == truth) | (answer.isnan() & truth.isnan())).all())


def right_but_at_ties(by: Trial, quantity: str, answer: Tensor, truth: Tensor) -> bool:
    """Return whether the answer is the truth except at kinks, where it is another member of the truth's set."""
    gauge = by.evidence.gauges[quantity]
    if gauge.low is None or gauge.high is None:
        return False
    return not bool(((answer != truth) & (gauge.low == gauge.high)).any())


def answers(cell: Cell, null: Subject) -> Mapping[str, Tensor]:
    """Return what a null answers in a cell; one that hands out former results is given another draw first."""
    trial = Trial(cell, null)
    if isinstance(null, Previous):
        before = trial.at(replace(cell, seed=cell.seed + 1))
        before.observe(before.build())
    return trial.observe(trial.build())


def outcomes(cell: Cell, null: Subject) -> dict[str, str]:
    """Return, for every quantity of a cell, that the null failed, that it passed, or why it is right."""
    got, found = answers(cell, null), {}
    for one in Trial(cell, null).judge(got):
        quantity = one.record.quantity
        if one.by is not None:
            found[quantity] = FAILED if one.fails else reason(one.by, quantity, got[quantity]) or PASSED
        elif one.fails:
            found[quantity] = FAILED
    return found


class Tally:
    """The outcomes of one null over the cells of one module."""

    def __init__(self) -> None:
        self.cells: Counter[str] = Counter()
        self.quantities: Counter[str] = Counter()
        self.first_passed = ""

    def add(self, cell: Cell, of_quantities: Mapping[str, str]) -> None:
        """Count a cell: failed if some quantity failed; else passed if one passed; else it coincides."""
        self.quantities.update(of_quantities.values())
        kinds = set(of_quantities.values())
        self.cells[FAILED if FAILED in kinds else PASSED if PASSED in kinds else "coincides"] += 1
        if PASSED in kinds and not self.first_passed:
            self.first_passed = f"{cell} {next(name for name, kind in of_quantities.items() if kind == PASSED)}"

    def record(self, null: str, module: str) -> record.NullRecord:
        """Return the tally as a record."""
        reasons = Counter({kind: n for kind, n in self.quantities.items() if kind not in (FAILED, PASSED)})
        return record.NullRecord(
            null=null,
            module=module,
            cells=self.cells.total(),
            failed=self.cells[FAILED],
            coincides=self.cells["coincides"],
            passed=self.cells[PASSED],
            quantities=self.quantities.total(),
            quantities_failed=self.quantities[FAILED],
            quantities_coincide=reasons.total(),
            reasons=tuple(f"{kind} ({n})" for kind, n in reasons.most_common()),
            first_passed=self.first_passed,
        )


def null_run(module: str, seed: int, stride: int = 1) -> Iterator[record.NullRecord]:
    """Yield a record for every null: all value cells of the module's plan, or every `stride`-th."""
    nulls: tuple[Subject, ...] = (*NULLS, Previous(host(module)))
    tallies = {null.name: Tally() for null in nulls}
    asked = [check for check in checks_of(host(module)).values() if check.one_call]
    for cell in sampled(cells(hosted()[module], asked, ["cpu"], seed), module, stride):
        for null in nulls:
            tallies[null.name].add(cell, outcomes(cell, null))
    for name, tally in tallies.items():
        yield tally.record(name, module)
