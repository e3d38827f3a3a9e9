"""PaddlePaddle: functions of paddle.nn.functional, differentiated by paddle.grad; others lie beside it."""

from functools import partial

import numpy as np
import paddle
from paddle.nn import functional as F  # noqa: N812 - as its own documentation calls it

from parity.subjects.adapters import Autodiff, Unsupported, boxed, of_named, of_x


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


def conv(function, p, x, stride=1, padding=0, dilation=1, groups=1):
    if padding == "same" and np.max(dilation) > 1:
        raise Unsupported('"same" sets the dilation to 1')
    return function(x, p["weight"], p.get("bias"), stride, padding, dilation, groups)


def transposed(function, p, x, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if np.any(np.greater_equal(output_padding, stride)):
        raise Unsupported("output_padding is smaller than the stride")
    return function(x, p["weight"], p.get("bias"), stride, padding, output_padding, groups=groups, dilation=dilation)


def batch_norm(p, x, eps=1e-5):
    mean, variance = paddle.zeros(x.shape[1:2], x.dtype), paddle.ones(x.shape[1:2], x.dtype)
    return F.batch_norm(x, mean, variance, p.get("weight"), p.get("bias"), True, epsilon=eps)


def layer_norm(p, x, normalized_shape, eps=1e-5):
    if x.ndim == np.size(normalized_shape):
        raise Unsupported("the first axis is never normalised")
    return F.layer_norm(x, normalized_shape, epsilon=eps, **{name: value.flatten() for name, value in p.items()})


def attention(query, key, value, attn_mask=None, is_causal=False, scale=None):
    batch, *scores = query.shape[:-2], query.shape[-2], key.shape[-2]
    one_head = [t.reshape([-1, *t.shape[-2:]])[:, :, None] for t in (query, key, value)]
    mask = None if attn_mask is None else attn_mask.expand([*batch, *scores]).reshape([-1, 1, *scores])
    y = F.scaled_dot_product_attention(*one_head, mask, 0.0, is_causal, scale=scale, enable_gqa=False)
    return y[:, :, 0].reshape([*batch, scores[0], -1])


LIKE_TORCH = """CELU ELU GELU Hardswish Mish ReLU ReLU6 SELU Sigmoid Softplus Softsign Tanh Tanhshrink Dropout
    SiLU LeakyReLU:leaky_relu LogSigmoid:log_sigmoid"""
PAIRS = [word.partition(":")[::2] for word in LIKE_TORCH.split()]
FUNCTIONS = {name: of_x(getattr(F, own or name.lower())) for name, own in PAIRS}
FUNCTIONS |= {name: of_x(getattr(F, own), dim="axis") for name, own in (("GLU", "glu"), ("Softmax", "softmax"))}
FUNCTIONS |= {f"Conv{n}d": partial(conv, getattr(F, f"conv{n}d")) for n in (1, 2, 3)}
FUNCTIONS |= {f"ConvTranspose{n}d": partial(transposed, getattr(F, f"conv{n}d_transpose")) for n in (1, 2, 3)}
FUNCTIONS |= {"PReLU": of_named(F.prelu), "Embedding": of_named(F.embedding)}
FUNCTIONS |= {"BatchNorm1d": batch_norm, "BatchNorm2d": batch_norm, "LayerNorm": layer_norm} | {
    "Softshrink": of_x(F.softshrink, lambd="threshold"),
    "Bilinear": lambda p, a, b: F.bilinear(a, b, p["weight"], p["bias"][None] if "bias" in p else None),
    "GroupNorm": of_named(F.group_norm, eps="epsilon"),
    "InstanceNorm2d": of_named(F.instance_norm),
    "Hardsigmoid": of_x(partial(F.hardsigmoid, slope=1 / 6)),
    "Hardtanh": of_x(F.hardtanh, min_val="min", max_val="max"),
    "Linear": lambda p, x: F.linear(x, p["weight"].T, p.get("bias")),
    "LogSoftmax": of_x(F.log_softmax, dim="axis"),
    "ScaledDotProductAttention": of_x(attention),
}
ARRAYS = boxed(lambda array, _: paddle.to_tensor(array), lambda tensor: tensor.numpy(), "float64", "float32")
ONLY = {name: {"rank": (int(name[-2]) + 2,)} for name in FUNCTIONS if name.startswith(("Conv", "Instance"))}
ONLY |= {"Bilinear": {"rank": (2,)}, "LayerNorm": {"eps": (0.0, 1e-5, 1e-3)}, "Embedding": {"padding_idx": (None,)}}
subject = Autodiff("paddle", FUNCTIONS, vjp, ARRAYS, ONLY)
