"""Paper 003, a mini module: Tables 1 and 2, and Figure 2."""

from collections.abc import Iterator
from typing import Any

from parity.papers.experiment import Plan, Printed, Results, claim
from parity.papers.jobs import Job
from parity.papers.setting import Setting, classifier
from reports.papers_record import Choice

CHOICES = (
    "Xavier normal weights; the paper does not say which Xavier. The hidden activation is not given: ReLU.",
    "The paper's train loss is about ten times its test loss: it was summed over the ten batches of an epoch. The "
    "tables show that sum; the mean over the batches stands beside it.",
)
BASE = Setting("003", "003", classifier("ReLU"), epochs=200, batch=100, lr=0.1, initial=("xavier_normal",) * 4)
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
    found: list[Job] = []
    for key, setting in SETTINGS.items():
        found += plan.trainings(used(key, plan), plan.runs(20)) + plan.locksteps(setting)
    return found


def used(key: tuple[str, str], plan: Plan) -> Setting:
    """Return the training: a quick one has a tenth of the epochs."""
    return SETTINGS[key].changed(epochs=20) if plan.quick else SETTINGS[key]


def records(results: Results, plan: Plan) -> Iterator[Any]:
    yield from (Choice("003", text) for text in CHOICES)
    for key in SETTINGS:
        yield from row(results, key, plan)
    figure = used(("MSELoss", "momentum"), plan)
    for part in ("loss", "errors"):
        for where in ("train", "test"):
            y_label = "mean squared error" if part == "loss" else "errors of 1000"
            yield from results.curves(figure, "003-figure-2", f"{where} {part}", {f"{where} {part}": ""}, y_label)
    for setting in SETTINGS.values():
        yield from results.locksteps(setting)


def row(results: Results, key: tuple[str, str], plan: Plan) -> Iterator[Any]:
    """Yield one row, its mean train loss, and the claim that each cell is within one deviation of the paper's torch."""
    loss, way = key
    table, _ = LOSSES[loss]
    setting = used(key, plan)
    for column, ours, theirs in zip(COLUMNS, *PRINTED[key], strict=True):
        found = results.figure(setting, table, way, column, MEASURES[column], Printed(ours, theirs))
        yield found
        mean, std = theirs
        for side, value in (("ours", found.subject), ("torch.nn", found.reference)):
            if not plan.quick:
                text = f"{table}, {way}, {column}, {side}: within {mean:g} ± {std:g} of the paper's torch.nn"
                yield claim("003", text, f"{value:.4g}", abs(value - mean) <= std)
    yield results.figure(
        setting, table, way, "train loss (mean)", lambda o: o["series"]["running loss"][-1], Printed(None)
    )
