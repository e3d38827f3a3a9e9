"""Paper 002 as it was meant: its network trained on the tape beside torch.nn, by figures and by time."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from math import exp, log
from statistics import fmean, median, stdev
from typing import Any

import torch
from rich.progress import track
from tabulate import tabulate
from torch import Tensor

from framework import tape
from parity.papers.experiments.paper_002 import CELLS, MAIN, measure
from parity.papers.statistics import Paired, compare
from parity.papers.trainings import ours, theirs
from parity.papers.trainings.data import batches, material
from parity.papers.trainings.setting import Setting
from parity.papers.trainings.watch import Watch
from parity.settle import settle
from reports import record
from reports.command import Command, folder, whole
from reports.papers.record import Figure, Timing

PRINTED_SECONDS = {"mean": (1.961, 0.804), "median": (1.920, 0.779)}  # section 3.2: Autogradlib, PyTorch
Run = dict[str, float]


class TapeStepper(ours.FrameworkStepper):
    """The framework's side, its layers and loss put on the tape."""

    def __init__(self, setting: Setting, start: ours.State, device: str, dtype: torch.dtype) -> None:
        super().__init__(setting, start, device, dtype)
        self.network, self.loss = tape.on_tape(self.model), tape.on_tape(self.criterion)

    def step(self, x: Tensor, t: Tensor) -> Tensor:
        """Take a step; return the loss before it."""
        loss = self.loss(self.network(x), t)
        self.network.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.tensor


SIDES: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "tape": (TapeStepper, lambda side: ours.predictor(side.model)),
    "torch.nn": (theirs.TorchStepper, lambda side: theirs.predictor(side.model)),
}


def train(name: str, setting: Setting, seed: int) -> Run:
    """Train one side from the common start on the common batches; return its measures and the seconds it took."""
    make, predictor = SIDES[name]
    data, generator = material(setting, seed), torch.Generator().manual_seed(seed)
    side = make(setting, ours.initial(setting, seed), "cpu", torch.float32)
    started = time.perf_counter()
    for epoch in range(setting.epochs):
        side.set_epoch(epoch)
        for index in batches(len(data.train.x), setting.batch, generator):
            side.step(*data.train.rows(index))
    seconds = time.perf_counter() - started
    outcome = {"final": Watch(setting, data).measures(predictor(side))}
    return {cell: measure(cell)(outcome) for cell in CELLS} | {"seconds": seconds}


def trained(setting: Setting, runs: int) -> dict[str, list[Run]]:
    """Train both sides so many times, each first in every other run."""
    runs_of: dict[str, list[Run]] = {name: [] for name in SIDES}
    for seed in track(range(runs), "paper 002", transient=True, disable=not sys.stderr.isatty()):
        for name in sorted(SIDES, reverse=bool(seed % 2)):
            runs_of[name].append(train(name, setting, seed))
    return runs_of


def paired(runs_of: dict[str, list[Run]], name: str, scale: Callable[[float], float] = float) -> Paired:
    return compare(*([scale(run[name]) for run in runs_of[side]] for side in SIDES))


def figure(runs_of: dict[str, list[Run]], cell: str) -> Figure:
    """Return one cell of the table of section 3.1."""
    mine, other = ([run[cell] for run in runs_of[side]] for side in SIDES)
    compared = paired(runs_of, cell)
    return Figure(
        paper="002",
        table="Section 3.1, on the tape",
        row="ReLU, softmax",
        column=cell,
        statistic="median",
        runs=len(mine),
        printed=CELLS[cell].text(CELLS[cell].ours),
        printed_reference="",
        reference=median(other),
        reference_std=stdev(other),
        subject=median(mine),
        subject_std=stdev(mine),
        effect=compared.effect,
        low=compared.low,
        high=compared.high,
        p_value=compared.p_value,
        same_bits=compared.same_bits,
    )


def timing(runs_of: dict[str, list[Run]]) -> Timing:
    """Return the seconds of a whole training on either side, and their ratio with its interval."""
    mine, other = (median(run["seconds"] for run in runs_of[side]) for side in SIDES)
    ratio, runs = paired(runs_of, "seconds", log), len(runs_of["tape"])
    low, high = exp(ratio.low), exp(ratio.high)
    return Timing("002", "a training on the tape", "s", runs, mine, other, exp(ratio.effect), low, high)


def spreads(f: Figure) -> tuple[str, str]:
    return f"{f.subject:.4f} ({f.subject_std:.4f})", f"{f.reference:.4f} ({f.reference_std:.4f})"


def page(figures: Sequence[Figure], timed: Timing, means: Sequence[float]) -> str:
    """Return both tables as Markdown."""
    rows = [(f.column, f.printed, *spreads(f), f"{f.p_value:.2g}") for f in figures]
    accuracy = tabulate(rows, ("median (std)", "paper", "tape", "torch.nn", "p"), "github", disable_numparse=True)
    seconds = [
        ("mean", *PRINTED_SECONDS["mean"], *means),
        ("median", *PRINTED_SECONDS["median"], timed.subject, timed.reference),
    ]
    heads = ("seconds a training", "paper", "paper's PyTorch", "tape", "torch.nn")
    ratio = f"Tape / torch.nn: {timed.ratio:.2f} (95 %: {timed.low:.2f} to {timed.high:.2f})"
    printed = f"in the paper {PRINTED_SECONDS['median'][0] / PRINTED_SECONDS['median'][1]:.2f}."
    return (
        f"# Paper 002 on the tape\n\n{accuracy}\n\n{tabulate(seconds, heads, 'github', '.3f')}\n\n{ratio}; {printed}\n"
    )


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--runs", type=whole(2), default=20, help="repetitions (default 20)")
    add("--epochs", type=whole(1), default=MAIN.epochs, help=f"epochs (default {MAIN.epochs})")
    folder(add, "records and page")


def run(asked: argparse.Namespace) -> int:
    """Write paper-002-tape.jsonl and .md, and print the page."""
    settle()
    runs_of = trained(MAIN.changed(epochs=asked.epochs), asked.runs)
    figures, timed = [figure(runs_of, cell) for cell in CELLS], timing(runs_of)
    written = page(figures, timed, [fmean(run["seconds"] for run in runs_of[side]) for side in SIDES])
    asked.out.mkdir(parents=True, exist_ok=True)
    record.write(asked.out / "paper-002-tape.jsonl", [*figures, timed])
    (asked.out / "paper-002-tape.md").write_text(written, encoding="utf-8")
    print(written)
    return 0


COMMAND = Command("--runs 4 --epochs 50", run, arguments)
