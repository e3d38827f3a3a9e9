"""Parts of a run joined: what comes of them, and what is refused because it would mislead."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from reports.lines import read
from reports.perf import reading as perf_reading
from reports.record import Parity, Run, write
from tests.perf.test_page import document, finding
from tests.reports.damage import files
from tests.reports.test_parity_page import BAD, GOOD, RUN

CPU = replace(RUN, ends=True, catalogue=("Conv2d", "Linear"), not_run=("common", "Linear left out"), command="cpu")
GPU = replace(
    CPU, machine={"cores": "2", "gpu": "H"}, not_run=("common", "Conv2d left out"), command="gpu", started="2"
)
LINEAR = replace(GOOD, module="Linear")


def put(folder: Path, run: Run, *records: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "parity.jsonl", [run, *records])
    return folder


def merged(tmp_path: Path, *parts: Path, words: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    assert main(["merge", *map(str, parts), "--out", str(tmp_path / "out"), *words]) == 0
    return list(read(tmp_path / "out" / "parity.jsonl"))


def test_parts_of_two_machines_become_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = replace(GPU, started="2026-01-01T01:00:00Z")
    a, b = put(tmp_path / "a", later, GOOD), put(tmp_path / "b", CPU, LINEAR, replace(GOOD, device="cuda"))
    head, *records = merged(tmp_path, a, b)
    assert "2 parts joined: 2 modules" in capsys.readouterr().out
    assert [(one["module"], one["device"]) for one in records] == [
        ("Conv2d", "cpu"),
        ("Linear", "cpu"),
        ("Conv2d", "cuda"),
    ]
    assert head["machine"] == {"cores": "2", "gpu": "H"}
    assert head["started"] == RUN.started
    assert head["not_run"] == ["common", "by 'gpu': Conv2d left out", "by 'cpu': Linear left out"]
    assert head["command"].startswith("python -m parity merge ")
    assert "All 3 compared quantities of 2 modules pass." in (tmp_path / "out" / "parity.md").read_text(
        encoding="utf-8"
    )
    assert (tmp_path / "out" / "index.html").is_file()
    assert main(["report", "--out", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize(
    ("second_device", "first", "second", "narrowed"),
    [
        ("cuda", (), ("--device",), []),
        ("cuda", ("--device",), ("--device",), []),
        ("cuda", (), ("--case", "--device"), ["--case", "--device"]),
        ("cpu", ("--device",), ("--device",), ["--device"]),
    ],
)
def test_all_devices_make_a_whole(
    tmp_path: Path, second_device: str, first: tuple[str, ...], second: tuple[str, ...], narrowed: list[str]
) -> None:
    a = put(tmp_path / "a", replace(CPU, narrowed_by=first), GOOD)
    b = put(tmp_path / "b", replace(GPU, narrowed_by=second), replace(LINEAR, device=second_device))
    assert merged(tmp_path, a, b)[0]["narrowed_by"] == narrowed


def test_files_are_parts_as_folders_are_and_their_order_tells_nothing(tmp_path: Path) -> None:
    a, b = put(tmp_path / "a", CPU, GOOD), put(tmp_path / "b", CPU, LINEAR)
    assert len(merged(tmp_path, b / "parity.jsonl", a)) == 3


@pytest.mark.parametrize(
    ("first", "second", "narrowed", "without"),
    [
        ((), (), [], []),
        (("--module",), ("--module",), [], []),
        (("--module",), (), [], []),
        ((), ("-k",), ["-k"], []),
        (("--case", "--module"), ("--case", "--module"), ["--case"], []),
        (("--case", "--module"), ("--module",), ["--case", "--module"], []),
        (("--module", "left"), ("--module",), ["--module"], ["left"]),
    ],
)
def test_modules_of_all_parts_make_a_whole_and_other_words_do_not(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], narrowed: list[str], without: list[str]
) -> None:
    left = tuple(word for word in first if word == "left")
    runs = [
        replace(
            CPU,
            narrowed_by=tuple(word for word in words if word != "left"),
            without=(*left, other) if "--module" in words else (),
        )
        for words, other in ((first, "Linear"), (second, "Conv2d"))
    ]
    a, b = put(tmp_path / "a", runs[0], GOOD), put(tmp_path / "b", runs[1], LINEAR)
    head = merged(tmp_path, a, b)[0]
    assert (head["narrowed_by"], head["without"]) == (narrowed, without)


def test_a_quick_part_makes_a_quick_run(tmp_path: Path) -> None:
    a = put(tmp_path / "a", replace(CPU, narrowed_by=("--module",)), GOOD)
    b = put(tmp_path / "b", replace(CPU, narrowed_by=("--module", "--quick"), quick="few cells"), LINEAR)
    for number, parts in enumerate(((a, b), (b, a))):
        head, *_ = merged(tmp_path / str(number), *parts)
        assert head["quick"] == "few cells"
        assert head["narrowed_by"] == ["--module", "--quick"]


def test_some_modules_on_one_device_and_the_rest_on_another_are_no_whole(tmp_path: Path) -> None:
    narrowed = ("--device", "--module")
    a = put(tmp_path / "a", replace(CPU, narrowed_by=narrowed, without=("Linear",)), GOOD)
    b = put(tmp_path / "b", replace(GPU, narrowed_by=narrowed, without=("Conv2d",)), replace(LINEAR, device="cuda"))
    head, *_ = merged(tmp_path, a, b)
    assert head["narrowed_by"] == list(narrowed)


def test_what_two_parts_say_alike_is_said_once(tmp_path: Path) -> None:
    a = put(tmp_path / "a", CPU, GOOD, replace(GOOD, elements=7), replace(BAD, script="here.py"))
    b = put(tmp_path / "b", CPU, replace(GOOD, elements=7), GOOD, replace(BAD, script="there.py"), LINEAR)
    assert [one["module"] for one in merged(tmp_path, a, b)[1:]] == ["Conv2d"] * 3 + ["Linear"]


def test_what_lies_beside_the_records_comes_along(tmp_path: Path) -> None:
    a, b = put(tmp_path / "a", CPU, GOOD), put(tmp_path / "b", CPU, LINEAR)
    (a / "perf.json").write_text(json.dumps(document([finding()])), encoding="utf-8")
    (b / "minimal").mkdir()
    (b / "minimal" / "Linear-dx.py").write_text("x", encoding="utf-8")
    merged(tmp_path, a, b)
    assert (tmp_path / "out" / "minimal" / "Linear-dx.py").read_text(encoding="utf-8") == "x"
    assert (tmp_path / "out" / "perf.md").is_file()


@pytest.mark.parametrize(
    ("run", "record", "words"),
    [
        (replace(CPU, subject="x"), replace(LINEAR, subject="x"), "is of framework, "),
        (replace(CPU, commit="other"), LINEAR, "commit of the library: abc123 in the one, other in the other"),
        (replace(CPU, suite="other"), LINEAR, "commit of the suite"),
        (replace(CPU, pages=("/theirs/pages.py",)), LINEAR, "files of pages: none in the one, pages.py in the other"),
        (
            replace(CPU, versions={"torch": "3"}),
            LINEAR,
            "version of torch: 2.11 in the one, 3 in the other; --allow",
        ),
        (replace(CPU, seed=8), LINEAR, "differ in their seed"),
        (replace(CPU, settings={"tf32": "allowed"}), LINEAR, "TF32 setting"),
        (replace(CPU, fail_on=("numbers",)), LINEAR, "aspects that fail a run"),
        (replace(CPU, complete=False), LINEAR, "the run was not finished"),
        (CPU, replace(GOOD, subject_error=0.6), "both hold Conv2d, case stride 2, check values, dweight"),
        (CPU, replace(GOOD, verdict="fail"), "with other figures: each cell may be measured once"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_what_would_mislead_is_refused_in_one_sentence(
    tmp_path: Path, run: Run, record: Parity, words: str, swapped: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [str(put(tmp_path / "a", CPU, GOOD)), str(put(tmp_path / "b", run, record))]
    assert main(["merge", *(reversed(parts) if swapped else parts), "--out", str(tmp_path / "out")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert words.partition(":")[0].removesuffix("framework, ") in said
    assert swapped or words in said
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_what_is_allowed_is_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dirty = replace(CPU, commit="abc123+", versions={"torch": "2.11+cu128"})
    a, b = put(tmp_path / "a", dirty, GOOD), put(tmp_path / "b", dirty, LINEAR)
    assert main(["merge", str(a), str(b), "--out", str(tmp_path / "out")]) == 2
    assert "that were not committed (abc123+)" in capsys.readouterr().err
    merged(tmp_path, a, b, words=("--allow", "uncommitted"))


def test_builds_of_one_version_of_torch_go_together_and_two_versions_if_allowed(tmp_path: Path) -> None:
    a = put(tmp_path / "a", replace(CPU, versions={"torch": "2.13.0+cpu"}), GOOD)
    b = put(tmp_path / "b", replace(CPU, versions={"torch": "2.13.0+cu128"}), LINEAR)
    c = put(tmp_path / "c", replace(CPU, versions={"torch": "2.14.0"}), replace(GOOD, module="Tanh"))
    assert main(["merge", str(a), str(b), str(c), "--out", str(tmp_path / "out")]) == 2
    head, *_ = merged(tmp_path, a, b, c, words=("--allow", "torch"))
    assert head["versions"] == {"torch": "2.13.0+cpu and 2.13.0+cu128 and 2.14.0"}


def harmed(tmp_path: Path, what: str) -> Path:
    folder = put(tmp_path / "b", CPU, LINEAR)
    path = folder / "parity.jsonl"
    text = path.read_bytes()
    if what == "absent":
        return tmp_path / "absent"
    if what == "no records":
        path.unlink()
    elif what == "papers":
        return files(tmp_path / "others")[1]
    else:
        path.write_bytes({"empty": b"", "cut": text[:-30], "lines": text + b"[]\n"}[what])
    return folder


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("absent", "there is no file and no folder"),
        ("no records", "holds no parity.jsonl"),
        ("papers", "holds no record of a compared quantity"),
        ("empty", "is empty"),
        ("cut", "the run was not finished: the file is cut off in the middle of line 3"),
        ("lines", "line 4: not a record"),
    ],
)
def test_a_part_that_is_none_is_told(tmp_path: Path, what: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [str(put(tmp_path / "a", CPU, GOOD)), str(harmed(tmp_path, what))]
    assert main(["merge", *parts, "--out", str(tmp_path / "out")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert words in said
    assert not (tmp_path / "out").exists()


def timed(folder: Path, *rows: dict[str, Any], run: dict[str, Any] | None = None, **ours: Any) -> Path:
    put(folder, CPU, replace(GOOD, module=folder.name))
    made = document(list(rows), **ours)
    made["gradparity"]["run"] |= run or {}
    (folder / "perf.json").write_text(json.dumps(made), encoding="utf-8")
    return folder


def test_times_of_shards_and_of_devices_become_one_file(tmp_path: Path) -> None:
    reached = {"bytes_per_second": {"1": 1.0}, "flops_per_second": 1.0}
    a = timed(tmp_path / "a", finding(), ceilings={"cpu": reached})
    b = timed(tmp_path / "b", finding(module="Tanh"), ceilings={"cpu": reached})
    gpu = {"machine": {"gpu": "H"}}
    c = timed(tmp_path / "c", finding(device="cuda"), run=gpu, ceilings={"cuda": reached})
    merged(tmp_path, a, b, c)
    joined = perf_reading.gather(json.loads((tmp_path / "out" / "perf.json").read_text(encoding="utf-8")))
    assert [(row.module, row.device) for row in joined.findings] == [("ReLU", "cpu"), ("Tanh", "cpu"), ("ReLU", "cuda")]
    assert (joined.rows, sorted(joined.ceilings)) == (3, ["cpu", "cuda"])
    assert joined.run.machine == {"processor": "any", "gpu": "H"}
    page = (tmp_path / "out" / "perf.md").read_text(encoding="utf-8")
    assert "INCOMPLETE" not in page
    assert (tmp_path / "out" / "figures" / "perf.svg").is_file()


@pytest.mark.parametrize(
    ("row", "other", "words"),
    [
        ({}, {}, "both hold the row ReLU papers forward cpu"),
        ({"module": "Tanh"}, {"run": {"machine": {"processor": "b"}}}, "hold times on cpu, of two machines"),
        ({"module": "Tanh"}, {"gate": 1.5}, "were held to two gates, None and 1.5"),
        ({"module": "Tanh"}, {"run": {"commit": "b"}}, "differ in their commit of the library"),
        ({"module": "Tanh"}, {"run": {"subject": "b"}}, "is of ours, "),
        ({"module": "Tanh"}, {"rows": 9}, "the run was not finished: 1 of 9 rows"),
    ],
)
def test_times_that_would_mislead_are_refused(
    tmp_path: Path, row: dict[str, Any], other: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [timed(tmp_path / "a", finding()), timed(tmp_path / "b", finding(**row), **other)]
    assert main(["merge", *map(str, parts), "--out", str(tmp_path / "out")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert words in said
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_two_files_of_papers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [put(tmp_path / "a", CPU, GOOD), put(tmp_path / "b", CPU, LINEAR)]
    for folder in parts:
        files(tmp_path / "others")[1].rename(folder / "papers.jsonl")
    assert main(["merge", *map(str, parts), "--out", str(tmp_path / "out")]) == 2
    assert "both hold papers.jsonl" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    ["{a}", "{a} {a}", "{a} {a}/parity.jsonl", "{a} {b} --allow all", "{a} {b} --out {a}", "{a} {b} --alow torch"],
)
def test_words_that_mean_nothing_change_nothing(tmp_path: Path, words: str) -> None:
    a, b = put(tmp_path / "a", CPU, GOOD), put(tmp_path / "b", CPU, LINEAR)
    before = (a / "parity.jsonl").read_bytes()
    asked = words.format(a=a, b=b).split()
    assert main(["merge", "--out", str(tmp_path / "out"), *asked]) == 2
    assert (a / "parity.jsonl").read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_page_that_cannot_be_made_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = put(tmp_path / "a", CPU, GOOD), put(tmp_path / "b", CPU, LINEAR)
    (a / "perf.json").write_text("{}", encoding="utf-8")
    assert main(["merge", str(a), str(b), "--out", str(tmp_path / "out")]) == 2
    assert "not a file of this timing harness" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
