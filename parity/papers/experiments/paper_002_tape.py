"""Paper 002 as intended: its network trained on the tape beside torch.nn, by figures and by time."""

import argparse
import sys
import time
from collections.abc import Callable
from math import exp, log
from statistics import fmean, median, stdev
from typing import Any

import torch
from rich.progress import track
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
from reports.papers import paper_002_tape as tape_page
from reports.papers.record import PaperFigure, PaperTiming

Run = dict[str, float]


class TapeStepper(ours.FrameworkStepper):
    """The framework's side, its layers and loss on the tape."""

    def __init__(self, setting: Setting, start: ours.State, device: str, dtype: torch.dtype) -> None:
        super().__init__(setting, start, device, dtype)
        self.network, self.loss = tape.on_tape(self.model), tape.on_tape(self.criterion)

    def step(self, x: Tensor, t: Tensor) -> Tensor:
        """Take a step; return the loss before it."""
        loss: tape.Variable = self.loss(self.network(x), t)
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
    """Train both sides `runs` times, each first in every other run."""
    runs_of: dict[str, list[Run]] = {name: [] for name in SIDES}
    for seed in track(range(runs), "paper 002", transient=True, disable=not sys.stderr.isatty()):
        for name in sorted(SIDES, reverse=bool(seed % 2)):
            runs_of[name].append(train(name, setting, seed))
    return runs_of


def paired(runs_of: dict[str, list[Run]], name: str, scale: Callable[[float], float] = float) -> Paired:
    return compare(*([scale(run[name]) for run in runs_of[side]] for side in SIDES))


def figure(runs_of: dict[str, list[Run]], cell: str) -> PaperFigure:
    """Return one cell of the table of section 3.1."""
    mine, other = ([run[cell] for run in runs_of[side]] for side in SIDES)
    compared = paired(runs_of, cell)
    return PaperFigure(
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


def timing(runs_of: dict[str, list[Run]]) -> PaperTiming:
    """Return the seconds of a whole training on either side, and their ratio with its interval."""
    mine, other = (median(run["seconds"] for run in runs_of[side]) for side in SIDES)
    ratio, runs = paired(runs_of, "seconds", log), len(runs_of["tape"])
    return PaperTiming(
        paper="002",
        what="a training on the tape",
        unit="s",
        runs=runs,
        subject=mine,
        reference=other,
        ratio=exp(ratio.effect),
        low=exp(ratio.low),
        high=exp(ratio.high),
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
    mean_tape, mean_torch = (fmean(run["seconds"] for run in runs_of[side]) for side in SIDES)
    written = tape_page.render(figures, timed, (mean_tape, mean_torch))
    asked.out.mkdir(parents=True, exist_ok=True)
    record.write(asked.out / "paper-002-tape.jsonl", [*figures, timed])
    (asked.out / "paper-002-tape.md").write_text(written, encoding="utf-8")
    print(written)
    return 0


COMMAND = Command("--runs 4 --epochs 50", run, arguments)
