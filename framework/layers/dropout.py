"""Dropout of single elements."""

from torch import Tensor

from framework.layers.dropping import Dropping


class Dropout(Dropping):
    """Drop each element with probability p while training, and make up for it in those that are kept.

    Shapes    x, dx, y, dy, m  (*)
    Forward   y  = m x;  m = 0 with probability p, else 1 / (1 - p), drawn anew for every element of every call
              by torch's global generator. In evaluation, and for p = 0, y = x, the same tensor
    Backward  dx = m dy, with the m of the last forward
    Source    Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, "Dropout: a simple way to prevent neural
              networks from overfitting", §4 and §10 (scaled in training, not in evaluation); torch.nn.Dropout.
    Raises    TypeError if x is not a floating-point tensor; ValueError if p is not in 0 ... 1, or for inplace.
    """

    def drawn(self, x: Tensor) -> tuple[int, ...]:
        return tuple(x.shape)
