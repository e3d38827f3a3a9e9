"""The comparator is held to its own limit, and to the order structure, finite mask, values."""

import math

import pytest
import torch

from parity.verdict import limits
from parity.verdict.compare import compare
from parity.verdict.gauge import Gauge

U = limits.STORAGE[torch.float32]
TRUTH = torch.tensor([[1.0, -2.0, 0.5], [4.0, 0.25, -8.0]], dtype=torch.float64)
GAUGE = Gauge(TRUTH.abs())


def off_by(share: float, index: tuple[int, int]) -> torch.Tensor:
    """Return the truth in float64 bits of a float32 test, one element off by `share` of its limit."""
    value = TRUTH.clone()
    value[index] += share * limits.LIMIT * U * GAUGE.size[index]
    return value


@pytest.mark.parametrize("index", [(0, 0), (0, 2), (1, 1), (1, 2)])
@pytest.mark.parametrize(("share", "verdict"), [(0.99, "pass"), (1.01, "fail"), (-0.99, "pass"), (-1.01, "fail")])
def test_the_limit_is_where_it_says(index: tuple[int, int], share: float, verdict: str) -> None:
    found = compare(off_by(share, index), TRUTH, TRUTH, GAUGE, U)
    assert found.verdict == verdict
    assert found.worst_index == index
    assert math.isclose(found.subject_error, abs(share) * limits.LIMIT, rel_tol=1e-6)


def test_an_element_of_gauge_zero_must_be_exact() -> None:
    truth = torch.zeros(3, dtype=torch.float64)
    assert compare(truth.clone(), truth, truth, Gauge(truth), U).verdict == "pass"
    wrong = compare(truth + 1e-300, truth, truth, Gauge(truth), U)
    assert wrong.verdict == "fail"
    assert wrong.subject_error == math.inf
    assert "got 1e-300 where 0 is wanted" in wrong.detail
    assert "e+308" not in wrong.detail


@pytest.mark.parametrize(
    ("got", "word"),
    [
        (None, "tensor"),
        ([1.0], "tensor"),
        (TRUTH[0], "shape"),
        (TRUTH.t(), "shape"),
        (TRUTH.float(), "dtype"),
        (TRUTH.to("meta"), "device"),
    ],
)
def test_structure_comes_first(got: object, word: str) -> None:
    found = compare(got, TRUTH, TRUTH, GAUGE, U)
    assert (found.verdict, found.elements) == ("fail", 0)
    assert word in found.detail


@pytest.mark.parametrize(
    ("got", "reference", "truth", "verdict"),
    [
        (math.inf, math.nan, 1e4, "pass"),
        (math.nan, math.inf, 1e4, "pass"),
        (-math.inf, math.nan, 1e6, "pass"),
        (math.inf, 1e4, 1e4, "fail"),
        (math.nan, math.inf, 1e6, "fail"),  # beyond the dtype: inf is right, and nan is not
        (math.inf, math.nan, math.nan, "fail"),
    ],
)
def test_where_torch_overflows_on_the_way_others_may(got: float, reference: float, truth: float, verdict: str) -> None:
    half = (torch.tensor([1.0, value]).half() for value in (got, reference))
    wanted = torch.tensor([1.0, truth], dtype=torch.float64)
    assert compare(*half, wanted, Gauge(torch.ones_like(wanted)), limits.STORAGE[torch.float16]).verdict == verdict


@pytest.mark.parametrize(
    ("got", "reference", "truth", "verdict"),
    [
        (65504.0, math.inf, 65530.0, "pass"),
        (64000.0, math.inf, 65530.0, "fail"),
        (math.inf, 65408.0, 65400.0, "pass"),
        (-math.inf, 65408.0, 65400.0, "fail"),
        (math.inf, 60000.0, 60000.0, "fail"),
        (65504.0, math.inf, 1e6, "fail"),
        (math.nan, math.inf, 65519.0, "fail"),
        (0.0, math.inf, 65530.0, "fail"),
    ],
)
def test_near_the_largest_number_a_rounding_decides(got: float, reference: float, truth: float, verdict: str) -> None:
    """The largest of float16 is 65504, and from 65520 on infinity is nearer."""
    half = (torch.tensor([1.0, value]).half() for value in (got, reference))
    wanted = torch.tensor([1.0, truth], dtype=torch.float64)
    assert compare(*half, wanted, Gauge(wanted), limits.STORAGE[torch.float16]).verdict == verdict


def test_however_wide_the_gauge_a_small_number_does_not_stand_for_infinity() -> None:
    truth = torch.tensor([1.0, 1e6], dtype=torch.float64)
    half = (torch.tensor([1.0, value]).half() for value in (0.0, math.inf))
    found = compare(*half, truth, Gauge(truth * 1e3), limits.STORAGE[torch.float16])
    assert found.verdict == "fail"


def test_where_the_truth_is_a_limit_torchs_nan_is_no_overflow() -> None:
    truth = torch.tensor([1.0, math.nan], dtype=torch.float64)
    gauge = Gauge(torch.ones_like(truth), limit=torch.tensor([math.nan, 1.0], dtype=torch.float64))
    for value, verdict in ((1.0, "pass"), (math.nan, "pass"), (-math.inf, "fail"), (math.inf, "fail")):
        assert compare(torch.tensor([1.0, value]).double(), truth, truth, gauge, U).verdict == verdict


@pytest.mark.parametrize(
    ("got", "settled", "verdict"),
    [(3.0, False, "pass"), (3.0, True, "fail"), (math.nan, False, "pass"), (math.inf, False, "fail")],
)
def test_a_number_is_right_where_a_rounding_gives_one_to_a_truth_that_is_nan(
    got: float, settled: bool, verdict: str
) -> None:
    truth = torch.tensor([1.0, math.nan], dtype=torch.float64)
    gauge = Gauge(torch.ones_like(truth), unsettled=torch.tensor([False, not settled]))
    assert compare(torch.tensor([1.0, got]).double(), truth, truth, gauge, U).verdict == verdict


@pytest.mark.parametrize(
    ("got", "settled", "verdict"),
    [(math.nan, False, "pass"), (math.nan, True, "fail"), (math.inf, False, "fail"), (3.0, False, "fail")],
)
def test_nan_is_right_where_a_rounding_gives_it_in_place_of_a_number(got: float, settled: bool, verdict: str) -> None:
    truth = torch.tensor([1.0, 2.0], dtype=torch.float64)
    gauge = Gauge(torch.ones_like(truth), unsettled=torch.tensor([False, not settled]))
    assert compare(torch.tensor([1.0, got]).double(), truth, truth, gauge, U).verdict == verdict


@pytest.mark.parametrize("stranger", [math.nan, math.inf, -math.inf])
def test_a_stranger_among_finite_numbers_fails(stranger: float) -> None:
    got = TRUTH.clone()
    got[1, 0] = stranger
    found = compare(got, TRUTH, TRUTH, GAUGE, U)
    assert found.verdict == "fail"
    assert "(1, 0)" in found.detail


@pytest.mark.parametrize("wanted", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("got", [math.nan, math.inf, -math.inf, 0.0])
def test_nan_is_no_wildcard(got: float, wanted: float) -> None:
    truth = torch.tensor([1.0, wanted], dtype=torch.float64)
    value = torch.tensor([1.0, got], dtype=torch.float64)
    same = got == wanted or (math.isnan(got) and math.isnan(wanted))
    assert compare(value, truth, truth, Gauge(torch.ones(2, dtype=torch.float64)), U).verdict == (
        "pass" if same else "fail"
    )


def test_overflow_as_the_rounded_truth_or_as_torch_is_right() -> None:
    truth, gauge = torch.tensor([7e4], dtype=torch.float64), Gauge(torch.tensor([7e4], dtype=torch.float64))
    inf, largest = torch.tensor([math.inf]).half(), torch.tensor([65504.0]).half()
    assert compare(inf, largest, truth, gauge, U).verdict == "pass"
    assert compare(inf, largest, truth / 2, gauge, U).verdict == "fail"


def test_one_wrong_element_in_a_million_is_found() -> None:
    truth = torch.randn(1000, 1000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    got = truth.clone()
    got[321, 654] += 64 * U * truth[321, 654].abs()
    found = compare(got, truth, truth, Gauge(truth.abs()), U)
    assert (found.verdict, found.worst_index) == ("fail", (321, 654))


def judged_beside(of_torch: float, of_subject: float, elsewhere: float = 0.0) -> str:
    """Return the verdict where torch.nn is off in one element, and the subject there and in another one."""
    u, truth = 2.0**-24, torch.ones(4, dtype=torch.float64)
    gauge = Gauge(torch.ones(4, dtype=torch.float64))
    reference, got = (truth.clone() for _ in range(2))
    reference[0] += of_torch * u
    got[0] += of_subject * u
    got[1] += elsewhere * u
    return compare(got, reference, truth, gauge, u).verdict


@pytest.mark.parametrize(
    ("of_torch", "of_subject", "elsewhere", "verdict"),
    [
        (0.0, 8.1, 0.0, "fail"),
        (9.7, 9.6, 0.0, "pass"),
        (9.7, 0.0, 9.6, "pass"),
        (7.9, 0.0, 8.1, "fail"),
        (9.7, 0.0, 9.8, "pass"),  # a little more than torch, elsewhere: as often as a little less
        (9.7, 0.0, 15.9, "pass"),
        (9.7, 0.0, 16.1, "fail"),
        (100.0, 99.0, 0.0, "pass"),
        (100.0, 0.0, 15.9, "pass"),
        (100.0, 0.0, 16.1, "fail"),
        (100.0, 101.0, 0.0, "fail"),
    ],
)
def test_no_more_digits_are_asked_for_than_torch_has(
    of_torch: float, of_subject: float, elsewhere: float, verdict: str
) -> None:
    assert judged_beside(of_torch, of_subject, elsewhere) == verdict


@pytest.mark.parametrize(
    ("factor", "said"), [(1.0, "its numbers are right"), (1.5, "and 3 of 3 elements are wrong, the worst at")]
)
def test_of_a_quantity_of_another_dtype_the_numbers_are_judged_too(factor: float, said: str) -> None:
    truth = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    found = compare(truth * factor, truth.float(), truth, Gauge(truth), U)
    assert found.verdict == "fail"
    assert found.detail.startswith(f"dtype must be torch.float32, was torch.float64; {said}")


@pytest.mark.parametrize(
    ("got", "aspect"),
    [
        ([0.0, 2.0, 3.0], "conventions"),  # a nan is hidden
        ([math.nan, 2.0, math.nan], ""),  # one spreads, beside where either is right
        ([math.nan, math.inf, 3.0], ""),
    ],
)
def test_a_nan_that_spreads_is_no_convention(got: list[float], aspect: str) -> None:
    truth = torch.tensor([math.nan, 2.0, 3.0], dtype=torch.float64)
    gauge = Gauge(torch.ones(3, dtype=torch.float64), free=torch.zeros(3, dtype=torch.bool))
    found = compare(torch.tensor(got, dtype=torch.float64).float(), truth.float(), truth, gauge, U)
    assert (found.verdict, found.aspect) == ("fail", aspect)
