"""A module of a library that claims to show its own parameters and gradients, which stay true."""

from torch import Tensor

from parity.subjects.adapters.held import HeldModule


class LiveModule(HeldModule):
    """A module whose library shows live (value, gradient) pairs."""

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return the library's own arrays, as tensors in the same memory, in the library's layout."""
        arrays = self.convention.arrays
        return [(arrays.out(at.value(), self.dtype), arrays.out(at.grad(), self.dtype)) for at in self.places.values()]

    def state_dict(self) -> dict[str, Tensor]:
        """Return every parameter's value by torch's name."""
        return {key: self.value(key) for key in self.places}
