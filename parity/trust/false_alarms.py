"""False alarms: right implementations in value cells of many seeds and regimes. A run is one of them in one cell."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from scipy.stats import binomtest

from parity.catalogue import pages
from parity.catalogue.page import Page
from parity.subjects.contract import Subject, Unsupported
from parity.trust import assert_close
from parity.trust.alternatives import SUBJECTS
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.regimes import REGIMES
from parity.verdict.trial import Trial
from reports.trust import record

CONFIDENCE = 0.95


def run_cells(page: Page, seeds: Iterable[int]) -> Iterator[Cell]:
    """Yield the wide cases of every seed: float32 in every regime, the other dtypes in the normal one."""
    drawn = [("float32", regime) for regime in REGIMES]
    drawn += [(dtype, "normal") for dtype in DTYPES if dtype != "float32"]
    for seed, case, (dtype, regime) in product(seeds, page.cases, drawn):
        if case.widely:
            yield Cell(page, case, "values", "cpu", dtype, regime, 1.0, seed)


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
        except Unsupported:
            return
        accused = [one.record.quantity for one in trial.judge(got) if one.fails]
        theirs = assert_close.accused(got, trial.evidence.reference)
        self.kinds.update({"runs": 1, "ours": bool(accused), "theirs": bool(theirs)})
        if accused and not self.first:
            self.first = f"{cell} {accused[0]}, seed {cell.seed}"


def false_alarms(
    module: str, seeds: Sequence[int], subjects: Sequence[Subject] = SUBJECTS
) -> Iterator[record.FalseAlarm]:
    """Yield the counts of one module by implementation, regime and dtype."""
    counts: defaultdict[Key, Count] = defaultdict(Count)
    for cell in run_cells(pages()[module], seeds):
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


def interval(events: int, runs: int) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a rate."""
    ends = binomtest(events, runs).proportion_ci(CONFIDENCE, "exact")
    return float(ends.low), float(ends.high)


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
