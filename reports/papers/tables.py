"""The tables of the papers' page: figures beside ours, times, claims, and trainings step by step."""

from collections.abc import Sequence

from reports.columns import RIGHT, Column, table
from reports.papers.record import Lockstep, PaperClaim, PaperFigure, PaperTiming
from reports.text import ABSENT, figure, safe

FIGURES: Sequence[Column[PaperFigure]] = (
    Column("row", lambda cell: safe(cell.row)),
    Column("figure", lambda cell: safe(cell.column) + (", median" if cell.statistic == "median" else "")),
    Column("paper", lambda cell: safe(cell.printed) or ABSENT, RIGHT),
    Column("paper's torch.nn", lambda cell: safe(cell.printed_reference) or ABSENT, RIGHT),
    Column("torch.nn", lambda cell: spread(cell.reference, cell.reference_std), RIGHT),
    Column(
        "ours",
        lambda cell: spread(cell.subject, cell.subject_std),
        RIGHT,
        "The standard deviation over the runs stands in brackets.",
    ),
    Column(
        "effect",
        lambda cell: effect(cell),
        RIGHT,
        "*Effect* is the Hodges-Lehmann estimate of ours minus torch.nn over the pairs of runs, with its interval of "
        "95 % where there are six runs or more. *Same number* means that every pair of runs came to the very same "
        "number.",
    ),
    Column(
        "p",
        lambda cell: ABSENT if cell.same_bits else figure(cell.p_value),
        RIGHT,
        "*p* is Wilcoxon's signed-rank test of the pairs.",
    ),
    Column("runs", lambda cell: str(cell.runs), RIGHT),
)
TIMINGS: Sequence[Column[PaperTiming]] = (
    Column("time of", lambda timing: safe(timing.what) + (", a step" if timing.steps else "")),
    Column("torch.nn", lambda timing: f"{figure(timing.reference)} {safe(timing.unit)}", RIGHT),
    Column("ours", lambda timing: f"{figure(timing.subject)} {safe(timing.unit)}", RIGHT),
    Column(
        "ratio [95 %]",
        lambda timing: f"**{timing.ratio:.2f}** [{timing.low:.2f}, {timing.high:.2f}]",
        RIGHT,
        "By the timing harness, in one thread on a processor: both sides in turn, rebuilt again and again (`python -m "
        "parity papers-time`).",
    ),
    Column(
        "a training: torch.nn",
        lambda timing: whole(timing, timing.reference),
        RIGHT,
        "A training is its number of steps times the time of a step.",
    ),
    Column(
        "ours",
        lambda timing: whole(timing, timing.subject),
        RIGHT,
        "torch.nn leaves out the gradient of the input, which ours returns.",
    ),
    Column("paper, ours / torch.nn", lambda timing: safe(timing.printed) or ABSENT, RIGHT),
)
FAILED: Sequence[Column[PaperClaim]] = (
    Column("paper", lambda claim: safe(claim.paper)),
    Column("claim", lambda claim: safe(claim.claim)),
    Column("found", lambda claim: safe(claim.found)),
)
CLAIMS: Sequence[Column[PaperClaim]] = (
    *FAILED[1:],
    Column(
        "verdict", lambda claim: {"pass": "held", "fail": "**did not hold**"}.get(claim.verdict, safe(claim.verdict))
    ),
)
WALKS: Sequence[Column[Lockstep]] = (
    Column("setting", lambda walk: safe(walk.setting)),
    Column("dtype", lambda walk: safe(walk.dtype)),
    Column(
        "steps",
        lambda walk: f"{walk.total_steps:,}",
        RIGHT,
        "Loss, gradients and parameters after every step.",
    ),
    Column("same bits for", lambda walk: f"{walk.identical_until:,}", RIGHT),
    Column(
        "largest drift, u",
        lambda walk: figure(walk.largest),
        RIGHT,
        "Drift is max |difference| / (u · scale), between the sides, and for the first steps in float32 of each side "
        "from the float64 truth.",
    ),
    Column("first steps: ours, u", lambda walk: figure(max(walk.subject)) if walk.subject else ABSENT, RIGHT),
    Column("torch.nn, u", lambda walk: figure(max(walk.reference)) if walk.reference else ABSENT, RIGHT),
    Column(
        "outcome",
        lambda walk: safe(walk.detail) or "agrees",
        reading="A training may let one unit of rounding grow past 1e-9 by itself, in float64 too: torch.nn, started "
        "from weights one unit in the last place off, is then trained beside it, and the drift is held against how far "
        "torch.nn strays from itself.",
    ),
)


def figures(cells: Sequence[PaperFigure]) -> str:
    """Return one table of a paper beside torch.nn and ours, with its notes below."""
    notes = "\n".join(f"- {safe(cell.row)}: {safe(cell.note, most=1000)}." for cell in cells if cell.note)
    return "\n\n".join(filter(None, [table(FIGURES, cells), notes]))


def spread(value: float, deviation: float) -> str:
    """Return `value` with 4 significant digits, and its standard deviation."""
    return f"{value:.4g} ({figure(deviation)})"


def effect(cell: PaperFigure) -> str:
    """Return how far the sides are apart, with its interval where there is one."""
    if cell.effect != cell.effect:
        return ABSENT
    if cell.same_bits:
        return "same number"
    return figure(cell.effect) + ("" if cell.low != cell.low else f" [{figure(cell.low)}, {figure(cell.high)}]")


def whole(timing: PaperTiming, milliseconds: float) -> str:
    """Return the time of a whole training whose step takes so long."""
    return f"{figure(milliseconds * timing.steps / 1e3)} s" if timing.steps else ABSENT
