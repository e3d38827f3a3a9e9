"""PyDyNet: functions and modules on its tensors; backward starts at a number, so the output is contracted with dy."""

from pydynet import nn
from pydynet.core import tensor
from pydynet.nn import functional as F  # noqa: N812 - as its own documentation calls it

from parity.subjects.adapters import Autodiff, boxed, of_x, taped


def backward(y, dy):
    (y * tensor.Tensor(dy.numpy())).sum().backward()


def clear(leaf):
    if leaf.requires_grad:
        leaf.zero_grad()


def conv(function, *axes):
    def called(p, x, stride=1, padding=0):
        y = function(x, p["weight"], padding, stride)
        return y + p["bias"].reshape(1, -1, *axes) if "bias" in p else y

    return called


def pool(function):
    return of_x(lambda x, kernel_size, stride=None: function(x, kernel_size, kernel_size if stride is None else stride))


def norm(make):
    def called(p, x, eps=1e-5, **shape):
        layer = make(*(shape.values() or [x.shape[1]]), eps=eps, dtype=x.dtype)
        layer.scale = layer.weight = p["weight"]
        layer.shift = p["bias"] if hasattr(layer, "shift") else None
        return layer(x)

    return called


FUNCTIONS = {
    "Linear": lambda p, x: F.linear(x, p["weight"].transpose(1, 0), p.get("bias")),
    "Conv1d": conv(F.conv1d, 1),
    "Conv2d": conv(F.conv2d, 1, 1),
    "MaxPool1d": pool(F.max_pool1d),
    "MaxPool2d": pool(F.max_pool2d),
    "AvgPool1d": pool(F.avg_pool1d),
    "AvgPool2d": pool(F.avg_pool2d),
    "BatchNorm1d": lambda p, x, eps=1e-5: norm(nn.BatchNorm1d)(p, x, eps),
    "BatchNorm2d": lambda p, x, eps=1e-5: norm(nn.BatchNorm2d)(p, x, eps),
    "LayerNorm": lambda p, x, normalized_shape, eps=1e-5: norm(nn.LayerNorm)(p, x, eps, shape=normalized_shape),
    "RMSNorm": lambda p, x, normalized_shape, eps: norm(nn.RMSNorm)(p, x, eps, shape=normalized_shape),
    "Embedding": lambda p, i, padding_idx=None: F.embedding(i, p["weight"], padding_idx),
    "ReLU": of_x(F.relu),
    "Sigmoid": of_x(F.sigmoid),
    "Tanh": of_x(F.tanh),
    "SiLU": of_x(F.silu),
    "LeakyReLU": of_x(lambda x, negative_slope=0.01: F.leaky_relu(x, negative_slope)),
    "Softmax": of_x(lambda x, dim: F.softmax(x, dim)),
    "LogSoftmax": of_x(lambda x, dim: F.log_softmax(x, dim, keepdims=True)),
    "MSELoss": of_x(F.mse_loss),
    "CrossEntropyLoss": of_x(F.cross_entropy_loss),
}
ONE = {"kernel_size": int, "stride": int | None, "padding": int}
ONLY = {f"{name}{n}d": {**ONE, "rank": (n + 2,)} for name in ("Conv", "MaxPool", "AvgPool") for n in (1, 2)}
ONLY |= {"BatchNorm1d": {"rank": (2,)}, "RMSNorm": {"eps": float}, "Embedding": {"padding_idx": (None,)}}
ONLY |= {"MSELoss": {"reduction": ("mean", "sum")}}
ONLY |= {
    "CrossEntropyLoss": {"rank": (2,), "reduction": ("mean", "sum"), "targets": ("classes", "probabilities", "weights")}
}
ARRAYS = boxed(
    lambda array, floating: tensor.Tensor(array, requires_grad=floating), lambda t: t.numpy(), "float64", "float32"
)
subject = Autodiff("pydynet", FUNCTIONS, taped(backward, clear=clear), ARRAYS, ONLY)
