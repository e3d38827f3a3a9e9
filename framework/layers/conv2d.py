"""Convolution of images."""

from framework.layers.convolution import Convolution


class Conv2d(Convolution):
    """Slide a bank of kernels over an image (as a correlation: the kernels are not flipped), then add a bias.

    Shapes    x, dx   (N, C, H, W), or (C, H, W)
              y, dy   (N, O, P, Q), or (O, P, Q),  P = floor((H + 2 padding - dilation (Kh - 1) - 1) / stride) + 1,
              Q alike; P = H and Q = W for padding same, which lays the odd pixel after the image
              weight  (O, C/groups, Kh, Kw)
              bias    (O,), or None
    Forward   y[n, o, p, q] = bias[o] + Σ over c, i, j of weight[o, c, i, j] x[n, c, h, w],
              h = p stride + i dilation - padding, w alike, c within the group of o; outside the image x is 0, or what
              padding_mode says: the image reflected, its outermost pixel replicated, or its other end (circular)
    Backward  dx      = Σ over o, i, j of weight dy, laid back where it was seen, also through the padding
              dweight = Σ over n, p, q of dy x, at the same indices
              dbias   = Σ dy over n, p, q
    Source    LeCun et al. 1989, Neural Computation 1(4); sizes as Dumoulin & Visin 2016, relation 6, with dilation
              (Yu & Koltun 2016, eq. 2); padding and initial values as torch.nn.Conv2d.
    Raises    ValueError if the channels do not divide by groups, an option is out of range, padding is "same" beside a
              stride, x is not of these shapes, smaller than the dilated kernel, or holds less than padding_mode shows
              outside it; TypeError if the dtype of x is not that of weight.
    """
