"""Negative log-likelihood of classes."""

from torch import Size, Tensor, int64

from framework.losses.classes import Chosen, ClassLoss
from framework.module import Saved


def forward(p: Tensor, target: Chosen, axis: int) -> tuple[Tensor, Saved]:
    values = target.weighed(-p.gather(axis, target.places)).squeeze(axis)  # (N, *)
    return values, target.tensors()


def backward(dy: Tensor, saved: Saved, shape: Size, axis: int, scale: float = 1.0) -> Tensor:
    """Return dp, of this shape."""
    target = Chosen(*saved)
    dvalues = (dy * -scale).unsqueeze(axis) if dy.dim() else (dy * -scale).expand_as(target.places)
    return dy.new_zeros(shape).scatter_(axis, target.places, target.weighed(dvalues))


class NLLLoss(ClassLoss):
    """Negative log-likelihood of the target where p holds log-probabilities: CrossEntropyLoss after LogSoftmax.

    Shapes    p, dp   (N, C, *), or (C) for one sample
              t       (N, *) or (), int64 class indices
              weight  (C)
              y, dy   (), or (N, *) when reduction is none
    Forward   values = -weight[t] p[t], and 0 where t = ignore_index; the mean divides by Σ weight[t], those left out
    Backward  dp = -weight[t] onehot(t) · scale · dy, and 0 where t = ignore_index; scale = 1 / Σ weight[t] for the mean
    Source    Bridle 1990, eq. 5; torch.nn.NLLLoss, whose size_average and reduce are not taken.
    Raises    TypeError if ignore_index is no int, weight no floating-point tensor in the dtype of p, or t not int64;
              ValueError if a class index is not in 0 ... C - 1, p has no axis, or a shape or device does not fit.
    """

    def __init__(self, reduction: str = "mean", weight: Tensor | None = None, ignore_index: int = -100) -> None:
        super().__init__(reduction, weight, ignore_index)
        self._shape = Size()

    def validate(self, p: Tensor, t: Tensor) -> None:
        self.positions(p)
        if not isinstance(t, Tensor) or t.dtype != int64:
            held = t.dtype if isinstance(t, Tensor) else type(t).__name__
            raise TypeError(f"{self.label()}: t must be torch.int64 class indices, was {held}")
        self.place(p, t)

    def compute(self, p: Tensor, target: Chosen) -> tuple[Tensor, Saved]:
        self.note(_shape=p.shape)
        return forward(p, target, self.axis(p))

    def weights(self, saved: Saved) -> Tensor | None:
        return saved[1] if len(saved) > 1 else None

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self._shape, self.axis(saved[0]), scale)
