"""Maxima of windows of a sequence."""

from framework.layers.max_pool import MaxPool


class MaxPool1d(MaxPool):
    """Keep the largest number that each window of a sequence sees.

    Shapes    x, dx  (N, C, L) or (C, L)
              y, dy  (N, C, P) or (C, P),  P = floor((L + 2 padding - dilation (K - 1) - 1) / stride) + 1;
              with ceil_mode ceil in place of floor, but no window that begins behind the sequence
    Forward   y[n, c, p] = max over i of x[n, c, p stride + i dilation - padding]; outside x is -inf; nan is above all
    Backward  dx = Σ dy over the windows whose maximum the number is: of equals the first, of nan the last
    Source    as MaxPool2d; torch.nn.MaxPool1d.
    Raises    ValueError if return_indices is True, an option is out of range, padding is more than half of
              kernel_size, or x is no sequence or shorter than the dilated kernel; TypeError if x is not floating.
    """

    axes = 1
