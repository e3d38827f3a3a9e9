"""The hypothesis of a layer that walks along a sequence: of one moment alone, a step is otherwise."""

from parity.diagnosis.altered.sequences.recurrent import of_one_moment
from parity.diagnosis.edited.otherwise import one_or_two
from parity.diagnosis.symptom import Explanation, Explanations, Symptom


def in_one_moment(symptom: Symptom) -> Explanations:
    """Yield what explains the quantity in a sequence of one moment, where it is wrong too.

    Of several moments a step of the loop is many steps of the recording, and no edit of one of them is the fault.
    """
    alone = of_one_moment(symptom)
    if alone is not None:
        for one in one_or_two(alone):
            yield Explanation(one.kind, f"of a sequence of one moment: {one.words}", symptom.got)
