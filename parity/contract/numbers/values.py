"""Every quantity agrees with the truth, and has the shape, dtype and device of torch's."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from parity.verdict import arithmetic, limits
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.chance.judged import looks
from parity.verdict.check import NUMBERS, Check
from parity.verdict.compare import zeros_pass
from parity.verdict.plan import why_degenerate
from parity.verdict.regimes import REGIMES
from parity.verdict.trial import DRAWN, Judged, Trial

COTANGENTS = (1e-4, 1.0, 1e3)
SCALED = ("float32", "float16")  # in which cotangents of every scale are drawn: of the widest use, of the least range
AGREES = ("pass", "same-route")
SEEDS_APART = 10_000  # between the draws of a cell: farther than seeds that are asked for


def run(trial: Trial) -> Iterator[Judged]:
    """Compare output, dx and every parameter's gradient.

    A quantity of which zeros would pass too is drawn again, a few times: whether a draw proves something is chance.
    Where none does, and the page does not say that it is so by nature, the case is at fault. What is wrong in one draw
    is wrong, whatever the others show.
    """
    verdict = weakly(trial.cell)
    settled: dict[str, Judged] = {}
    weak: dict[str, Judged] = {}
    try:
        for draw in range(limits.DRAWS):
            for one in judged(trial, draw):
                settle(one, settled, weak, verdict)
            if not weak:
                break
    finally:
        yield from settled.values()
    yield from weak.values()


def weakly(cell: Cell) -> str:
    """Return the verdict on a quantity of which no draw proves anything.

    A page of the suite says where that is so by nature, and elsewhere the case is at fault. One that a user added need
    say it of the plain draws alone: that a function is flat far out, in 16 bits or of huge numbers, is no fault of it.
    """
    plain = cell.regime == cell.case.regime == "normal" and cell.cotangent == 1 and cell.dtype in ("float64", "float32")
    return "unsupported" if cell.page.source and not plain else "error"


def judged(trial: Trial, draw: int) -> Iterator[tuple[Judged, str]]:
    """Judge one draw of the cell, the first being its own; each with why agreement proves nothing, empty if it does."""
    at = trial.at(replace(trial.cell, seed=trial.cell.seed + draw * SEEDS_APART)) if draw else trial
    doubted = False  # whether what was drawn is wrong, so that what follows from it proves nothing against the case
    for one in at.verdicts(at.build()):
        doubted |= one.record.quantity == DRAWN
        words = "" if doubted else proves_nothing(at, one)
        if draw and one.record.verdict not in AGREES:
            one = one.told(detail=f"draw {draw + 1} of the cell: {one.record.detail}")
        yield one.told(seed=trial.cell.seed), words


def settle(
    found: tuple[Judged, str], settled: dict[str, Judged], weak: dict[str, Judged], verdict: str = "error"
) -> None:
    """Enter what a draw shows of a quantity: the first that fails counts, else the first that proves something.

    verdict  of a quantity of which no draw proves anything
    """
    one, words = found
    quantity = one.record.quantity
    if words:
        if quantity not in settled:
            weak.setdefault(quantity, one.told(verdict=verdict, detail=f"the case proves nothing: {words}"))
        return
    weak.pop(quantity, None)
    agreed = quantity in settled and settled[quantity].record.verdict in AGREES
    if quantity not in settled or (agreed and one.record.verdict not in AGREES):
        settled[quantity] = one


def proves_nothing(trial: Trial, judged: Judged) -> str:
    """Return why agreement in a quantity proves nothing; empty if it proves something, or cannot by nature."""
    cell, quantity = trial.cell, judged.record.quantity
    if judged.by is None or judged.record.verdict not in AGREES or why_degenerate(cell, quantity):
        return ""
    at = judged.by.evidence
    reference, truth = at.reference[quantity], at.truth[quantity]
    if not truth.isfinite().any():
        return "no true value is finite"
    if cell.page.pairs is not None and not truth.any():
        return ""  # of a map that is linear in something the second derivative by it is zero, and must be
    u = arithmetic.of(cell.torch_dtype, cell.device).storage
    if not zeros_pass(reference, truth, at.gauges[quantity], u):
        return ""
    hint = f'; if that is its nature, degenerate={{"* {quantity}": "why"}} of its page says so'
    return "zeros would pass" + (hint if cell.page.source else "")


def looks_like(trial: Trial, quantity: str) -> str:
    """Return what draws look like that no right module would make; empty for any other quantity."""
    if quantity != DRAWN:
        return ""
    known = trial.conditioned(trial.observe(trial.build())).known
    return looks(known) if known else ""


CHECK = Check(
    "values",
    run,
    NUMBERS,
    concerns=lambda *_: True,
    dtypes=("float64", "float32"),
    crossed=("bfloat16", "float16"),
    wide_draws=(*product(DTYPES, REGIMES, (1.0,)), *product(SCALED, ("normal",), COTANGENTS)),
    one_call=True,
    looks_like=looks_like,
    cost=0,
)
