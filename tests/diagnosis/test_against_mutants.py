"""The diagnosis names what is wrong with mutants, which it never sees: judged on a sample; and the judge is judged."""

import pytest

from parity.__main__ import main
from parity.diagnosis.search import Guess
from parity.trust.explained import command
from parity.trust.explained.accepted import ACCEPTED, is_right
from parity.trust.explained.judge import Explained, explained, first_failure, listed, of_first
from parity.trust.mutants import find
from parity.trust.mutants.causes import CAUSES

SAMPLE = 120


def test_the_right_explanation_comes_first_nearly_always(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explained", "--sample", str(SAMPLE)]) == 0
    assert "right explanation first: " in capsys.readouterr().out


def test_it_is_red_where_explanations_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Explained("Linear/dx/sign", "sign", "wrong first")
    monkeypatch.setattr(command, "explained", lambda *_: wrong)
    assert main(["explained", "--sample", "20"]) == 1


def test_every_accepted_cause_is_one_of_the_mutants() -> None:
    assert set(ACCEPTED) <= CAUSES
    assert {mutant.cause for mutant in listed()} == set(ACCEPTED)


@pytest.mark.parametrize("cause", sorted(ACCEPTED))
def test_no_cause_accepts_the_words_of_another(cause: str) -> None:
    unlike = {"zero": "it is zero everywhere", "sign": "the sign is wrong", "flipped": "the kernel is flipped"}
    accepted = {kind for kind, words in unlike.items() if is_right(cause, Guess(kind, words))}
    assert len(accepted) <= 1


def test_a_mutant_is_judged_by_its_first_failure() -> None:
    found = explained(find("Linear/dx/sign"))
    assert (found.outcome, found.where) == ("right first", "Linear-plain-values-float32-normal-cpu")


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("NLLLoss/output/weight of the next class", "the numbers of the option weight are shifted"),
        ("BilinearUpsampling/output/align_corners ignored", "the option align_corners is"),
        ("TripletMarginLoss/dnegative/p of 2 always", "the option p is"),
        ("ConvTranspose3d/output/kernel transposed", "its axes 0 and 2 are swapped"),
        ("ScaledDotProductAttention/dkey/that of the query", "it is dquery, the gradient of another"),
        ("Upsampling/output/padding of zeros", "right with padding 0"),
        ("Tensor.pow/dother/logarithm of the exponent", "dy · x ^ other · ln |other| in place of"),
    ],
)
def test_a_cause_of_the_options_or_the_order_is_named(identity: str, words: str) -> None:
    found = explained(find(identity))
    assert found.outcome == "right first"
    assert words in found.said.split(" | ")[0]


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("LayerNorm/dx/term of the mean missing", "the mean is taken as a constant"),
        ("LayerNorm/dx/term of the mean twice", "the term of the mean is there twice"),
        ("GroupNorm/dx/term of the variance missing", "the variance is taken as a constant"),
        ("InstanceNorm2d/dx/statistics taken as constants", "mean and variance are taken as constants"),
        ("BatchNorm2d/dx/term of the variance halved", "the term of the variance is half"),
        ("BatchNorm1d/output/unbiased variance", "divided by n - 1 in place of n"),
        ("BatchNorm2d/dx/unbiased variance", "divided by n - 1 in place of n"),
        ("GroupNorm/output/root missing", "divided by the variance, not by its root"),
        ("LayerNorm/output/eps beside the root", "eps is added to the root"),
        ("RMSNorm/output/mean taken off", "the mean is taken off, where nothing is to be"),
        ("BatchNorm2d/output/statistics over the last axis alone", "taken over the last axis alone, not over samples"),
        ("LayerNorm/dweight/of x, not of xhat", "of x itself, not of x normalised"),
    ],
)
def test_what_is_wrong_with_a_norm_is_named(identity: str, words: str) -> None:
    met = first_failure(find(identity), 0)
    assert met is not None
    assert words in of_first(*met)[0].words


def test_the_smallest_cases_of_mutants_are_small(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smallest", "--sample", "20"]) == 0
    assert "median" in capsys.readouterr().out
