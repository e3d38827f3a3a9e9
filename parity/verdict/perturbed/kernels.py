"""What the gauge knows of torch's kernels: which round once, which are linear, which round nothing.

A kernel in none of these lists is replaced by what torch decomposes it into, until only known kernels are left. One
that has no decomposition either is an error: counting it as one rounding would accuse what is right.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from inspect import unwrap
from typing import Any

import torch
from torch import Tensor
from torch._decomp import decomposition_table

from parity.mode import Mode

SUM = "as a sum"  # how a kernel rounds whose errors have a size of their own

# Round once: the result is off by about u of its own size, however it came about.
ELEMENTARY = frozenset(
    "add sub rsub mul div reciprocal pow sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan "
    "atan2 sinh cosh tanh asinh acosh atanh sigmoid erf erfc".split()
)
# Linear in each tensor argument: the amplitude of their rounding is that of the map on absolute values.
LINEAR = frozenset(
    "mm addmm bmm baddbmm mv addmv dot _trilinear convolution convolution_backward sum cumsum scatter_add index_add "
    "index_put avg_pool2d avg_pool2d_backward avg_pool3d avg_pool3d_backward _adaptive_avg_pool2d "
    "_adaptive_avg_pool2d_backward upsample_nearest2d upsample_nearest2d_backward upsample_bilinear2d_backward "
    "reflection_pad2d_backward replication_pad2d_backward max_pool2d_with_indices_backward "
    "adaptive_max_pool2d_backward _embedding_bag _embedding_bag_backward "
    "_embedding_bag_dense_backward _embedding_bag_per_sample_weights_backward".split()
)
# Round nothing: they copy, compare, choose, draw or change a sign.
EXACT = frozenset(
    "clone copy _to_copy convert_element_type conj_physical neg abs sgn sign relu threshold threshold_backward where "
    "gather index index_select amax amin max min maximum minimum clamp clamp_min clamp_max ones_like zeros_like "
    "full_like empty_like new_zeros new_ones new_full new_empty lift_fresh scatter fill zero uniform normal bernoulli "
    "lt le gt ge eq ne isnan isinf isfinite logical_and logical_or logical_not argmax argmin sort nonzero "
    "_local_scalar_dense constant_pad_nd cat stack masked_fill flip repeat max_pool2d_with_indices adaptive_max_pool2d "
    "softshrink_backward hardshrink_backward".split()
)
# Of (dy, x, bounds): something else on each side of a bound. On which a nan is, is a convention; it may be on none.
BY_CASES = frozenset(
    "threshold_backward leaky_relu_backward hardtanh_backward softshrink_backward hardshrink_backward "
    "hardsigmoid_backward".split()
)


def variance(x: Tensor, dims: list[int], correction: float = 0, **_: Any) -> Tensor:
    """Return the variance over some axes, in two passes: torch has no decomposition of its primitive."""
    off = x - x.mean(dims, keepdim=True)
    count = math.prod(x.shape[dim] for dim in dims)
    squares: Tensor = (off * off).sum(dims)
    return squares / max(0, count - correction)


def mean(x: Tensor, dims: list[int] | None = None, keepdim: bool = False, **_: Any) -> Tensor:
    """Return the mean: one sum, one quotient. What torch decomposes it into imports the compiler, for nothing."""
    dims = list(range(x.dim())) if dims is None else dims
    total: Tensor = x.sum(dims, keepdim)
    return total / math.prod(x.shape[dim] for dim in dims)


def total(x: Tensor, dims: list[int] | None, **_: Any) -> Tensor:
    """Return the sum over some axes: torch's primitive for it is made to be compiled, and slow where it is run."""
    return x.sum(dims)


def broadcast(x: Tensor, shape: list[int], dims: list[int]) -> Tensor:
    """Return a view of `shape` whose axes `dims` are those of `x`: as above."""
    return x.view([x.shape[dims.index(axis)] if axis in dims else 1 for axis in range(len(shape))]).expand(shape)


def zeros(shape: list[int], **like: Any) -> Tensor:
    """Return zeros that have memory: torch's own zeros of a second derivative have none, and no kernel takes them."""
    return torch.zeros(shape, **like)


def index_within(x: Tensor, indices: list[Tensor | None]) -> Tensor:
    """Return the elements at places that were computed, and so perturbed: one past an edge of the axis is the edge.

    A resizing finds its pixels so, and a library that rounds as coarsely as the perturbation holds its places inside.
    """
    held = [at if at is None else at.clamp(0, x.shape[axis] - 1) for axis, at in enumerate(indices)]
    found: Tensor = torch.ops.aten.index(x, held)
    return found


OWN: Mapping[str, Callable[..., Any]] = {
    "prims::var": variance,
    "prims::sum": total,
    "prims::div": torch.div,
    "prims::broadcast_in_dim": broadcast,
    "aten::mean": mean,
    "aten::_efficientzerotensor": zeros,
    "aten::_unsafe_index": index_within,
}


class UnknownKernelError(RuntimeError):
    """A kernel whose rounding the gauge cannot tell."""

    def __init__(self, kernel: Any) -> None:
        super().__init__(
            f"the gauge does not know how the kernel {kernel} rounds, and torch has no decomposition of it; if it "
            "belongs in ELEMENTARY, LINEAR or EXACT, enter it there, in parity/verdict/perturbed/kernels.py"
        )


def name_of(kernel: Any) -> str:
    """Return the name of a kernel in the lists: without namespace, overload and the sign of being in place."""
    name: str = kernel.overloadpacket.__name__
    return name.removesuffix("_")


def floats(value: Any) -> bool:
    """Return whether a tensor, or a nest of lists, tuples and mappings, holds a floating-point tensor."""
    if isinstance(value, Tensor):
        return value.is_floating_point()
    if isinstance(value, dict):
        return any(map(floats, value.values()))
    return isinstance(value, (list, tuple)) and any(map(floats, value))


def own(kernel: Any) -> Callable[..., Any] | None:
    """Return what this file replaces a kernel by; None if it does not."""
    return OWN.get(kernel.name().split(".")[0])


def rounds_nothing(kernel: Any) -> bool:
    """Return whether a kernel is a view, or makes its argument one, or copies, chooses or changes a sign."""
    return kernel.is_view or torch.Tag.inplace_view in kernel.tags or name_of(kernel) in EXACT


@cache
def rounding(kernel: Any) -> str:
    """Return how a kernel rounds: nothing, in place, once, as a sum; "" if what it is decomposed into says so."""
    if own(kernel):
        return ""
    if rounds_nothing(kernel):
        return "nothing"
    if kernel._schema.is_mutable:
        return "in place"
    return "once" if name_of(kernel) in ELEMENTARY else SUM if name_of(kernel) in LINEAR else ""


def out_of_place(kernel: Any) -> Any:
    """Return the kernel that computes what `kernel` writes over its first argument.

    Raises UnknownKernelError if there is none.
    """
    packet = getattr(torch.ops.aten, name_of(kernel), None)
    names = sorted(packet.overloads(), key=lambda name: name != kernel._overloadname) if packet else ()
    for other in (getattr(packet, name) for name in names):  # pow_.Scalar is pow.Tensor_Scalar, not pow.Scalar
        if taken(other) == taken(kernel) and not other._schema.is_mutable:
            return other
    raise UnknownKernelError(kernel)


def taken(kernel: Any) -> list[str]:
    """Return the types of what a kernel takes."""
    return [str(argument.type) for argument in kernel._schema.arguments]


def decomposition(kernel: Any) -> Callable[..., Any]:
    """Return what torch computes a kernel by, in terms of others; raise UnknownKernelError if it says nothing of it.

    Without its wrappers: they promote dtypes, where all is float64, and import torch's compiler, where nothing is
    compiled.
    """
    if ours := own(kernel):
        return ours
    if kernel in decomposition_table:
        unwrapped: Callable[..., Any] = unwrap(decomposition_table[kernel])
        return unwrapped
    if torch._C._dispatch_has_kernel_for_dispatch_key(kernel.name(), "CompositeImplicitAutograd"):
        composite: Callable[..., Any] = kernel.decompose
        return composite
    raise UnknownKernelError(kernel)


SIDES = ("below", "between", "above", "neither")


class EitherAtNan(Mode):
    """Take one side where a derivative by cases is asked for at nan: that named, or with None a drawn one, the same
    everywhere in an operation.
    """

    def __init__(self, side: str | None, generator: torch.Generator) -> None:
        super().__init__()
        self.side, self.generator = side, generator

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if name_of(func) not in BY_CASES:
            return result
        dy, x, *bounds = args
        side = self.side or SIDES[int(torch.randint(len(SIDES), (), generator=self.generator))]
        places = {"below": -math.inf, "between": sum(bounds) / max(1, len(bounds)), "above": math.inf}
        there = func(dy, torch.full_like(x, places[side]), *bounds) if side in places else torch.zeros_like(dy)
        return torch.where(x.isnan(), there, result)
