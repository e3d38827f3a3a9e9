"""What a module holds can be taken out and put into another, which then agrees."""

from parity.subjects.contract import Stateful, Unsupported
from parity.verdict.trial import Trial, same_bits
from reports.record import Parity


def check(trial: Trial) -> list[Parity]:
    """Copy the state into a module built with zeros; it must then pass as the first does."""
    built = trial.build()
    if not isinstance(built, Stateful):
        raise Unsupported("the subject shows no state_dict")
    state = {name: value.clone() for name, value in built.state_dict().items()}
    drawn = trial.drawn.parameters
    found = [
        trial.claim("names", state.keys() == drawn.keys(), f"must be {sorted(drawn)}, were {sorted(state)}", len(drawn))
    ]
    for value in built.state_dict().values():
        value.zero_()
    built.load_state_dict(state)
    for name, value in built.state_dict().items():
        found.append(trial.claim(name, same_bits(value, state[name]), "it did not come back", value.numel()))
    return found + trial.judge(trial.observe(built))
