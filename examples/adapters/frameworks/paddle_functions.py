"""PaddlePaddle: functions of paddle.nn.functional, differentiated by paddle.grad."""

from functools import partial

import paddle
from paddle.nn import functional as F  # noqa: N812 - as its own documentation calls it

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_named, of_x


def vjp(function, parameters, x):
    inputs = {name: v for name, v in {"x": x, **parameters}.items() if v.is_floating_point()}
    for value in inputs.values():
        value.stop_gradient = False
    y = function(parameters, x)

    def pullback(dy):
        found = zip(inputs, paddle.grad([y], list(inputs.values()), [dy], allow_unused=True), strict=True)
        gradients = {name: paddle.zeros_like(inputs[name]) if d is None else d for name, d in found}
        return gradients, gradients.get("x")

    return y, pullback


def batch_norm(p, x, eps=1e-5):
    mean, variance = paddle.zeros(x.shape[1:2], x.dtype), paddle.ones(x.shape[1:2], x.dtype)
    return F.batch_norm(x, mean, variance, p.get("weight"), p.get("bias"), training=True, epsilon=eps)


def cross_entropy(x, t, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    soft, axis = t.is_floating_point(), min(1, x.ndim - 1)
    return F.cross_entropy(x, t, weight, ignore_index, reduction, soft, axis, True, label_smoothing)


def avg_pool2d(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, not count_include_pad, divisor_override)


def pad(mode):
    return of_x(lambda x, padding: F.pad(x, [padding] * 4 if isinstance(padding, int) else list(padding), mode))


ALIKE = """celu elu gelu hardswish mish relu relu6 selu sigmoid silu softplus softsign tanh tanhshrink leaky_relu
    log_sigmoid adaptive_avg_pool2d adaptive_max_pool2d lp_pool2d max_pool1d max_pool2d pixel_shuffle pixel_unshuffle
    local_response_norm mse_loss l1_loss kl_div cosine_embedding_loss margin_ranking_loss hinge_embedding_loss
    binary_cross_entropy binary_cross_entropy_with_logits nll_loss dropout"""
TORCH = """CELU ELU GELU Hardswish Mish ReLU ReLU6 SELU Sigmoid SiLU Softplus Softsign Tanh Tanhshrink LeakyReLU
    LogSigmoid AdaptiveAvgPool2d AdaptiveMaxPool2d LPPool2d MaxPool1d MaxPool2d PixelShuffle PixelUnshuffle
    LocalResponseNorm MSELoss L1Loss KLDivLoss CosineEmbeddingLoss MarginRankingLoss HingeEmbeddingLoss
    BCELoss BCEWithLogitsLoss NLLLoss Dropout"""
FUNCTIONS = {name: of_x(getattr(F, own)) for name, own in zip(TORCH.split(), ALIKE.split(), strict=True)}
FUNCTIONS |= {f"Conv{n}d": of_named(getattr(F, f"conv{n}d")) for n in (1, 2, 3)}
FUNCTIONS |= {f"ConvTranspose{n}d": of_named(getattr(F, f"conv{n}d_transpose")) for n in (1, 2, 3)}
FUNCTIONS |= {"AvgPool2d": of_x(avg_pool2d), "BatchNorm1d": batch_norm, "BatchNorm2d": batch_norm}
FUNCTIONS |= {"Bilinear": of_named(F.bilinear), "PReLU": of_named(F.prelu), "Embedding": of_named(F.embedding)}
FUNCTIONS |= {name: of_x(getattr(F, name.lower()), dim="axis") for name in ("GLU", "Softmax")}
FUNCTIONS |= {
    "BilinearUpsampling": of_x(partial(F.interpolate, mode="bilinear")),
    "CrossEntropyLoss": of_x(cross_entropy),
    "GaussianNLLLoss": of_x(F.gaussian_nll_loss, eps="epsilon"),
    "GroupNorm": of_named(F.group_norm, eps="epsilon"),
    "Hardsigmoid": of_x(partial(F.hardsigmoid, slope=1 / 6)),
    "Hardtanh": of_x(F.hardtanh, min_val="min", max_val="max"),
    "HuberLoss": of_x(F.smooth_l1_loss),
    "InstanceNorm2d": of_named(F.instance_norm),
    "LayerNorm": of_named(F.layer_norm, eps="epsilon"),
    "Linear": lambda p, x: F.linear(x, p["weight"].T, p.get("bias")),
    "LogSoftmax": of_x(F.log_softmax, dim="axis"),
    "PoissonNLLLoss": of_x(F.poisson_nll_loss, eps="epsilon"),
    "ScaledDotProductAttention": of_x(partial(F.scaled_dot_product_attention, enable_gqa=False)),
    "SmoothL1Loss": of_x(partial(F.smooth_l1_loss, is_huber=False), beta="delta"),
    "Softshrink": of_x(F.softshrink, lambd="threshold"),
    "TripletMarginLoss": of_x(F.triplet_margin_loss, eps="epsilon"),
} | {
    f"{name}Pad2d": pad(mode)
    for name, mode in (("Zero", "constant"), ("Reflection", "reflect"), ("Replication", "replicate"))
}
ARRAYS = Arrays(
    lambda t: paddle.to_tensor(t.numpy()), lambda a: from_numpy(a.numpy()), ("float64", "float32"), ("cpu",)
)
RANKS = {"1d": (3,), "2d": (4,), "3d": (5,)}
BATCHED = [name for name in FUNCTIONS if name[-2:] in RANKS and not name.startswith("Batch")]
ONLY = {name: {"rank": RANKS[name[-2:]]} for name in BATCHED}
subject = Autodiff("paddle", FUNCTIONS, vjp, ARRAYS, ONLY)
