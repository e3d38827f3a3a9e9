"""Maxima of windows of an image."""

from framework.layers.max_pool import MaxPool


class MaxPool2d(MaxPool):
    """Keep the largest number that each window of an image sees.

    Shapes    x, dx  (N, C, H, W) or (C, H, W)
              y, dy  (N, C, P, Q) or (C, P, Q),  P = floor((H + 2 padding - dilation (Kh - 1) - 1) / stride) + 1;
              Q alike; with ceil_mode ceil in place of floor, but no window that begins behind the image
    Forward   y[n, c, p, q] = max over i, j of x[n, c, h, w],
              h = p stride + i dilation - padding, w alike; outside the image x is -inf; nan is above all
    Backward  dx = Σ dy over the windows whose maximum the pixel is: of equals the first, row by row; of nan the last
    Source    Ranzato, Huang, Boureau & LeCun 2007, "Unsupervised learning of invariant feature hierarchies";
              torch.nn.MaxPool2d.
    Raises    ValueError if return_indices is True, an option is out of range, padding is more than half of
              kernel_size, or x is no image or smaller than the dilated kernel; TypeError if x is not floating.
    """

    axes = 2
