"""The records of the papers' experiments: series as plain lists, so that a page needs neither torch nor numpy."""

import math
from dataclasses import dataclass

from reports.record import SCHEMA


@dataclass(frozen=True, kw_only=True)
class PaperFigure:
    """One cell of a table of a paper: as printed there, with torch.nn, and with the framework."""

    paper: str  # "000"
    table: str  # as the paper calls it, e.g. "Table II"
    row: str
    column: str
    statistic: str  # what `reference` and `subject` are over the runs: mean or median; `std` beside it
    runs: int
    printed: str  # the paper's own figure for its framework
    printed_reference: str  # and for torch.nn; empty where it has none
    reference: float
    reference_std: float
    subject: float
    subject_std: float
    effect: float = math.nan  # Hodges-Lehmann estimate of subject - reference over the pairs of runs
    low: float = math.nan  # its interval of 95 %
    high: float = math.nan
    p_value: float = math.nan  # Wilcoxon's signed-rank test, two-sided; 1 where all pairs are equal
    same_bits: bool = False  # whether every pair of runs came to the very same number
    note: str = ""
    schema: int = SCHEMA
    kind: str = "paper"


@dataclass(frozen=True, kw_only=True)
class PaperClaim:
    """A claim that the run must bear out, and what was found."""

    paper: str
    claim: str
    found: str
    verdict: str  # pass or fail
    schema: int = SCHEMA
    kind: str = "paper-gate"


@dataclass(frozen=True)
class Choice:
    """What a paper leaves open, and what was taken."""

    paper: str
    text: str
    schema: int = SCHEMA
    kind: str = "paper-choice"


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a figure: its mean over the runs, and a band of one standard deviation either way."""

    paper: str
    figure: str  # the file's name without its ending
    panel: str  # title of the panel that it belongs to
    label: str
    x_label: str
    y_label: str
    runs: int
    x: tuple[float, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    schema: int = SCHEMA
    kind: str = "paper-curve"


@dataclass(frozen=True, kw_only=True)
class Lockstep:
    """Two trainings step by step: drifts are max |difference| / (u · max |value|), the largest over the tensors."""

    paper: str
    setting: str
    dtype: str
    steps: tuple[int, ...]  # from 1
    between: tuple[float, ...]  # subject against torch.nn in the same dtype
    subject: tuple[float, ...]  # subject against the float64 truth, for the steps that are gated
    reference: tuple[float, ...]  # torch.nn against it
    allowed: tuple[float, ...]  # limit for `subject`
    total_steps: int
    largest: float  # largest of `between` over all steps
    identical_until: int  # the number of steps, from the first, after which all bits were those of torch.nn
    verdict: str
    detail: str = ""  # at which step and in which tensor it began to be wrong
    control: tuple[float, ...] = ()  # at `steps`: torch.nn from itself, started one unit in the last place off
    agreeing: int = 0  # the number of steps, from the first, in which both sides agree to 1e-9; in float64
    schema: int = SCHEMA
    kind: str = "paper-lockstep"


@dataclass(frozen=True, kw_only=True)
class Region:
    """A trained classifier over the unit square, and the points that it was tested on."""

    paper: str
    figure: str
    panel: str
    grid: tuple[tuple[float, ...], ...]  # score of inside minus score of outside; rows from y = 0, columns from x = 0
    points: tuple[tuple[float, float, int, int], ...]  # x, y, true class, predicted class
    radius: float
    schema: int = SCHEMA
    kind: str = "paper-region"


@dataclass(frozen=True, kw_only=True)
class Patches:
    """Patches of photographs in rows: pixels are rows of (red, green, blue), 0 to 255."""

    paper: str
    figure: str
    rows: tuple[str, ...]  # labels
    pixels: tuple[tuple[tuple[tuple[tuple[int, int, int], ...], ...], ...], ...]  # [row][patch][y][x]
    psnr: tuple[tuple[float, ...], ...]  # dB, [row][patch]; infinite for the clean one
    schema: int = SCHEMA
    kind: str = "paper-patches"


@dataclass(frozen=True, kw_only=True)
class PaperTiming:
    """Time of a training, of one of its steps, or of a call: medians, and their ratio with an interval of 95 %."""

    paper: str
    what: str
    unit: str
    runs: int  # rebuilds of both sides, or whole trainings of each
    subject: float
    reference: float
    ratio: float
    low: float
    high: float
    printed: str = ""
    steps: int = 0  # of a training, where a step was timed
    schema: int = SCHEMA
    kind: str = "paper-timing"
