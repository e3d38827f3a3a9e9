"""The edits of reductions: a sum, a mean or a maximum over other axes than it should be."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from torch import Tensor

from parity.diagnosis.edited.edit import Edit, floating
from parity.diagnosis.edited.expressions import Expressions
from parity.diagnosis.edited.recording import Change, Recording, Values
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.program import Slot, Step, filled

REDUCTIONS = frozenset("sum amax amin logsumexp".split())
MOST_AXES = 5
Axes = tuple[int, ...]
Steps = Sequence[tuple[int, Step]]
Groups = dict[tuple[str, Axes, int], list[tuple[int, Step]]]  # by words, axes, and rank


def over_other_axes(steps: Steps, said: Expressions, recording: Recording) -> Iterator[Edit]:
    """Yield: what reduces is taken over other axes, wherever that is done; all of one kind, or of one expression.

    A sum over other axes is one, or keeps what its terms weigh together, as a mean does.
    """
    for (alike, axes, dim), found in groups(steps, said, recording).items():
        for other in subsets(dim):
            for keeps in (
                (True, False) if other != axes and all(has_place(step, axes, other) for _, step in found) else ()
            ):
                changes = {at: reduced(step, axes, other, keeps) for at, step in found}
                where = f"{alike} is taken over {words_of(other)} in place of {words_of(axes)}"
                count = "number of terms that it had" if not keeps else "share of terms that it has more"
                plain = keeps == all(is_averaged(step, recording) for _, step in found)
                yield Edit("summed elsewhere", where if plain else f"{where}, and divided by the {count}", changes)


def groups(steps: Steps, said: Expressions, recording: Recording) -> Groups:
    """Return the reductions that would go wrong together: of one expression, or every one over the same axes."""
    found: Groups = {}
    for at, step in steps:
        if kernels.name_of(step.kernel) in REDUCTIONS and len(step.args) > 1 and floating(recording, step.args[0]):
            dim = recording.values[step.args[0]].dim()
            axes = tuple(sorted(axis % dim for axis in step.args[1])) if dim else ()
            if axes and dim <= MOST_AXES:
                found.setdefault((said.step(step), axes, dim), []).append((at, step))
                found.setdefault((f"every {kernels.name_of(step.kernel)}", axes, dim), []).append((at, step))
    return found


def subsets(dim: int) -> Iterator[Axes]:
    for size in range(1, dim + 1):
        yield from combinations(range(dim), size)


def words_of(axes: Axes) -> str:
    return f"{'axis' if len(axes) == 1 else 'axes'} {' and '.join(str(axis) for axis in axes)}"


def keeps_axes(step: Step) -> bool:
    return len(step.args) > 2 and bool(step.args[2])


def has_place(step: Step, axes: Axes, other: Axes) -> bool:
    """Return whether a reduction over other axes leaves those that its result has."""
    return keeps_axes(step) or set(axes) <= set(other)


def is_averaged(step: Step, recording: Recording) -> bool:
    """Return whether a reduction is divided by the number of its terms, or is no sum."""
    if kernels.name_of(step.kernel) != "sum":
        return True
    count = recording.values[step.args[0]].numel() / max(1, recording.values[step.results].numel())
    divided = (one.args for one in recording.steps if kernels.name_of(one.kernel) == "div")
    return any(of == step.results and type(by) is not Slot and by == count for of, by, *_ in divided)


def reduced(step: Step, axes: Axes, other: Axes, keeps: bool) -> Change:
    """Return the change to a reduction over other axes; a mean of them, where `keeps`, in place of a sum."""
    kept = keeps_axes(step)

    def change(held: Values) -> Tensor:
        value, *_ = filled(step.args[:1], held)
        result: Tensor = step.kernel(value, list(other), True)
        if keeps and kernels.name_of(step.kernel) == "sum":
            result = result * (extent(value, axes) / extent(value, other))
        if kept:
            return result
        shape = [size for axis, size in enumerate(value.shape) if axis not in axes]
        return result.squeeze(axes).expand(shape).clone()

    return change


def extent(value: Tensor, axes: Axes) -> int:
    """Return how many elements a reduction takes together."""
    count = 1
    for axis in axes:
        count *= value.shape[axis]
    return count
