"""A step of training whose gradients are one piece of code, and which may be one graph of a CUDA device."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor

from framework import arguments
from framework.compiling.module import Compiled, Pieces, Signature, compute, differentiate, form, tensors_in
from framework.losses.loss import Loss, one
from framework.module import Module, Parameter
from framework.optim.optimiser import Optimiser


def loss_and_gradients(
    module: Module, criterion: Loss, parameters: list[Parameter], dy: Tensor, x: Tensor, *target: Any
) -> Tensor:
    """Return the loss of one batch; let every gradient be that of it alone."""
    y, kept = compute(module, x)
    loss, of_loss = compute(criterion, y, *target)
    _, gradients = differentiate(module, differentiate(criterion, dy, of_loss)[0], kept)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad.copy_(gradient)
    return loss


def recorded(work: Callable[[], Tensor]) -> Callable[[], Tensor]:
    """Return what starts again, by one call, the kernels that `work` starts, and returns the tensor that they fill."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = work()

    def play() -> Tensor:
        graph.replay()
        return y

    return play


class PlayedStep:
    """A whole step as one graph, for tensors that lie where they lay when it was made."""

    def __init__(self, work: Callable[..., Tensor], inputs: tuple[Any, ...]) -> None:
        own = deepcopy(inputs)
        self.inputs = list(tensors_in(own))
        self.play = recorded(partial(work, *own))

    def __call__(self, inputs: tuple[Any, ...]) -> Tensor:
        torch._foreach_copy_(self.inputs, list(tensors_in(inputs)))
        return self.play().clone()


def capturing() -> bool:
    """Return whether a graph is being recorded already, of which the kernels of a step become part one by one."""
    return torch.cuda.is_current_stream_capturing()


def places(optimiser: Optimiser) -> tuple[int, ...]:
    """Return where what a step reads and writes lies."""
    groups = optimiser.groups
    tensors = [
        (*group.values, *group.grads, *[one for kept in group.state.values() for one in kept]) for group in groups
    ]
    return tuple([tensor.data_ptr() for of_group in tensors for tensor in of_group])


class CompiledStep:
    """One step of training: the gradients of a batch in one piece of code, then the optimiser's step.

    Takes     a module and a loss, compiled already or not, and an optimiser of the module's parameters; `alike`, a step
              of the same layers, loss and options, whose code is used too; `graph`, on a CUDA device, whether the third
              step of a signature and all later ones are one CUDA graph, optimiser included
    Call      loss = step(x, t): gradients are those of this batch alone, and values are updated
    Source    torch.compile of the pure functions of module and loss; torch.cuda.CUDAGraph
    Raises    as Compiled does; TypeError if the criterion is no Loss or the optimiser no Optimiser; ValueError, with
              `graph`, if the optimiser counts its steps, or for an x that is on no CUDA device
    """

    def __init__(
        self,
        module: Module,
        criterion: Module,
        optimiser: Optimiser,
        alike: "CompiledStep | None" = None,
        *,
        graph: bool = False,
    ) -> None:
        plain, loss = [given._module if isinstance(given, Compiled) else given for given in (module, criterion)]
        for name, value, kind in (("criterion", loss, Loss), ("optimiser", optimiser, Optimiser)):
            if not isinstance(value, kind):
                raise TypeError(f"CompiledStep: {name} must be of {kind.__name__}, was {type(value).__name__}")
        self._graph = arguments.boolean("CompiledStep", "graph", graph)
        if graph and optimiser.counting:
            raise ValueError(
                f"CompiledStep: optimiser must step alike each time to be part of a graph, but {optimiser.label()} "
                "counts its steps"
            )
        self._compiled, self._criterion, self._optimiser = Compiled(plain), cast(Loss, loss), optimiser
        self._pieces: Pieces = Pieces() if alike is None else alike._pieces
        self._outputs: dict[Signature, Tensor] = {} if alike is None else alike._outputs  # the first of a signature
        self._recordings: dict[Signature, PlayedStep] = {}

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        """Return the loss of a batch, after which one step is taken."""
        x, t = arguments.floating("CompiledStep", "x", x).contiguous(), t.contiguous()
        if self._graph and not x.is_cuda:
            raise ValueError(f"CompiledStep: x must be on a CUDA device to be part of a graph, was on {x.device}")
        module, criterion = self._compiled, self._criterion
        at = module.form(x, t)
        if at not in self._outputs:
            y = module._module(x)
            loss = criterion(y, t)
            module.zero_grad()
            module._module.backward(criterion.backward())
            self._outputs[at] = y
        else:
            _, *target = criterion.checked(self._outputs[at], t)
            at = at, form(tuple(target))
            if self._graph and self.settled(at) and not capturing():
                return self.played(at, x, *target)
            loss = self.differentiated(at, x, *target)
        self._optimiser.step()
        return loss

    def settled(self, at: Signature) -> bool:
        """Return whether code and state are there already: what makes them is no part of a step."""
        return at in self._pieces.made and all(group.numbers["step"] for group in self._optimiser.groups)

    def differentiated(self, at: Signature, x: Tensor, *target: Any) -> Tensor:
        """Return the loss of a batch, by compiled code; let every gradient be that of it alone."""
        module = self._compiled
        given = module._module, self._criterion, module.param(), one(x.dtype, x.device), x, *target
        return cast(Tensor, self._pieces.call(f"step of {module.label()}", at, loss_and_gradients, *given))

    def played(self, at: Signature, *inputs: Any) -> Tensor:
        """Take a whole step by the graph that was recorded of it, or is now; return its loss."""
        optimiser = self._optimiser
        optimiser.count()
        asked = at, places(optimiser), str([group.options for group in optimiser.groups])
        if asked not in self._recordings:
            self._recordings = {asked: PlayedStep(partial(self.stepped, at), inputs)}
        loss = self._recordings[asked](inputs)
        for group in optimiser.groups:
            group.written()
        return loss

    def stepped(self, at: Signature, *inputs: Any) -> Tensor:
        loss = self.differentiated(at, *inputs)
        self._optimiser.apply()
        return loss
