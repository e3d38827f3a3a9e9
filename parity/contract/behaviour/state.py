"""What a module holds can be taken out and put into another, which then agrees."""

from parity.subjects.contract import Stateful, Unsupported
from parity.verdict.trial import Trial, same_bits
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Load the state into a second module that held zeros, then spoil its source; the second must pass."""
    built = trial.build()
    if not isinstance(built, Stateful):
        raise Unsupported("the subject shows no state_dict")
    state = {name: value.clone() for name, value in built.state_dict().items()}
    drawn = trial.drawn.parameters
    found = [
        trial.claim("names", state.keys() == drawn.keys(), f"must be {sorted(drawn)}, were {sorted(state)}", len(drawn))
    ]
    other, source = trial.build(), {name: value.clone() for name, value in state.items()}
    assert isinstance(other, Stateful)
    for value in other.state_dict().values():
        value.zero_()
    other.load_state_dict(source)
    for value in source.values():
        value.zero_()
    for name, value in other.state_dict().items():
        found.append(trial.claim(name, same_bits(value, state[name]), "it did not arrive, or is shared", value.numel()))
    return found + trial.judge(trial.observe(other))
