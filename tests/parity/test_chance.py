"""Draws are judged by exact counts: what is right is seldom accused, what hangs together is named."""

import pytest
import torch
from scipy.stats import binomtest

from parity.catalogue.page import Conditioned
from parity.verdict import limits
from parity.verdict.chance.counts import number, pairs
from parity.verdict.chance.judged import faults, implausible

SHAPE = limits.CALLS, 6, 8, 5


def judged(kept, chance):
    known = torch.ones_like(kept)
    return implausible(Conditioned(torch.nn.Identity, kept, known, chance))


def drawn(generator, chance=0.5, shape=SHAPE):
    return torch.rand(shape, generator=generator) < chance


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def test_all_tests_together_accuse_what_is_right_no_oftener_than_they_may(generator, monkeypatch):
    monkeypatch.setattr(limits, "LUCK", 0.2)
    accused = sum(any(faults(drawn(generator, 0.3, (8, 4, 5)), 0.3).values()) for _ in range(100))
    assert binomtest(accused, 100, 0.2, "greater").pvalue > 1e-4


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_what_is_right_is_not_accused(generator, chance):
    assert not any(faults(drawn(generator, chance), chance).values())


def test_pairs_are_disjoint_and_there_is_a_distance_for_each_two_places(generator):
    counts = list(pairs(drawn(generator, shape=(4, 7)), 0.5))
    assert {count.of for count in counts} == {"calls", "axis 0"}
    at_three = [count for count in counts if "elements 3 apart" in count.says]
    assert [count.trials for count in at_three] == [4 * 3, 4 * 1]  # 0-3, 1-4, 2-5; then 3-6


def repeated(axis, times):
    def made(generator):
        shape = list(SHAPE)
        shape[axis] = -(-shape[axis] // times)
        return drawn(generator, shape=shape).repeat_interleave(times, axis).narrow(axis, 0, SHAPE[axis])

    return made


def fixed(generator):
    order = torch.rand(SHAPE[0], 240, generator=generator).argsort(1)
    return (order < 120).view(SHAPE)


HANGING = {
    "calls alike": (lambda generator: drawn(generator, shape=(1, *SHAPE[1:])).expand(SHAPE), "calls", "calls 1 apart"),
    "calls in turn": (
        lambda generator: drawn(generator, shape=(5, *SHAPE[1:])).repeat(13, 1, 1, 1),
        "calls",
        "5 apart",
    ),
    "samples alike": (repeated(1, 6), "axis 0", "elements 1 apart along axis 0"),
    "samples in pairs": (repeated(1, 2), "axis 0", "elements 1 apart along axis 0"),
    "columns in pairs": (repeated(3, 2), "axis 2", "elements 1 apart along axis 2"),
    "every other turned": (
        lambda generator: drawn(generator, shape=(*SHAPE[:2], 1, 5)) ^ (torch.arange(8) % 2 == 1).view(8, 1),
        "axis 1",
        "of elements",
    ),
    "number fixed": (fixed, "number kept", "64 of 64 calls"),
    "rate off": (lambda generator: drawn(generator, 0.54), "rate", "of 15360 are kept, where each should be with prob"),
}


@pytest.mark.parametrize("name", HANGING)
def test_what_hangs_together_is_named(generator, name):
    made, of, said = HANGING[name]
    found = faults(made(generator), 0.5)
    assert of in found
    assert said in found[of]
    assert list(found) == [of]


def test_one_draw_is_implausible_only_where_chance_is_very_small():
    assert not judged(torch.zeros(29, dtype=torch.bool), 0.5)  # 2^-28
    assert judged(torch.zeros(31, dtype=torch.bool), 0.5) == (
        "0 of 31 are kept, where each should be with probability 0.5"
    )
    assert not judged(torch.zeros(0, dtype=torch.bool), 0.5)
    assert judged(torch.tensor([True, False]), 1.0)
    assert not judged(torch.tensor([False, False]), 0.0)


def test_the_number_kept_is_met_as_often_as_it_should_be(generator):
    count = number(drawn(generator, 0.3, (4000, 10)), 0.3)
    assert count.chance == pytest.approx(0.2668, abs=1e-4)  # 3 of 10
    assert not count.fault()
