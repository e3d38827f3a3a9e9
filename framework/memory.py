"""What a forward pass keeps for its backward pass."""

from torch import Tensor

from framework import arguments

Saved = tuple[Tensor, ...]


def versions(tensors: Saved) -> tuple[int, ...]:
    """Return torch's count of in-place writes to each tensor (inference tensors are not counted by torch)."""
    try:
        return tuple([tensor._version for tensor in tensors])
    except RuntimeError:
        return tuple([0 if tensor.is_inference() else tensor._version for tensor in tensors])


class Memory:
    """What a forward pass leaves for its backward pass, guarded against change in between.

    saved   what backward reads
    inside  the memories that the same forward left in the modules inside, where backward needs them all
    """

    def __init__(self, saved: Saved, output: Tensor, inside: "tuple[Memory | None, ...]" = ()) -> None:
        self.saved, self.inside = saved, inside
        self.shape, self.dtype, self.device = output.shape, output.dtype, output.device
        self._versions = versions(saved)

    def check(self, layer: str) -> None:
        """Raise RuntimeError if a saved tensor was written to since it was saved."""
        if self._versions != versions(self.saved):
            raise RuntimeError(
                f"{layer}: the tensors of forward must be unchanged until backward, "
                f"but one was written to in place; call forward again"
            )

    def fit(self, layer: str, dy: Tensor) -> None:
        """Raise TypeError or ValueError unless `dy` is a tensor like the output."""
        arguments.shaped(layer, "dy", arguments.floating(layer, "dy", dy), self.shape)
        if dy.dtype != self.dtype or dy.device != self.device:
            raise TypeError(
                f"{layer}: dy must be {self.dtype} on {self.device} as the output was, was {dy.dtype} on {dy.device}"
            )
