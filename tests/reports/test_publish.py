"""What is published can be rendered again, and only what anybody could run again is published."""

import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from parity.__main__ import main
from reports import publish
from reports.lines import read
from reports.record import Parity, Run, plain, write
from reports.sweep.coarser import coarser
from reports.sweep.reading import Sweep
from reports.sweep.record import SweepChunk
from tests.sweep.test_sweep_command import RARE

PUBLISHED = Path(__file__).parents[2] / "reports" / "published"
MACHINES = sorted(path.name for path in PUBLISHED.glob("*"))
RUN = Run(
    subject="s",
    seed=0,
    started="2026-01-01T00:00:00Z",
    command="make parity",
    commit="abc",
    machine={},
    versions={},
    settings={},
)
ROW = Parity(
    subject="s",
    module="ReLU",
    case="c",
    check="values",
    quantity="dx",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=0,
    verdict="pass",
    elements=3,
)


def published(out: Path, to: Path) -> int:
    return main(["publish", "some-machine", "--out", str(out), "--to", str(to)])


def test_records_pages_and_pictures_are_kept(tmp_path: Path) -> None:
    out, to = tmp_path / "out", tmp_path / "to"
    write(out / "parity.jsonl", [RUN, ROW])
    (out / "figures").mkdir()
    (out / "figures" / "a.svg").write_text("<svg/>")
    assert published(out, to) == 0
    kept = {path.relative_to(to / "some-machine").as_posix() for path in to.rglob("*") if path.is_file()}
    assert kept == {"parity.jsonl", "parity.md", "index.html", "figures/a.svg"}


def test_many_records_are_packed_and_make_the_same_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, plain, to = tmp_path / "out", tmp_path / "plain", tmp_path / "to"
    write(out / "parity.jsonl", [RUN, ROW])
    assert published(out, plain) == 0
    monkeypatch.setattr(publish, "PLAIN_BYTES", 10)
    assert published(out, to) == 0
    kept = to / "some-machine"
    assert sorted(path.name for path in kept.iterdir()) == ["index.html", "parity.jsonl.gz", "parity.md"]
    for page in ("index.html", "parity.md"):
        assert (kept / page).read_bytes() == (plain / "some-machine" / page).read_bytes()
    before = (kept / "parity.md").read_bytes()
    assert main(["report", "--out", str(kept)]) == 0
    assert (kept / "parity.md").read_bytes() == before
    assert published(kept, tmp_path / "again") == 0
    assert (tmp_path / "again" / "some-machine" / "parity.jsonl.gz").is_file()


@pytest.mark.parametrize("bytes_left", [-1, 40, 15])
def test_a_packed_file_that_is_cut_is_incomplete(
    bytes_left: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "parity.jsonl", [RUN, *[replace(ROW, seed=seed) for seed in range(9)]])
    whole = gzip.compress((tmp_path / "parity.jsonl").read_bytes())
    (tmp_path / "parity.jsonl").unlink()
    (tmp_path / "parity.jsonl.gz").write_bytes(whole[:bytes_left])
    assert main(["report", "--out", str(tmp_path)]) in (1, 2)
    said = capsys.readouterr().err
    assert "INCOMPLETE" in said or "not a record" in said
    assert "Traceback" not in said


def test_the_single_rounds_are_left_out(tmp_path: Path) -> None:
    document = {"benchmarks": [{"stats": {"data": [1.0], "median": 1.0}}]}
    source = tmp_path / "perf.json"
    source.write_text(json.dumps(document))
    assert json.loads(publish.without_rounds(source)) == {"benchmarks": [{"stats": {"median": 1.0}}]}


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (replace(RUN, complete=False), "was not finished"),
        (replace(RUN, commit="abc+"), "was not on a committed checkout"),
        (replace(RUN, commit=""), "was not on a committed checkout"),
        (replace(RUN, quick="few cells"), "was a quick one, which asks few cells"),
        (replace(RUN, narrowed_by=("--module", "--quick")), "was a quick one"),
    ],
)
def test_what_cannot_be_run_again_is_refused(
    run: Run, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "out" / "parity.jsonl", [run, ROW])
    assert published(tmp_path / "out", tmp_path / "to") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


def test_a_name_that_is_a_path_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "../elsewhere"]) == 2
    assert "NAME must be" in capsys.readouterr().err


@pytest.mark.parametrize("machine", MACHINES)
def test_published_pages_are_what_their_records_say(machine: str, tmp_path: Path) -> None:
    shutil.copytree(PUBLISHED / machine, tmp_path / machine)
    assert main(["report", "--out", str(tmp_path / machine)]) == 0
    pages = [*sorted((PUBLISHED / machine).glob("*.md")), PUBLISHED / machine / "index.html"]
    assert pages
    for page in pages:
        assert (tmp_path / machine / page.name).read_bytes() == page.read_bytes(), page


@pytest.mark.parametrize("machine", MACHINES)
def test_a_published_page_without_failures_is_short(machine: str) -> None:
    assert len((PUBLISHED / machine / "parity.md").read_bytes()) <= 60_000


def test_a_sweep_is_kept_in_few_chunks_that_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parity.sweep.command.CHUNK", 5)
    monkeypatch.setattr("reports.sweep.coarser.MOST", 3)
    out, to = tmp_path / "out", tmp_path / "to"
    words = ["--module", "LeakyReLU,Linear", "--subject", str(RARE), "--cases", "56", "--jobs", "1"]
    assert main(["sweep", *words, "--out", str(out)]) == 1
    run, *others = read(out / "sweep.jsonl")
    write(out / "sweep.jsonl", [run | {"commit": "abc"}, *others])  # the library's own, which may have changes
    assert published(out, to) == 0
    before, after = (Sweep.of(read(folder / "sweep.jsonl")) for folder in (out, to / "some-machine"))
    assert [cost.cells for cost in after.costs.values()] == [20, 20, 16]
    assert not after.unfinished
    for name in ("counts", "errors", "largest", "met", "pairs", "causes", "not_kept", "lacking"):
        assert getattr(before, name) == getattr(after, name), name
    assert sum(cost.cpu_seconds for cost in before.costs.values()) == pytest.approx(
        sum(cost.cpu_seconds for cost in after.costs.values())
    )
    assert "data:image/svg+xml;base64," in (to / "some-machine" / "index.html").read_text(encoding="utf-8")


def test_a_sweep_that_lacks_chunks_still_lacks_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADPARITY_COMMIT", "abc")
    monkeypatch.setattr("parity.sweep.command.CHUNK", 5)
    monkeypatch.setattr("reports.sweep.coarser.MOST", 3)
    out = tmp_path / "out"
    assert main(["sweep", "--module", "Linear", "--cases", "40", "--jobs", "1", "--out", str(out)]) == 0
    few = [record for record in read(out / "sweep.jsonl") if record.get("number") != 4]
    write(out / "sweep.jsonl", few)
    assert [one.number for one in coarser(out / "sweep.jsonl") if isinstance(one, SweepChunk)] == []
    assert "1 chunk of what was asked for" in Sweep.of(map(plain, coarser(out / "sweep.jsonl"))).unfinished
