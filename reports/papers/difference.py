"""Whether the two sides differ, by the paired test of every figure of a paper together."""

from collections.abc import Sequence

from reports.papers.record import PaperFigure
from reports.text import counted, figure, safe

LEVEL = 0.05


def sentence(figures: Sequence[PaperFigure]) -> str:
    """Return in one sentence whether the two sides differ; empty where nothing was tested."""
    tested = [cell for cell in figures if cell.effect == cell.effect]
    if not tested:
        return ""
    same = [cell for cell in tested if cell.same_bits]
    judged = [cell for cell in tested if not cell.same_bits and cell.low == cell.low]
    few = len(tested) - len(same) - len(judged)
    apart = differing(judged)
    words = [f"Of {counted(len(tested), 'figure')}, {len(same)} are the same number on both sides in every run"]
    if judged:
        least = figure(min(cell.p_value for cell in judged))
        words.append(
            f"in {len(apart)} of the other {len(judged)} the test finds a difference at 5 %, all of them together, by "
            f"Holm's rule (least p {least})"
        )
    words += [f"{few} have too few runs for the test to find one (six are needed)"] if few else []
    named = "; ".join(f"{cell.row}, {cell.column}: effect {figure(cell.effect)}" for cell in apart)
    return f"Do the two sides differ? {'; '.join(words)}." + (f" {safe(named, 1000)}." if named else "")


def differing(judged: Sequence[PaperFigure]) -> list[PaperFigure]:
    """Return the figures that differ, so that a false alarm among all of them has a chance of at most LEVEL.

    Source  Holm 1979: the k-th least of n values of p is held against LEVEL / (n - k + 1), up to the first above it.
    """
    apart: list[PaperFigure] = []
    for position, cell in enumerate(sorted(judged, key=lambda cell: cell.p_value)):
        if cell.p_value > LEVEL / (len(judged) - position):
            break
        apart.append(cell)
    return apart
