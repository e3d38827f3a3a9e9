"""The network of paper 004, which did not converge there: denoising photographs."""

from collections.abc import Iterator
from typing import Any

from parity.papers.experiment import BOTH, LABELS, Plan, Printed, Results, claim
from parity.papers.jobs import Job
from parity.papers.setting import Setting, denoiser
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
    "Initial weights and learning rate were chosen on the training pictures, each in turn held back from a training by "
    "torch.nn (7 epochs over 2000 pairs) and tested on: Xavier normal from 0.25, 0.5 and 1 gave 25.65, 26.25 and 25.71 "
    "dB in the mean, He normal 25.22, 25.74 and 25.83 dB. One run each: they differ little more than runs do.",
    "Patches of 32 x 32 from pictures that scikit-image ships, none of which is in both parts: astronaut, coffee and "
    "stereo_motorcycle to learn from; chelsea and rocket to test on. Noise of deviation 25/255, cut to 0 ... 1; the "
    "target is another noisy copy, and PSNR is against the clean patch.",
)
WANTED, APART = 27.5, 0.2


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
    found = results.figure(
        setting, "Section III.B", "network", "PSNR on unseen photographs, dB", lambda o: o["final"]["test psnr"],
        Printed(None), note="the paper's network went to zero",
    )  # fmt: skip
    yield found
    yield from results.curves(setting, "004-curves", "unseen photographs", {"test psnr": ""}, "PSNR, dB")
    yield from results.curves(setting, "004-curves", "training", {"running loss": ""}, "mean squared error")
    noisy = results.of(setting, "torch.nn")[0]["shown"]["noisy psnr"]
    yield claim("004", "noisy photographs: between 20 and 21 dB", f"{noisy:.2f} dB", 20 <= noisy <= 21)
    for side in BOTH:
        yield from converged(results, setting, side, plan)
        yield patches(results, setting, side)
    if not plan.quick:
        apart = abs(found.subject - found.reference)
        yield claim("004", f"both sides within {APART} dB", f"{apart:.3f} dB apart", apart <= APART)
    yield from results.locksteps(MAIN)


def searched(results: Results) -> Choice:
    """Return in words what the training pictures alone say of initial weights and learning rate."""
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
        f"The search again, shorter ({SEARCHED.epochs} epochs over {SEARCHED.examples} pairs) and by the framework, "
        f"gives {', '.join(ranked)}. What is used is number {rank} of {len(ranked)}.",
    )


def words(candidate: Any) -> str:
    return f"{candidate['initial'][0].replace('_', ' ')} from {candidate['lr']:g}"


def converged(results: Results, setting: Setting, side: str, plan: Plan) -> Iterator[Any]:
    """Yield the claims that the output does not collapse, and that the pictures get better."""
    outcomes = results.of(setting, side)
    spread = min(value for outcome in outcomes for value in outcome["series"]["spread"])
    text = f"{LABELS[side]}: after no epoch has the output collapsed (standard deviation of all its pixels over 0.05)"
    yield claim("004", text, f"least {spread:.3f}", spread > 0.05)
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
