"""Transposed convolution of volumes."""

from framework.layers.transposed_convolution import TransposedConvolution


class ConvTranspose3d(TransposedConvolution):
    """The adjoint of a convolution of volumes: spread every element over the volume by a kernel, then add a bias.

    Shapes    x, dx   (N, C, D, H, W), or (C, D, H, W)
              y, dy   (N, O, *P), or (O, *P),  each P of its axis as that of ConvTranspose2d
              weight  (C, O/groups, Kd, Kh, Kw)
              bias    (O,), or None
    Forward   y = the convolution's dx for dy = x, plus bias
    Backward  dx = the convolution of dy;  dweight = its dweight with x and dy exchanged;  dbias = Σ dy over n, *P
    Source    As ConvTranspose2d; torch.nn.ConvTranspose3d.
    Raises    As ConvTranspose2d.
    """

    axes = 3
