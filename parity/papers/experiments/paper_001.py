"""Paper 001: initialisers, schedules, early stopping; accuracies, curves and the decision region."""

from collections.abc import Iterator
from typing import Any

from parity.papers.experiment import BOTH, LABELS, Plan, Printed, Results, claim
from parity.papers.trainings.jobs import Job
from parity.papers.trainings.setting import Setting, classifier
from parity.verdict import limits
from reports.papers.record import Choice

MAIN = Setting(
    "001",
    "001",
    classifier("ReLU", (("Tanh", {}),)),
    epochs=1000,
    batch=25,
    lr=0.1,
    momentum=0.9,
    initial=("he_normal",) * 3 + ("xavier_normal",),
    schedule="TimeDecay",
    decay={"decay": 0.01},
    patience=100,
)
INITIALISERS = ("xavier_normal", "xavier_uniform", "he_normal", "he_uniform", "uniform", "normal", "constant")
SCHEDULES: dict[str, dict[str, Any]] = {
    "Constant": {},
    "TimeDecay": {"decay": 0.01},
    "ExponentialDecay": {"decay": 0.02},
    "StepDecay": {"factor": 0.5, "every": 20},
}
SHORT = MAIN.changed(epochs=60, patience=0)
VARIANTS = {f"initialiser {name}": SHORT.changed(name=f"001-{name}", initial=(name,) * 4) for name in INITIALISERS} | {
    f"schedule {name}": SHORT.changed(name=f"001-{name}", schedule=name, decay=decay)
    for name, decay in SCHEDULES.items()
}
SEARCHED = MAIN.changed(name="001-search", epochs=60, patience=0)
CHOICES = (
    "Widths, batch size, learning rate, decay and patience are not given: 2-25-25-25-2 with a final Tanh, batches of "
    "25, momentum 0.9, learning rate 0.1 / (1 + 0.01 epoch), patience 100 on the loss of the "
    "test set, as the paper has it.",
    "The initialisers and schedules are each run for 60 epochs from a learning rate of 0.1, with nothing else changed.",
)
WANTED = limits.PAPER_001_ACCURACY
PRINTED = {"train": 99.5, "test": 99.1}


def jobs(plan: Plan) -> list[Job]:
    work = plan.trainings(used(plan), plan.runs(6, 1)) + plan.locksteps(MAIN.changed(epochs=80))
    for setting in VARIANTS.values():
        work += plan.trainings(setting.changed(epochs=5) if plan.quick else setting, plan.runs(2, 1))
    if not plan.quick:
        work += [Job("search", SEARCHED, side=side, limit=5) for side in BOTH]
    return work


def used(plan: Plan) -> Setting:
    """Return the training: a quick one is stopped sooner."""
    return MAIN.changed(epochs=40, patience=3) if plan.quick else MAIN


def accuracy(part: str) -> Any:
    return lambda outcome: 100 - outcome["final"][f"{part} errors"] / 10


def records(results: Results, plan: Plan) -> Iterator[Any]:
    yield from (Choice("001", text) for text in CHOICES)
    setting = used(plan)
    for part, value in PRINTED.items():
        printed = Printed((value, 0))
        figure = results.figure(setting, "Section III", "final model", f"{part} accuracy, %", accuracy(part), printed)
        yield figure
        if not plan.quick:
            for side, mean in (("ours", figure.subject), ("torch.nn", figure.reference)):
                yield claim(
                    "001",
                    f"{part} accuracy, {side}: at least {WANTED} %",
                    f"{mean:.2f}",
                    mean >= WANTED,
                )
    yield results.figure(
        setting, "Section III", "final model", "epoch of the best weights", lambda o: o["epoch"] + 1, Printed(None)
    )
    for side in BOTH:
        yield restored(results, setting, side)
    for name, full in VARIANTS.items():
        variant = full.changed(epochs=5) if plan.quick else full
        yield results.figure(variant, "Variants", name, "test accuracy, %", accuracy("test"), Printed(None))
    for what, y_label in (("loss", "mean squared error"), ("errors", "errors of 1000")):
        for part in ("train", "test"):
            name = f"{part} {what}"
            yield from results.curves(setting, "001-curves", name, {name: ""}, y_label, runs=1)
    yield from results.region(setting, "001-region")
    yield from results.locksteps(MAIN.changed(epochs=80))
    if not plan.quick:
        yield from cross_validated(results)


def restored(results: Results, setting: Setting, side: str) -> Any:
    """Return the claim that the final model is the one of the epoch with the least validation loss, by its weights."""
    outcomes = results.of(setting, side)
    restored = [
        losses.index(min(losses)) == outcome["epoch"] and outcome["digest"] == outcome["digest of its epoch"]
        for outcome in outcomes
        for losses in [outcome["series"]["test loss"]]
    ]
    text = (
        f"{LABELS[side]}: the final weights are, bit for bit, those of a training that ends with the epoch of the "
        "least validation loss"
    )
    return claim("001", text, f"{sum(restored)} of {len(restored)} runs", all(restored))


def cross_validated(results: Results) -> Iterator[Choice]:
    for side in BOTH:
        (outcome,) = results.of(SEARCHED, side, "search")
        best = outcome["ranking"][0]
        yield Choice(
            "001",
            f"Cross-validation in 5 folds, {LABELS[side]}: best learning rate {best['candidate']['lr']:g} with decay "
            f"{best['candidate']['decay']['decay']:g}, {100 * best['mean']:.2f} ({100 * best['std']:.2f}) % errors.",
        )
