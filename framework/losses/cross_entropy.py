"""Cross-entropy of scores against classes."""

from torch import Tensor, int64

from framework import arguments
from framework.losses.loss import Loss
from framework.module import Saved


def forward(p: Tensor, t: Tensor, axis: int) -> tuple[Tensor, Saved]:
    shifted = p if p.numel() == 0 else p - p.amax(axis, keepdim=True)
    log_probabilities = shifted - shifted.exp().sum(axis, keepdim=True).log_()  # (N, C, *)
    if t.dtype == int64:
        values = -log_probabilities.gather(axis, t.unsqueeze(axis)).squeeze(axis)  # (N, *)
    else:
        values = -(log_probabilities * t).sum(axis)
    return values, (log_probabilities, t)


def backward(dy: Tensor, saved: Saved, axis: int, scale: float = 1.0) -> Tensor:
    log_probabilities, t = saved
    dvalues = (dy * scale).unsqueeze(axis) if dy.dim() else dy * scale
    probabilities = log_probabilities.exp()
    if t.dtype == int64:
        places = t.unsqueeze(axis)  # (N, 1, *)
        return probabilities.mul_(dvalues).scatter_add_(axis, places, (-dvalues).expand(places.shape))
    weighted = t * dvalues
    return probabilities.mul_(weighted.sum(axis, keepdim=True)).sub_(weighted)


class CrossEntropyLoss(Loss):
    """Negative log-likelihood of the target under the softmax of p; the mean is over positions, not over classes.

    Shapes    p, dp  (N, C, *), or (C) for one sample
              t      (N, *) or (), int64 class indices, or as p, probabilities in the dtype of p
              y, dy  (), or (N, *) when reduction is none
    Forward   log q  = p - max p - log Σ exp(p - max p), maximum and sum over the classes
              values = -log q[t], or -Σ t log q over the classes
    Backward  dp = (q - onehot(t)) · scale · dy, or (q Σ t - t) · scale · dy
    Source    Bridle 1990, eq. 4 and 5; torch.nn.CrossEntropyLoss without weights, smoothing and ignored index.
    Raises    TypeError if t is neither of the two kinds; ValueError if a class index is not in 0 ... C - 1, p has
              no axis, or a shape or device does not fit.
    """

    def validate(self, p: Tensor, t: Tensor) -> None:
        layer = self.label()
        if arguments.floating(layer, "p", p).dim() < 1:
            raise ValueError(f"{layer}: p must have an axis of classes, (N, C, *) or (C), had shape {tuple(p.shape)}")
        axis = self.axis(p)
        positions, classes = p.shape[:axis] + p.shape[axis + 1 :], p.shape[axis]
        if not isinstance(t, Tensor) or (t.dtype != int64 and (t.dtype != p.dtype or t.shape != p.shape)):
            held = f"{t.dtype} of shape {tuple(t.shape)}" if isinstance(t, Tensor) else type(t).__name__
            raise TypeError(
                f"{layer}: t must be torch.int64 class indices of shape {tuple(positions)} "
                f"or {p.dtype} probabilities of shape {tuple(p.shape)}, was {held}"
            )
        arguments.placed(layer, "t", t, p, "p")
        if t.dtype != int64:
            arguments.floating(layer, "t", t)
            return
        arguments.shaped(layer, "t", t, positions)
        arguments.within(layer, "t", t, 0, classes - 1)

    def compute(self, p: Tensor, t: Tensor) -> tuple[Tensor, Saved]:
        return forward(p, t, self.axis(p))

    def differentiate(self, dy: Tensor, saved: Saved, scale: float) -> Tensor:
        return backward(dy, saved, self.axis(saved[0]), scale)

    @staticmethod
    def axis(p: Tensor) -> int:
        """Return the axis of the classes: the second, or the only one."""
        return min(1, p.dim() - 1)
