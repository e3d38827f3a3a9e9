"""What a module holds can be taken out and put into another, which then agrees."""

from collections.abc import Iterator

from parity.subjects.contract import Stateful, Unsupported
from parity.verdict.check import Check
from parity.verdict.trial import Judged, Trial, same_bits


def run(trial: Trial) -> Iterator[Judged]:
    """Load the state into a second module that held zeros, then set its source to zero; the second must pass."""
    built = trial.build()
    if not isinstance(built, Stateful):
        raise Unsupported("the subject shows no state_dict")
    state = {name: value.clone() for name, value in built.state_dict().items()}
    drawn = trial.drawn.parameters
    names = f"must be {sorted(drawn)}, were {sorted(state)}"
    yield trial.claim("names", state.keys() == drawn.keys(), names, len(drawn))
    other, source = trial.build(), {name: value.clone() for name, value in state.items()}
    assert isinstance(other, Stateful)
    for value in other.state_dict().values():
        value.zero_()
    other.load_state_dict(source)
    for value in source.values():
        value.zero_()
    for name, value in other.state_dict().items():
        yield trial.claim(name, same_bits(value, state[name]), "it did not arrive, or is shared", value.numel())
    yield from trial.verdicts(other)


CHECK = Check("state", run)
