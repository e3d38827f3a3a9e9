"""The time of the papers' trainings, and of the calls in Table III of paper 004, beside torch.nn, for the papers' page.

Each side steps in its own way, as in the trainings themselves: the framework returns the gradient of the input, which
torch.nn leaves out. Written to papers-time.jsonl; the page is rendered again where papers.jsonl lies beside it."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import cycle, islice
from typing import Any

import torch
from rich.progress import track
from torch import Tensor

from parity.papers.experiments import denoising, paper_000, paper_001, paper_002, paper_002_tape, paper_003
from parity.papers.trainings import ours, theirs
from parity.papers.trainings.data import material
from parity.papers.trainings.lockstep import feed
from parity.papers.trainings.setting import Setting
from parity.run import session
from parity.settle import keep_freed_memory, settle
from parity.subjects import load
from perf.bench.measure import Bench
from perf.bench.rows import PAPER_004, TINY, Row
from perf.method.duel import duel
from perf.method.work import Side, Work
from perf.sides.agreement import screened
from perf.sides.modules import FORWARD
from perf.sides.steps import RATE
from perf.statistics.looks import Stopping
from reports import record
from reports.command import FAILED, Command, folder
from reports.papers import page as papers_page
from reports.papers.record import PaperTiming
from reports.perf.paper_004 import PRINTED
from reports.running import finish
from reports.sources import gathered

SECONDS, QUICK_SECONDS = 3.0, 0.5
NETWORKS = (
    paper_000.RELU, paper_000.TANH, paper_001.MAIN, paper_002.MAIN, paper_003.SETTINGS["CrossEntropyLoss", "momentum"],
    paper_003.SETTINGS["MSELoss", "momentum"], denoising.MAIN,
)  # fmt: skip
# Seconds of a training, the paper's framework and PyTorch: 002: the mean over 20 repetitions.
TRAININGS = {"002": "1.961 / 0.804 s", "003": "up to 2 times PyTorch's"}
BATCHES = 4


class DisagreementError(RuntimeError):
    """The sides do different work, so a time would say nothing."""


def side(name: str, made: Callable[..., Any], setting: Setting) -> Side:
    """Return a side whose run is one training step, at a rate at which values keep their size."""
    start, data = ours.initial(setting, 0), material(setting, 0)
    batches = list(islice(feed(setting, data, 0), BATCHES))

    def stepper(lr: float) -> Any:
        return made(setting.changed(lr=lr), start, "cpu", torch.float32)

    def make() -> Work:
        stepping, following = stepper(RATE), cycle(batches)

        def run() -> None:
            batch = next(following)
            stepping.step(batch.x, batch.t)

        return Work(run, outcome)

    def outcome() -> Mapping[str, Tensor]:
        """Return the gradients of the first step of the training, and the parameters after it."""
        first = stepper(setting.lr)
        first.step(batches[0].x, batches[0].t)
        values, gradients = first.state()
        return {name: value.clone() for name, value in values.items()} | {
            f"gradient of {name}": value.clone() for name, value in gradients.items()
        }

    return Side(name, make)


def training(setting: Setting, seconds: float, name: str = "", made: Callable[..., Any] | None = None) -> PaperTiming:
    """Time the training steps of a network; raise DisagreementError where the first step differs."""
    name = name or setting.name
    sides = side("framework", made or ours.FrameworkStepper, setting), side("torch.nn", theirs.TorchStepper, setting)
    wrong = screened(*(one.make().outcome() for one in sides))
    if wrong:
        raise DisagreementError(f"{name}: {wrong}")
    times = duel(*sides, Stopping(seconds=seconds))
    at, (mine, other) = times.interval, times.medians
    return PaperTiming(
        paper=setting.paper,
        what=name,
        unit="ms",
        runs=len(times.rebuilds),
        subject=1e3 * mine,
        reference=1e3 * other,
        ratio=at.ratio,
        low=at.low,
        high=at.high,
        printed=TRAININGS.get(setting.paper, ""),
        steps=setting.epochs * -(-setting.examples // setting.batch),
    )


def call(module: str, case: str, seconds: float) -> PaperTiming:
    """Time a row of Table III; raise DisagreementError where the sides differ."""
    bench = Bench(load("framework"), memory=False)
    row, _ = bench.measure(Row(module, case, FORWARD), seconds)
    mine, other = row.subject.seconds, row.reference.seconds
    if not (row.time and mine and other):
        raise DisagreementError(f"{module}, {case}: {row.verdict}: {row.detail}")
    return PaperTiming(
        paper="004",
        what=f"{module} of {' x '.join(map(str, row.shape))}, Table III",
        unit="µs",
        runs=row.rebuilds,
        subject=1e6 * mine,
        reference=1e6 * other,
        ratio=row.time.ratio,
        low=row.time.low,
        high=row.time.high,
        printed=f"{PRINTED[module].theirs:g} / {PRINTED[module].pytorch:g} µs",
    )


def timed(seconds: float) -> Iterator[PaperTiming]:
    """Yield every row."""
    work = [partial(training, setting, seconds) for setting in NETWORKS]
    work += [partial(training, paper_002.MAIN, seconds, "002 on the tape", paper_002_tape.TapeStepper)]
    work += [partial(call, module, case, seconds) for module in PAPER_004 for case in (TINY, "papers")]
    for one in track(work, "timing", transient=True, disable=not sys.stderr.isatty()):
        yield one()


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="half a second a row")
    folder(parser.add_argument, "records and page")


def run(asked: argparse.Namespace) -> int:
    """Write the records, and the page where the experiments' records are there.

    Return 0 where everything was timed; 1 where a row is not, because the sides disagree.
    """
    settle()
    keep_freed_memory()
    try:
        timings = list(timed(QUICK_SECONDS if asked.quick else SECONDS))
    except DisagreementError as error:
        print(f"papers-time: {error}", file=sys.stderr)
        return FAILED
    record.write(asked.out / papers_page.TIMES, [session.run_record("framework", 0, [], True), *timings])
    source = asked.out / "papers.jsonl"
    report = "python -m parity papers writes the report"
    if source.is_file():
        finish(source, gathered(source))
        report = f"report in {source.with_suffix('.md')}"
    print(f"{len(timings)} rows timed; {report}")
    return 0


COMMAND = Command("--quick", run, arguments)
