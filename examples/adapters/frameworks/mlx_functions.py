"""MLX on the CPU: functions and layers of mlx.nn, differentiated by mx.vjp; channels last, and no float64 in layers."""

import mlx.core as mx
import numpy as np
from mlx import nn
from mlx.nn import losses

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_x


def vjp(function, parameters, x):
    floating = mx.issubdtype(x.dtype, mx.floating)
    names, leaves = list(parameters), [*parameters.values(), *([x] if floating else [])]

    def of_leaves(*values):
        return function(dict(zip(names, values, strict=False)), values[-1] if floating else x)

    def pullback(dy):
        _, found = mx.vjp(of_leaves, leaves, [dy])
        return dict(zip(names, found, strict=False)), found[-1] if floating else None

    return of_leaves(*leaves), pullback


def last(x):
    return mx.moveaxis(x, 1, -1)


def first(x):
    return mx.moveaxis(x, -1, 1)


def conv(function):
    def called(p, x, stride=1, padding=0, dilation=1, groups=1):
        y = function(last(x), last(p["weight"]), stride, padding, dilation, groups)
        return first(y + p["bias"] if "bias" in p else y)

    return called


def transposed(function):
    def called(p, x, stride=1, padding=0, dilation=1, output_padding=0):
        y = function(last(x), mx.moveaxis(p["weight"], 0, -1), stride, padding, dilation, output_padding)
        return first(y + p["bias"] if "bias" in p else y)

    return called


def pool(make):
    return of_x(lambda x, kernel_size, stride=None, padding=0: first(make(kernel_size, stride, padding)(last(x))))


def group_norm(p, x, num_groups, eps=1e-5):
    module = nn.GroupNorm(num_groups, x.shape[1], eps, affine=bool(p), pytorch_compatible=True)
    module.update(dict(p))
    return first(module(last(x)))


def image_norm(make):
    def called(p, x, eps=1e-5):
        module = make(x.shape[1], eps=eps, affine=bool(p))
        module.update(dict(p))
        return first(module(last(x)))

    return called


def cross_entropy(x, t, reduction="mean", label_smoothing=0.0):
    return losses.cross_entropy(x, t, axis=min(1, x.ndim - 1), label_smoothing=label_smoothing, reduction=reduction)


SAME = "relu relu6 celu elu silu selu sigmoid mish softsign tanh hardswish leaky_relu log_sigmoid softshrink".split()
TORCH = "ReLU ReLU6 CELU ELU SiLU SELU Sigmoid Mish Softsign Tanh Hardswish LeakyReLU LogSigmoid Softshrink".split()
FUNCTIONS = {name: of_x(getattr(nn, own)) for name, own in zip(TORCH, SAME, strict=True)}
FUNCTIONS |= {name: of_x(getattr(nn, name.lower()), dim="axis") for name in ("GLU", "Softmax")}
FUNCTIONS |= {f"Conv{n}d": conv(getattr(mx, f"conv{n}d")) for n in (1, 2, 3)}
FUNCTIONS |= {f"ConvTranspose{n}d": transposed(getattr(mx, f"conv_transpose{n}d")) for n in (1, 2, 3)}
FUNCTIONS |= {f"{name}Pool{n}d": pool(getattr(nn, f"{name}Pool{n}d")) for name in ("Max", "Avg") for n in (1, 2)}
FUNCTIONS |= {
    "BCELoss": of_x(lambda p, t, reduction="mean": losses.binary_cross_entropy(p, t, None, False, reduction)),
    "BCEWithLogitsLoss": of_x(lambda p, t, reduction="mean": losses.binary_cross_entropy(p, t, None, True, reduction)),
    "BatchNorm1d": image_norm(nn.BatchNorm),
    "BatchNorm2d": image_norm(nn.BatchNorm),
    "CrossEntropyLoss": of_x(cross_entropy),
    "Embedding": lambda p, i: p["weight"][i],
    "GELU": of_x(lambda x, approximate="none": (nn.gelu if approximate == "none" else nn.gelu_approx)(x)),
    "GaussianNLLLoss": of_x(losses.gaussian_nll_loss),
    "GroupNorm": group_norm,
    "Hardtanh": of_x(nn.hard_tanh),
    "HuberLoss": of_x(losses.huber_loss),
    "InstanceNorm2d": image_norm(nn.InstanceNorm),
    "L1Loss": of_x(losses.l1_loss),
    "LayerNorm": lambda p, x, normalized_shape, eps=1e-5: mx.fast.layer_norm(x, p.get("weight"), p.get("bias"), eps),  # noqa: ARG005 - shown
    "Linear": lambda p, x: x @ p["weight"].T + p.get("bias", 0),
    "LogSoftmax": of_x(nn.log_softmax, dim="axis"),
    "MSELoss": of_x(losses.mse_loss),
    "MarginRankingLoss": of_x(losses.margin_ranking_loss),
    "NLLLoss": of_x(lambda p, t, reduction="mean": losses.nll_loss(p, t, min(1, p.ndim - 1), reduction)),
    "PReLU": lambda p, x: nn.prelu(x, p["weight"]),
    "RMSNorm": lambda p, x, normalized_shape, eps=1e-5: mx.fast.rms_norm(x, p.get("weight"), eps),  # noqa: ARG005 - shown
    "ScaledDotProductAttention": of_x(
        lambda q, k, v, scale=None: mx.fast.scaled_dot_product_attention(
            q[None], k[None], v[None], scale=q.shape[-1] ** -0.5 if scale is None else scale
        )[0]
    ),
    "SmoothL1Loss": of_x(losses.smooth_l1_loss),
    "Softplus": of_x(nn.softplus),
    "TripletMarginLoss": of_x(losses.triplet_loss),
}
RANKS = {"1d": (3,), "2d": (4,), "3d": (5,)}
BATCHED = [name for name in FUNCTIONS if name[-2:] in RANKS and not name.startswith("Batch")]
ONLY = {name: {"rank": RANKS[name[-2:]]} for name in BATCHED}
ONLY |= {"LayerNorm": {"normalized_shape": int}, "RMSNorm": {"normalized_shape": int, "eps": float}}
ONLY |= {"PReLU": {"num_parameters": (1,)}, "CrossEntropyLoss": {"targets": ("classes", "probabilities", "weights")}}
ONLY |= {"ScaledDotProductAttention": {"rank": (3,)}, "NLLLoss": {"targets": ("classes",)}}
GIVE = Arrays(lambda t: mx.array(t.numpy()), lambda a: from_numpy(np.array(a)), ("float32",), ("cpu",))
subject = Autodiff("mlx", FUNCTIONS, vjp, GIVE, ONLY)
