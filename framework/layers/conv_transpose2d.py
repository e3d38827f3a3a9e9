"""Transposed convolution of images."""

from framework.layers.transposed_convolution import TransposedConvolution


class ConvTranspose2d(TransposedConvolution):
    """The adjoint of a convolution: spread every pixel over the image by a kernel, then add a bias.

    Shapes    x, dx   (N, C, H, W), or (C, H, W)
              y, dy   (N, O, P, Q), or (O, P, Q),
              P = (H - 1) stride - 2 padding + dilation (Kh - 1) + output_padding + 1, Q alike
              weight  (C, O/groups, Kh, Kw)
              bias    (O,), or None
    Forward   y = the convolution's dx for dy = x, plus bias
    Backward  dx = the convolution of dy;  dweight = its dweight with x and dy exchanged;  dbias = Σ dy over n, p, q
    Source    Zeiler, Krishnan, Taylor & Fergus 2010, "Deconvolutional networks"; sizes as Dumoulin & Visin 2016,
              relation 14; initial values as torch.nn.ConvTranspose2d.
    Raises    ValueError if the channels do not divide by groups, an option is out of range, output_padding is neither
              below stride nor below dilation, padding_mode is not zeros, x is not of these shapes or leaves no output;
              TypeError if the dtype of x is not that of weight.
    """
