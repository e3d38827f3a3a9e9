"""A process that dies takes down no other chunk than the one that ends it every time."""

from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from parity.subjects.process import Limits
from parity.sweep import scheduling
from parity.sweep.chunk import Errand
from reports.sweep.record import SweepChunk, SweepScope
from tests.sweep import dying

SCOPE = SweepScope(cases=8, chunk=1, seed=0, modules=("Linear",))


def test_only_a_chunk_that_ends_its_process_every_time_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "done", dying.done)
    errand = Errand(str(tmp_path / "first"), Limits(), SCOPE)
    found = [one for one in scheduling.locally(errand, range(8), 2) if one is not None]
    assert sorted(number for number, _ in found) == [*range(8)]
    lost = [number for number, one in found if not isinstance(one, SweepChunk)]
    assert lost == [dying.ALWAYS]
    assert isinstance(dict(found)[dying.ALWAYS], BrokenProcessPool)


def test_an_exception_is_of_its_chunk_alone() -> None:
    errand = Errand("no subject of this name", Limits(), SCOPE)
    found = [one for one in scheduling.locally(errand, range(3), 1) if one is not None]
    assert sorted(number for number, _ in found) == [0, 1, 2]
    assert all("no subject of this name" in str(one) for _, one in found)


def test_a_wait_for_what_takes_long_says_so_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a time that is over ends a sweep whose chunks take hours."""
    monkeypatch.setattr(scheduling, "done", dying.slow)
    monkeypatch.setattr(scheduling, "TICK", 0.01)
    found = list(scheduling.locally(Errand(str(tmp_path), Limits(), SCOPE), range(1), 1))
    assert found.count(None) > 2
    assert [one[0] for one in found if one is not None] == [0]


def test_processes_are_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what torch keeps of every shape does not add up."""
    monkeypatch.setattr(scheduling, "done", dying.of_process)
    monkeypatch.setattr(scheduling, "RENEWED", 2)
    found = dict(filter(None, scheduling.locally(Errand(str(tmp_path), Limits(), SCOPE), range(5), 1)))
    assert sorted(found) == [0, 1, 2, 3, 4]  # two that are done at once come in any order
    processes = [chunk.cells for _, chunk in sorted(found.items()) if isinstance(chunk, SweepChunk)]
    assert processes[0] == processes[1] != processes[2] == processes[3] != processes[4]
