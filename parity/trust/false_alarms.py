"""False alarms: right implementations in the cells of one call, in many seeds. A run is one of them in one cell.

Every outcome that is not a pass counts, whether the verdict accuses the implementation or the case.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from parity.catalogue import pages
from parity.catalogue.page import Page
from parity.contract import CHECKS, ONE_CALL
from parity.subjects.contract import Subject, Unsupported
from parity.trust import assert_close
from parity.trust.alternatives import SUBJECTS
from parity.trust.cells import sampled
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.sweep.intervals import interval as interval
from reports.trust import record

RIGHT = ("pass", "same-route", "unsupported")


def run_cells(page: Page, seeds: Iterable[int]) -> Iterator[Cell]:
    """Yield the wide cases of every seed, in every dtype and regime that a run has."""
    for seed in seeds:
        planned = cells(page, [check for check in ONE_CALL if not check.trait], ["cpu"], seed)
        yield from (cell for cell in planned if cell.case.widely and cell.cotangent == 1)


class Key(NamedTuple):
    """What runs are counted by."""

    implementation: str
    regime: str
    dtype: str


class Count:
    """Runs, and how many of them were accused by us and by assert_close."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.first = ""

    def add(self, cell: Cell, subject: Subject) -> None:
        """Count one run; a subject that lacks the module is none."""
        trial = Trial(cell, subject)
        try:
            got = trial.observe(trial.build())
            judged = CHECKS[cell.check].records(trial)
        except Unsupported:
            return
        accused = [one.quantity for one in judged if one.verdict not in RIGHT]
        theirs = assert_close.accused(got, trial.evidence.reference)
        self.kinds.update({"runs": 1, "ours": int(bool(accused)), "theirs": int(bool(theirs))})
        if accused and not self.first:
            self.first = f"{cell} {accused[0]}, seed {cell.seed}"


def false_alarms(
    module: str, seeds: Sequence[int], stride: int = 1, subjects: Sequence[Subject] = SUBJECTS
) -> Iterator[record.FalseAlarm]:
    """Yield the counts of one module by implementation, regime and dtype: of every cell, or of every `stride`-th."""
    counts: defaultdict[Key, Count] = defaultdict(Count)
    for cell in sampled(run_cells(pages()[module], seeds), module, stride):
        for subject in subjects:
            counts[Key(subject.name, cell.regime, cell.dtype)].add(cell, subject)
    for key, count in counts.items():
        if count.kinds["runs"]:
            runs, ours, theirs = (count.kinds[kind] for kind in ("runs", "ours", "theirs"))
            yield record.FalseAlarm(
                implementation=key.implementation,
                module=module,
                regime=key.regime,
                dtype=key.dtype,
                runs=runs,
                alarms=ours,
                assert_close_alarms=theirs,
                first=count.first,
            )


def rates(counts: Sequence[record.FalseAlarm]) -> Iterator[record.FalseAlarmRate]:
    """Yield the rate of every regime, of the narrow dtypes' too, and of all runs."""
    regimes = dict.fromkeys(regime_of(count) for count in counts)
    for regime in (*regimes, "all"):
        chosen = [count for count in counts if regime in ("all", regime_of(count))]
        runs, ours = sum(count.runs for count in chosen), sum(count.alarms for count in chosen)
        theirs = sum(count.assert_close_alarms for count in chosen)
        if runs:
            (low, high), (assert_close_low, assert_close_high) = interval(ours, runs), interval(theirs, runs)
            yield record.FalseAlarmRate(
                regime=regime,
                runs=runs,
                alarms=ours,
                low=low,
                high=high,
                assert_close_alarms=theirs,
                assert_close_low=assert_close_low,
                assert_close_high=assert_close_high,
            )


def regime_of(count: record.FalseAlarm) -> str:
    return count.regime if count.dtype == "float32" else f"{count.regime}, {count.dtype}"
