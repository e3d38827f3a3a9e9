"""Class indices as targets: which are ignored, and what each of the others weighs."""

from abc import abstractmethod
from typing import NamedTuple

from torch import Tensor, float64, int64

from framework import arguments
from framework.losses.loss import divided
from framework.losses.weighted import WeightedLoss
from framework.module import Saved


class Chosen(NamedTuple):
    """The chosen class of every position, with one class left of the axis of classes.

    places   its index; 0 where the position is ignored
    weights  what it weighs, and where it is ignored; left out where every one weighs 1
    """

    places: Tensor  # (N, 1, *)
    weights: Tensor | None = None  # (N, 1, *)
    ignored: Tensor | None = None  # (N, 1, *)

    def tensors(self) -> Saved:
        return tuple(tensor for tensor in self if tensor is not None)

    def kept(self, values: Tensor) -> Tensor:
        """Return the values with 0 where they are ignored, whatever they are."""
        return values if self.ignored is None else values.masked_fill(self.ignored, 0)

    def weighed(self, values: Tensor) -> Tensor:
        """Return what is kept of the values times the weights."""
        return values if self.weights is None else self.kept(values * self.weights)


def along(weight: Tensor, p: Tensor, axis: int) -> Tensor:
    """Return a weight of every class as it broadcasts along the classes of p."""
    return weight.view(-1, *[1] * (p.dim() - axis - 1))


def chosen(layer: str, p: Tensor, t: Tensor, weight: Tensor | None, axis: int, ignore_index: int) -> Chosen:
    """Return what `t` chooses of p; raise ValueError unless it holds a class, or ignore_index, at every position."""
    places, classes = t.unsqueeze(axis), p.shape[axis]
    low, high = map(Tensor.item, t.aminmax()) if t.numel() else (0, classes - 1)  # one reduction answers it all
    ignored = None if weight is None and not low <= ignore_index <= high else places == ignore_index
    if low < 0 or high >= classes:
        arguments.within(layer, "t", t if ignored is None else places.masked_fill(ignored, 0), 0, classes - 1)
    if ignored is None:
        return Chosen(places)
    if not ignored.any():
        return Chosen(places) if weight is None else Chosen(places, weight[places], ignored)
    places = places.masked_fill(ignored, 0)
    weights = p.new_ones(places.shape) if weight is None else weight[places]
    return Chosen(places, weights.masked_fill_(ignored, 0), ignored)


class ClassLoss(WeightedLoss):
    """A loss against class indices; the mean is over their weights, those that are ignored left out."""

    weight: Tensor | None

    def __init__(self, reduction: str, weight: Tensor | None, ignore_index: int) -> None:
        super().__init__(reduction, weight=weight)
        self.ignore_index = arguments.integer(self.label(), "ignore_index", ignore_index)
        if weight is not None and weight.dim() != 1:
            raise ValueError(f"{self.label()}: weight must have shape (C,), had {tuple(weight.shape)}")

    def options(self) -> dict[str, object]:
        return super().options() | {"ignore_index": self.ignore_index}

    @staticmethod
    def axis(p: Tensor) -> int:
        """Return the axis of the classes: the second, or the only one."""
        return min(1, p.dim() - 1)

    def positions(self, p: Tensor) -> tuple[int, ...]:
        """Return the shape of p without its axis of classes; raise TypeError or ValueError unless it and weight fit."""
        layer = self.label()
        if arguments.floating(layer, "p", p).dim() < 1:
            raise ValueError(f"{layer}: p must have an axis of classes, (N, C, *) or (C), had shape {tuple(p.shape)}")
        axis = self.axis(p)
        if self.weight is not None:
            arguments.shaped(layer, "weight", arguments.alike(layer, "weight", self.weight, p, "p"), (p.shape[axis],))
        return (*p.shape[:axis], *p.shape[axis + 1 :])

    def place(self, p: Tensor, t: Tensor) -> None:
        """Raise ValueError unless `t` has a number for every position of `p`, on its device."""
        layer = self.label()
        arguments.placed(layer, "t", arguments.shaped(layer, "t", t, self.positions(p)), p, "p")

    def examine(self, p: Tensor, t: Tensor) -> tuple[Tensor, Tensor | Chosen]:
        if t.dtype != int64:  # probabilities
            return p, t
        return p, chosen(self.label(), p, t, self.of_classes(p), self.axis(p), self.ignore_index)

    def of_classes(self, p: Tensor) -> Tensor | None:  # noqa: ARG002 - for those that override it
        """Return what every class of p weighs, None where all weigh 1."""
        return self.weight

    @abstractmethod
    def weights(self, saved: Saved) -> Tensor | None:
        """Return what every position weighs, of what forward saved; None where each counts as one."""

    def reduce(self, values: Tensor, saved: Saved) -> tuple[Tensor, float]:
        weights = self.weights(saved) if self.reduction == "mean" else None
        if weights is None:
            return super().reduce(values, saved)
        return divided(values, weights.sum(dtype=float64).item())
