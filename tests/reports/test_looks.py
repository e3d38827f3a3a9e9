"""The heading of a quantity's failures: the explanation that fits most of them, with how many it fits."""

from collections.abc import Sequence
from dataclasses import replace

from reports.parity.looks import heading, looks
from reports.record import Parity

FAILED = Parity(
    subject="mylib",
    module="Linear",
    case="plain",
    check="values",
    quantity="dbias",
    device="cpu",
    dtype="float32",
    regime="normal",
    cotangent=1.0,
    seed=0,
    verdict="fail",
)
BATCH, PIXELS, SIGN = "factor: it is divided by the batch size", "factor: it is divided by 7 pixels", "sign: it is -1"


def failed(*fits: Sequence[str]) -> list[Parity]:
    return [replace(FAILED, case=f"case {at}", fits=tuple(found)) for at, found in enumerate(fits)]


def said(*fits: Sequence[str]) -> str:
    wrong = failed(*fits)
    return heading(wrong, wrong)


def test_what_fits_most_failures_heads_them_with_their_number() -> None:
    text = said([SIGN, BATCH], [BATCH], [BATCH], [SIGN])
    assert text.startswith("It looks like this: it is divided by the batch size: fits 3 of 4 failures; the other: in 1")
    assert text.endswith("it is -1.")


def test_what_is_told_first_in_two_failures_does_not_head_twenty() -> None:
    assert "-1" not in said(*[[SIGN, BATCH]] * 2, *[[BATCH]] * 19)
    assert "fits all 21 failures" in said(*[[SIGN, BATCH]] * 2, *[[BATCH]] * 19)


def test_what_says_why_heads_what_says_where() -> None:
    region = "zero in region: it is zero where x is below 0"
    assert "batch size: fits 3 of 4 failures" in said([region, BATCH], [region, BATCH], [region, BATCH], [region])
    assert "x is below 0: fits all 4 failures" in said([region, BATCH], [region], [region], [region])


def test_a_condition_on_an_option_is_told_before_one_on_numbers_or_sizes() -> None:
    option, numbers = "right if bias: right with bias False", "right if regime: right for normal numbers as input"
    batch = "right if batch: right for a batch of one alone"
    assert said([numbers], [batch, option]) == "It is right with bias False, in 1 of 2 failures."
    assert said([numbers, option], [numbers]).startswith("It is right for normal numbers as input")


def test_two_tellings_that_differ_in_figures_are_one() -> None:
    wrong = failed([PIXELS], [PIXELS.replace("7", "12")])
    (look,) = looks(wrong)
    assert look.records == wrong
    assert "fits all 2 failures" in heading(wrong, wrong)


def test_one_explanation_counts_once_in_a_failure() -> None:
    assert [len(look.records) for look in looks(failed([PIXELS, PIXELS.replace("7", "9")]))] == [1]


def test_where_nothing_fits_half_of_them_that_is_said_and_the_groups_follow() -> None:
    text = said([SIGN], [BATCH], [PIXELS], [])
    assert text.startswith("No explanation fits half of the 4 failures: in 1 comparison (case case 0")
    assert "no explanation on the suite's list fits" in text


def test_a_condition_heads_them_where_no_explanation_fits_half() -> None:
    condition = "right if groups: right with groups 1"
    text = said([condition, SIGN], [condition, BATCH], [condition, PIXELS])
    assert text.startswith("It is right with groups 1, in all 3 failures. Within them: in 1 comparison")


def test_a_condition_of_the_option_that_is_named_is_not_told_again() -> None:
    ignored = ["option ignored: the option dilation is ignored", "right if dilation: right with dilation 1"]
    assert said(ignored, ignored) == "It looks like this: the option dilation is ignored: fits all 2 failures."
    assert "It is right for one channel" in said(*[[*ignored, "right if channels: right for one channel"]] * 2)


def test_records_of_before_have_one_line_each() -> None:
    old = [replace(FAILED, diagnosis="the sign is wrong"), replace(FAILED, case="b", diagnosis="the sign is wrong")]
    assert heading(old, old) == "It looks like this: the sign is wrong: fits all 2 failures."
    assert heading([FAILED], [FAILED]) == "No explanation on the suite's list fits."
