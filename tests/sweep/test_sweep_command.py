"""The sweep as its user meets it: nothing that was finished is lost, nothing is counted twice, words are looked at."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from parity.__main__ import main
from parity.subjects import load
from parity.subjects.contract import Unsupported
from parity.subjects.framework import FrameworkSubject
from parity.sweep import chunk, command
from parity.sweep.chunk import Errand, done
from parity.sweep.scheduling import Done
from reports.lines import read
from reports.record import Run

WORDS = ("--module", "LeakyReLU,Linear", "--cases", "70")
OF_TIME = ("seconds", "cpu_seconds", "megabytes", "kind")
RARE = str(Path(__file__).with_name("rare.py"))


def one_by_one(errand: Errand, numbers: Iterable[int], _: int) -> Iterator[Done]:
    """Do chunks in this process."""
    for number in numbers:
        yield number, done(errand, number)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADPARITY_COMMIT", "abc")  # as if all were committed
    monkeypatch.setattr(command, "CHUNK", 20)
    monkeypatch.setattr(command, "locally", one_by_one)


def chunks(folder: Path) -> list[dict[str, Any]]:
    """Return what the chunks of the front say, without what they cost."""
    records = [record for record in read(folder / "sweep.jsonl") if record["kind"] == "sweep-chunk"]
    return [{name: value for name, value in record.items() if name not in OF_TIME} for record in records]


def sweep(folder: Path, *words: str) -> int:
    return main(["sweep", *WORDS, "--out", str(folder), *words])


def stopped_after(count: int, error: type[BaseException]) -> Callable[..., Iterator[Done]]:
    """Return a way to do chunks that is cut short after some."""

    def cut(errand: Errand, numbers: Iterable[int], _: int) -> Iterator[Done]:
        for at, number in enumerate(numbers):
            if at == count:
                raise error
            yield number, done(errand, number)

    return cut


def test_a_sweep_of_what_is_right_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep(tmp_path) == 0
    said = capsys.readouterr().out
    assert "No configuration is wrong of 70 compared, in 2 modules: 0 %, 0 to 5.13 %." in said
    assert [one["number"] for one in chunks(tmp_path)] == [0, 1, 2, 3]
    page = (tmp_path / "sweep.md").read_text(encoding="utf-8")
    assert "Nothing failed." in page
    assert "figures/sweep.svg" in page
    assert (tmp_path / "figures" / "sweep.svg").is_file()
    assert "Configurations that nobody chose" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert main(["report", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "sweep.md").read_text(encoding="utf-8") == page


def test_a_fault_is_told_with_its_cause_and_the_command_that_asks_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--subject", RARE, "--module", "LeakyReLU", "--cases", "60", "--out", str(tmp_path))
    assert main(["sweep", *words]) == 1
    said = capsys.readouterr().out
    assert "smallest case: python " in said
    page = (tmp_path / "sweep.md").read_text(encoding="utf-8")
    again = page.split("`python -m parity ")[1].split("`")[0]
    assert again.startswith("sweep --subject ")
    assert main(again.split()) == 1
    said = capsys.readouterr().out
    assert "dx: fail" in said
    assert list(tmp_path.glob("runs/*/*/minimal/LeakyReLU-*.py"))


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_was_cut_short_goes_on_and_gives_what_an_undisturbed_sweep_gives(
    tmp_path: Path, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sweep(tmp_path / "whole") == 0
    with monkeypatch.context() as cut:
        cut.setattr(command, "locally", stopped_after(2, error))
        assert sweep(tmp_path / "cut") == (130 if error is KeyboardInterrupt else 2)
    assert len(chunks(tmp_path / "cut")) == 2
    assert "INCOMPLETE" in (tmp_path / "cut" / "sweep.md").read_text(encoding="utf-8")
    asked: list[int] = []
    monkeypatch.setattr(command, "locally", lambda errand, left, _: one_by_one(errand, asked.extend(left) or asked, 1))
    assert sweep(tmp_path / "cut", "--resume") == 0
    assert asked == [2, 3]
    assert chunks(tmp_path / "cut") == chunks(tmp_path / "whole")


def test_a_time_that_is_over_is_said_and_the_rest_is_left_to_go_on_with(tmp_path: Path) -> None:
    assert sweep(tmp_path, "--minutes", "0.000001") == 0
    assert len(chunks(tmp_path)) == 1
    page = (tmp_path / "sweep.md").read_text(encoding="utf-8")
    assert "3 chunks, because 1e-06 minutes were over; --resume goes on" in page
    assert "INCOMPLETE" not in page
    assert sweep(tmp_path, "--resume") == 0
    assert len(chunks(tmp_path)) == 4


def test_a_sweep_goes_on_beyond_its_end_and_is_cut_to_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 70 configurations the last chunk is of 10, which in a sweep of 90 is of 20."""
    for count in ("70", "90", "40", "30"):
        assert sweep(tmp_path / count, "--cases", count) == 0
    asked: list[int] = []
    monkeypatch.setattr(command, "locally", lambda errand, left, _: one_by_one(errand, asked.extend(left) or left, 1))
    for count, new in (("90", [3, 4]), ("40", []), ("30", [1])):
        asked.clear()
        assert sweep(tmp_path / "70", "--cases", count, "--resume") == 0
        assert asked == new
        assert chunks(tmp_path / "70") == chunks(tmp_path / count)


def test_there_is_an_end_of_going_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep(tmp_path, "--minutes", "0.000001") == 0
    assert sweep(tmp_path, "--resume") == 0
    assert sweep(tmp_path, "--resume") == 2
    assert "--resume: nothing is left of" in capsys.readouterr().err


def test_changes_that_are_not_committed_are_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRADPARITY_COMMIT", "abc+")
    assert sweep(tmp_path, "--minutes", "0.000001") == 0
    assert sweep(tmp_path, "--resume") == 2
    assert "--resume: changes are not committed" in capsys.readouterr().err


def test_an_adapter_that_was_changed_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter = tmp_path / "adapter.py"
    adapter.write_text("from parity.subjects.framework import subject\n", encoding="utf-8")
    monkeypatch.setattr(command, "subject_of", lambda *_: load("framework"))
    monkeypatch.setattr(chunk, "prepared", lambda *_: load("framework"))
    assert sweep(tmp_path / "out", "--subject", str(adapter), "--minutes", "0.000001") == 0
    adapter.write_text("from parity.subjects.framework import subject  # mended\n", encoding="utf-8")
    assert sweep(tmp_path / "out", "--subject", str(adapter), "--resume") == 2
    assert "is of other code" in capsys.readouterr().err


def test_a_shard_that_is_missing_is_missed(tmp_path: Path) -> None:
    parts = [tmp_path / "1", tmp_path / "3"]
    for part in parts:
        assert sweep(part, "--shard", f"{part.name}/3") == 0
    assert main(["merge", *map(str, parts), "--out", str(tmp_path / "both")]) == 0
    assert "**INCOMPLETE**: 1 chunk" in (tmp_path / "both" / "sweep.md").read_text(encoding="utf-8")


def test_a_sweep_that_compared_nothing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "offers", lambda *_: True)
    monkeypatch.setattr(chunk, "prepared", lambda *_: Nothing())
    assert sweep(tmp_path) == 1
    assert "**Nothing was compared** in 70 configurations." in (tmp_path / "sweep.md").read_text(encoding="utf-8")


class Nothing:
    """It has nothing."""

    name = "nothing"
    explains = False

    def build(self, *_: object) -> object:
        raise Unsupported("it has nothing")


def test_the_scripts_of_another_run_stay(tmp_path: Path) -> None:
    (tmp_path / "minimal").mkdir()
    (tmp_path / "minimal" / "Conv2d-dx.py").write_text("pass\n", encoding="utf-8")
    assert main(["sweep", "--subject", RARE, "--module", "LeakyReLU", "--cases", "20", "--out", str(tmp_path)]) in (
        0,
        1,
    )
    assert (tmp_path / "minimal" / "Conv2d-dx.py").is_file()


def test_shards_make_what_the_whole_makes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [tmp_path / "1", tmp_path / "2"]
    for number, part in enumerate(parts, start=1):
        assert sweep(part, "--shard", f"{number}/2") == 0
    assert [one["number"] for one in chunks(parts[1])] == [1, 3]
    join = ["merge", *map(str, parts), "--out"]
    assert main([*join, str(tmp_path / "both")]) == 0
    assert sweep(tmp_path / "whole") == 0
    assert chunks(tmp_path / "both") == chunks(tmp_path / "whole")
    header = next(read(tmp_path / "both" / "sweep.jsonl"))
    assert header["narrowed_by"] == ["--cases", "--module"]
    capsys.readouterr()
    assert main(["merge", str(parts[0]), str(tmp_path / "whole"), "--out", str(tmp_path / "twice")]) == 2
    assert "both hold chunk 0: each may be there once" in capsys.readouterr().err
    assert sweep(tmp_path / "other", "--seed", "1") == 0
    assert main(["merge", str(parts[0]), str(tmp_path / "other"), "--out", str(tmp_path / "mixed")]) == 2
    assert not (tmp_path / "mixed").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--shard", "3"], "must be such as 3/8, was '3'"),
        (["--shard", "9/8"], "must be such as 3/8, was '9/8'"),
        (["--cases", "0"], "must be a whole number of at least 1, was '0'"),
        (["--module", "Linaer"], "did you mean Linear?"),
        (["--subject", "framwork"], "did you mean framework?"),
        (["--case", "3"], "did you mean --cases?"),
        (["--resume"], "has work left of these words"),
        (["--device", "cuda"], "--device cuda: torch sees no CUDA device on this machine"),
        (["--device", "gpu"], "did you mean cuda?"),
        (["--jobs", "none"], "must be a whole number of at least 1, was 'none'"),
        (["--only", "3", "--resume"], "--only asks one configuration, and --resume is of many"),
        (["--only", "3", "--minutes", "5"], "--only asks one configuration, and --minutes is of many"),
        (["--minutes", "-1"], "--minutes must be above 0, was -1"),
        (["--scheduler", "tcp://127.0.0.1:1"], "--scheduler must be the address of a scheduler of dask"),
    ],
)
def test_words_that_mean_nothing_are_told(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(tmp_path, *words) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_settings_of_a_repository_are_those_of_a_sweep_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given: list[int] = []
    monkeypatch.setattr(
        command, "locally", lambda errand, left, jobs: one_by_one(errand, left, given.append(jobs) or 1)
    )
    for value in ('"auto"', "3"):
        Path("gradparity.toml").write_text(f'jobs = {value}\ndevice = "auto"\nmodules = "Linear"\n', encoding="utf-8")
        assert main(["sweep", "--cases", "20", "--out", value.strip('"')]) == 0
    assert given == [os.cpu_count(), 3]


class Narrow(FrameworkSubject):
    """It has two dtypes."""

    name = "narrow"

    def build(self, module: str, options: Any, parameters: Any, device: torch.device, dtype: torch.dtype) -> Any:
        if dtype not in (torch.float32, torch.float64):
            raise Unsupported(f"narrow has no {dtype}")
        return super().build(module, options, parameters, device, dtype)


def test_a_dtype_that_the_subject_lacks_is_not_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "subject_of", lambda *_: Narrow())
    monkeypatch.setattr(chunk, "prepared", lambda *_: Narrow())
    assert sweep(tmp_path) == 0
    assert "not supported" not in capsys.readouterr().out
    assert {key.split()[1] for one in chunks(tmp_path) for key in one["counts"]} == {"float32", "float64"}
    page = (tmp_path / "sweep.md").read_text(encoding="utf-8")
    assert "bfloat16, float16: narrow does not offer them" in page


def test_a_sweep_of_other_code_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(tmp_path, "--minutes", "0.000001") == 0
    was = command.run_record
    monkeypatch.setattr(command, "run_record", lambda *given: Run(**(vars(was(*given)) | {"suite": "another"})))
    assert sweep(tmp_path, "--resume") == 2
    assert "is of other code, and its counts would not be of one subject" in capsys.readouterr().err
