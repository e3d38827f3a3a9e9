"""What explained the failures so far is tried first; once it is settled it is tried alone."""

from importlib import import_module

import pytest
import torch

from parity.contract import CHECKS
from parity.diagnosis import search
from parity.diagnosis.explain import explain
from parity.diagnosis.history import SETTLED, history
from parity.diagnosis.hypotheses.sizes.factors import told
from parity.diagnosis.symptom import Symptom
from parity.verdict.trial import Seen, Trial
from tests.diagnosis.fault_parts import changed
from tests.diagnosis.wrong_library import WrongLibrary, failures, planned

HALF = changed("dx", lambda found, _, __: found["dx"] / 2)


def searched(monkeypatch: pytest.MonkeyPatch, library: WrongLibrary, most: int) -> list[int]:
    """Return, failure by failure, how many hypotheses were tried."""
    counts: list[int] = []
    honest, begin = search.fits_of, search.guesses

    def counted(*arguments: object) -> object:
        counts[-1] += 1
        return honest(*arguments)  # type: ignore[arg-type]  # whatever it is called with

    def begun(seen: Seen, base: Trial) -> object:
        counts.append(0)
        return begin(seen, base)

    monkeypatch.setattr(search, "fits_of", counted)
    monkeypatch.setattr(import_module("parity.diagnosis.explain"), "guesses", begun)
    failures(library, "dx", most)
    return counts


def test_a_settled_explanation_is_tested_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = searched(monkeypatch, WrongLibrary("Linear", change=HALF), 8)
    assert len(counts) > SETTLED + 2
    assert 3 * max(counts[SETTLED + 1 :]) <= min(counts[:SETTLED])


def test_the_history_of_one_library_is_not_that_of_another() -> None:
    first, second = WrongLibrary("Linear", change=HALF), WrongLibrary("Linear", change=HALF)
    failures(first, "dx", SETTLED)
    cell = next(planned("Linear"))
    assert history(Trial(cell, first), "dx").settled is not None
    assert history(Trial(cell, second), "dx").settled is None


def test_every_record_holds_all_that_fits_it() -> None:
    library = WrongLibrary("Linear", change=changed("dbias", lambda f, i, _: f["dbias"] / len(i[0])))
    trial = Trial(next(planned("Linear")), library)
    (record,) = [one for one in explain(trial, CHECKS["values"].judged(trial)[0]) if one.verdict == "fail"]
    assert record.fits[0] == "factor: it is divided by the batch size"
    assert record.diagnosis.startswith("it is divided by the batch size")


def test_a_factor_next_to_one_is_told_as_a_relative_error() -> None:
    assert told(1.0000038) == "off by a relative 3.8e-06 everywhere, the constant factor 1.0000038"
    assert told(0.2) == "off by the constant factor 0.2"


def test_what_underflow_leaves_has_no_sign() -> None:
    trial = Trial(next(planned("Tanh")), WrongLibrary("Tanh"))
    truth = trial.evidence.truth["dx"]
    symptom = Symptom(trial, "dx", -truth, truth)
    wrong = search.Explanation("sign", "the sign is wrong", -truth)
    assert search.says_something(symptom, wrong)
    tiny = Symptom(trial, "dx", torch.full_like(truth, 3.7e-44), truth * 0 - 6e-293)
    assert not search.says_something(tiny, wrong)
