"""Means of the shares of an image."""

from torch import Tensor

from framework.images.pooling import products
from framework.layers.avg_pool import backward, forward
from framework.layers.pooling import AdaptivePooling
from framework.module import Saved


class AdaptiveAvgPool2d(AdaptivePooling):
    """Deal the image out in output_size shares, overlapping where they must, and take the mean of each.

    Shapes    x, dx  (N, C, H, W) or (C, H, W)
              y, dy  (N, C, P, Q) or (C, P, Q),  (P, Q) = output_size; None keeps the extent of x
    Forward   y[n, c, p, q] = Σ x[n, c, h, w] / D over floor(p H / P) <= h < ceil((p + 1) H / P), w alike;
              D = how many pixels these are
    Backward  dx = Σ dy / D over the shares that the pixel is in
    Source    He, Zhang, Ren & Sun 2014, arXiv:1406.4729 (bins of a pyramid); torch.nn.AdaptiveAvgPool2d.
    Raises    ValueError if output_size is below 1 or no pair, or x is no image; TypeError if x is not floating.
    """

    def divisor(self, x: Tensor) -> Tensor | int:
        """Return how many pixels each share has."""
        return products([share.lengths(x.device) for share in self.shares(self._shape)])

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_shape=x.shape)
        return forward(x, self.shares(x.shape), self.divisor(x))

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:  # noqa: ARG002 - a linear map saves nothing
        return (backward(dy, self.shares(self._shape), self.divisor(dy)),)
