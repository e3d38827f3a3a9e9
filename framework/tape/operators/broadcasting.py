"""The adjoint of broadcasting: what was repeated is summed."""

from torch import Size, Tensor


def summed_to(dy: Tensor, shape: Size) -> Tensor:
    """Return `dy` summed over the axes along which a tensor of `shape` was repeated to give the shape of `dy`."""
    if dy.shape == shape:
        return dy
    new = dy.dim() - len(shape)
    repeated = [new + axis for axis, extent in enumerate(shape) if extent == 1 and dy.shape[new + axis] != 1]
    axes = [*range(new), *repeated]
    return dy.sum(axes, keepdim=True).reshape(shape) if axes else dy
