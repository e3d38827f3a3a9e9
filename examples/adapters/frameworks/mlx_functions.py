"""MLX on the CPU: functions and layers of mlx.nn, differentiated by mx.vjp; channels last, and no float64."""

from functools import partial

import mlx.core as mx
import numpy as np
from mlx import nn

from parity.subjects.adapters import Autodiff, boxed, of_x


def vjp(function, parameters, x):
    floating = mx.issubdtype(x.dtype, mx.floating)
    names, leaves = list(parameters), [*parameters.values(), *([x] if floating else [])]

    def of_leaves(*values):
        return function(dict(zip(names, values, strict=False)), values[-1] if floating else x)

    def pullback(dy):
        _, found = mx.vjp(of_leaves, leaves, [dy])
        return dict(zip(names, found, strict=False)), found[-1] if floating else None

    return of_leaves(*leaves), pullback


def last(x, axis=1):
    return mx.moveaxis(x, axis, -1)


def first(x):
    return mx.moveaxis(x, -1, 1)


def conv(function, inputs=1):
    def called(p, x, stride=1, padding=0, dilation=1, groups=1, output_padding=0):
        y = function(
            last(x), last(p["weight"], inputs), stride, padding, dilation, groups if inputs else output_padding
        )
        return first(y + p["bias"] if "bias" in p else y)

    return called


def norm(make):
    def called(p, x, eps=1e-5, num_groups=()):
        module = make(*np.atleast_1d(num_groups).tolist(), x.shape[1], eps=eps, affine=bool(p))
        module.update(dict(p))
        return first(module(last(x)))

    return called


LIKE_TORCH = """ReLU ReLU6 CELU ELU SiLU SELU Sigmoid Mish Softsign Tanh Hardswish Softshrink Softplus
    LeakyReLU:leaky_relu LogSigmoid:log_sigmoid Hardtanh:hard_tanh"""
PAIRS = [word.partition(":")[::2] for word in LIKE_TORCH.split()]
FUNCTIONS = {name: of_x(getattr(nn, own or name.lower())) for name, own in PAIRS}
FUNCTIONS |= {name: of_x(getattr(nn, own), dim="axis") for name, own in (("GLU", "glu"), ("Softmax", "softmax"))}
FUNCTIONS |= {f"Conv{n}d": conv(getattr(mx, f"conv{n}d")) for n in (1, 2, 3)}
FUNCTIONS |= {
    "BatchNorm1d": norm(nn.BatchNorm),
    "BatchNorm2d": norm(nn.BatchNorm),
    "Embedding": lambda p, i: p["weight"][i],
    "GELU": of_x(lambda x, approximate="none": (nn.gelu if approximate == "none" else nn.gelu_approx)(x)),
    "GroupNorm": norm(partial(nn.GroupNorm, pytorch_compatible=True)),
    "InstanceNorm2d": norm(nn.InstanceNorm),
    "LayerNorm": lambda p, x, normalized_shape, eps=1e-5: mx.fast.layer_norm(x, p.get("weight"), p.get("bias"), eps),  # noqa: ARG005 - shown
    "Linear": lambda p, x: x @ p["weight"].T + p.get("bias", 0),
    "LogSoftmax": of_x(nn.log_softmax, dim="axis"),
    "PReLU": lambda p, x: nn.prelu(x, p["weight"]),
    "RMSNorm": lambda p, x, normalized_shape, eps=1e-5: mx.fast.rms_norm(x, p.get("weight"), eps),  # noqa: ARG005 - shown
}
NORMS = {"GroupNorm": (2, 3, 4, 5), "InstanceNorm2d": (4,)}
NUMBERS = {"stride": int, "padding": int, "dilation": int}
ONLY = {f"Conv{n}d": {"rank": (n + 2,), "padding": int | tuple} for n in (2, 3)}
ONLY |= {"Conv1d": {"rank": (3,)} | NUMBERS, "Conv3d": ONLY["Conv3d"] | {"groups": (1,)}}
ONLY |= {"PReLU": {"num_parameters": (1,)}, "LayerNorm": {"normalized_shape": int}}
ONLY |= {"RMSNorm": {"normalized_shape": int, "eps": float}}
ONLY |= {name: {"eps": (1e-5, 1e-3, 0.1), "rank": rank} for name, rank in NORMS.items()}
ARRAYS = boxed(lambda array, _: mx.array(array), np.array, "float32")
subject = Autodiff("mlx", FUNCTIONS, vjp, ARRAYS, ONLY)
