import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from reports import render as command
from reports.parity.assessment import assessed
from reports.parity.page import render
from reports.parity.referee import speed as referee_speed
from reports.record import Parity, Run, write

RUN = Run(
    subject="mylib",
    seed=7,
    started="2026-01-01T00:00:00Z",
    command="make parity",
    commit="abc",
    machine={"cores": "2"},
    versions={"torch": "2"},
    settings={},
    source="mylib.py",
)
GOOD = Parity(
    subject="mylib",
    module="Linear",
    case="plain",
    check="values",
    quantity="dweight",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=7,
    verdict="pass",
    elements=54,
    subject_error=0.5,
    reference_error=0.75,
    limit=8.0,
)
BAD = replace(
    GOOD,
    module="ReLU",
    quantity="dx",
    verdict="fail",
    subject_error=812.0,
    detail="3 of 9",
    diagnosis="the sign is wrong",
)
CLAIM = replace(GOOD, check="refuses", quantity="integers", elements=0, subject_error=math.nan)
LACKING = replace(GOOD, module="GRU", verdict="unsupported", elements=0, detail="mylib has no GRU")


def letter(*records: Any) -> str:
    text = render([asdict(record) for record in records])
    return text.split("## The referee's report\n", 1)[1].split("\n## ", 1)[0]


def part(text: str, heading: str) -> str:
    return text.split(f"**{heading}.**", 1)[1].split("\n\n**", 1)[0]


def test_a_subject_of_the_suite_gets_no_letter() -> None:
    assert "referee" not in render([asdict(replace(RUN, source="")), asdict(GOOD)])


def test_the_letter_stands_before_everything() -> None:
    text = render([asdict(RUN), asdict(GOOD)])
    assert text.index("## The referee's report") < text.index("## In five seconds")


def test_the_summary_counts_values_and_claims_apart() -> None:
    said = part(letter(RUN, GOOD, BAD, CLAIM, replace(CLAIM, verdict="fail"), LACKING), "Summary")
    assert "2 of 3 modules were tested" in said
    assert "Of 2 outputs and gradients that were compared with the truth, 1 is wrong." in said
    assert "Of 2 claims about behaviour, 1 is broken." in said
    assert "No module is right. Right, but: Linear (refuses). Wrong: ReLU (dL/dX is wrong)." in said


def test_what_is_wrong_on_special_input_alone_says_so() -> None:
    said = letter(RUN, GOOD, replace(BAD, regime="not-finite"))
    assert "Wrong: ReLU (dL/dX is wrong on input of regime not-finite alone)" in said


def test_a_right_quantity_has_its_error_and_that_of_torch() -> None:
    said = part(letter(RUN, GOOD, replace(GOOD, case="b", verdict="same-route", subject_error=0.25)), "What is right")
    assert "**Linear**: dL/dW in float32: 2 comparisons, 1 of them in torch's very bits" in said
    assert "worst error 0.500 (torch.nn 0.750), where 8.00 is allowed" in said


def test_a_wrong_quantity_has_its_numbers_and_its_reason() -> None:
    said = part(letter(RUN, replace(BAD, verdict="pass", case="b"), BAD), "What is wrong, and why")
    assert "**ReLU, dL/dX** is wrong in 1 of 2 comparisons (case plain; regime normal; float32)" in said
    assert "At worst, in case plain (float32): 3 of 9. It looks like this: the sign is wrong." in said


def test_a_check_that_meets_a_wrong_quantity_is_named_with_it_and_not_again() -> None:
    met = replace(BAD, check="layouts", detail="strided x: 3 of 9")
    own = replace(CLAIM, module="ReLU", check="layouts", verdict="fail", quantity="dx", detail="in another layout",
                  subject_error=float("nan"))  # fmt: skip
    said = part(letter(RUN, BAD, met, own), "What is wrong, and why")
    assert "And so it fails 1 check: layouts, in 1 comparison." in said
    assert "strided x" not in said
    assert "**layouts** is broken: dx (ReLU): in another layout" in said


def test_a_quantity_wrong_somewhere_is_not_called_right() -> None:
    said = letter(RUN, BAD, replace(BAD, case="b", verdict="pass"), replace(BAD, quantity="output", verdict="pass"))
    assert part(said, "What is right") == " No module."
    assert "**ReLU**, what is right: output in float32: 1 comparison;" in part(said, "What is wrong, and why")


def test_broken_claims_are_told_once_with_their_modules() -> None:
    broken = replace(CLAIM, verdict="fail", detail="it was accepted")
    said = part(letter(RUN, broken, replace(broken, module="ReLU")), "What is wrong, and why")
    assert "- **refuses** is broken: integers (Linear, ReLU), 2 times: it was accepted" in said


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("error", "**Stopped** in values, ReLU (case plain; regime normal; float32): why"),
        ("void", "**Void**, 1 row of ReLU: why"),
    ],
)
def test_what_could_not_be_judged_is_told(verdict: str, word: str) -> None:
    said = letter(RUN, GOOD, replace(BAD, verdict=verdict, detail="why"))
    assert word in part(said, "What is wrong, and why")


def test_what_was_not_tested_is_named_with_its_reason() -> None:
    partly = replace(LACKING, module="Linear", detail="no bias=False")
    run = replace(RUN, not_run=("CUDA: there is none",))
    said = part(letter(run, GOOD, LACKING, partly), "What was not tested")
    assert "Not offered, 1 module: GRU." in said
    assert "Unsupported, 1 comparison of Linear: no bias=False." in said
    assert "Not run: CUDA: there is none." in said


def test_a_subject_of_which_nothing_ran_gets_one_sentence() -> None:
    assert "Nothing was compared" in letter(RUN, LACKING)


TIMES = {"module": "Linear", "case": "wide", "mode": "forward", "device": "cpu", "threads": 1, "verdict": "SLOWER"}
TIMES |= {"role": "subject", "ratio": 3.5, "low": 3.4, "high": 3.6}


def perf(folder: Path, subject: str) -> None:
    own = {"run": asdict(replace(RUN, subject=subject)), "gate": None, "rows": 1, "ceilings": {}, "not_timed": []}
    document = {"benchmarks": [{"extra_info": TIMES}], "gradparity": own | {"selftest": None}}
    (folder / "perf.json").write_text(json.dumps(document), encoding="utf-8")


def test_timings_of_this_subject_are_told_and_of_no_other(tmp_path: Path) -> None:
    records = [asdict(RUN), asdict(GOOD)]
    for subject, words in (("mylib", "wide forward 3.50 [3.40, 3.60]"), ("other", "make bench SUBJECT=mylib.py")):
        perf(tmp_path, subject)
        assert words in part(render(records, referee_speed.beside(tmp_path)), "How fast it is")


def test_the_command_reads_the_timings_beside_the_records(tmp_path: Path) -> None:
    write(tmp_path / "parity.jsonl", [RUN, GOOD])
    perf(tmp_path, "mylib")
    assert "wide forward 3.50" in command.rendered(tmp_path / "parity.jsonl").page.read_text(encoding="utf-8")


def test_timings_that_cannot_be_read_leave_the_letter_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "perf.json").write_text("{", encoding="utf-8")
    assert referee_speed.beside(tmp_path) is None


def test_every_module_stands_under_one_verdict() -> None:
    modules = {
        "A": [replace(GOOD, module="A")],
        "B": [replace(GOOD, module="B"), replace(CLAIM, module="B", verdict="fail", detail="why")],
        "C": [replace(BAD, module="C"), replace(CLAIM, module="C", verdict="fail", detail="why")],
        "D": [replace(BAD, module="D", quantity="all", verdict="error", detail="why")],
        "E": [replace(GOOD, module="E", verdict="void")],
        "F": [replace(GOOD, module="F"), replace(BAD, module="F", check="state", verdict="error", detail="why")],
    }
    said = part(letter(RUN, *(record for records in modules.values() for record in records)), "Summary")
    assert "Right: A. Right, but: B (refuses), F (1 cell stopped). Wrong: C (dL/dX is wrong; refuses)" in said
    assert "D (nothing could be compared: 1 cell stopped). Not judged: E (void)." in said
    names = [said.count(f" {name} (") + said.count(f" {name}.") for name in modules]
    assert names == [1] * len(modules)


def test_cells_that_stopped_for_one_cause_are_told_once_with_their_condition() -> None:
    stopped = [
        replace(
            BAD,
            check=check,
            case=f"stride-{n}",
            quantity="all",
            verdict="error",
            options={"stride": "2", "x": str(n)},
            detail=f"IndexError: index {n} is out of bounds for axis 0 with size ({n}, 3)",
        )
        for n in range(6)
        for check in ("values", "state")
    ]
    others = [
        replace(BAD, verdict="pass", check=check, case="plain", options={"stride": "1"})
        for check in ("values", "state")
    ]
    said = part(letter(RUN, *stopped, *others), "What is wrong, and why")
    (line,) = [line for line in said.splitlines() if "Stopped" in line]
    assert "**Stopped** in state, values, ReLU, 12 times (stride=2; cases stride-0, stride-1" in line
    assert (
        "IndexError: index 0 is out of bounds for axis 0 with size (0, 3) (and 5 tellings with other figures)" in line
    )


def test_a_claim_that_breaks_in_every_layout_is_told_once_and_whole() -> None:
    broken = [
        replace(
            GOOD,
            check="layouts",
            verdict="fail",
            case=f"c{n}",
            subject_error=10.0 + n,
            diagnosis="wrong for strided x",
            detail=f"strided x: {n} of 9 elements are wrong, got 1 (limit 8; torch.nn {n})",
        )
        for n in range(26)
    ]
    said = part(letter(RUN, GOOD, *broken), "What is wrong, and why")
    (line,) = [line for line in said.splitlines() if "layouts" in line]
    assert "**layouts** is broken: dweight (Linear), 26 times: strided x: 0 of 9 elements are wrong" in line
    assert "(limit 8; torch.nn 0) (and 25 tellings with other figures). It looks like this: wrong for strided x" in line


def test_a_long_list_is_folded() -> None:
    wrong = [replace(BAD, module="Sequential", quantity=f"d{n}.weight") for n in range(9)]
    said = part(letter(RUN, *wrong), "What is wrong, and why")
    shown, folded = said.split("<details><summary>5 wrong quantities more</summary>")
    assert shown.count("**Sequential, ") == 4
    assert folded.count("**Sequential, ") == 5


def test_causes_of_one_wrong_quantity_each_have_their_condition() -> None:
    other = replace(BAD, case="wide", regime="huge", diagnosis="exp overflows")
    said = part(letter(RUN, BAD, replace(BAD, case="b"), other), "What is wrong, and why")
    assert "It looks like this: the sign is wrong: fits 2 of 3 failures; the other: in 1 comparison" in said
    assert "in 1 comparison (case wide; regime huge; float32) exp overflows" in said


def test_what_is_wrong_with_a_module_is_found_once() -> None:
    (one,) = assessed([BAD, replace(BAD, case="b")])
    assert one.wrong_quantities is one.wrong_quantities
    assert one.met is one.met


def test_what_stopped_says_where_it_is_right() -> None:
    stopped = replace(BAD, quantity="all", verdict="error", detail="why", diagnosis="right if square")
    assert ": why. It is right if square" in part(letter(RUN, GOOD, stopped), "What is wrong, and why")


def test_a_convention_is_told_apart_from_what_was_not_tested():
    run = replace(RUN, let_pass=("in Linear: it gives float64 for any input",))
    assert "**What was let pass.**\n\n- in Linear: it gives float64 for any input" in letter(run, GOOD)
    assert "let pass" not in letter(RUN, GOOD)


def test_the_script_that_shows_a_fault_is_named_once():
    wrong = [replace(BAD, script="minimal/ReLU-dx.py", case=case) for case in ("a", "b")]
    assert letter(RUN, *wrong).count("run `python minimal/ReLU-dx.py`") == 1


def test_an_exception_is_told_with_where_it_does_not_come_and_what_it_looks_like():
    diagnosis = "right for a batch of one alone; an axis is left without elements"
    stopped = replace(
        BAD, verdict="error", diagnosis=diagnosis, fits=("empty slice: an axis is left without elements",)
    )
    said = letter(RUN, GOOD, stopped)
    assert "It is right for a batch of one alone. It looks like this: an axis is left without elements." in said
