"""What a module holds can be taken out and put into another, which then agrees."""

from collections.abc import Iterator
from dataclasses import replace

from parity.subjects.contract import Buffered, Stateful, Unsupported
from parity.verdict.check import BEHAVIOUR, WHERE_NOTHING_IS_CAST, Check
from parity.verdict.draw import draw
from parity.verdict.reading import same_bits
from parity.verdict.trial import Judged, Trial


def run(trial: Trial) -> Iterator[Judged]:
    """Load the state into a second module of other parameters, then set its source to zero; the second must pass."""
    built = trial.build()
    if not isinstance(built, Stateful):
        raise Unsupported("the subject shows no state_dict")
    state = {name: value.clone() for name, value in built.state_dict().items()}
    drawn = trial.drawn.parameters
    names = f"must be {sorted(drawn)}, were {sorted(state)}"
    kept = built.buffers() if isinstance(built, Buffered) else {}
    yield trial.claim("names", state.keys() - kept.keys() == drawn.keys(), names, len(drawn))
    stranger = draw(replace(trial.cell, seed=trial.cell.seed + 1))
    changed = replace(trial.drawn, parameters=stranger.parameters, buffers=stranger.buffers)
    other = replace(trial, given=changed).build()
    assert isinstance(other, Stateful)
    source = {name: value.clone() for name, value in state.items()}
    other.load_state_dict(source)
    for value in source.values():
        value.zero_()
    for name, value in other.state_dict().items():
        yield trial.claim(name, same_bits(value, state[name]), "it did not arrive, or is shared", value.numel())
    yield from trial.verdicts(other)


CHECK = Check("state", run, BEHAVIOUR, dtypes=WHERE_NOTHING_IS_CAST)
