"""The page and the figure of a timing run, from a file as the harness writes it."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.perf import figure as perf_figure
from reports.perf import page as perf_page
from reports.perf import reading as perf_reading
from reports.perf.columns import duration, size
from reports.perf.record import DeviceFigures, RowFinding, SideFigures, TimeRatio
from reports.perf.record import finding as read_finding


def finding(verdict: str = "LEVEL", ratio: float | None = 1.0, **other: Any) -> dict[str, Any]:
    of = RowFinding(
        module="ReLU",
        case="papers",
        mode="forward",
        device="cpu",
        threads=1,
        shape=(100, 3, 10, 10),
        verdict=verdict,
    )
    told = of.as_dict() | {"role": "subject"}
    if ratio is not None:
        told |= {"ratio": ratio, "low": ratio * 0.99, "high": ratio * 1.01, "rebuilds": 6}
        told |= {"subject_seconds": ratio * 4e-6, "reference_seconds": 4e-6}
    return told | other


def document(timed: list[dict[str, Any]], not_timed: list[dict[str, Any]] | None = None, **ours: Any) -> dict[str, Any]:
    run = {
        "subject": "ours", "seed": 0, "started": "2026-01-01T00:00:00+00:00", "command": "pytest perf", "commit": "abc",
        "machine": {"processor": "any"}, "versions": {"torch": "2"}, "settings": {"threads": "1"},
        "not_run": ["CUDA: none"], "complete": True, "schema": 1, "kind": "run",
    }  # fmt: skip
    block = {
        "run": run,
        "gate": None,
        "rows": len(timed),
        "ceilings": {},
        "not_timed": not_timed or [],
        "selftest": None,
    }
    return {"benchmarks": [{"extra_info": one} for one in timed], "gradparity": block | ours}


def test_a_row_carries_both_times_the_interval_and_the_verdict() -> None:
    page = perf_page.render([document([finding("SLOWER", 2.0, compile_ratio=0.5, compile_low=0.4, compile_high=0.6)])])
    row = next(line for line in page.splitlines() if line.startswith("| ReLU") and "SLOWER" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:7] == ["ReLU", "papers", "forward", "4.00 µs", "8.00 µs", "**2.000** [1.980, 2.020]", "▼ SLOWER"]
    assert cells[-1] == "0.50 [0.40, 0.60]"


def test_unclear_and_void_rows_are_counted_on_their_own() -> None:
    void = finding("VOID", None, module="Tanh", detail="dx: wrong | here")
    page = perf_page.render([document([finding(), finding("UNCLEAR", 1.05)], [void], rows=3)])
    assert "3 rows: 1 = LEVEL, 1 ? UNCLEAR, 1 ∅ VOID." in page
    assert r"Tanh papers forward: ∅ VOID, dx: wrong \| here" in page
    assert "CUDA: none" in page


def test_a_run_that_was_cut_short_says_so() -> None:
    assert "**INCOMPLETE**: 1 of 9 rows were measured." in perf_page.render([document([finding()], rows=9)])


def test_the_torch_half_of_a_row_is_not_a_row() -> None:
    assert "1 row:" in perf_page.render([document([finding(), finding() | {"role": "torch"}], rows=1)])


def test_the_grade_of_the_self_test_stands_on_top() -> None:
    told = {"grade": "B", "started": "2026-01-01", "results": {"false alarms": "0 of 420"}}
    page = perf_page.render([document([finding()], selftest=told)])
    assert page.index("**B**") < page.index("## In five seconds")
    assert "Self-test, false alarms: 0 of 420" in page


def test_table_three_sets_like_beside_like() -> None:
    tiny = finding(case="paper-004-tiny", ratio=1.5)
    page = perf_page.render([document([tiny, finding(), finding(mode="backward")])])
    section = page.split("## Table III of paper 004")[1].split("##")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ReLU")]
    assert len(rows) == 2
    assert "**1.50**" in rows[0]
    assert rows[0].rstrip(" |").endswith("3.96")


def test_half_widths_are_summed_up() -> None:
    page = perf_page.render([document([finding() | {"low": 0.9, "high": 1.1}, finding()])])
    assert "1 of 2 (50 %) are within 1.5 %" in page


@pytest.mark.parametrize("lacking", ["benchmarks", "gradparity"])
def test_a_file_of_another_kind_is_named(lacking: str) -> None:
    with pytest.raises(ValueError, match=f"not a file of this timing harness: KeyError '{lacking}'"):
        perf_page.render([{name: value for name, value in document([finding()]).items() if name != lacking}])


def test_a_finding_without_its_verdict_is_refused() -> None:
    broken = copy.deepcopy(document([finding()]))
    del broken["benchmarks"][0]["extra_info"]["verdict"]
    with pytest.raises(ValueError, match="a finding lacks verdict"):
        perf_page.render([broken])


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "perf.json").write_text("not json", encoding="utf-8")
    with pytest.raises(ValueError, match="not JSON"):
        list(perf_reading.read(tmp_path / "perf.json"))


def test_the_figure_is_the_same_for_the_same_file(tmp_path: Path) -> None:
    made = [document([finding("FASTER", 0.5), finding("SLOWER", 3.0), finding("UNCLEAR", 1.05)])]
    first, second = (perf_figure.draw(json.loads(json.dumps(made)), tmp_path / name) for name in "ab")
    assert [path.name for path in first] == ["perf.svg", "perf.png"]
    assert first[0].read_bytes() == second[0].read_bytes()
    assert "slower: all of the interval is above the gate" in first[0].read_text(encoding="utf-8")


def test_nothing_timed_has_no_figure(tmp_path: Path) -> None:
    assert perf_figure.draw([document([], [finding("VOID", None)])], tmp_path) == []


def test_a_finding_comes_back_from_its_flat_fields() -> None:
    ratio = TimeRatio(ratio=2.0, low=1.9, high=2.1)
    whole = RowFinding(
        module="ReLU",
        case="papers",
        mode="forward",
        device="cuda",
        threads=1,
        shape=(2, 3),
        verdict="SLOWER",
        rebuilds=6,
        time=ratio,
        subject=SideFigures(seconds=2.0, saved_bytes=1, peak_bytes=2, rate=3.0, share=0.5, host_seconds=4.0),
        reference=SideFigures(seconds=1.0, launch_seconds=5.0),
        unit="GB/s",
        compiled=replace(ratio, low=1.5),
        on_device=DeviceFigures(clock_mhz=1500.0, cold=replace(ratio, high=3.0)),
    )
    flat = json.loads(json.dumps(whole.as_dict()))
    assert (flat["ratio"], flat["compile_low"], flat["cold_high"]) == (2.0, 1.5, 3.0)
    assert (flat["subject_seconds"], flat["reference_launch_seconds"]) == (2.0, 5.0)
    assert read_finding(flat | {"a field of an older file": 1}) == whole
    assert read_finding(finding("VOID", None)).time is None


def test_what_other_tools_read_is_at_the_top_of_extra_info() -> None:
    names = "module case mode device threads ratio low high rebuilds verdict subject_seconds reference_seconds"
    assert set(names.split()) <= finding().keys()


def test_what_a_device_has_besides_stands_below_the_rows() -> None:
    told = finding(device="cuda", cold_ratio=1.2, cold_low=1.1, cold_high=1.3, clock_mhz=1500.0)
    page = perf_page.render([document([told | {"subject_host_seconds": 3e-6, "reference_launch_seconds": 2e-6}])])
    row = page.split("On the device besides.")[1].split("## ")[0].splitlines()[-2]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "ReLU (cuda)"
    assert cells[3:] == ["1.200 [1.100, 1.300]", "– / 3.00 µs", "2.00 µs / –", "1500 MHz"]
    assert "On the device besides" not in perf_page.render([document([finding()])])


def test_what_a_fresh_process_said_of_a_slow_row_stands_below_the_rows() -> None:
    page = perf_page.render([document([finding("SLOWER", 2.0, confirmed="in a fresh process 2.1")])])
    assert "- ReLU papers forward: in a fresh process 2.1" in page


def test_units() -> None:
    assert [duration(value) for value in (2.0, 3e-3, 4e-6, 5e-9)] == ["2.00 s", "3.00 ms", "4.00 µs", "5.00 ns"]
    assert [size(value) for value in (0, 100, 2048, 3 * 2**20)] == ["0 B", "100 B", "2.00 KiB", "3.00 MiB"]


def group(page: str, name: str) -> list[list[str]]:
    lines = page.split("## In groups")[1].split("## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row[1:] for row in rows if row[0] == name]


def test_a_group_has_one_mean_and_its_interval() -> None:
    quarter = {"low": 0.25 / 1.1, "high": 0.25 * 1.2}
    timed = [
        finding("FASTER", 0.25, **quarter),
        finding("SLOWER", 4.0, module="Tanh", low=4 / 1.1, high=4 * 1.2),
        finding("FASTER", 0.5, case="large"),
        finding("FASTER", 0.5, case="dense-mse", mode="step"),
        finding("LEVEL", 1.0, case="paper-004-tiny", threads=2),
        finding("VOID", 9.0, module="ELU"),
        finding("UNSUPPORTED", None, module="GLU"),
    ]
    page = perf_page.render([document(timed)])
    # of two rows that are known to a factor of 1.1 and 1.2 the mean is known to that to the power of 1 / sqrt(2)
    mean = f"1.000 [{1.1 ** -(2**-0.5):.3f}, {1.2 ** (2**-0.5):.3f}]"
    assert group(page, "papers") == [["forward", "cpu", "1", "2", mean, "4.000 [3.636, 4.800]"]]
    assert group(page, "practice")[0][3:5] == ["1", "0.500 [0.495, 0.505]"]
    assert group(page, "steps")[0][0] == "step"
    assert group(page, "tiny")[0][2] == "2"


def test_without_a_time_there_is_no_group() -> None:
    assert "No row was timed." in perf_page.render([document([finding("VOID", None)])]).split("## In groups")[1]
