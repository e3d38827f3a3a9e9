"""What a fault makes of a value: changes that make sense for any quantity of any module."""

import torch
from torch import Tensor

from parity.trust.planted import Call, Change


def with_part(value: Tensor, index: object, part: Tensor | float) -> Tensor:
    """Return a copy of `value` with another part; a scalar has no parts and stays."""
    out = value.clone()
    if out.dim() and out.numel():
        out[index] = part  # type: ignore[index]  # whatever indexes a tensor
    return out


def sign(value: Tensor, _: Call) -> Tensor:
    return -value


def twice(value: Tensor, _: Call) -> Tensor:
    return 2 * value


def nothing(value: Tensor, _: Call) -> Tensor:
    return torch.zeros_like(value)


def over_batch(value: Tensor, call: Call) -> Tensor:
    return value / max(1, call.x.shape[0])


def nearly(value: Tensor, _: Call) -> Tensor:
    return value * 1.001


def largest(value: Tensor, factor: float) -> Tensor:
    """Return `value` with its largest finite element multiplied by `factor`."""
    out = value.clone()
    if out.numel():
        at = out.abs().nan_to_num(0, 0, 0).argmax()
        out.view(-1)[at] *= factor
    return out


def one_wrong(value: Tensor, _: Call) -> Tensor:
    return largest(value.contiguous(), 1 + 2**-12)


def one_zero(value: Tensor, _: Call) -> Tensor:
    return largest(value.contiguous(), 0)


def one_nan(value: Tensor, _: Call) -> Tensor:
    return largest(value.contiguous(), torch.nan)


def last_row_zero(value: Tensor, _: Call) -> Tensor:
    return with_part(value, -1, 0.0)


def tail_zero(value: Tensor, _: Call) -> Tensor:
    return with_part(value, (..., -1), 0.0)


def beyond_a_block(value: Tensor, _: Call) -> Tensor:
    """Return the value doubled from where an index of 16 bits ends."""
    flat = value.flatten()
    return torch.cat([flat[: 2**16], 2 * flat[2**16 :]]).view(value.shape)


def last_row_negative(value: Tensor, _: Call) -> Tensor:
    return with_part(value, -1, -value[-1]) if value.dim() and value.shape[0] else value


def shifted(value: Tensor, _: Call) -> Tensor:
    return value.roll(1, -1) if value.dim() else value


def channels_swapped(value: Tensor, _: Call) -> Tensor:
    return value.flip(1) if value.dim() > 1 else value.flip(0)


def misread(value: Tensor, _: Call) -> Tensor:
    """Return the elements in the order of the transposed tensor, as if they lay so in memory."""
    return value.transpose(0, -1).reshape(value.shape) if value.dim() > 1 else value.flip(0)


def batch_averaged(value: Tensor, _: Call) -> Tensor:
    return value.mean(0, keepdim=True).expand(value.shape).clone() if value.dim() and value.shape[0] else value


def to_bfloat16(value: Tensor) -> Tensor:
    return value.to(torch.bfloat16).to(value.dtype)


def to_tf32(value: Tensor) -> Tensor:
    """Return `value` with 10 explicit bits of the significand; the rest is cut off."""
    return (value.float().contiguous().view(torch.int32) & ~0x1FFF).view(torch.float32).to(value.dtype)


def bfloat16(value: Tensor, _: Call) -> Tensor:
    return to_bfloat16(value)


def tf32(value: Tensor, _: Call) -> Tensor:
    return to_tf32(value)


def nan_swallowed(value: Tensor, _: Call) -> Tensor:
    return value.nan_to_num(nan=0.0, posinf=torch.inf, neginf=-torch.inf)


def infinity_clamped(value: Tensor, _: Call) -> Tensor:
    finite = torch.finfo(value.dtype)
    return value.clamp(finite.min, finite.max)


def offset(value: Tensor, _: Call) -> Tensor:
    return value + 1e-3 * value.abs().nan_to_num(0, 0, 0).mean() if value.numel() else value


def stale(quantity: str) -> Change:
    """Return the change to the quantity of the call before, where it has the shape."""

    def change(value: Tensor, call: Call) -> Tensor:
        before = call.previous.get(quantity)
        return before if before is not None and before.shape == value.shape else value

    return change


def without_cotangent(quantity: str) -> Change:
    return lambda _, call: call.again(dy=torch.ones_like(call.y))[quantity]


def cotangent_positive(quantity: str) -> Change:
    """Return the change to what the absolute cotangent would give."""
    return lambda _, call: call.again(dy=call.cotangent.abs())[quantity]


def without_last_sample(quantity: str) -> Change:
    """Return the change to what is left when the cotangent of the last sample is forgotten."""
    return lambda _, call: call.again(dy=last_row_zero(call.cotangent, call))[quantity]


def of_factors(quantity: str, rounding: str) -> Change:
    """Return the change to what input, parameters and cotangent give when rounded to bfloat16 or TF32 first."""
    rounded = {"bfloat16": to_bfloat16, "tf32": to_tf32}[rounding]

    def change(_: Tensor, call: Call) -> Tensor:
        parameters = {name: rounded(value) for name, value in call.parameters.items()}
        return call.again(x=rounded(call.x), dy=rounded(call.cotangent), parameters=parameters)[quantity]

    return change
