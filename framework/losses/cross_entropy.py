"""Cross-entropy of scores against classes."""

from torch import Tensor, int64

from framework import arguments, blocks
from framework.exponential import exp
from framework.layers.log_softmax import log_shares
from framework.losses.classes import Chosen, ClassLoss, along
from framework.module import Saved


def forward(p: Tensor, t: Tensor | Chosen, axis: int, weight: Tensor | None, smoothing: float) -> tuple[Tensor, Saved]:
    log_q = log_shares(p, axis) if p.numel() else p.clone()  # (N, C, *)
    share = smoothing / max(1, p.shape[axis])
    if isinstance(t, Tensor):
        a = t.mul(1 - smoothing).add_(share) if smoothing else t
        a = a if weight is None else a * along(weight, p, axis)
        return -(log_q * a).sum(axis), (log_q, a)
    values = t.weighed(-log_q.gather(axis, t.places))  # (N, 1, *)
    if weight is None or not smoothing:
        return values.squeeze(axis), (log_q, *t.tensors())
    spread = along(weight, p, axis) * share
    values.mul_(1 - smoothing).sub_(t.kept((log_q * spread).sum(axis, keepdim=True)))
    return values.squeeze(axis), (log_q, *t.tensors(), spread)


@blocks.rowwise
def weighed(log_q: Tensor, weight: Tensor, axis: int, out: Tensor | None = None) -> Tensor:  # noqa: ARG001 - of a slice
    return exp(log_q, out).mul_(weight)


def backward(dy: Tensor, saved: Saved, axis: int, smoothing: float, scale: float = 1.0) -> Tensor:
    log_q, t, *rest = saved
    dvalues = (dy * scale).unsqueeze(axis) if dy.dim() else dy * scale
    if t.dtype != int64:
        da = t * dvalues
        return weighed(log_q, da.sum(axis, keepdim=True), axis).sub_(da)
    target, spread, dvalues = Chosen(t, *rest[:2]), rest[2:], dvalues.expand_as(t)  # (N, 1, *)
    dchosen = target.weighed(dvalues)
    if spread:
        dchosen, dvalues = dchosen * (1 - smoothing), target.kept(dvalues)
        dp = weighed(log_q, dvalues * spread[0].sum() + dchosen, axis).addcmul_(dvalues, spread[0], value=-1)
    else:
        dp = weighed(log_q, dchosen, axis)
    return dp.scatter_add_(axis, t, -dchosen)


class CrossEntropyLoss(ClassLoss):
    """Negative log-likelihood of the target under the softmax of p; the mean is over positions, not over classes.

    Shapes    p, dp   (N, C, *), or (C) for one sample
              t       (N, *) or (), int64 class indices, or as p, probabilities in the dtype of p
              weight  (C)
              y, dy   (), or (N, *) when reduction is none
    Forward   log q  = p - max p - log Σ exp(p - max p), maximum and sum over the classes
              values = -Σ a log q over the classes, 0 where t = ignore_index; for an index, t = onehot(t) in
              a      = weight ((1 - ε) t + ε / C), ε = label_smoothing;
              the mean over indices divides by Σ weight[t], those that are ignored left out
    Backward  dp = (q Σ a - a) · scale · dy, and 0 where t = ignore_index
    Source    Bridle 1990, eq. 4 and 5; smoothing as in Szegedy et al. 2016, "Rethinking the Inception architecture",
              §7; torch.nn.CrossEntropyLoss, without its size_average and reduce.
    Raises    TypeError if an option or t is of another kind, or weight not in the dtype of p; ValueError if
              label_smoothing is not in 0 ... 1, a class index not in 0 ... C - 1, ignore_index not negative beside
              probabilities, or a shape or device does not fit.
    """

    def __init__(
        self,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(reduction, weight, ignore_index)
        self.label_smoothing = arguments.number(self.label(), "label_smoothing", label_smoothing, least=0.0)
        if self.label_smoothing > 1:
            raise ValueError(f"{self.label()}: label_smoothing must be at most 1, was {label_smoothing}")

    def options(self) -> dict[str, object]:
        return super().options() | {"label_smoothing": self.label_smoothing}

    def validate(self, p: Tensor, t: Tensor) -> None:
        layer, positions = self.label(), self.positions(p)
        if not isinstance(t, Tensor) or (t.dtype != int64 and (t.dtype != p.dtype or t.shape != p.shape)):
            held = f"{t.dtype} of shape {tuple(t.shape)}" if isinstance(t, Tensor) else type(t).__name__
            raise TypeError(
                f"{layer}: t must be torch.int64 class indices of shape {positions} "
                f"or {p.dtype} probabilities of shape {tuple(p.shape)}, was {held}"
            )
        if t.dtype == int64:
            self.place(p, t)
            return
        arguments.placed(layer, "t", arguments.floating(layer, "t", t), p, "p")
        if self.ignore_index >= 0:
            raise ValueError(f"{layer}: ignore_index must be negative beside probabilities, was {self.ignore_index}")

    def of_classes(self, p: Tensor) -> Tensor | None:
        return p.new_ones(p.shape[self.axis(p)]) if self.weight is None and self.label_smoothing else self.weight

    def compute(self, p: Tensor, t: Tensor | Chosen) -> tuple[Tensor, Saved]:
        return forward(p, t, self.axis(p), self.of_classes(p), self.label_smoothing)

    def weights(self, saved: Saved) -> Tensor | None:
        return saved[2] if saved[1].dtype == int64 and len(saved) > 2 else None

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self.axis(saved[0]), self.label_smoothing, scale)
