"""PaddlePaddle: the losses of paddle.nn.functional."""

from paddle.nn import functional as F  # noqa: N812 - as its own documentation calls it

from examples.adapters.frameworks.paddle_functions import ARRAYS, vjp
from parity.subjects.adapters import Autodiff, Unsupported, of_x


def cross_entropy(x, t, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    soft, axis = t.is_floating_point(), min(1, x.ndim - 1)
    return F.cross_entropy(x, t, weight, ignore_index, reduction, soft, axis, True, label_smoothing)


def gaussian_nll(x, t, var, full=False, eps=1e-6, reduction="mean"):
    if list(var.shape) not in (x.shape, [*x.shape[:-1], 1], x.shape[:-1]):
        raise Unsupported("there is a variance of each number or of each row")
    return F.gaussian_nll_loss(x, t, var, full, eps, reduction)


def smooth_l1(x, t, beta=1.0, reduction="mean"):
    if not beta:
        raise Unsupported("beta is never 0")
    return F.smooth_l1_loss(x, t, reduction, beta, is_huber=False)


LIKE_TORCH = """MSELoss:mse_loss L1Loss:l1_loss KLDivLoss:kl_div CosineEmbeddingLoss:cosine_embedding_loss
    MarginRankingLoss:margin_ranking_loss HingeEmbeddingLoss:hinge_embedding_loss BCELoss:binary_cross_entropy
    BCEWithLogitsLoss:binary_cross_entropy_with_logits NLLLoss:nll_loss HuberLoss:smooth_l1_loss"""
PAIRS = [word.split(":") for word in LIKE_TORCH.split()]
FUNCTIONS = {name: of_x(getattr(F, own)) for name, own in PAIRS} | {
    "CrossEntropyLoss": of_x(cross_entropy),
    "GaussianNLLLoss": of_x(gaussian_nll),
    "PoissonNLLLoss": of_x(F.poisson_nll_loss, eps="epsilon"),
    "SmoothL1Loss": of_x(smooth_l1),
    "TripletMarginLoss": of_x(F.triplet_margin_loss, eps="epsilon"),
}
subject = Autodiff("paddle_losses", FUNCTIONS, vjp, ARRAYS, {"CosineEmbeddingLoss": {"rank": (2,)}})
