"""Paper 003, a mini module: Tables 1 and 2, and Figure 2."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parity.papers.experiment import Plan, Printed, Results, claim
from parity.papers.trainings.jobs import Job
from parity.papers.trainings.setting import Setting, classifier
from reports.papers.record import Choice, PaperClaim, PaperFigure

CHOICES = (
    "The paper does not say how the inputs were prepared: here each coordinate less its mean over the training points, "
    "divided by its deviation. With the coordinates as drawn, torch.nn itself comes to losses far above the paper's.",
    "Xavier normal weights; the paper does not say which Xavier. The hidden activation is not given: ReLU.",
    "The paper's train loss is about ten times its test loss: it was summed over the ten batches of an epoch. The "
    "tables show that sum; the mean over the batches stands beside it.",
)
BASE = Setting(
    "003", "003", classifier("ReLU"), epochs=200, batch=100, lr=0.1, initial=("xavier_normal",) * 4, standardised=True
)
LOSSES = {"CrossEntropyLoss": ("Table 1", "cross-entropy"), "MSELoss": ("Table 2", "squared error")}
MOMENTA = {"plain": 0.0, "momentum": 0.2}
SETTINGS = {
    (loss, way): BASE.changed(name=f"003-{LOSSES[loss][1].replace(' ', '-')}-{way}", loss=loss, momentum=momentum)
    for loss in LOSSES
    for way, momentum in MOMENTA.items()
}
COLUMNS = ("train loss (sum of 10 batches)", "test loss", "train accuracy, %", "test accuracy, %")
Row = tuple[tuple[float, float], ...]
# By row: the paper's framework, then its torch.nn.
PRINTED: dict[tuple[str, str], tuple[Row, Row]] = {
    ("CrossEntropyLoss", "plain"): (
        ((0.3578, 0.11), (0.06505, 0.05), (98.35, 1.24), (97.61, 1.37)),
        ((0.3717, 0.09), (0.05693, 0.03), (98.47, 1.2), (97.65, 1.28)),
    ),
    ("CrossEntropyLoss", "momentum"): (
        ((0.3221, 0.10), (0.05463, 0.02), (98.34, 0.99), (97.66, 0.94)),
        ((0.359, 0.14), (0.0537, 0.023), (98.46, 0.86), (97.74, 0.88)),
    ),
    ("MSELoss", "plain"): (
        ((0.2308, 0.08), (0.02694, 0.01), (98.6, 0.51), (97.63, 0.77)),
        ((0.2098, 0.07), (0.02619, 0.01), (98.41, 0.72), (97.66, 1.24)),
    ),
    ("MSELoss", "momentum"): (
        ((0.1987, 0.09), (0.02319, 0.01), (98.71, 0.59), (97.95, 0.74)),
        ((0.1631, 0.05), (0.02085, 0.01), (98.25, 0.80), (97.46, 0.95)),
    ),
}
MEASURES: dict[str, Any] = {
    "train loss (sum of 10 batches)": lambda o: 10 * o["series"]["running loss"][-1],
    "test loss": lambda o: o["final"]["test loss"],
    "train accuracy, %": lambda o: 100 - o["final"]["train errors"] / 10,
    "test accuracy, %": lambda o: 100 - o["final"]["test errors"] / 10,
}


def jobs(plan: Plan) -> list[Job]:
    work: list[Job] = []
    for key, setting in SETTINGS.items():
        work += plan.trainings(used(key, plan), plan.runs(20)) + plan.locksteps(setting)
    return work


def used(key: tuple[str, str], plan: Plan) -> Setting:
    """Return the training: a quick one has a tenth of the epochs."""
    return SETTINGS[key].changed(epochs=20) if plan.quick else SETTINGS[key]


def records(results: Results, plan: Plan) -> Iterator[Any]:
    yield from (Choice("003", text) for text in CHOICES)
    cells = {key: row(results, key, plan) for key in SETTINGS}
    for figures in cells.values():
        yield from figures
    if not plan.quick:
        yield explained(cells)
        for key, figures in cells.items():
            yield from alike(key, figures)
    figure = used(("MSELoss", "momentum"), plan)
    for part in ("loss", "errors"):
        for where in ("train", "test"):
            y_label = "mean squared error" if part == "loss" else "errors of 1000"
            yield from results.curves(figure, "003-figure-2", f"{where} {part}", {f"{where} {part}": ""}, y_label)
    for setting in SETTINGS.values():
        yield from results.locksteps(setting)


def row(results: Results, key: tuple[str, str], plan: Plan) -> list[PaperFigure]:
    """Return one row: the paper's four cells, and the mean train loss beside its sum."""
    (loss, way), setting = key, used(key, plan)
    table, _ = LOSSES[loss]
    printed = [Printed(*pair) for pair in zip(*PRINTED[key], strict=True)]
    mean = "train loss (mean)", lambda o: o["series"]["running loss"][-1], Printed(None)
    measured = [*((column, MEASURES[column], cell) for column, cell in zip(COLUMNS, printed, strict=True)), mean]
    return [results.figure(setting, table, way, *cell) for cell in measured]


def alike(key: tuple[str, str], figures: Sequence[PaperFigure]) -> Iterator[PaperClaim]:
    """Yield the claims that both sides agree here, to within the deviation of the paper's torch.nn."""
    for cell, (_, std) in zip(figures, PRINTED[key][1], strict=False):
        text = f"{cell.table}, {cell.row}, {cell.column}: ours within ± {std:g}, the paper's deviation, of torch.nn"
        apart = abs(cell.subject - cell.reference)
        yield claim("003", text, f"{apart:.2g} apart", apart <= std)


def outside(every: Sequence[tuple[float, float, PaperFigure]]) -> str:
    """Return in words the cells of ours that are not, with torch.nn's figure here and what the paper's own side had."""
    named = [
        f"{cell.table}, {cell.row}, {cell.column}: {cell.subject:.4g}, torch.nn run again {cell.reference:.4g}, "
        f"the paper's torch.nn {cell.printed_reference}, its own framework {cell.printed}"
        for mean, std, cell in every
        if abs(cell.subject - mean) > std
    ]
    if not named:
        return ""
    return (
        f" Outside: {'; '.join(named)}. Each side is as far off as the other, so that it is a matter of the paper's "
        "settings or of the scatter of its 20 runs, not of the framework."
    )


def explained(cells: Mapping[tuple[str, str], Sequence[PaperFigure]]) -> Choice:
    """Return in words how many cells are within one deviation of the paper's, on either side."""
    every = [
        (mean, std, cell)
        for key, figures in cells.items()
        for cell, (mean, std) in zip(figures, PRINTED[key][1], strict=False)
    ]
    ours, theirs = (
        sum(abs(getattr(cell, side) - mean) <= std for mean, std, cell in every) for side in ("subject", "reference")
    )
    return Choice(
        "003",
        f"Within one deviation of the paper's torch.nn column are {ours} of {len(every)} cells of ours, and {theirs} "
        f"of those of torch.nn, run again.{outside(every)}",
    )
