"""The network of paper 004, which did not converge there: denoising photographs."""

from collections.abc import Iterator
from typing import Any

from parity.papers.experiment import BOTH, LABELS, Plan, Printed, Results, claim
from parity.papers.trainings.jobs import Job
from parity.papers.trainings.setting import Setting, denoiser
from parity.verdict import limits
from reports.papers.record import Choice, Patches

MAIN = Setting(
    "004",
    "004",
    denoiser(32, 64),
    epochs=7,
    batch=8,
    lr=0.5,
    momentum=0.9,
    data="photographs",
    examples=6000,
    tests=300,
    initial=("xavier_normal",) * 4,
    schedule="ExponentialDecay",
    decay={"decay": 0.35},
)
SEARCHED, PICTURES = MAIN.changed(name="004-search", epochs=4, examples=1000, tests=100), 3
CHOICES = (
    "Widths 32 and 64, kernels 3 x 3, padding 1; Xavier normal weights, zero biases; SGD with learning rate "
    "0.5 exp(-0.35 epoch), momentum 0.9, batches of 8 patches, 7 epochs over 6000 pairs. The paper's own settings are "
    "not given.",
    "Initial weights and learning rate are chosen on the training pictures: each in turn is held back from a training, "
    "and tested on.",
    "Patches of 32 x 32 from pictures that scikit-image ships, none of which is in both parts: astronaut, coffee and "
    "stereo_motorcycle to learn from; chelsea and rocket to test on. Noise of deviation 25/255, cut to 0 ... 1; the "
    "target is another noisy copy, and PSNR is against the clean patch.",
)
WANTED, APART, COLLAPSED = limits.PAPER_004_PSNR, limits.PAPER_004_APART, limits.PAPER_004_SPREAD


def used(plan: Plan) -> Setting:
    """Return the training: a quick one sees few patches."""
    return MAIN.changed(epochs=2, examples=400, tests=60) if plan.quick else MAIN


def jobs(plan: Plan) -> list[Job]:
    search = [] if plan.quick else [Job("search", SEARCHED, side="framework", limit=PICTURES)]
    return plan.trainings(used(plan), plan.runs(8, 1)) + plan.locksteps(MAIN, most=500) + search


def records(results: Results, plan: Plan) -> Iterator[Any]:
    yield from (Choice("004", text) for text in CHOICES)
    if not plan.quick:
        yield searched(results)
    setting = used(plan)
    figure = results.figure(
        setting, "Section III.B", "network", "PSNR on unseen photographs, dB", lambda o: o["final"]["test psnr"],
        Printed(None), note="the paper's network went to zero",
    )  # fmt: skip
    yield figure
    yield from results.curves(setting, "004-curves", "unseen photographs", {"test psnr": ""}, "PSNR, dB")
    yield from results.curves(setting, "004-curves", "training", {"running loss": ""}, "mean squared error")
    noisy = results.of(setting, "torch.nn")[0]["shown"]["noisy psnr"]
    least, most = limits.PAPER_004_NOISY
    text = f"noisy photographs: between {least:g} and {most:g} dB"
    yield claim("004", text, f"{noisy:.2f} dB", least <= noisy <= most)
    for side in BOTH:
        yield from converged(results, setting, side, plan)
        yield patches(results, setting, side)
    if not plan.quick:
        apart = abs(figure.subject - figure.reference)
        yield claim(
            "004",
            f"both sides within {APART} dB",
            f"{apart:.3f} dB apart",
            apart <= APART,
        )
    yield from results.locksteps(MAIN)


def searched(results: Results) -> Choice:
    """Return in words what only the training pictures say of initial weights and learning rate."""
    (outcome,) = results.of(SEARCHED, "framework", "search")
    ranked = [f"{words(entry['candidate'])} {-entry['mean']:.2f} dB" for entry in outcome["ranking"]]
    used = {"initial": list(MAIN.initial), "lr": MAIN.lr}
    rank = next(
        n
        for n, entry in enumerate(outcome["ranking"], 1)
        if entry["candidate"] | {"initial": list(entry["candidate"]["initial"])} == used
    )
    return Choice(
        "004",
        f"That search, in {SEARCHED.epochs} epochs over {SEARCHED.examples} pairs and by the framework, "
        f"gives {', '.join(ranked)}. What is used is number {rank} of {len(ranked)}.",
    )


def words(candidate: Any) -> str:
    return f"{candidate['initial'][0].replace('_', ' ')} from {candidate['lr']:g}"


def converged(results: Results, setting: Setting, side: str, plan: Plan) -> Iterator[Any]:
    """Yield the claims that the output does not collapse and that the pictures improve."""
    outcomes = results.of(setting, side)
    spread = min(value for outcome in outcomes for value in outcome["series"]["spread"])
    text = f"after no epoch has the output collapsed (standard deviation of all its pixels over {COLLAPSED})"
    yield claim("004", f"{LABELS[side]}: {text}", f"least {spread:.3f}", spread > COLLAPSED)
    least = min(outcome["final"]["test psnr"] for outcome in outcomes)
    if not plan.quick:
        text = f"{LABELS[side]}: at least {WANTED} dB on unseen photographs in every run"
        yield claim("004", text, f"least {least:.2f} dB", least >= WANTED)


def patches(results: Results, setting: Setting, side: str) -> Patches:
    shown = results.of(setting, side)[0]["shown"]
    pixels = tuple(shown["pixels"])
    return Patches(
        paper="004",
        figure=f"004-patches-{LABELS[side]}",
        rows=tuple(shown["rows"]),
        pixels=pixels,
        psnr=tuple(shown["psnr"]),
    )
