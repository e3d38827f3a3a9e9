"""Hypotheses of a loss: one of its formulas is wrong, or right but for overflow, a logarithm of 0 or lost digits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from parity.catalogue.constants import built_in
from parity.diagnosis.altered.loss_formulas import FAMILIES, Each, LossFormulas, above, classes_at
from parity.diagnosis.altered.model import Formula, is_that_of
from parity.diagnosis.symptom import Explanation, Explanations, Symptom
from parity.verdict.compare import best_factor

ROUND = 1e-3  # relative, of a share of one digit


@dataclass(frozen=True)
class WrongLoss:
    """A symptom of a loss, and the family whose right formula gives its truth."""

    symptom: Symptom
    family: LossFormulas

    @classmethod
    def of(cls, symptom: Symptom) -> "WrongLoss | None":
        """Return that of a symptom; None where it is no loss, or one of another formula."""
        one = symptom.trial.cell.page.is_loss and symptom.quantity in ("output", "dx")
        candidates = (cls(symptom, family) for family in FAMILIES) if one else iter(())
        return next((loss for loss in candidates if loss.is_its_own()), None)

    def is_its_own(self) -> bool:
        """Whether the right formula of the family gives the truth."""
        try:
            return is_that_of(self.symptom, self.output(self.family.right, torch.float64))
        except (RuntimeError, ValueError, IndexError):
            return False

    @property
    def reduction(self) -> str:
        return str(self.symptom.trial.cell.case.options.get("reduction", "mean"))

    def operands(self, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return prediction and target; classes as probabilities."""
        p, t = self.symptom.drawn.x.to(dtype), self.symptom.drawn.inputs[1]
        if not t.is_floating_point():
            at = classes_at(p)
            t = torch.zeros_like(p).scatter(at, t.unsqueeze(at), 1.0)
        return p, t.to(dtype)

    @property
    def count(self) -> int:
        """How many losses there are."""
        return max(1, self.family.right(*self.operands(torch.float64)).numel())

    def weighted(self, each: Tensor) -> Tensor:
        """Return losses, or their slopes, times the weight of each, if the module was given one."""
        weight = built_in(self.symptom.trial.cell.case.options, each.dtype).get("weight")
        return each * weight if isinstance(weight, Tensor) else each

    def output(self, each: Each, dtype: torch.dtype) -> Tensor:
        """Return the losses of a formula, reduced as the module is asked to, in float64."""
        value = self.weighted(each(*self.operands(dtype)))
        by_kind = {"mean": Tensor.mean, "sum": Tensor.sum}
        return by_kind.get(self.reduction, Tensor.clone)(value).double()

    def dx(self, slope: Each, dtype: torch.dtype) -> Tensor:
        """Return dx of the derivative of each loss: times dy, over the number of losses where they are averaged."""
        p, t = self.operands(dtype)
        value, dy = self.weighted(slope(p, t)), self.symptom.drawn.dy
        if dy is not None:
            given = dy.to(dtype)
            value = value * (given.unsqueeze(classes_at(p)) if 0 < given.dim() < p.dim() else given)
        return (value / self.count if self.reduction == "mean" else value).double()


def told(formulas: Iterable[Formula], of: Callable[[Each, torch.dtype], Tensor], dtype: torch.dtype) -> Explanations:
    """Yield what formulas give."""
    for formula in formulas:
        try:
            yield Explanation(formula.kind, formula.words, of(formula.value, dtype))
        except (RuntimeError, IndexError):  # an axis that the prediction does not have
            continue


def naive(symptom: Symptom) -> Explanations:
    """Yield: the formula is right, but overflows, takes the logarithm of 0 or loses digits in its dtype."""
    loss = WrongLoss.of(symptom)
    for dtype in symptom.dtypes if loss is not None else ():
        if loss is not None and symptom.of_forward:
            yield from told(loss.family.naive(above(dtype)), loss.output, dtype)
        elif loss is not None:
            yield from told(loss.family.naive_slopes(above(dtype)), loss.dx, dtype)


def otherwise(symptom: Symptom) -> Explanations:
    """Yield: the formula is another one; of dx also where the mean's division by the number of losses is missing."""
    loss = WrongLoss.of(symptom)
    if loss is None:
        return
    for dtype in dict.fromkeys((torch.float64, symptom.trial.cell.torch_dtype)):
        if symptom.of_forward:
            yield from told(loss.family.values(), loss.output, dtype)
            yield from smoothed(loss)
        else:
            for explanation in told(loss.family.slopes(), loss.dx, dtype):
                yield explanation
                yield from undivided(loss, explanation)
            yield from smoothed(loss)


def smoothed(loss: WrongLoss) -> Explanations:
    """Yield, for a loss of classes: a share of the target, found by least squares, is spread over all of them."""
    symptom, (p, t) = loss.symptom, loss.operands(torch.float64)
    if loss.family.right(p, t).shape == p.shape:
        return
    at = classes_at(p)
    spread = t.sum(at, keepdim=True).expand(p.shape) / p.shape[at]
    symptom_at = replace(symptom.drawn, inputs=(symptom.drawn.x, spread.to(symptom.drawn.x.dtype)))
    value = symptom.reference(symptom_at)
    if value is not None:
        share = best_factor(symptom.got - symptom.truth, value - symptom.truth)
        if not 0 < share < 1 or (symptom.truth.numel() == 1 and not is_round(share)):
            return  # any number is some share of any other
        words = f"the target is smoothed: a share of {share:.4g} is spread over all classes"
        yield Explanation("target", words, symptom.truth + share * (value - symptom.truth))


def is_round(share: float) -> bool:
    """Return whether a share is one that somebody would choose: of one digit."""
    return abs(share / float(f"{share:.0e}") - 1) < ROUND


def undivided(loss: WrongLoss, explanation: Explanation) -> Explanations:
    """Yield the same, not divided by the number of losses that are averaged, or by that of their samples."""
    n, samples = loss.count, len(loss.symptom.drawn.x)
    if loss.reduction == "mean" and n > 1:
        words = f"{explanation.words}, and it is not divided by the number of losses"
        yield Explanation(explanation.kind, words, explanation.predicted * n)
    if loss.reduction == "mean" and n != samples:
        words = f"{explanation.words}, and it is divided by the batch size in place of the number of losses"
        yield Explanation(explanation.kind, words, explanation.predicted * (n / samples))
