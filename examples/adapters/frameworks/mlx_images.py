"""MLX on the CPU: pooling of mlx.nn, transposed convolutions and attention of mlx.core; channels last."""

import mlx.core as mx
from mlx import nn

from examples.adapters.frameworks.mlx_functions import ARRAYS, NUMBERS, conv, first, last, vjp
from parity.subjects.adapters import Autodiff, of_x


def pool(make):
    return of_x(lambda x, kernel_size, stride=None, padding=0: first(make(kernel_size, stride, padding)(last(x))))


def attention(q, k, v, attn_mask=None, scale=None):
    options = {"scale": q.shape[-1] ** -0.5 if scale is None else scale, "mask": attn_mask}
    return mx.fast.scaled_dot_product_attention(q[None], k[None], v[None], **options)[0]


FUNCTIONS = {f"{name}Pool{n}d": pool(getattr(nn, f"{name}Pool{n}d")) for name in ("Max", "Avg") for n in (1, 2)}
ONLY = {name: {"rank": (int(name[-2]) + 2,)} for name in FUNCTIONS}
FUNCTIONS |= {f"ConvTranspose{n}d": conv(getattr(mx, f"conv_transpose{n}d"), 0) for n in (1, 2, 3)}
ONLY |= {f"ConvTranspose{n}d": {"rank": (n + 2,), "groups": (1,)} for n in (1, 2, 3)}
FUNCTIONS |= {"ScaledDotProductAttention": of_x(attention)}
ONLY |= {"ScaledDotProductAttention": {"rank": (3,)}}
ONLY["ConvTranspose1d"] |= NUMBERS | {"output_padding": int}
subject = Autodiff("mlx_images", FUNCTIONS, vjp, ARRAYS, ONLY)
