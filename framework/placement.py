"""Where tensors lie and in which format: the check of every device and dtype that a caller asks for."""

import torch

FORMATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)

Device = torch.device | str | int


def device(layer: str, value: object) -> torch.device:
    """Return `value` as a device on which a tensor can be made here; raise TypeError or ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, Device):
        raise TypeError(f"{layer}: device must be a torch.device, its name or its index, was {type(value).__name__}")
    try:
        return torch.empty(0, device=value).device
    except (RuntimeError, AssertionError, ImportError) as error:  # torch's three answers to a device that is not here
        raise ValueError(f"{layer}: device must be one that torch finds here, was {str(value)!r}") from error


def dtype(layer: str, value: object) -> torch.dtype:
    """Return `value` if it is a dtype in which the framework computes; raise TypeError otherwise."""
    if value not in FORMATS or not isinstance(value, torch.dtype):
        raise TypeError(f"{layer}: dtype must be one of {', '.join(map(str, FORMATS))}, was {value!r}")
    return value


def empty(layer: str, *shape: int, on: Device | None, of: torch.dtype | None) -> torch.Tensor:
    """Return memory for a parameter on the device `on` in the dtype `of`; None stands for torch's default."""
    return torch.empty(
        shape, device=None if on is None else device(layer, on), dtype=None if of is None else dtype(layer, of)
    )
