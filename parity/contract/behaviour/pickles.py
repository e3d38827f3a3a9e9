"""A module survives pickling and deep copies, and they share nothing with it."""

import copy
import pickle
from collections.abc import Iterator

from parity.subjects.contract import Stateful, Unsupported
from parity.verdict.check import BEHAVIOUR, WHERE_NOTHING_IS_CAST, Check
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Pickle and copy a used module; change the original; every copy must still agree."""
    built = trial.build()
    if not isinstance(built, Stateful):
        raise Unsupported("the subject shows no state that could be pickled")
    trial.observe(built)
    copies = [pickle.loads(pickle.dumps(built)), copy.deepcopy(built)]
    zeros = {name: value.clone().zero_() for name, value in built.state_dict().items()}
    for value in built.state_dict().values():
        value.zero_()
    built.load_state_dict(zeros)  # for a library whose state is a copy
    for other in copies:
        other.zero_grad()
        yield from trial.verdicts(other)


CHECK = Check("pickles", run, BEHAVIOUR, dtypes=WHERE_NOTHING_IS_CAST)
