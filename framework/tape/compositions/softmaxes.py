"""Scores along an axis made probabilities. The maximum is a constant: what is taken from all scores changes nothing."""

from framework.tape.variable import Variable


def shifted(x: Variable, dim: int) -> Variable:
    """Return x less its maximum along an axis, so that no exponential is above 1."""
    return x - x.tensor.amax(dim, keepdim=True) if x.tensor.numel() else x


def shares(x: Variable, dim: int) -> Variable:
    """Return eˣ / Σ eˣ."""
    e = shifted(x, dim).exp()
    return e / e.sum(dim, keepdim=True)


def log_shares(x: Variable, dim: int) -> Variable:
    """Return x - log Σ eˣ."""
    off = shifted(x, dim)
    return off - off.exp().sum(dim, keepdim=True).log()
