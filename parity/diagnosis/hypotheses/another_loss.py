"""Hypotheses of a loss: its value, or its gradient, is that of another one."""

from parity.diagnosis.conditions import left_out
from parity.diagnosis.edited.forms import Known, forms_of, place_of
from parity.diagnosis.edited.forms.losses import FORMS
from parity.diagnosis.symptom import Explanation, Explanations, Symptom

LEAST = 3  # wrong elements: one number may be near by chance


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what every other loss gives of these inputs."""
    cell = symptom.trial.cell
    if not cell.page.is_loss or int(symptom.wrong.sum()) < LEAST:
        return
    known, place = Known.of(symptom, left_out(cell) | dict(cell.case.options)), place_of(symptom)
    own = {form.name for form in forms_of(symptom, known, FORMS)}
    for form in FORMS:
        if form.of == place and form.name and form.name not in own:
            value = form.value(known)
            if value is not None:
                what = "it is" if symptom.of_forward else "it is the gradient of"
                yield Explanation("formula", f"{what} {form.name}", value)
