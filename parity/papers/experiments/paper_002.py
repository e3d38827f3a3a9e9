"""Paper 002, Autogradlib: 500 epochs, 20 repetitions, softmax; medians, curves, and the time of a training."""

from collections.abc import Iterator
from typing import Any

from parity.papers.experiment import Plan, Printed, Results, claim
from parity.papers.trainings.jobs import Job
from parity.papers.trainings.setting import Setting, classifier
from reports.papers.record import Choice

MAIN = Setting(
    "002",
    "002",
    classifier("ReLU", (("Softmax", {"dim": 1}),)),
    epochs=500,
    batch=100,
    lr=0.1,
    momentum=0.9,
    loss="BCELoss",
    initial=("xavier_normal",) * 4,
    schedule="ExponentialDecay",
    decay={"decay": 0.006},
)
CHOICES = (
    "Loss, batch size, learning rate and momentum are not given: binary cross-entropy of the two probabilities that "
    "softmax returns, batches of 100, learning rate 0.1 exp(-0.006 epoch), momentum 0.9; Xavier normal weights, zero "
    "biases. Other losses have other values, so only the accuracies compare with the paper's.",
    "Not squared error: at a constant learning rate it stayed below the paper's accuracy, and in smaller batches not "
    "every run learnt at all.",
)
CELLS = {
    "train loss": Printed((0.0228, 0.0023)),
    "train accuracy": Printed((0.986, 0.0034)),
    "test loss": Printed((0.0254, 0.0028)),
    "test accuracy": Printed((0.983, 0.0055)),
}
WANTED = 0.983  # what the paper prints


def jobs(plan: Plan) -> list[Job]:
    return plan.trainings(used(plan), plan.runs(20)) + plan.locksteps(MAIN)


def used(plan: Plan) -> Setting:
    """Return the training: a quick one has a tenth of the epochs."""
    return MAIN.changed(epochs=50) if plan.quick else MAIN


def measure(name: str) -> Any:
    part, what = name.split()
    if what == "loss":
        return lambda outcome: outcome["final"][name]
    return lambda outcome: 1 - outcome["final"][f"{part} errors"] / 1000


def records(results: Results, plan: Plan) -> Iterator[Any]:
    yield from (Choice("002", text) for text in CHOICES)
    setting = used(plan)
    for name, printed in CELLS.items():
        figure = results.figure(
            setting, "Section 3.1", "ReLU, softmax", name, measure(name), printed, statistic="median"
        )
        yield figure
        if name == "test accuracy" and not plan.quick:
            for side, value in (("ours", figure.subject), ("torch.nn", figure.reference)):
                yield claim("002", f"median test accuracy, {side}: at least {WANTED}", f"{value:.4f}", value >= WANTED)
    for what, y_label in (("loss", "binary cross-entropy"), ("errors", "errors of 1000")):
        series = {f"train {what}": "train", f"test {what}": "test"}
        yield from results.curves(setting, "002-curves", what, series, y_label)
    yield from results.locksteps(MAIN)
