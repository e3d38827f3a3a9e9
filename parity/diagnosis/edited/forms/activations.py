"""Forms of functions of one tensor, and of their gradients."""

import math

import torch
from torch import Tensor

from parity.diagnosis.edited.forms import OUTPUT, Form, Known

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # of SELU


def logistic(z: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-z))


def positive(x: Tensor) -> Tensor:
    return x.clamp_min(0.0)


def negative(x: Tensor) -> Tensor:
    return x.clamp_max(0.0)


def weight(k: Known) -> Tensor:
    return k.along(k.parameters["weight"], 1)


def cdf(x: Tensor) -> Tensor:
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def density(x: Tensor) -> Tensor:
    return torch.exp(-(x * x) / 2) / math.sqrt(2 * math.pi)


def tanh_of_gelu(x: Tensor) -> Tensor:
    return torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))


def softplus(x: Tensor) -> Tensor:
    return torch.log(1 + torch.exp(x))


def halves(k: Known) -> tuple[Tensor, Tensor]:
    a, b = k.x.chunk(2, int(k.options["dim"]))
    return a, b


def over_axis(k: Known, value: Tensor) -> Tensor:
    return value.sum(int(k.options["dim"]), keepdim=True)


def shares(k: Known) -> Tensor:
    e = torch.exp(k.x)
    return e / over_axis(k, e)


def slope_of_mish(k: Known) -> Tensor:
    t = torch.tanh(softplus(k.x))
    return k.dy * (t + k.x * logistic(k.x) * (1 - t * t))


def slope_of_tanh_gelu(k: Known) -> Tensor:
    t = tanh_of_gelu(k.x)
    inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * k.x**2)
    return k.dy * (0.5 * (1 + t) + 0.5 * k.x * (1 - t * t) * inner)


def slope_of_glu(k: Known) -> Tensor:
    a, b = halves(k)
    s = logistic(b)
    return torch.cat([k.dy * s, k.dy * a * s * (1 - s)], int(k.options["dim"]))


OUTPUTS = (
    lambda k: torch.log(1 + torch.exp(k.number("beta") * k.x)) / k.number("beta"),
    lambda k: positive(k.x) + torch.log(1 + torch.exp(-k.x.abs())),
    lambda k: torch.where(k.x > 0, k.x, k.number("alpha") * (torch.exp(k.x) - 1)),
    lambda k: torch.where(k.x > 0, k.x, k.number("alpha") * (torch.exp(k.x / k.number("alpha")) - 1)),
    lambda k: positive(k.x) + negative(k.number("alpha") * (torch.exp(k.x / k.number("alpha")) - 1)),
    lambda k: SCALE * torch.where(k.x > 0, k.x, ALPHA * (torch.exp(k.x) - 1)),
    lambda k: positive(k.x) + weight(k) * negative(k.x),
    lambda k: positive(k.x) + weight(k) * (k.x - k.x.abs()) * 0.5,
    lambda k: positive(k.x) + k.number("negative_slope") * negative(k.x),
    lambda k: k.x * logistic(k.x),
    lambda k: k.x / (1 + torch.exp(-k.x)),
    lambda k: logistic(k.x),
    lambda k: (torch.exp(k.x) - torch.exp(-k.x)) / (torch.exp(k.x) + torch.exp(-k.x)),
    lambda k: k.x * torch.tanh(softplus(k.x)),
    lambda k: k.x * cdf(k.x),
    lambda k: 0.5 * k.x * (1 + tanh_of_gelu(k.x)),
    lambda k: k.x / (1 + k.x.abs()),
    lambda k: k.x * (k.x + 3).clamp(0.0, 6.0) / 6,
    lambda k: k.x * (k.x / 6 + 0.5).clamp(0.0, 1.0),
    lambda k: (k.x / 6 + 0.5).clamp(0.0, 1.0),
    lambda k: k.x - torch.tanh(k.x),
    lambda k: -torch.log(1 + torch.exp(-k.x)),
    lambda k: shares(k),
    lambda k: k.x - torch.log(over_axis(k, torch.exp(k.x))),
    lambda k: halves(k)[0] * logistic(halves(k)[1]),
)
SLOPES = (
    lambda k: k.dy * (1 - torch.exp(-(k.number("beta") * k.y))),
    lambda k: k.dy * logistic(k.number("beta") * k.x),
    lambda k: torch.where(k.x > 0, k.dy, k.dy * (k.y + k.number("alpha"))),
    lambda k: torch.where(k.x > 0, k.dy, k.dy * k.number("alpha") * torch.exp(k.x)),
    lambda k: torch.where(k.x > 0, k.dy, k.dy * torch.exp(k.x / k.number("alpha"))),
    lambda k: torch.where(k.x > 0, k.dy, k.dy * (k.y / k.number("alpha") + 1)),
    lambda k: torch.where(k.x > 0, SCALE * k.dy, k.dy * (k.y + SCALE * ALPHA)),
    lambda k: torch.where(k.x > 0, k.dy, k.number("negative_slope") * k.dy),
    lambda k: torch.where(k.x > 0, k.dy, weight(k) * k.dy),
    lambda k: torch.where(k.x.abs() < 3, k.dy / 6, 0.0),
    lambda k: k.dy * logistic(k.x) * (1 + k.x * (1 - logistic(k.x))),
    lambda k: k.dy * (k.y + logistic(k.x) * (1 - k.y)),
    lambda k: k.dy * k.y * (1 - k.y),
    lambda k: k.dy * torch.exp(-k.x) / (1 + torch.exp(-k.x)) ** 2,
    lambda k: k.dy * (1 - k.y * k.y),
    lambda k: k.dy / torch.cosh(k.x) ** 2,
    slope_of_mish,
    lambda k: k.dy * (cdf(k.x) + k.x * density(k.x)),
    slope_of_tanh_gelu,
    lambda k: k.dy / (1 + k.x.abs()) ** 2,
    lambda k: k.dy * (1 - k.y.abs()) ** 2,
    lambda k: k.dy * torch.where(k.x <= -3, 0.0, torch.where(k.x < 3, (2 * k.x + 3) / 6, 1.0)),
    lambda k: k.dy * torch.tanh(k.x) ** 2,
    lambda k: k.dy * (1 - logistic(k.x)),
    lambda k: k.dy - shares(k) * over_axis(k, k.dy),
    lambda k: k.y * (k.dy - over_axis(k, k.y * k.dy)),
    slope_of_glu,
)
FORMS = (
    *(Form(OUTPUT, function) for function in OUTPUTS),
    *(Form(0, function) for function in SLOPES),
    Form("dweight", lambda k: (k.dy * negative(k.x)).sum().reshape(1)),
)
