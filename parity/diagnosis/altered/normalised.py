"""Hypotheses of a layer that normalises: a term of the derivative left out, eps or a root misplaced, other axes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from parity.diagnosis.altered.model import is_that_of, quantity_of
from parity.diagnosis.conditions import left_out
from parity.diagnosis.symptom import Explanation, Explanations, Symptom
from parity.verdict.draw import Tensors

AXES = ("samples", "channels", "rows", "columns")
EPSILONS = (1e-3, 1e-5, 1e-6, 1e-8, 1e-12)  # that libraries have


@dataclass(frozen=True)
class Norm:
    """What is normalised, and what is wrong with it.

    axes       of x, as it is or in groups, over which statistics are taken
    groups     channels are dealt to so many, each a block of its own; 0 for none
    in_turn    they are dealt like cards, not in blocks
    centred    the mean is taken off
    constant   statistics through which nothing is passed back: "mean", "variance"
    unbiased   the variance is divided by n - 1
    root, eps  whether a root is taken, and where eps is added: "inside" or "beside" it, or "nowhere"
    shown      what the weight multiplies where it is not the normalised x: "x", "off" its mean alone, or x divided,
               and then less its mean: "late"
    by_channel whether parameters are of the channels; None where the axes tell
    crossed    it is divided by the mean of squares where it is centred, by the variance where it is not
    beside     the axes over which the textbooks' terms of the mean and of the variance are taken, where other ones
    """

    axes: tuple[int, ...]
    groups: int = 0
    in_turn: bool = False
    centred: bool = True
    constant: tuple[str, ...] = ()
    unbiased: bool = False
    root: bool = True
    eps: str = "inside"
    shown: str = ""
    crossed: bool = False
    beside: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    by_channel: bool | None = None

    def blocks(self, x: Tensor) -> Tensor:
        """Return x in groups, where there are some."""
        if not self.groups:
            return x
        if self.in_turn:
            return x.reshape(len(x), -1, self.groups, *x.shape[2:]).transpose(1, 2).flatten(2)
        return x.reshape(len(x), self.groups, -1)

    def whole(self, blocks: Tensor, x: Tensor) -> Tensor:
        """Return blocks in the order of x."""
        if not self.in_turn:
            return blocks.reshape(x.shape)
        return blocks.reshape(len(x), self.groups, -1, *x.shape[2:]).transpose(1, 2).reshape(x.shape)

    def laid_out(self, parameter: Tensor, x: Tensor) -> Tensor:
        """Return a parameter beside x: of the last axes where it has their shape, else of the channels."""
        last = parameter.shape == x.shape[x.dim() - parameter.dim() :]
        by_channel = parameter.dim() == 1 and self.lies_by_channel(x)
        return parameter if last and not by_channel else parameter.reshape(-1, *[1] * (x.dim() - 2))

    def lies_by_channel(self, x: Tensor) -> bool:
        """Whether a vector of parameters is of the channels of x, and not of its last axis."""
        return x.dim() > 2 and self.axes != (x.dim() - 1,) if self.by_channel is None else self.by_channel

    def off(self, x: Tensor) -> Tensor:
        """Return the blocks of x less their mean."""
        blocks = self.blocks(x)
        mean = blocks.mean(self.axes, keepdim=True)
        return blocks - (mean.detach() if "mean" in self.constant else mean) if self.centred else blocks

    def scale(self, eps: float, off: Tensor) -> Tensor:
        """Return what a block is divided by."""
        squares = off.square().sum(self.axes, keepdim=True)
        variance = squares / (off.numel() // max(1, squares.numel()) - self.unbiased)
        variance = variance.detach() if "variance" in self.constant else variance
        scale = variance + eps if self.eps == "inside" else variance
        return (scale.sqrt() if self.root else scale) + (eps if self.eps == "beside" else 0.0)

    def divisor(self, eps: float, x: Tensor) -> Tensor:
        """Return what the blocks of x are divided by."""
        return self.scale(eps, replace(self, centred=self.centred != self.crossed).off(x))

    def output(self, eps: float, x: Tensor, parameters: Tensors) -> Tensor:
        """Return the output, x and parameters in float64."""
        off = self.off(x)
        shown = self.whole({"x": self.blocks(x), "off": off, "": off / self.divisor(eps, x)}.get(self.shown, off), x)
        shown = self.whole(self.late(eps, x), x) if self.shown == "late" else shown
        weight, bias = (parameters.get(name) for name in ("weight", "bias"))
        y = shown if weight is None else shown * self.laid_out(weight, x)
        return y if bias is None else y + self.laid_out(bias, x)

    def late(self, eps: float, x: Tensor) -> Tensor:
        """Return the blocks of x, divided, and then less their mean."""
        blocks = self.blocks(x)
        return blocks / self.divisor(eps, x) - (blocks - self.off(x))

    def dx(
        self,
        eps: float,
        given: Sequence[Tensor],
        parameters: Tensors,
        shares: tuple[float, float],
        kept: Tensor | None = None,
    ) -> Tensor:
        """Return dx of (x, dy) by the formula of textbooks, with so much of the mean's term and of the variance's.

        kept stands for x normalised, in blocks. Of a wrong statistic it is not the derivative of a wrong forward: who
        writes the formula by hand has it so.
        """
        (x, dy), (of_mean, of_variance) = given, shares
        off = self.off(x)
        scale, weight = self.divisor(eps, x), parameters.get("weight")
        g = self.blocks(dy if weight is None else dy * self.laid_out(weight, x))
        xhat = off / scale if kept is None else kept
        over_mean, over_variance = self.beside or (self.axes, self.axes)
        by_mean = of_mean * g.mean(over_mean, keepdim=True) if self.centred else 0.0
        by_variance = of_variance * xhat * (g * xhat).mean(over_variance, keepdim=True)
        return self.whole((g - by_mean - by_variance) / scale, x)


def norms(x: Tensor, options: Mapping[str, Any]) -> dict[str, Norm]:
    """Return what a layer may normalise over, in words."""
    axes = tuple(range(x.dim()))
    found = {"samples and places": Norm((0, *axes[2:])), "the last axis alone": Norm(axes[-1:])}
    if x.dim() > 2:
        found |= {"places": Norm(axes[2:]), "channels and places": Norm(axes[1:])}
        found["the last two axes"] = Norm(axes[-2:])
        found |= {"samples alone": Norm((0,)), "channels alone": Norm((1,))}
    if x.dim() == 4:
        found |= {"samples and rows, not columns": Norm((0, 2)), "samples and columns, not rows": Norm((0, 3))}
    if x.dim() > 1 and x.shape[1] % (groups := options.get("num_groups", 1)) == 0:
        found["groups of channels"] = Norm((2,), groups)
        found["the same group of channels in all samples"] = Norm((0, 2), groups)
        if groups > 1:
            found["channels that are dealt to the groups in turn, like cards"] = Norm((2,), groups, in_turn=True)
    return found


def wrongly(right: Norm) -> Iterator[tuple[str, str, Norm]]:
    """Yield the kind of a cause, its words, and the norm that is wrong so."""
    if right.centred:
        of_mean, of_both = (replace(right, constant=names) for names in (("mean",), ("mean", "variance")))
        yield "missing term", "the mean is taken as a constant: its term is left out", of_mean
        yield "missing term", "mean and variance are taken as constants: both their terms are left out", of_both
        yield "missing term", "the mean is not taken off", replace(right, centred=False)
        late = "the mean is taken off after the division by the deviation: x / deviation - mean"
        yield "order", late, replace(right, shown="late")
    else:
        yield "extra term", "the mean is taken off, where nothing is to be", replace(right, centred=True)
    of_squares = ("the mean of the squares", "the variance")[:: 1 if right.centred else -1]
    yield "formula", "it is divided by the root of {}, not of {}".format(*of_squares), replace(right, crossed=True)
    constant = replace(right, constant=("variance",))
    yield "missing term", "the variance is taken as a constant: its term is left out", constant
    yield "formula", "the variance is divided by n - 1 in place of n", replace(right, unbiased=True)
    yield "formula", "it is divided by the variance, not by its root", replace(right, root=False)
    yield "epsilon", "eps is added to the root, not below it", replace(right, eps="beside")
    yield "epsilon", "eps is left out", replace(right, eps="nowhere")
    yield "wrong tensor", "it is that of x itself, not of x normalised", replace(right, shown="x")
    yield "factor missing", "it is that of x less its mean: 1 / deviation is missing", replace(right, shown="off")


def otherwise(symptom: Symptom) -> Explanations:
    """Yield what each fault gives, where the right formula, over some axes, gives the truth."""
    options, x = left_out(symptom.trial.cell) | dict(symptom.trial.cell.case.options), symptom.drawn.x
    if "eps" not in options or x.dim() < 2 or not x.numel():
        return
    eps = torch.finfo(symptom.trial.cell.torch_dtype).eps if options["eps"] is None else options["eps"]
    parameters = {name: value.double() for name, value in symptom.drawn.parameters.items()}
    weight = symptom.drawn.parameters.get("weight")
    if symptom.quantity in ("dweight", "dbias") and weight is not None:
        words = "it is multiplied by weight: it is of what comes back through weight, not of dy"
        yield Explanation("factor", words, symptom.truth * weight.double())
    every = norms(x, options)
    for words, norm in [(words, replace(one, centred=of)) for words, one in every.items() for of in (True, False)]:
        try:
            right = is_that_of(symptom, norm.output(eps, x.double(), parameters))
        except RuntimeError:  # parameters of other axes
            continue
        if right:
            yield from of_norm(symptom, norm, eps)
            for other, one in every.items():
                if other != words:
                    told = f"statistics are taken over {other}, not over {words}"
                    other_axes = replace(one, centred=norm.centred, by_channel=norm.lies_by_channel(x))
                    yield from by_either(symptom, "axes", told, other_axes, eps)
                    yield from by_hand(symptom, ("axes", told), replace(other_axes, beside=(norm.axes, norm.axes)), eps)
            return


def of_norm(symptom: Symptom, right: Norm, eps: float) -> Explanations:
    """Yield what the faults of a norm give; of dx also by the formula of textbooks, in which a share may be wrong."""
    for kind, words, wrong in wrongly(right):
        yield from by_either(symptom, kind, words, wrong, eps)
    for other in dict.fromkeys((*EPSILONS, 10 * eps)):
        if other != eps:
            yield from by_either(symptom, "epsilon", f"eps is taken as {other:g}", right, other)
    yield from by_share(symptom, right, eps)
    yield from over_others(symptom, right, eps)
    yield from with_parameters(symptom, right, eps)


def term_counts(n: int, samples: int) -> dict[str, float]:
    """Return how often a term of dx may count, in words; of n elements that a statistic is taken over."""
    return {
        "is there twice": 2.0,
        "has the wrong sign": -1.0,
        "is half of the right one": 0.5,
        "is divided by n - 1 in place of n": n / max(1, n - 1),
        "is a sum in place of a mean": n,
        "is divided by n twice": 1 / n,
        "is multiplied by the batch size": samples,
    }


def by_share(symptom: Symptom, right: Norm, eps: float) -> Explanations:
    """Yield dx by the formula of textbooks, in which a term counts more or less than once."""
    x = symptom.drawn.x
    blocks = right.blocks(x)
    n = math.prod(blocks.shape[axis] for axis in right.axes)
    for words, count in term_counts(n, len(x)).items():
        for term, counts in {"mean": (count, 1.0), "variance": (1.0, count)}.items():
            if right.centred or term == "variance":
                yield from by_hand(symptom, ("formula", f"the term of the {term} {words}"), right, eps, counts)
        if right.centred:
            told = "formula", f"the terms of mean and variance: each {words}"
            yield from by_hand(symptom, told, right, eps, (count, count))


def over_others(symptom: Symptom, right: Norm, eps: float) -> Explanations:
    """Yield dx by the formula of textbooks, in which the mean of a term, or of both, is taken over other axes."""
    count = right.blocks(symptom.drawn.x).dim()
    names = ("samples", "groups", "what a group holds") if right.groups else AXES[:count]
    every = [axes for size in range(1, count + 1) for axes in combinations(range(count), size) if axes != right.axes]
    for axes in every if count == len(names) else ():
        over, wanted = (" and ".join(names[axis] for axis in of) for of in (axes, right.axes))
        terms = {"terms of mean and variance are": (axes, axes)}
        if right.centred:
            terms |= {"term of the mean is": (axes, right.axes), "term of the variance is": (right.axes, axes)}
        for term, beside in terms.items():
            told = "axes", f"in dx the {term} taken over {over}, not over {wanted}"
            yield from by_hand(symptom, told, replace(right, beside=beside), eps)


def with_parameters(symptom: Symptom, right: Norm, eps: float) -> Explanations:
    """Yield: weight comes in at the wrong place of a gradient, or eps is not in all of dx; y for x normalised."""
    drawn, weight = symptom.drawn, symptom.drawn.parameters.get("weight")
    x = drawn.x.double()
    if not symptom.of_forward and drawn.dy is not None:
        y, dy = symptom.trial.evidence.truth["output"], drawn.dy.double()
        words = "y stands where x normalised belongs, as where the one is written over the other"
        if symptom.quantity == "dweight" and weight is not None:
            beside = [axis for axis in range(x.dim()) if right.laid_out(weight, x).expand_as(x).stride(axis) == 0]
            yield Explanation("wrong tensor", words, (dy * y).sum(beside).reshape(symptom.truth.shape))
        if symptom.quantity == "dx":
            given = (x, dy)
            parameters = {} if weight is None else {"weight": weight.double()}
            yield Explanation("wrong tensor", words, right.dx(eps, given, parameters, (1.0, 1.0), right.blocks(y)))
    if symptom.quantity == "dx" and drawn.dy is not None:
        off = right.off(x)
        share = right.scale(eps, off) / right.scale(0.0, off)
        value = right.whole(right.blocks(symptom.truth) * share, x)
        yield Explanation("epsilon", "eps is left out of the root that dx is divided by", value)
        if weight is not None:
            without = right.dx(eps, (x, drawn.dy.double()), {}, (1.0, 1.0))
            words = "weight multiplies dx as a whole, in place of dy before its means"
            yield Explanation("order", words, without * right.laid_out(weight.double(), x))


def by_either(symptom: Symptom, kind: str, words: str, norm: Norm, eps: float) -> Explanations:
    """Yield what a norm gives by differentiation, and by hand."""
    value = quantity_of(symptom, partial(norm.output, eps))
    if value is not None:
        yield Explanation(kind, words, value)
    if not norm.constant and norm.shown in ("", "late"):
        yield from by_hand(symptom, (kind, words), norm, eps)


def by_hand(
    symptom: Symptom, told: tuple[str, str], norm: Norm, eps: float, shares: tuple[float, float] = (1.0, 1.0)
) -> Explanations:
    """Yield dx by the formula of textbooks."""
    drawn = symptom.drawn
    if symptom.quantity == "dx" and drawn.dy is not None:
        parameters = {name: value.double() for name, value in drawn.parameters.items()}
        x = drawn.x.double()
        kept = norm.late(eps, x) if norm.shown == "late" else None
        yield Explanation(*told, norm.dx(eps, (x, drawn.dy.double()), parameters, shares, kept))
