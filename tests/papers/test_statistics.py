"""The paired test beside known values."""

import random
from math import isnan

import pytest
from scipy.stats import wilcoxon

from parity.papers.statistics import centre, compare, spread


def test_equal_pairs_are_called_the_same():
    paired = compare([1.0, 2.0], [1.0, 2.0])
    assert (paired.effect, paired.p_value, paired.same_bits) == (0.0, 1.0, True)


def test_too_few_pairs_have_no_interval():
    paired = compare([1.0, 2.0, 4.0, 5.0, 7.0], [0.0] * 5)
    assert paired.effect == 4
    assert isnan(paired.low)
    assert isnan(paired.high)
    assert not isnan(compare([1.0, 2.0, 4.0, 5.0, 7.0, 8.0], [0.0] * 6).low)


def test_a_shift_is_found_with_its_size():
    draw = random.Random(0)
    reference = [draw.gauss(0, 1) for _ in range(20)]
    subject = [value + 0.5 + 0.1 * draw.gauss(0, 1) for value in reference]
    paired = compare(subject, reference)
    assert paired.low < 0.5 < paired.high
    assert paired.effect == pytest.approx(0.5, abs=0.1)
    assert paired.p_value < 1e-4
    assert not paired.same_bits


def test_the_interval_leaves_out_zero_where_the_test_rejects():
    draw = random.Random(1)
    for _ in range(40):
        differences = [draw.gauss(0.5, 1) for _ in range(12)]
        paired = compare(differences, [0.0] * 12)
        rejects = wilcoxon(differences).pvalue <= 0.05
        assert rejects == (paired.low > 0 or paired.high < 0)


def test_centre_and_spread():
    assert centre([1, 2, 9], "mean") == 4
    assert centre([1, 2, 9], "median") == 2
    assert spread([1.0]) == 0
    assert spread([1.0, 3.0]) == pytest.approx(2**0.5)
