"""The page of paper 002 on the tape: its figures and its time beside torch.nn."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.columns import RIGHT, Column, table
from reports.papers.record import PaperFigure, PaperTiming


@dataclass(frozen=True, kw_only=True)
class Seconds:
    """Seconds of a training, over the runs: as printed in section 3.2 of the paper, and measured."""

    statistic: str
    autogradlib: float
    pytorch: float
    tape: float
    reference: float


ACCURACY: Sequence[Column[PaperFigure]] = (
    Column("median (std)", lambda cell: cell.column),
    Column("paper", lambda cell: cell.printed),
    Column("tape", lambda cell: f"{cell.subject:.4f} ({cell.subject_std:.4f})"),
    Column("torch.nn", lambda cell: f"{cell.reference:.4f} ({cell.reference_std:.4f})"),
    Column("p", lambda cell: f"{cell.p_value:.2g}"),
)
TIME: Sequence[Column[Seconds]] = (
    Column("seconds a training", lambda seconds: seconds.statistic),
    Column("paper", lambda seconds: f"{seconds.autogradlib:.3f}", RIGHT),
    Column("paper's PyTorch", lambda seconds: f"{seconds.pytorch:.3f}", RIGHT),
    Column("tape", lambda seconds: f"{seconds.tape:.3f}", RIGHT),
    Column("torch.nn", lambda seconds: f"{seconds.reference:.3f}", RIGHT),
)


def render(figures: Sequence[PaperFigure], timing: PaperTiming, means: tuple[float, float]) -> str:
    """Return the page; `means` are the mean seconds of a training on the tape and with torch.nn."""
    median = Seconds(
        statistic="median", autogradlib=1.920, pytorch=0.779, tape=timing.subject, reference=timing.reference
    )
    mean = Seconds(statistic="mean", autogradlib=1.961, pytorch=0.804, tape=means[0], reference=means[1])
    ratio = (
        f"Tape / torch.nn: {timing.ratio:.2f} (95 %: {timing.low:.2f} to {timing.high:.2f}); "
        f"in the paper {median.autogradlib / median.pytorch:.2f}."
    )
    parts = ["# Paper 002 on the tape", table(ACCURACY, figures), table(TIME, [mean, median]), ratio]
    return "\n\n".join(parts) + "\n"
