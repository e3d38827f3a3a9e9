"""The arithmetic that was asked for: where it rounds, and how finely."""

from dataclasses import dataclass

import torch

from parity.verdict import limits


@dataclass(frozen=True)
class Arithmetic:
    """Unit roundoffs of one dtype on one device.

    storage       u: every result that is written down is rounded to it; errors are reported in multiples of it
    accumulation  of the running value of a sum, as a multiple of u
    product       of the factors of a matrix product, as a multiple of u (above 1 only where TF32 is allowed)
    underflow     the error that is always allowed, as a multiple of u: float16 keeps subnormal numbers, so a result
                  may be off by u x the least normal number; others may flush them to zero, as torch.exp does
    """

    storage: float
    accumulation: float
    product: float
    underflow: float


def tf32_allowed() -> bool:
    """Return whether torch may compute float32 products in TF32 on CUDA."""
    return torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32


def of(dtype: torch.dtype, device: str) -> Arithmetic:
    """Return the arithmetic of `dtype` on `device`, with TF32 as torch is set now."""
    u = limits.STORAGE[dtype]
    shortened = dtype == torch.float32 and device.startswith("cuda") and tf32_allowed()
    return Arithmetic(
        storage=u,
        accumulation=limits.ACCUMULATION[dtype] / u,
        product=limits.TF32 / u if shortened else 1.0,
        underflow=torch.finfo(dtype).tiny / (1 if dtype == torch.float16 else u),
    )
