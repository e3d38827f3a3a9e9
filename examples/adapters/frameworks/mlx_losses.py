"""MLX on the CPU: the losses of mlx.nn."""

from mlx.nn import losses

from examples.adapters.frameworks.mlx_functions import ARRAYS, vjp
from parity.subjects.adapters import Autodiff, Unsupported, of_x


def bce(x, t, with_logits, reduction):
    return losses.binary_cross_entropy(x, t, None, with_logits, reduction)


def cross_entropy(x, t, reduction="mean", label_smoothing=0.0):
    return losses.cross_entropy(x, t, axis=min(1, x.ndim - 1), label_smoothing=label_smoothing, reduction=reduction)


def gaussian_nll(x, t, var, full=False, reduction="mean"):
    if var.shape != x.shape:
        raise Unsupported("there is a variance of each number")
    return losses.gaussian_nll_loss(x, t, var, full, 1e-6, reduction)


FUNCTIONS = {
    "BCELoss": of_x(lambda p, t, reduction="mean": bce(p, t, False, reduction)),
    "BCEWithLogitsLoss": of_x(lambda x, t, reduction="mean": bce(x, t, True, reduction)),
    "CrossEntropyLoss": of_x(cross_entropy),
    "GaussianNLLLoss": of_x(gaussian_nll),
    "HuberLoss": of_x(losses.huber_loss),
    "L1Loss": of_x(losses.l1_loss),
    "MSELoss": of_x(losses.mse_loss),
    "MarginRankingLoss": of_x(losses.margin_ranking_loss),
    "NLLLoss": of_x(lambda p, t, reduction="mean": losses.nll_loss(p, t, min(1, p.ndim - 1), reduction)),
    "SmoothL1Loss": of_x(losses.smooth_l1_loss),
}
ONLY = {"NLLLoss": {"targets": ("classes",)}, "SmoothL1Loss": {"beta": (0.25, 1.0, 3.0)}}
ONLY |= {"CrossEntropyLoss": {"targets": ("classes", "probabilities"), "label_smoothing": (0.0, 0.125, 0.25)}}
subject = Autodiff("mlx_losses", FUNCTIONS, vjp, ARRAYS, ONLY)
