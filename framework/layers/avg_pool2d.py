"""Means of windows of an image."""

from framework.layers.avg_pool import AvgPool


class AvgPool2d(AvgPool):
    """Take the mean of what each window of an image sees.

    Shapes    x, dx  (N, C, H, W) or (C, H, W)
              y, dy  (N, C, P, Q) or (C, P, Q),  P = floor((H + 2 padding - Kh) / stride) + 1, Q alike;
              with ceil_mode ceil in place of floor, but no window that begins behind the image
    Forward   y[n, c, p, q] = Σ over i, j of x[n, c, h, w] / D,  h = p stride + i - padding, w alike
              outside the image x is 0; D = divisor_override, or how many pixels the window sees, padding counted unless
              count_include_pad is False; what lies beyond the padding never is
    Backward  dx = Σ dy / D over the windows that see the pixel
    Source    LeCun et al. 1989, Neural Computation 1(4); torch.nn.AvgPool2d.
    Raises    ValueError if an option is out of range, padding is more than half of kernel_size, divisor_override is 0,
              or x is no image or smaller than the kernel; TypeError if an option or x is of another type.
    """

    axes = 2
