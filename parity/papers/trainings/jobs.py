"""Independent pieces of work: each gives one dictionary, which is kept, so that a later call finds it done."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from parity.papers.trainings import lockstep, ours, searches
from parity.papers.trainings.data import material
from parity.papers.trainings.setting import Setting
from parity.papers.trainings.shown import pictures
from parity.papers.trainings.watch import Predict, Watch
from parity.run.workers import shared

Outcome = dict[str, Any]
Train = Callable[..., tuple[Predict, Mapping[str, torch.Tensor], int]]
ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("framework", "framework/layers", "framework/losses", "framework/optim", "framework/training", "framework/data")
BESIDE = ("settle", "catalogue/sequential", "verdict/gauge", "verdict/arithmetic", "verdict/limits")  # of parity


@cache
def sources() -> str:
    """Return a digest of the programs that decide an outcome, and of torch's version.

    The experiments are not among them: what they decide is in the settings already.
    """
    files = [path for room in (*ROOMS, "parity/papers/trainings") for path in (ROOT / room).glob("*.py")]
    files += [ROOT / f"parity/{name}.py" for name in BESIDE]
    held = hashlib.sha256(torch.__version__.encode())
    for path in sorted(files):
        held.update(path.read_bytes())
    return held.hexdigest()[:16]


@dataclass(frozen=True)
class Job:
    """One training, one lockstep or one search."""

    kind: str
    setting: Setting
    seed: int = 0
    side: str = ""
    limit: int = 0  # steps of a lockstep, or runs of a search; 0: all
    device: str = "cpu"
    dtype: str = "float32"

    @property
    def weight(self) -> float:
        """A rough cost, so that the time left is worth reading: steps taken, a convolution's counting as many."""
        steps = self.setting.epochs * -(-self.setting.examples // self.setting.batch)
        costly = 80.0 if self.setting.data == "photographs" else 1.0
        if self.kind == "lockstep":
            return costly * (3 * (min(steps, self.limit) if self.limit else steps) + 5000 * (self.dtype == "float32"))
        return costly * steps * (searches.trainings(self.setting, self.limit) if self.kind == "search" else 1)

    def key(self) -> str:
        more = self.kind, self.seed, self.side, self.limit, self.device, self.dtype, sources()
        return self.setting.key(*more)

    def run(self) -> Outcome:
        started = time.perf_counter()
        outcome = WORK[self.kind](self)
        took = {"seconds": time.perf_counter() - started}
        return outcome | took | {"job": self.kind, "setting": self.setting.name, "side": self.side, "seed": self.seed}


def training(job: Job) -> Outcome:
    """Train one side from the common start on the common batches."""
    setting, data = job.setting, material(job.setting, job.seed).to(job.device)
    train: Train = searches.SIDES[job.side].train
    start, watch = ours.initial(setting, job.seed), Watch(setting, data)
    predict, values, epoch = train(setting, start, data, job.seed, watch)

    def ended_at(last: int) -> Mapping[str, torch.Tensor]:
        """Return the values after a training that ends with that epoch by itself, so that nothing is restored."""
        shorter = setting.changed(epochs=last + 1, patience=0)
        _, values, _ = train(shorter, start, data, job.seed, Watch(shorter, data))
        return values

    return {
        "series": watch.series,
        "final": watch.measures(predict),
        "epoch": epoch,
        "digest": digest(values),
        "digest of its epoch": digest(ended_at(epoch)) if setting.patience else digest(values),
        "shown": pictures(setting, data, predict) if job.seed == 0 else {},
    }


def digest(values: Mapping[str, torch.Tensor]) -> str:
    """Return a name for the bits of the values, which is equal for equal trainings."""
    held = hashlib.sha256()
    for _, value in sorted(values.items()):
        held.update(value.cpu().contiguous().numpy().tobytes())
    return held.hexdigest()[:16]


def side_by_side(job: Job) -> Outcome:
    """Walk both sides in lockstep."""
    walks = lockstep.side_by_side(job.setting, job.seed, getattr(torch, job.dtype), job.limit or None)
    return {
        "between": walks.between,
        "subject": walks.subject,
        "reference": walks.reference,
        "allowed": walks.allowed,
        "control": walks.control,
        "detail": str(walks.divergence or ""),
        "dtype": job.dtype,
    }


WORK: dict[str, Callable[[Job], Outcome]] = {
    "training": training,
    "lockstep": side_by_side,
    "search": lambda job: {"ranking": searches.ranking(job.setting, job.side, job.limit)},
}


class Store:
    """What is done already: one file of lines a paper, added to as work is finished."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, Outcome] = {}
        for path in sorted(folder.glob("*.jsonl")):
            for text in path.read_text(encoding="utf-8").splitlines():
                try:
                    held = json.loads(text)
                    self.known[held["key"]] = held["outcome"]
                except (json.JSONDecodeError, KeyError, TypeError):
                    continue  # the last line of a run that was killed while writing

    def keep(self, job: Job, outcome: Outcome) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{job.setting.paper}.jsonl"
        mended = "" if not path.exists() or path.read_bytes().endswith(b"\n") else "\n"
        with path.open("a", encoding="utf-8") as stream:
            stream.write(mended + json.dumps({"key": job.key(), "outcome": outcome}) + "\n")
        self.known[job.key()] = outcome


def execute(jobs: Iterable[Job], store: Store, processes: int) -> Iterator[Job]:
    """Run what is not yet done, the costliest first, in `processes` processes; yield every job when it is done."""
    waiting = []
    for job in {job.key(): job for job in jobs}.values():
        if job.key() in store.known:
            yield job
        else:
            waiting.append(job)
    with shared(Job.run, sorted(waiting, key=lambda job: -job.weight), processes) as finished:
        for job, future in finished:
            store.keep(job, future.result())
            yield job
