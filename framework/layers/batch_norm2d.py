"""Normalisation of every channel over a batch of images."""

from framework.layers.batch_normalisation import BatchNormalisation


class BatchNorm2d(BatchNormalisation):
    """Give every channel of a batch mean 0 and variance 1, then scale and shift it.

    Shapes    x, dx, y, dy  (N, C, H, W)
              weight, bias  (C,), or None;  running_mean, running_var  (C,), or none
    Forward   y = weight xhat + bias;  xhat = (x - mean x) rstd,  rstd = 1 / √(variance x + eps)
              training: mean and variance of the batch, and running = (1 - momentum) running + momentum batch, with
              the variance over M - 1 of the M values; momentum None: the mean over all batches
              evaluation: running_mean and running_var in their place, where there are any
    Backward  dx = rstd (g - mean g - xhat mean(g xhat)),  g = weight dy;  by running statistics dx = rstd g
              dweight = Σ dy xhat,  dbias = Σ dy, over all axes but C
    Source    Ioffe & Szegedy 2015, "Batch normalization", algorithms 1 and 2; torch.nn.BatchNorm2d.
    Raises    as BatchNormalisation says.
    """

    ranks = (4,)
    shape = "(N, C, H, W)"
