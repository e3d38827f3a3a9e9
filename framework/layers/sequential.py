"""Modules in a row."""

from torch import Tensor

from framework.module import Differentiable, Module, Saved


def descendants(module: Module) -> list[Module]:
    """Return the modules inside `module`, at any depth."""
    return [inner for child in module.children().values() for inner in (child, *descendants(child))]


class Sequential(Module):
    """Apply modules one after another; they may be Sequentials themselves.

    Shapes    x, dx  the input of the first module
              y, dy  the output of the last
    Forward   y  = fₖ(... f₂(f₁(x))); with no modules y = x
    Backward  dx = J₁ᵀ J₂ᵀ ... Jₖᵀ dy, from the last module to the first
    Source    Rumelhart, Hinton & Williams 1986, the chain rule of eq. 3-7; torch.nn.Sequential.
    Raises    TypeError if one is no Module; ValueError if one occurs twice, for its memory holds one forward only.
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        for position, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(f"Sequential: module {position} must be a Module, was {type(module).__name__}")
        self._children = {str(position): module for position, module in enumerate(modules)}
        self._inner = descendants(self)
        repeated = sorted({type(inner).__name__ for inner in self._inner if self._inner.count(inner) > 1})
        if repeated:
            raise ValueError(f"Sequential: every module must occur once, but one occurred twice: {', '.join(repeated)}")

    def children(self) -> dict[str, Module]:
        return self._children

    @property
    def saved(self) -> Saved:
        """The tensors that the backward passes inside read."""
        return tuple(tensor for inner in self._inner if isinstance(inner, Differentiable) for tensor in inner.saved)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output of the last module; if one refuses its input, all keep their earlier memory."""
        earlier = [vars(inner).copy() for inner in self._inner]
        try:
            for module in self._children.values():
                inputs = (module(*inputs),)
        except Exception:
            for inner, state in zip(self._inner, earlier, strict=True):
                vars(inner).update(state)
            raise
        (y,) = inputs
        return y

    def backward(self, dy: Tensor) -> Tensor:
        """Return dL/dx for the last forward, given dy = dL/dy; add dL/dparameter to every gradient."""
        for module in reversed(self._children.values()):
            dy = module.backward(dy)
        return dy

    def __len__(self) -> int:
        return len(self._children)

    def __getitem__(self, position: int) -> Module:
        return list(self._children.values())[position]
