"""rasptorch: modules and functions on its CPU backend, float32 alone; each operation carries its own backward."""

from rasptorch import Tensor, nn
from rasptorch import functional as F  # noqa: N812 - as its own documentation calls it

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_x, taped


def given(t):
    return Tensor(t.numpy(), requires_grad=t.is_floating_point())


def taken(value):
    if isinstance(value, Tensor):
        value = value.numpy().reshape(() if value.shape == (1,) else value.shape)  # its losses have one axis
    return from_numpy(value)


def with_parameters(module, p, x):
    for name, value in p.items():
        setattr(module, name, value)
    return module(x)


def conv2d(p, x, stride=1, padding=0):
    out, channels, *kernel = p["weight"].shape
    return with_parameters(
        nn.Conv2d(channels, out, tuple(kernel), stride=stride, padding=padding, bias="bias" in p), p, x
    )


FUNCTIONS = {name: of_x(getattr(F, name.lower())) for name in ("ReLU", "Sigmoid", "Tanh", "SiLU", "ELU")}
FUNCTIONS |= {
    "GELU": of_x(lambda x, approximate: F.gelu(x)),  # noqa: ARG005 - it has the one of tanh
    "LeakyReLU": of_x(F.leaky_relu, negative_slope="alpha"),
    "Softmax": of_x(F.softmax),
    "LogSoftmax": of_x(F.log_softmax),
    "Linear": lambda p, x: with_parameters(nn.Linear(*p["weight"].shape[::-1], bias="bias" in p), p, x),
    "Conv2d": conv2d,
    "MaxPool2d": of_x(lambda x, kernel_size, stride=None, padding=0: nn.MaxPool2d(kernel_size, stride, padding)(x)),
    "AvgPool2d": of_x(lambda x, kernel_size, stride=None, padding=0: nn.AvgPool2d(kernel_size, stride, padding)(x)),
    "LayerNorm": lambda p, x, normalized_shape, eps=1e-5, elementwise_affine=True: with_parameters(
        nn.LayerNorm(normalized_shape, eps=eps, elementwise_affine=elementwise_affine), p, x
    ),
    "BatchNorm1d": lambda p, x, eps=1e-5, affine=True: with_parameters(
        nn.BatchNorm1d(x.shape[1], eps=eps, affine=affine), p, x
    ),
    "BatchNorm2d": lambda p, x, eps=1e-5, affine=True: with_parameters(
        nn.BatchNorm2d(x.shape[1], eps=eps, affine=affine), p, x
    ),
    "Embedding": lambda p, x: with_parameters(nn.Embedding(*p["weight"].shape), p, x),
    "MSELoss": of_x(F.mse_loss),
    "BCELoss": of_x(F.binary_cross_entropy),
    "BCEWithLogitsLoss": of_x(F.binary_cross_entropy_with_logits),
    "CrossEntropyLoss": of_x(F.cross_entropy),
    "NLLLoss": of_x(F.nll_loss),
    "SmoothL1Loss": of_x(F.smooth_l1_loss),
}
VJP = taped(lambda y, dy: y.backward(dy.data.reshape(y.shape)))
ONLY = {"CrossEntropyLoss": {"rank": (2,), "targets": ("probabilities", "weights")}, "NLLLoss": {"rank": (2,)}}
ONLY |= {"GELU": {"approximate": ("tanh",)}, "BatchNorm1d": {"rank": (2, 3)}}
ONLY |= {name: {"rank": (4,), "padding": int | tuple} for name in ("Conv2d", "MaxPool2d", "AvgPool2d")}
subject = Autodiff("rasptorch", FUNCTIONS, VJP, Arrays(given, taken, ("float32",), ("cpu",)), ONLY)
