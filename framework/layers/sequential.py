"""Modules in a row."""

from torch import Tensor

from framework import arguments
from framework.arguments import like, signature
from framework.memory import Memory, Saved
from framework.module import Differentiable, Layer, Module


def descendants(module: Module) -> list[Module]:
    """Return the modules inside `module`, at any depth."""
    return [inner for child in module.children().values() for inner in (child, *descendants(child))]


def is_plain(module: Module) -> bool:
    """Return whether a call of this module is a check and a run, and nothing that somebody put around them."""
    kind = type(module)
    as_written = kind.forward in (Layer.forward, Sequential.forward) and kind.__call__ is Module.__call__
    return as_written and "forward" not in vars(module)


class Sequential(Differentiable):
    """Apply modules one after another; they may be Sequentials themselves.

    Shapes    x, dx  the input of the first module
              y, dy  the output of the last
    Forward   y  = fₖ(... f₂(f₁(x))); with no modules y = x, the same tensor
    Backward  dx = J₁ᵀ J₂ᵀ ... Jₖᵀ dy, from the last module to the first; every memory inside is checked before the
              first gradient is added
    Source    Rumelhart, Hinton & Williams 1986, the chain rule of eq. 3-7; torch.nn.Sequential.
    Raises    TypeError if one is no Module; ValueError if one occurs twice, since its memory holds one forward only;
              RuntimeError if backward follows a forward that was refused or interrupted, or one of a module inside.
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        for position, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(f"{self.label()}: module {position} must be a Module, was {type(module).__name__}")
        self._children = {str(position): module for position, module in enumerate(modules)}
        inside = descendants(self)
        self._inside, self._values = inside, list[Tensor]()
        self._remembering = [inner for inner in inside if isinstance(inner, Differentiable)]
        repeated = sorted({inner.label() for inner in inside if inside.count(inner) > 1})
        if repeated:
            raise ValueError(
                f"{self.label()}: every module must occur once, but one occurred twice: {', '.join(repeated)}"
            )

    def children(self) -> dict[str, Module]:
        return self._children

    @property
    def saved(self) -> Saved:
        """The tensors that the backward passes inside read."""
        return tuple(tensor for inner in self._remembering if not inner.children() for tensor in inner.saved)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output of the last module; memories are dropped first, so after a refusal backward refuses too."""
        for inner in (self, *self._remembering):
            vars(inner)["_memory"] = None
        accepted, given = self._accepted, inputs
        if accepted and len(given) == 1 and like(accepted[0], given[0]) and self.accepted_inside() == accepted[1]:
            return self.output_of(given[0])
        for module in self._children.values():
            inputs = (module(*inputs),)
        (y,) = arguments.counted(self.label(), ("x",), inputs)
        if not self._children:
            arguments.floating(self.label(), "x", y)
        plain = all(is_plain(inner) and inner._accepted for inner in self._inside)
        self.note(_values=[value for inner in self._inside for value, _ in inner._parameters.values()])
        self.note(_accepted=(signature(given[0]), self.accepted_inside()) if plain and len(given) == 1 else ())
        return self.remember_inside(y)

    def accepted_inside(self) -> tuple[object, ...]:
        """Return what the layers inside accepted last, and the form of their parameters: where all is as it was when
        an input passed, another like it will pass."""
        return [inner._accepted for inner in self._remembering], list(map(signature, self._values))

    def output_of(self, x: Tensor) -> Tensor:
        for module in self._children.values():
            x = module.output_of(x)
        return self.remember_inside(x)

    def remember_inside(self, y: Tensor) -> Tensor:
        vars(self)["_memory"] = Memory((), y, tuple([inner._memory for inner in self._remembering]))
        return y

    def remembered(self) -> Memory:
        memory, inside = super().remembered(), self._remembering
        if tuple([inner._memory for inner in inside]) != memory.inside:
            raise RuntimeError(
                f"{self.label()}: the modules inside must be left alone between forward and backward, "
                "but one was called or moved; call forward again"
            )
        for inner, kept in zip(inside, memory.inside, strict=True):
            if kept is not None:  # it is None in a module that this forward did not call
                kept.check(inner)
        return memory

    def backward(self, dy: Tensor) -> Tensor:
        """Return dL/dx for the last forward, given dy = dL/dy; add dL/dparameter to every gradient."""
        self.recall(dy)
        for module in reversed(self._children.values()):
            dy = module.pull_back(dy)
        return dy

    def __len__(self) -> int:
        return len(self._children)

    def __getitem__(self, position: int) -> Module:
        return list(self._children.values())[position]
