"""Tensors as bytes: what of them can cross between two processes, and how they are made again."""

import ctypes
import re
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.graph import increment_version
from torch.nn import Parameter

Layout = tuple[torch.dtype, tuple[int, ...], tuple[int, ...]]  # dtype, shape, strides

CROSSING = re.compile(r"bool|u?int(8|16|32|64)|b?float(8_e\w+|16|32|64)|complex(32|64|128)")  # dtypes of whole bytes
NAMES = {kind: str(kind).removeprefix("torch.") for kind in vars(torch).values() if isinstance(kind, torch.dtype)}
NAMES = {kind: name for kind, name in NAMES.items() if CROSSING.fullmatch(name)}
DTYPES = {name: kind for kind, name in NAMES.items()}
TENSOR_BYTES = 2**30  # the largest tensor that crosses


def span(shape: Sequence[int], stride: Sequence[int]) -> int:
    """Return how many elements lie in memory from the first element to the last, both included."""
    return 0 if 0 in shape else 1 + sum((extent - 1) * step for extent, step in zip(shape, stride, strict=True))


def size(tensor: Tensor) -> int:
    """Return how many bytes lie in memory from the first element to the last, both included."""
    return tensor.nbytes if tensor.is_contiguous() else span(tensor.shape, tensor.stride()) * tensor.dtype.itemsize


def layout(tensor: Tensor) -> Layout:
    return tensor.dtype, tuple(tensor.shape), tensor.stride()


def strange(tensor: Tensor) -> str:
    """Return what a tensor is that has no plain memory to send; empty for one that has."""
    kind, dtype = type(tensor), tensor.dtype
    if kind is not Tensor and kind.__torch_dispatch__ is not Tensor.__torch_dispatch__:
        return f"a tensor subclass ({kind.__name__})"
    if tensor.is_nested:
        return "a nested tensor"
    if tensor.layout is not torch.strided:
        return f"a tensor of layout {tensor.layout}"
    if tensor.is_meta:
        return "a tensor on the device meta, which has no values"
    if dtype not in NAMES:
        return f"a tensor of {dtype}"
    if tensor.numel() * dtype.itemsize > TENSOR_BYTES:
        return f"a tensor of shape {tuple(tensor.shape)}, larger than the {TENSOR_BYTES // 2**20} MiB that can cross"
    if tensor.numel() and tensor.storage_offset() * dtype.itemsize + size(tensor) > tensor.untyped_storage().nbytes():
        return "a tensor without the memory of its elements"
    return ""


def as_plain(tensor: Tensor) -> Tensor:
    """Return a tensor of a subclass as one of torch's own, on the same memory; any other as it is."""
    return tensor if type(tensor) in (Tensor, Parameter) else Tensor.as_subclass(tensor, Tensor)


def flipped(tensor: Tensor) -> bool:
    """Return whether its memory is not its value: a view whose sign, or imaginary sign, is turned on reading."""
    return tensor.is_neg() or tensor.is_conj()


def resolved(tensor: Tensor) -> Tensor:
    """Return a tensor whose memory is its value, without its history."""
    return tensor.detach().resolve_conj().resolve_neg() if flipped(tensor) else tensor


def region(tensor: Tensor) -> Tensor:
    """Return the memory from the first element to the last as one axis, shared with the tensor."""
    count = span(tensor.shape, tensor.stride())
    return tensor.detach().as_strided((count,), (1,), tensor.storage_offset())


def memory(tensor: Tensor) -> bytes:
    """Return the bytes from the first element to the last, gaps between them included."""
    fault = strange(tensor)
    if fault:
        raise TypeError(f"what crosses between the processes must be a plain tensor, was {fault}")
    if tensor.is_cpu:
        return ctypes.string_at(tensor.data_ptr(), size(tensor))
    content: bytes = region(tensor).view(torch.uint8).cpu().numpy().tobytes()
    return content


def whole(tensor: Tensor) -> bytes:
    """Return the bytes of the whole storage."""
    storage = tensor.untyped_storage()
    if tensor.is_cpu:
        return ctypes.string_at(storage.data_ptr(), storage.nbytes())
    flat = torch.empty(0, dtype=torch.uint8, device=tensor.device).set_(storage)
    content: bytes = flat.cpu().numpy().tobytes()
    return content


def filled(content: bytes) -> Tensor:
    """Return a new tensor of these bytes, in memory that torch allocated, aligned as torch aligns it."""
    new = torch.empty(len(content), dtype=torch.uint8, device="cpu")  # a library may have set another default
    ctypes.memmove(new.data_ptr(), content, len(content))
    return new


def rebuilt(content: bytes, kind: Layout, offset: int, device: str) -> Tensor:
    """Return a new tensor over these bytes; its first element lies `offset` elements behind their start."""
    dtype, shape, stride = kind
    if offset == 0 and device == "cpu" and len(content) == span(shape, stride) * dtype.itemsize:
        new = torch.empty_strided(shape, stride, dtype=dtype, device="cpu")
        ctypes.memmove(new.data_ptr(), content, len(content))
        return new
    storage = filled(content).to(device).untyped_storage()
    return torch.empty(0, dtype=dtype, device=device).set_(storage, offset, shape, stride)


def overwrite(tensor: Tensor, content: bytes) -> None:
    """Write bytes that `memory` gave for a tensor of the same layout; torch counts it as a write."""
    if flipped(tensor):
        tensor.detach().copy_(rebuilt(content, layout(resolved(tensor)), 0, "cpu"))
    elif tensor.is_cpu:
        ctypes.memmove(tensor.data_ptr(), content, len(content))
    else:
        region(tensor).view(torch.uint8).copy_(filled(content))
    if not tensor.is_inference():  # of those torch keeps no count
        increment_version(tensor)
