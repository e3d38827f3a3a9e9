"""What a layer of several inputs, or several outputs, is."""

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from framework.arguments import Signature
from framework.memory import Memory, fit
from framework.module import Differentiable, Saved

Given = tuple[Any, ...]  # as many as the layer takes: tensors, and None for what was left out


class Several(Differentiable):
    """A layer whose derivative is a pair of pure functions in the file of the subclass, of several tensors each way.

    takes     the names of what forward is given, in order
    optional  how many of them, at the end, may be left out or be None
    gives     the names of what it returns, in order: a tensor, or a tuple of several

    backward takes a cotangent for each output, None for one on which nothing depends, and returns the gradient of each
    input that was given and has one: a tensor, a tuple of several, or None where there is none.
    """

    takes: ClassVar[tuple[str, ...]]
    optional: ClassVar[int] = 0
    gives: ClassVar[tuple[str, ...]] = ("output",)

    def __init__(self) -> None:
        super().__init__()
        self._outputs: tuple[Signature, ...] = ()

    @abstractmethod
    def validate(self, given: Given) -> None:
        """Raise TypeError or ValueError unless these are inputs for this layer."""

    @abstractmethod
    def compute(self, given: Given) -> tuple[tuple[Tensor, ...], Saved]:
        """Call the file's forward function: return the outputs and what backward reads."""

    @abstractmethod
    def differentiate(self, dys: tuple[Tensor, ...], saved: Saved) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Call the file's backward function: return the gradients of the inputs, then of the parameters in the order of
        registration. Those of parameters that this layer was built without may stand at the end."""

    def forward(self, *inputs: Any) -> Any:
        """Return the outputs; what backward reads is kept until the next forward."""
        given = self.filled(inputs)
        self.validate(given)  # refused inputs leave the earlier memory
        self.note(_memory=None)
        outputs, saved = self.compute(given)
        self.note(_memory=Memory(saved, outputs[0]), _outputs=tuple([(y.shape, y.dtype, y.device) for y in outputs]))
        return outputs if len(outputs) > 1 else outputs[0]

    def filled(self, inputs: Given) -> Given:
        """Return the inputs with None for those left out; raise TypeError for too few or too many."""
        least, most = len(self.takes) - self.optional, len(self.takes)
        if not least <= len(inputs) <= most or any(value is None for value in inputs[:least]):
            wanted = " and ".join(self.takes[:least])
            also = f", and may be given {', '.join(self.takes[least:])}" if self.optional else ""
            raise TypeError(f"{self.label()}: forward must be given {wanted}{also}, was given {len(inputs)} inputs")
        return inputs + (None,) * (most - len(inputs))

    def backward(self, *cotangents: Tensor | None) -> Any:
        """Return the gradients of the inputs for the last forward; add dL/dparameter to every gradient."""
        saved, layer = self.remembered().saved, self.label()
        if len(cotangents) != len(self.gives):
            raise TypeError(f"{layer}: backward must be given dy of {' and '.join(self.gives)}, was {len(cotangents)}")
        dys = tuple([self.fitting(dy, output) for dy, output in zip(cotangents, self._outputs, strict=True)])
        of_inputs, gradients = self.differentiate(dys, saved)
        parameters = self._parameters.values()
        for parameter, gradient in zip(parameters, gradients[: len(parameters)], strict=True):
            parameter.grad.add_(gradient)
        return of_inputs if len(of_inputs) > 1 else of_inputs[0] if of_inputs else None

    def fitting(self, dy: Tensor | None, output: Signature) -> Tensor:
        """Return a cotangent that fits its output; zeros for None among several."""
        if dy is None and len(self.gives) > 1:
            shape, dtype, device = output
            return torch.zeros(shape, dtype=dtype, device=device)
        fit(self, dy, output)  # type: ignore[arg-type]  # None is refused there
        return dy  # type: ignore[return-value]  # it was refused
