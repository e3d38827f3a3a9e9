"""The explanations of a failed quantity, those that fit best first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from torch import Tensor

from parity.diagnosis import factors, places, precision, reruns
from parity.diagnosis.conditions import right_if
from parity.diagnosis.symptom import Explanations, Symptom, observed
from parity.verdict import arithmetic, limits
from parity.verdict.compare import compare, errors
from parity.verdict.trial import Trial
from reports.record import Parity

# In order: what is particular comes before what is general, and a constant factor, which fits much, late.
HYPOTHESES: Sequence[Callable[[Symptom], Explanations]] = (
    factors.zero_or_sign,
    places.telling_region,
    reruns.another_call,
    factors.chain_rule,
    reruns.at_another_tensor,
    factors.constant_factor,
    precision.lower_precision,
    places.permuted,
    reruns.parameter_changed,
    reruns.option_ignored,
    reruns.input_changed,
    places.averaged,
    places.one_region,
)


def symptom(trial: Trial, quantity: str, got: Tensor) -> Symptom | None:
    """Return the symptom of a quantity; None if it passes, or has the wrong structure."""
    at, cell = trial.evidence, trial.cell
    truth, gauge = at.truth[quantity], at.gauges[quantity]
    u = arithmetic.of(cell.torch_dtype, cell.device).storage
    found = compare(got, at.reference[quantity], truth, gauge, u)
    if found.verdict != "fail" or not found.elements:
        return None
    value = got.detach().cpu().double()
    wrong = errors(value, truth, gauge.distance(value, truth), u * gauge.size) > limits.LIMIT
    return Symptom(trial, quantity, value, truth, wrong | (value.isfinite() != truth.isfinite()), found)


def explanations(found: Symptom) -> list[str]:
    """Return every explanation that fits, in the order of HYPOTHESES."""
    fitting = (words for hypothesis in HYPOTHESES for words, predicted in hypothesis(found) if found.fits(predicted))
    return list(dict.fromkeys(fitting))


def explain(trial: Trial, records: Sequence[Parity]) -> list[Parity]:
    """Return the records, those of failed quantities with what they look like; the subject is run again for it."""
    if not any(record.verdict == "fail" for record in records):
        return list(records)
    got: Mapping[str, Tensor] = observed(trial)
    words = {name: look(trial, name, value) for name, value in got.items() if name in trial.evidence.truth}
    return [
        replace(record, detail=f"{record.detail}; {words[record.quantity]}")
        if record.verdict == "fail" and words.get(record.quantity)
        else record
        for record in records
    ]


def look(trial: Trial, quantity: str, got: Tensor) -> str:
    """Return, in one line, what a quantity looks like; empty if it passes or nothing fits."""
    found = symptom(trial, quantity, got)
    if found is None:
        return ""
    fitting, conditions = explanations(found), right_if(found)
    said = [f"looks like: {'; or '.join(fitting[:2])}"] if fitting else []
    if conditions:
        said.append(f"right {', '.join(conditions)}")
    return "; ".join(said)
