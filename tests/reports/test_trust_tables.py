"""The figures of the trust page stand in the columns that are theirs."""

from dataclasses import replace

from reports.trust import alarms, mutants, nulls
from reports.trust.record import FalseAlarm, FalseAlarmRate, MutantRecord, NullRecord


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


def test_a_null_is_counted_over_its_modules() -> None:
    linear = NullRecord(
        null="zeros",
        module="Linear",
        cells=10,
        failed=7,
        coincides=2,
        passed=1,
        quantities=40,
        quantities_failed=30,
        quantities_coincide=6,
        reasons=("zeros are all but right (6)",),
    )
    text = nulls.section([linear, replace(linear, module="Tanh", reasons=())])
    assert rows(text)[2] == ["zeros", "20", "14", "4", "2", "80", "60", "12", "8"]
    assert rows(text)[-1] == ["zeros", "Linear", "zeros are all but right (6)"]
    assert "14 of 20 cells fail, 4 coincide with the truth, 2 pass" in nulls.sentence([linear, linear])


def test_faults_are_counted_by_scale_for_us_and_for_assert_close() -> None:
    fault = MutantRecord(
        id="Linear/dx/sign", module="Linear", quantity="dx", cause="sign", scale=1.0, killed=True, by="a cell"
    )
    text = mutants.section([fault, replace(fault, id="other", killed_by_assert_close=True), replace(fault, scale=8.0)])
    assert rows(text)[0] == ["module", "quantity", "dy × 1", "assert_close, dy × 1", "dy × 8", "assert_close, dy × 8"]
    assert rows(text)[2] == ["Linear", "dL/dX", "2 / 2", "1 / 2", "1 / 1", "0 / 1"]
    assert rows(text)[-1] == ["**all**", "2 / 2", "1 / 2", "1 / 1", "0 / 1"]


def test_alarms_are_counted_by_regime_and_by_implementation() -> None:
    rate = FalseAlarmRate(
        regime="all",
        runs=200,
        alarms=1,
        low=0.001,
        high=0.02,
        assert_close_alarms=50,
        assert_close_low=0.2,
        assert_close_high=0.3,
    )
    count = FalseAlarm(
        implementation="pairwise",
        module="Linear",
        regime="normal",
        dtype="float32",
        runs=100,
        alarms=1,
        assert_close_alarms=20,
        first="a cell",
    )
    text = alarms.section([rate], [count, replace(count, module="Tanh", alarms=0, assert_close_alarms=30)])
    ours, theirs = "0.5 %, 95 % interval 0.1 to 2 %", "25 %, 95 % interval 20 to 30 %"
    assert rows(text)[2] == ["all", "200", "1", ours, "50", theirs]
    assert rows(text)[-1] == ["pairwise", "2", "200", "1", "50"]
    assert text.endswith("First alarm of each:\n- pairwise: a cell")
