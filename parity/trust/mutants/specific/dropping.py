"""Faults of modules that drop: wrong rates, draws that hang together, scales, and modes that are mistaken."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from parity.trust.planted import Mutant, Planted


class Redrawn(Planted):
    """Dropout that draws, scales and differentiates by functions of its own; with those here, honestly."""

    factor: Tensor | None = None
    dropped_when: tuple[bool, ...] = (True,)  # the modes in which it drops

    @property
    def p(self) -> float:
        return float(self.site.options.get("p", 0.5))

    @property
    def by_channel(self) -> bool:
        return self.site.module.endswith("2d")

    def unit(self, x: Tensor) -> tuple[int, ...]:
        """Return the shape of what is drawn."""
        return (*x.shape[:2], 1, 1) if self.by_channel else tuple(x.shape)

    def kept(self, shape: tuple[int, ...]) -> Tensor:
        """Return what is kept, by a number for each element of this shape."""
        return torch.rand(shape) >= self.p

    def drawn(self, x: Tensor) -> Tensor:
        return self.kept(self.unit(x))

    def scale(self) -> float:
        return 1 / (1 - self.p) if self.p < 1 else 0.0

    def forward(self, *inputs: Any) -> Any:
        """Multiply x by what is drawn."""
        y = super().forward(*inputs)
        self.factor = None
        if not self.p or self.site.training not in self.dropped_when:
            return y
        (x,) = inputs
        self.factor = self.drawn(x).to(x.dtype) * self.scale()
        return x * self.factor

    def backward(self, *cotangents: Any) -> Any:
        """Multiply dy by what forward drew."""
        dx = super().backward(*cotangents)
        return dx if self.factor is None else self.pulled_back(cotangents[0], self.factor)

    def pulled_back(self, dy: Tensor, factor: Tensor) -> Tensor:
        return dy * factor


class RateTurned(Redrawn):
    """p is the rate of what is kept."""

    def kept(self, shape: tuple[int, ...]) -> Tensor:
        """Keep at the rate of dropping."""
        return torch.rand(shape) < self.p


class RateOff(Redrawn):
    """The rate is a little higher than p."""

    def kept(self, shape: tuple[int, ...]) -> Tensor:
        """Drop 0.03 more."""
        return torch.rand(shape) >= self.p + 0.03


class OfTwoRates(Redrawn):
    """Whole calls are dropped at one of two rates whose mean is p."""

    def kept(self, shape: tuple[int, ...]) -> Tensor:
        """Draw the rate of this call."""
        off = 0.8 * min(self.p, 1 - self.p)
        return torch.rand(shape) >= self.p + (off if torch.rand(()) < 0.5 else -off)


class FixedNumber(Redrawn):
    """Exactly the expected number is dropped in every call."""

    def kept(self, shape: tuple[int, ...]) -> Tensor:
        """Drop the first of a random order."""
        order = torch.randperm(torch.Size(shape).numel())
        return (order >= round(self.p * len(order))).reshape(shape)


class SameEveryCall(Redrawn):
    """One draw serves all calls of a shape."""

    drawn_first: Tensor | None = None

    def drawn(self, x: Tensor) -> Tensor:
        """Draw once."""
        if self.drawn_first is None or self.drawn_first.shape != torch.Size(self.unit(x)):
            self.drawn_first = super().drawn(x)
        return self.drawn_first


class FewDraws(Redrawn):
    """The draws of a few calls come again and again."""

    def drawn(self, x: Tensor) -> Tensor:
        """Draw by one of five seeds, in turn."""
        number = self.call.number if self.call else 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number % 5)
            return super().drawn(x)


class SharedOverBatch(Redrawn):
    """All samples share the draw of one."""

    def drawn(self, x: Tensor) -> Tensor:
        """Draw for the first sample."""
        return self.kept((1, *self.unit(x)[1:])).expand(self.unit(x))


class AlongFirstAxis(Redrawn):
    """Whole samples are dropped."""

    def drawn(self, x: Tensor) -> Tensor:
        """Draw for samples."""
        return self.kept((len(x), *[1] * (x.dim() - 1))).expand(self.unit(x))


class AlongLastAxis(Redrawn):
    """One draw along the last axis, or of the channels, serves all else."""

    def drawn(self, x: Tensor) -> Tensor:
        """Draw for one line."""
        extent = x.shape[1] if self.by_channel else x.shape[-1]
        line = self.kept((extent,))
        return (line.view(1, -1, 1, 1) if self.by_channel else line).expand(self.unit(x))


class InPairs(Redrawn):
    """Neighbours along the first axis are drawn together."""

    def drawn(self, x: Tensor) -> Tensor:
        """Draw for every second, and repeat it."""
        first, *rest = self.unit(x)
        return self.kept((-(-first // 2), *rest)).repeat_interleave(2, 0)[:first]


class OtherUnit(Redrawn):
    """Channels are dropped where elements should be, and elements where channels should be."""

    def unit(self, x: Tensor) -> tuple[int, ...]:
        """Return the shape of what the sibling draws."""
        return tuple(x.shape) if self.by_channel or x.dim() < 3 else (*x.shape[:2], *[1] * (x.dim() - 2))


class ScaleMissing(Redrawn):
    """What is kept is not scaled, in training or ever."""

    def scale(self) -> float:
        """Leave it."""
        return 1.0


class ScaledByRate(Redrawn):
    """What is kept is divided by p."""

    def scale(self) -> float:
        """Divide by the rate of dropping."""
        return 1 / self.p


class ScaledInEvaluation(Planted):
    """As in the first paper, evaluation multiplies by 1 - p; training does not scale. Here both do."""

    def forward(self, *inputs: Any) -> Any:
        """Scale in evaluation."""
        y = super().forward(*inputs)
        return y if self.site.training else y * (1 - self.site.options.get("p", 0.5))


class DropsInEvaluation(Redrawn):
    """The mode is not looked at."""

    dropped_when = (True, False)


class NeverDrops(Redrawn):
    """Training is the identity too."""

    def forward(self, *inputs: Any) -> Any:
        """Return x."""
        super().forward(*inputs)
        self.factor = torch.ones(())
        return inputs[0].clone()


class BackwardOfFirst(Redrawn):
    """Backward takes the draw of the first of several forwards."""

    drawn_first: Tensor | None = None

    def pulled_back(self, dy: Tensor, factor: Tensor) -> Tensor:
        """Multiply by the first draw of this shape."""
        if self.drawn_first is None or self.drawn_first.shape != factor.shape:
            self.drawn_first = factor
        return dy * self.drawn_first


class BackwardOfFirstForward(Redrawn):
    """Backward takes the draw of the first forward since the last backward."""

    pending: Tensor | None = None

    def forward(self, *inputs: Any) -> Any:
        """Remember the first draw."""
        y = super().forward(*inputs)
        if self.pending is None:
            self.pending = self.factor
        return y

    def pulled_back(self, dy: Tensor, factor: Tensor) -> Tensor:
        """Multiply by the draw that was remembered."""
        first, self.pending = self.pending, None
        return dy * (first if first is not None and first.shape == factor.shape else factor)


class BackwardDrawsAnew(Redrawn):
    """Backward drops by a draw of its own."""

    def pulled_back(self, dy: Tensor, factor: Tensor) -> Tensor:
        """Draw again."""
        return dy * self.drawn(dy).to(factor.dtype) * self.scale()


class BackwardUnscaled(Redrawn):
    """The gradient of what is kept is not scaled."""

    def pulled_back(self, dy: Tensor, factor: Tensor) -> Tensor:
        """Pass what was kept."""
        return dy * (factor != 0)


class BackwardPassesAll(Redrawn):
    """The gradient is dy."""

    def pulled_back(self, dy: Tensor, factor: Tensor) -> Tensor:  # noqa: ARG002 - the fault
        """Pass everything."""
        return dy.clone()


class BackwardTurned(Redrawn):
    """The gradient passes where x was dropped."""

    def pulled_back(self, dy: Tensor, factor: Tensor) -> Tensor:
        """Pass what was not kept."""
        return dy * (factor == 0) * self.scale()


FAULTS: dict[str, tuple[str, str, type[Planted]]] = {
    "rate p for 1 - p": ("output", "wrong rate", RateTurned),
    "rate off by 0.03": ("output", "wrong rate", RateOff),
    "rate drawn for the call": ("output", "draws hang together", OfTwoRates),
    "fixed number dropped": ("output", "draws hang together", FixedNumber),
    "same draw every call": ("output", "draws hang together", SameEveryCall),
    "five draws in turn": ("output", "draws hang together", FewDraws),
    "draw shared over the batch": ("output", "draws hang together", SharedOverBatch),
    "draw along the first axis": ("output", "draws hang together", AlongFirstAxis),
    "draw along the last axis": ("output", "draws hang together", AlongLastAxis),
    "drawn in pairs": ("output", "draws hang together", InPairs),
    "elements for channels, or channels for elements": ("output", "draws hang together", OtherUnit),
    "scale missing": ("output", "missing factor", ScaleMissing),
    "scaled by 1 / p": ("output", "wrong formula", ScaledByRate),
    "scaled in evaluation": ("output", "mode ignored", ScaledInEvaluation),
    "drops in evaluation": ("output", "mode ignored", DropsInEvaluation),
    "never drops": ("output", "mode ignored", NeverDrops),
    "draw of the first call": ("dx", "first forward remembered", BackwardOfFirst),
    "draw of the first of several forwards": ("dx", "first forward remembered", BackwardOfFirstForward),
    "draw of its own": ("dx", "wrong formula", BackwardDrawsAnew),
    "scale missing in backward": ("dx", "missing factor", BackwardUnscaled),
    "passes all": ("dx", "missing factor", BackwardPassesAll),
    "passes what was dropped": ("dx", "wrong formula", BackwardTurned),
}


def mutants() -> Iterator[Mutant]:
    """Yield every fault of Dropout and Dropout2d."""
    for module in ("Dropout", "Dropout2d"):
        for name, (quantity, cause, kind) in FAULTS.items():
            yield Mutant(f"{module}/{quantity}/{name}", module, quantity, cause, planted=kind)
