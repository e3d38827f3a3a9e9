"""Convolution of volumes."""

from framework.layers.convolution import Convolution


class Conv3d(Convolution):
    """Slide a bank of kernels over a volume (as a correlation: the kernels are not flipped), then add a bias.

    Shapes    x, dx   (N, C, D, H, W), or (C, D, H, W)
              y, dy   (N, O, *P), or (O, *P),  each P of its axis as that of Conv2d
              weight  (O, C/groups, Kd, Kh, Kw)
              bias    (O,), or None
    Forward   y[n, o, p] = bias[o] + Σ over c, k of weight[o, c, k] x[n, c, p stride + k dilation - padding], with p and
              k triples and c within the group of o; outside the volume x is 0, or what padding_mode says
    Backward  dx      = Σ over o, k of weight dy, laid back where it was seen, also through the padding
              dweight = Σ over n, p of dy x, at the same indices
              dbias   = Σ dy over n, p
    Source    Ji, Xu, Yang & Yu 2013, "3D convolutional neural networks for human action recognition", eq. 2; the
              rest as Conv2d.
    Raises    As Conv2d.
    """

    axes = 3
