"""What a forward pass keeps for its backward pass."""

from torch import Tensor

from framework import arguments
from framework.arguments import Labelled, Signature, like

Saved = tuple[Tensor, ...]


def versions(tensors: Saved) -> list[int]:
    """Return torch's count of in-place writes to each tensor (inference tensors are not counted by torch)."""
    try:
        return [tensor._version for tensor in tensors]
    except RuntimeError:
        return [0 if tensor.is_inference() else tensor._version for tensor in tensors]


class Memory:
    """What a forward pass leaves for its backward pass, guarded against change in between.

    saved   what backward reads
    inside  the memories that the same forward left in the modules inside, where backward needs them all
    output  shape, dtype and device of the output
    """

    __slots__ = ("_versions", "inside", "output", "saved")

    def __init__(self, saved: Saved, output: Tensor, inside: "tuple[Memory | None, ...]" = ()) -> None:
        self.saved, self.inside, self.output = saved, inside, (output.shape, output.dtype, output.device)
        self._versions = versions(saved)

    def check(self, asker: Labelled) -> None:
        """Raise RuntimeError if a saved tensor was written to since it was saved."""
        if self._versions != versions(self.saved):
            raise RuntimeError(
                f"{asker.label()}: the tensors of forward must be unchanged until backward, "
                f"but one was written to in place; call forward again"
            )


def fit(asker: Labelled, dy: Tensor, output: Signature) -> None:
    """Raise TypeError or ValueError unless `dy` is a tensor like an output with this signature."""
    shape, dtype, device = output
    if dtype.is_floating_point and like(output, dy):
        return
    layer = asker.label()
    arguments.shaped(layer, "dy", arguments.floating(layer, "dy", dy), shape)
    if dy.dtype != dtype or dy.device != device:
        raise TypeError(f"{layer}: dy must be {dtype} on {device} as the output was, was {dy.dtype} on {dy.device}")
