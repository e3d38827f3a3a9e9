"""What a service that runs checks is shown of a timing run."""

from dataclasses import replace
from pathlib import Path

from reports.ci import job_summary, times_summary
from reports.sources import gathered

PUBLISHED = Path(__file__).parents[2] / "reports/published/amd-epyc-2-cores/perf.json"


def test_it_has_the_verdicts_a_ratio_a_group_and_the_slowest_rows() -> None:
    timed = gathered(PUBLISHED)
    said = times_summary.render(timed)
    faster = sum(row.verdict == "FASTER" for row in timed.findings)
    assert said.startswith(f"## Times beside torch.nn: framework\n\n{len(timed.findings)} rows: {faster} ▲ FASTER")
    groups, slowest = said.split("The slowest rows:")
    assert groups.count("\n| papers") == 3
    rows = [line for line in slowest.splitlines() if line.startswith("|")][2:]
    ratios = [float(line.split("|")[2].split("[")[0]) for line in rows]
    worst = max(row.time.ratio for row in timed.findings if row.time)
    assert len(rows) == 10
    assert ratios == sorted(ratios, reverse=True)
    assert abs(ratios[0] - worst) < 1e-3


def test_it_is_at_most_ten_kilobytes_and_no_word_breaks_its_table() -> None:
    timed = gathered(PUBLISHED)
    evil = [replace(row, module="a|<b>`\n" * 90) for row in timed.findings]
    said = times_summary.render(replace(timed, findings=evil * 20))
    assert len(said.encode()) <= 10_000
    rows = [line for line in said.split("The slowest rows:")[1].splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {4}


def test_a_summary_is_appended_and_a_folder_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "new" / "step.md"
    assert job_summary.append(file, "a\n") == job_summary.append(file, "b\n") == ""
    assert file.read_text(encoding="utf-8") == "a\nb\n"
    assert job_summary.append(tmp_path, "a").startswith("the summary could not be written: ")
