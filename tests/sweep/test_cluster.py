"""A sweep on a cluster of dask: workers and clients may die, and nothing is lost or counted twice."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from parity.subjects.process import Limits
from parity.sweep import command
from parity.sweep.chunk import Errand, done, scoped
from parity.sweep.scheduling import by_dask
from reports.record import plain
from reports.sweep.record import SweepChunk, SweepScope
from tests.sweep.test_sweep_command import OF_TIME, WORDS, chunks, one_by_one

distributed: Any = pytest.importorskip("distributed", reason="dask.distributed is not installed")
SCOPE = SweepScope(cases=72, chunk=6, seed=0, modules=("LeakyReLU", "Linear"), dtypes=("float32",))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=3, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


def without_cost(found: SweepChunk) -> dict[str, Any]:
    return {name: value for name, value in plain(found).items() if name not in OF_TIME}


@pytest.mark.filterwarnings("ignore")
def test_a_worker_that_is_killed_in_the_middle_loses_nothing(cluster: Any) -> None:
    errand = Errand("framework", Limits(), scoped(SCOPE))
    found: dict[int, Any] = {}
    for number, chunk in filter(None, by_dask(errand, range(12), cluster.scheduler_address)):
        assert number not in found
        found[number] = chunk
        if len(found) == 2:
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    assert sorted(found) == [*range(12)]
    for number in (0, 5, 11):
        assert without_cost(found[number]) == without_cost(done(errand, number))


@pytest.mark.filterwarnings("ignore")
def test_a_client_that_ends_is_gone_on_with(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "CHUNK", 10)
    monkeypatch.setattr(command, "code_here", lambda: ("", ""))  # workers were started before the commit had a name
    monkeypatch.setenv("GRADPARITY_COMMIT", "abc")
    on_cluster = ["sweep", *WORDS, "--scheduler", cluster.scheduler_address, "--out", str(tmp_path / "cluster")]
    assert main([*on_cluster, "--minutes", "0.000001"]) == 0
    first = chunks(tmp_path / "cluster")
    assert len(first) == 1
    assert main([*on_cluster, "--resume"]) == 0
    monkeypatch.setattr(command, "locally", one_by_one)
    assert main(["sweep", *WORDS, "--out", str(tmp_path / "here")]) == 0
    assert chunks(tmp_path / "cluster") == chunks(tmp_path / "here")


def test_a_worker_of_other_code_does_nothing(cluster: Any) -> None:
    errand = Errand("framework", Limits(), scoped(SCOPE), code=("another", "1.0"))
    ((_, found),) = filter(None, by_dask(errand, [0], cluster.scheduler_address))
    assert "the sweep is of another and 1.0" in str(found)


@pytest.mark.filterwarnings("ignore")
def test_workers_of_several_threads_are_refused() -> None:
    several = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0", silence_logs=50
    )
    with several, pytest.raises(ValueError, match="every worker must have one thread"):
        next(by_dask(Errand("framework", Limits(), SCOPE), [0], several.scheduler_address))
