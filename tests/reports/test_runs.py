"""Runs beside one another: each in a folder of its own, and in front the last one that is not less than another."""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from reports.html import index
from reports.lines import read
from reports.reading import gather
from reports.record import Run, line, write
from reports.running import RunningFile, finish
from reports.runs import Extent, RunFolder, claimed, extent, show
from reports.runs.folder import KEPT, KEPT_SECONDS
from tests.reports.damage import files
from tests.reports.test_index import Reader
from tests.reports.test_parity_page import BAD, GOOD, RUN

KIND, NOW = "parity.jsonl", datetime(2026, 1, 1, tzinfo=UTC)
WHOLE, PART = RUN, replace(RUN, narrowed_by=("--module",))
STOPPED = replace(RUN, complete=False)


def ended(out: Path, header: Run, *records: Any, started: datetime = NOW) -> RunFolder:
    """Leave what a run leaves that has come to its end."""
    folder, every = claimed(out, "s", started), [header, *records]
    write(folder.own / KIND, every)
    gathered = gather(map(asdict, every))
    finish(folder.own / KIND, gathered)
    show(folder, KIND, gathered)
    return folder


def shown(out: Path) -> list[dict[str, Any]]:
    """Return the records in front, where the pages must be of these very ones."""
    before = [(out / name).read_bytes() for name in ("parity.md", "index.html")]
    main(["report", "--out", str(out)])
    assert [(out / name).read_bytes() for name in ("parity.md", "index.html")] == before
    return [record for record in read(out / KIND) if record["kind"] == "parity"]


@pytest.mark.parametrize(
    ("first", "second", "replaces"),
    [
        (WHOLE, WHOLE, True),
        (WHOLE, PART, False),
        (WHOLE, STOPPED, False),
        (PART, WHOLE, True),
        (PART, PART, True),
        (PART, STOPPED, False),
        (STOPPED, STOPPED, True),
        (STOPPED, PART, True),
    ],
)
def test_a_run_is_shown_unless_there_is_more(tmp_path: Path, first: Run, second: Run, replaces: bool) -> None:
    before, after = ended(tmp_path, first, GOOD), ended(tmp_path, second, GOOD, BAD)
    assert len(shown(tmp_path)) == (2 if replaces else 1)
    assert len(list(read(before.own / KIND))) == 2
    assert len(list(read(after.own / KIND))) == 3
    assert "FAIL" in (after.own / "parity.md").read_text(encoding="utf-8") or second is STOPPED


def test_a_file_of_before_there_were_parts_is_that_of_a_whole_run(tmp_path: Path) -> None:
    old = {name: value for name, value in asdict(WHOLE).items() if name != "narrowed_by"}
    write(tmp_path / KIND, [old, GOOD])
    assert extent(tmp_path / KIND) is Extent.WHOLE
    assert main(["report", "--out", str(tmp_path)]) == 0
    ended(tmp_path, PART, GOOD, BAD)
    assert len(shown(tmp_path)) == 1


@pytest.mark.parametrize("words", ["", "nonsense", "[]", '{"kind": "run", "schema": 1}', '{"kind": "x", "schema": 1}'])
def test_a_file_that_is_of_no_run_is_replaced(tmp_path: Path, words: str) -> None:
    (tmp_path / KIND).write_text(words, encoding="utf-8")
    assert extent(tmp_path / KIND) is Extent.NOTHING
    ended(tmp_path, PART, GOOD)
    assert len(shown(tmp_path)) == 1


def test_the_front_of_a_finished_run_needs_no_other_folder(tmp_path: Path) -> None:
    ended(tmp_path, WHOLE, GOOD)
    shutil.rmtree(tmp_path / "runs")
    assert len(shown(tmp_path)) == 1
    ended(tmp_path, WHOLE, GOOD, BAD)
    assert len(shown(tmp_path)) == 2


def test_where_a_file_has_one_name_alone_the_front_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    folder = ended(tmp_path, WHOLE, GOOD)
    assert (tmp_path / KIND).read_bytes() == (folder.own / KIND).read_bytes()
    assert not (tmp_path / KIND).samefile(folder.own / KIND)


def test_the_report_tells_of_a_later_run_that_was_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    earlier, _ = ended(tmp_path, STOPPED, GOOD), ended(tmp_path, WHOLE, GOOD)
    os.utime(earlier.own / KIND, (1, 1))
    assert main(["report", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""
    later = ended(tmp_path, STOPPED, GOOD)
    os.utime(later.own / KIND, (time.time() + 9,) * 2)
    assert main(["report", "--out", str(tmp_path)]) == 0
    (said,) = capsys.readouterr().err.splitlines()
    assert said == f"report: a later run goes on or was stopped, and is not shown: {later.own}"
    assert main(["report", "--out", str(later.own)]) == 1


def test_when_a_run_ends_the_link_to_its_records_becomes_a_file(tmp_path: Path) -> None:
    running, every = RunningFile(claimed(tmp_path, "s", NOW), KIND, [STOPPED], gather), [STOPPED, GOOD]
    running.add([line(GOOD)])
    assert (tmp_path / KIND).is_symlink()
    write(running.path, every)
    show(running.folder, KIND, gather(map(asdict, every)))
    assert not (tmp_path / KIND).is_symlink()
    assert (tmp_path / KIND).samefile(running.path)
    show(running.folder, KIND, gather(map(asdict, every)))
    assert not list(tmp_path.glob("*.partial"))


def test_two_runs_at_once_mix_nothing(tmp_path: Path) -> None:
    one, two = (RunningFile(claimed(tmp_path, "s", NOW), KIND, [STOPPED], gather) for _ in range(2))
    assert one.path.parent != two.path.parent
    for _ in range(3):
        one.add([line(GOOD)])
        two.add([line(BAD)])
    for running, wanted in ((one, GOOD), (two, BAD)):
        records = [record for record in read(running.path) if record["kind"] == "parity"]
        assert [record["module"] for record in records] == [wanted.module] * 3
    assert (tmp_path / KIND).samefile(two.path)


def test_what_else_lies_in_front_is_on_the_page_of_a_run_that_is_shown(tmp_path: Path) -> None:
    files(tmp_path)
    (tmp_path / KIND).unlink()
    folder = ended(tmp_path, WHOLE, GOOD)
    assert len(shown(tmp_path)) == 1
    assert "torch.compile" in Reader((tmp_path / "index.html").read_text(encoding="utf-8")).words
    assert "torch.compile" not in Reader((folder.own / "index.html").read_text(encoding="utf-8")).words


def scripts(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(name, encoding="utf-8")


def test_scripts_in_front_are_those_of_the_run_that_is_shown_and_others_files_stay(tmp_path: Path) -> None:
    mine = tmp_path / "minimal" / "mine.py"
    scripts(mine.parent, mine.name)
    folder = claimed(tmp_path, "s", NOW)
    scripts(folder.own / "minimal", ".run", "A-dx.py", ".A-dx.json")
    write(folder.own / KIND, [WHOLE, BAD])
    finish(folder.own / KIND, gather(map(asdict, [WHOLE, BAD])))
    show(folder, KIND, gather(map(asdict, [WHOLE, BAD])))
    assert {path.name for path in mine.parent.glob("*.py")} == {"mine.py", "A-dx.py"}
    mine.rename(tmp_path / "mine.py")  # beside the notes of a run, scripts are the run's
    ended(tmp_path, WHOLE, GOOD)
    assert not list(mine.parent.glob("*.py"))
    assert (tmp_path / "mine.py").read_text(encoding="utf-8") == "mine.py"


def test_of_old_runs_the_latest_stay_whole_ones_and_others(tmp_path: Path) -> None:
    aged = [
        ended(tmp_path, header, GOOD, started=NOW + timedelta(seconds=2 * place + second))
        for place in range(KEPT + 2)
        for second, header in enumerate((WHOLE, PART))
    ]
    for place, folder in enumerate(aged):
        written = time.time() - KEPT_SECONDS - 1000 + place
        os.utime(folder.own / KIND, (written, written))
    claimed(tmp_path, "t", NOW)
    assert all(folder.own.exists() for folder in aged)
    claimed(tmp_path, "s", NOW + timedelta(days=1))
    assert [folder.own.exists() for folder in aged] == [False] * 4 + [True] * 2 * KEPT
    assert len(shown(tmp_path)) == 1


def test_a_folder_without_records_yet_stays(tmp_path: Path) -> None:
    for _ in range(KEPT + 1):
        ended(tmp_path, PART, GOOD)
    first = claimed(tmp_path, "s", NOW)
    assert claimed(tmp_path, "s", NOW).own != first.own  # as it would be, were the first one gone
    assert first.own.is_dir()


def test_a_run_of_today_stays(tmp_path: Path) -> None:
    young: Sequence[RunFolder] = [ended(tmp_path, PART, GOOD) for _ in range(KEPT + 5)]
    claimed(tmp_path, "s", NOW)
    assert all(folder.own.exists() for folder in young)


@pytest.mark.parametrize("subject", ["../../x", "a/b", "", ".", "a b|c", "x" * 999, "é"])
def test_a_subject_of_any_name_has_a_folder_below_that_of_runs(tmp_path: Path, subject: str) -> None:
    folder = claimed(tmp_path, subject, NOW)
    assert folder.own.resolve().parents[1] == tmp_path.resolve() / "runs"


def test_while_a_run_goes_on_its_page_says_so_and_that_of_the_run_before_stays(tmp_path: Path) -> None:
    path, front = tmp_path / "parity.jsonl", tmp_path / "index.html"
    write(path, [RUN, GOOD])
    before = index.write(tmp_path).read_bytes()
    running = RunningFile(claimed(tmp_path, "s", NOW), "parity.jsonl", [replace(RUN, complete=False)], gather)
    running.add([line(GOOD)])
    meanwhile = Reader((running.path.with_name("index.html")).read_text(encoding="utf-8")).words
    assert "INCOMPLETE: a run has begun and not ended" in meanwhile
    assert "compared quantities" not in meanwhile
    assert front.read_bytes() == before


def test_where_no_run_was_finished_the_front_says_that_one_goes_on(tmp_path: Path) -> None:
    running = RunningFile(claimed(tmp_path, "s", NOW), "parity.jsonl", [replace(RUN, complete=False)], gather)
    assert not (tmp_path / "index.html").exists()
    running.add([line(GOOD)])
    front = Reader((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert "INCOMPLETE: a run has begun and not ended" in front.words
    assert (tmp_path / "parity.jsonl").read_bytes() == running.path.read_bytes()


def test_a_run_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    running = RunningFile(claimed(tmp_path, "s", NOW), "parity.jsonl", [replace(RUN, complete=False)], gather)
    running.forget()
    assert not list(tmp_path.iterdir())


def test_a_run_whose_pages_cannot_be_written_leaves_those_of_the_run_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "parity.jsonl", [RUN, GOOD])
    main(["report", "--out", str(tmp_path)])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        RunningFile(claimed(tmp_path, "s", NOW), "parity.jsonl", [RUN], gather)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
