"""Convolution of sequences."""

from framework.layers.convolution import Convolution


class Conv1d(Convolution):
    """Slide a bank of kernels along a sequence (as a correlation: the kernels are not flipped), then add a bias.

    Shapes    x, dx   (N, C, L), or (C, L)
              y, dy   (N, O, P), or (O, P),  P = floor((L + padding - dilation (K - 1) - 1) / stride) + 1,
              padding counted on both sides
              weight  (O, C/groups, K)
              bias    (O,), or None
    Forward   y[n, o, p] = bias[o] + Σ over c, k of weight[o, c, k] x[n, c, p stride + k dilation - padding], c within
              the group of o; outside the sequence x is 0, or what padding_mode says: the sequence reflected, its last
              element replicated, or the sequence from its other end (circular)
    Backward  dx      = Σ over o, k of weight dy, laid back where it was seen, also through the padding
              dweight = Σ over n, p of dy x, at the same indices
              dbias   = Σ dy over n, p
    Source    Waibel et al. 1989, "Phoneme recognition using time-delay neural networks"; the rest as Conv2d.
    Raises    As Conv2d.
    """

    axes = 1
