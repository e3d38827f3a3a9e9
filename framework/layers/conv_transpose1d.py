"""Transposed convolution of sequences."""

from framework.layers.transposed_convolution import TransposedConvolution


class ConvTranspose1d(TransposedConvolution):
    """The adjoint of a convolution of sequences: spread every element by a kernel, then add a bias.

    Shapes    x, dx   (N, C, L), or (C, L)
              y, dy   (N, O, P), or (O, P),  P = (L - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1
              weight  (C, O/groups, K)
              bias    (O,), or None
    Forward   y = the convolution's dx for dy = x, plus bias
    Backward  dx = the convolution of dy;  dweight = its dweight with x and dy exchanged;  dbias = Σ dy over n, p
    Source    As ConvTranspose2d; torch.nn.ConvTranspose1d.
    Raises    As ConvTranspose2d.
    """

    axes = 1
