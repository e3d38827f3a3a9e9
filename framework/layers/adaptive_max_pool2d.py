"""Maxima of the shares of an image."""

from collections.abc import Sequence

from torch import Tensor

from framework.layers.max_pool import backward, forward
from framework.layers.pooling import AdaptivePooling
from framework.module import Saved


class AdaptiveMaxPool2d(AdaptivePooling):
    """Deal the image out in output_size shares, overlapping where they must, and keep the largest number of each.

    Shapes    x, dx  (N, C, H, W) or (C, H, W)
              y, dy  (N, C, P, Q) or (C, P, Q),  (P, Q) = output_size; None keeps the extent of x
    Forward   y[n, c, p, q] = max of x[n, c, h, w] over floor(p H / P) <= h < ceil((p + 1) H / P), w alike;
              nan is above all
    Backward  dx = Σ dy over the shares whose maximum the pixel is: of equals the first, row by row; of nan the last
    Source    He, Zhang, Ren & Sun 2014, arXiv:1406.4729 (bins of a pyramid); torch.nn.AdaptiveMaxPool2d.
    Raises    ValueError if return_indices is True, output_size is below 1 or no pair, or x is no image; TypeError if x
              is not floating.
    """

    def __init__(self, output_size: int | Sequence[int | None], return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.refuse_indices(return_indices)

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_shape=x.shape)
        return forward(x, self.shares(x.shape))

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return (backward(dy, saved, self._shape, self.axes),)
