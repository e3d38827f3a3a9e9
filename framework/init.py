"""Initial values of parameters: each function fills a tensor in place and returns it.

The fans of a weight of shape (O, C, *) are C x prod(*) in and O x prod(*) out, as torch counts them.
Source    Xavier: Glorot & Bengio 2010, eq. 16. He: He, Zhang, Ren & Sun 2015, eq. 10. Default: torch.nn.Linear.
"""

from math import prod, sqrt

from torch import Tensor


def fans(weight: Tensor) -> tuple[int, int]:
    """Return (fan in, fan out) of a weight of shape (O, C, *); raise ValueError for fewer than two axes."""
    if weight.dim() < 2:
        raise ValueError(f"fans: weight must have at least 2 axes, had shape {tuple(weight.shape)}")
    taps = prod(weight.shape[2:])
    return weight.shape[1] * taps, weight.shape[0] * taps


def uniform(value: Tensor, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Fill with U(low, high)."""
    return value.uniform_(low, high)


def normal(value: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Fill with N(mean, std^2)."""
    return value.normal_(mean, std)


def constant(value: Tensor, fill: float = 0.0) -> Tensor:
    """Fill with one number."""
    return value.fill_(fill)


def xavier_uniform(weight: Tensor, gain: float = 1.0) -> Tensor:
    """Fill with U(-a, a), a = gain sqrt(6 / (fan in + fan out))."""
    bound = gain * sqrt(6 / max(1, sum(fans(weight))))
    return uniform(weight, -bound, bound)


def xavier_normal(weight: Tensor, gain: float = 1.0) -> Tensor:
    """Fill with N(0, s^2), s = gain sqrt(2 / (fan in + fan out))."""
    return normal(weight, 0.0, gain * sqrt(2 / max(1, sum(fans(weight)))))


def he_uniform(weight: Tensor) -> Tensor:
    """Fill with U(-a, a), a = sqrt(6 / fan in): variance 2 / fan in, made for ReLU."""
    bound = sqrt(6 / max(1, fans(weight)[0]))
    return uniform(weight, -bound, bound)


def he_normal(weight: Tensor) -> Tensor:
    """Fill with N(0, 2 / fan in), made for ReLU."""
    return normal(weight, 0.0, sqrt(2 / max(1, fans(weight)[0])))


def torch_default(value: Tensor, fan_in: int) -> Tensor:
    """Fill with U(-a, a), a = 1 / sqrt(fan in): what torch.nn gives weights and biases alike."""
    bound = 1 / sqrt(fan_in) if fan_in > 0 else 0.0
    return uniform(value, -bound, bound)
