"""A gate on groups of rows: the geometric mean of a group, and not each of its rows, is held to a ratio."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perf.sides.modules import MODES, STEP
from reports.perf.groups import GROUPS, between, groups
from reports.perf.record import RowFinding


@dataclass(frozen=True)
class GroupGate:
    """The ratio that the mean of a group may not be proven above; without a mode in each of its modes."""

    group: str
    mode: str
    ratio: float

    def __str__(self) -> str:
        return f"{self.group}{':' * bool(self.mode)}{self.mode}={self.ratio:g}"


def gates(words: Sequence[str]) -> list[GroupGate]:
    """Return the gates that words such as papers=0.9, or papers:forward=1, name.

    Raises ValueError, in one sentence, for a group or a mode that there is not, or a ratio that is none.
    """
    return [gate(one) for word in words for one in word.replace(",", " ").split()]


def gate(word: str) -> GroupGate:
    where, _, ratio = word.partition("=")
    group, _, mode = where.partition(":")
    for name, value, allowed in (("group", group, GROUPS), ("mode", mode, ("", *MODES, STEP))):
        if value not in allowed:
            near = difflib.get_close_matches(value, allowed, 1, 0.4)
            said = f"a {name} must be one of {', '.join(filter(None, allowed))}, was {value!r}"
            raise ValueError(f"--group-gate: {said}" + (f"; did you mean {near[0]}?" if near and near[0] else ""))
    try:
        limit = float(ratio)
    except ValueError:
        limit = 0.0
    if not 0 < limit < float("inf"):
        raise ValueError(f"--group-gate must be GROUP=RATIO, such as papers=0.9, was {word!r}")
    return GroupGate(group, mode, limit)


def exceeded(asked: Sequence[GroupGate], rows: Sequence[RowFinding]) -> Iterator[str]:
    """Yield a sentence for every group whose mean is proven above its gate, and for every gate that met no group."""
    means = list(groups(rows))
    for one in asked:
        held = [group for group in means if group.name == one.group and one.mode in ("", group.mode)]
        if not held:
            yield f"the gate {one} met no row that was timed"
        for group in held:
            if group.mean.low > one.ratio:
                where = f"{group.name}, {group.mode} on {group.device}"
                yield f"the rows of {where}, take {between(group.mean)} times torch's time; gate {one}"
