"""A module of a library in the adapter's terms: tensors in, tensors out, whatever the library computes with."""

import pickle
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from parity.subjects.adapters import lacking
from parity.subjects.contract import Unsupported

if TYPE_CHECKING:
    from parity.subjects.adapters.library import Convention


def like(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors hold the same values, nan where nan is."""
    return a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all())


class HeldModule:
    """A module, and the convention by which it is called."""

    def __init__(
        self,
        module: Any,
        name: str,
        options: Mapping[str, Any],
        convention: "Convention",
        parameters: Mapping[str, Tensor],
        dtype: torch.dtype,
        admits: Callable[[Sequence[Tensor]], None],
    ) -> None:
        self.module, self.name, self.convention, self.dtype, self.admits = module, name, convention, dtype, admits
        self.layouts = {key: convention.layout(name, key, options) for key in ("x", "y", *parameters)}
        self.places = convention.places(module, list(parameters))
        self.inputs: tuple[Any, ...] = ()  # the last forward's, as the library has them
        self.given: tuple[Tensor, ...] = ()
        self.stale = False  # a backward since the gradients were cleared
        for key, value in parameters.items():
            self.install(key, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the library's module alone: whether it can be is a trait of the library, the rest is ours."""
        try:
            content = pickle.dumps(self.module)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise Unsupported(f"the {self.name} of the library cannot be pickled: {error}") from error
        ORIGINALS[id(self)] = self
        return restored, (id(self), content)

    def install(self, key: str, given: Tensor) -> None:
        """Write a parameter into the library's own array; raise ValueError if it does not fit."""
        own = self.places[key].value()
        wanted = self.layouts[key].into(given)
        held = self.convention.arrays.out(own, self.dtype)
        if tuple(held.shape) != tuple(wanted.shape):
            raise ValueError(
                f"{self.name}: {key} must have shape {tuple(wanted.shape)} by the adapter, but the library's has "
                f"{tuple(held.shape)}; if its axes are in another order, give the adapter a layout"
            )
        self.write(key, own, held, wanted)
        if not like(self.value(key), given):
            raise ValueError(f"{self.name}: {key} did not take the values given; does the adapter name a copy of it?")

    def write(self, key: str, own: Any, held: Tensor, wanted: Tensor) -> None:
        """Write into the library's array, or put one of the right dtype in its place."""
        array, place = self.convention.arrays.into(wanted), self.places[key]
        if held.dtype == wanted.dtype:
            with torch.no_grad():
                own[...] = array
        elif isinstance(own, Tensor):
            grad = place.grad()
            own.data = array.clone()
            if isinstance(grad, Tensor):
                grad.data = torch.zeros_like(own)
        elif place.put is None:
            raise Unsupported(f"the {self.name} of the library keeps {key} in {held.dtype}, which cannot be changed")
        else:
            place.put(array.copy(), None if place.grad() is None else 0 * array)

    def into(self, key: str, value: Any) -> Any:
        shaped = self.layouts[key].into(value) if isinstance(value, Tensor) and value.is_floating_point() else value
        return self.convention.arrays.into(shaped)

    def out(self, key: str, value: Any) -> Tensor:
        return self.layouts[key].back(self.convention.arrays.out(value, self.dtype))

    def carry_back(self, key: str, given: Any, array: Any) -> None:
        """Write into `given` what the library wrote into its copy."""
        if isinstance(given, Tensor) and given.is_floating_point() and not self.convention.arrays.shares:
            seen = self.out(key, array)
            if not like(seen, given):
                given.copy_(seen)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the output for the inputs; raise Unsupported for inputs of a kind that the library does not take."""
        self.admits(inputs)
        self.given = inputs
        self.inputs = tuple(self.into("x", value) for value in inputs)
        output = self.out("y", self.convention.forward(self.module, *self.inputs))
        for given, array in zip(inputs, self.inputs, strict=True):
            self.carry_back("x", given, array)
        return output

    def backward(self, dy: Tensor | None) -> Tensor:
        """Return dx for the last forward."""
        if self.stale and not self.convention.accumulates:
            raise Unsupported(f"the convention of {self.name} here is one backward per zero_grad")
        array = self.into("y", dy)
        lacking.require_forward(self.convention.backward, self.module, array, *self.inputs)
        raw = self.convention.backward(self.module, array, *self.inputs)
        self.stale = bool(self.places)
        dx: Any = None if raw is None else self.out("x", raw)  # a verdict says what is wrong with None
        self.carry_back("y", dy, array)
        for given, held in zip(self.given, self.inputs, strict=True):
            self.carry_back("x", given, held)
        return dx  # type: ignore[no-any-return]  # None where the library gave None

    def gradients(self) -> dict[str, Tensor]:
        """Return every parameter's gradient, zeros where the library has none yet."""
        return {key: self.gradient(key) for key in self.places}

    def gradient(self, key: str) -> Tensor:
        grad = self.places[key].grad()
        if grad is None:
            return torch.zeros_like(self.value(key))
        return self.out(key, grad)

    def value(self, key: str) -> Tensor:
        return self.out(key, self.places[key].value())

    def zero_grad(self) -> None:
        """Clear the gradients: by the library's own method if it has one."""
        self.stale = False
        clear = getattr(self.module, self.convention.clear, None)
        if clear is not None:
            clear()
            return
        for place in self.places.values():
            grad = place.grad()
            if grad is not None:
                grad[...] = 0


ORIGINALS: "weakref.WeakValueDictionary[int, HeldModule]" = weakref.WeakValueDictionary()


def restored(original: int, content: bytes) -> HeldModule:
    """Return a module that was pickled in this process, called as the original is."""
    again = object.__new__(type(ORIGINALS[original]))
    again.__dict__.update(ORIGINALS[original].__dict__)
    again.module = pickle.loads(content)
    again.places = again.convention.places(again.module, list(again.places))
    return again


class LiveModule(HeldModule):
    """A module whose library shows live (value, gradient) pairs."""

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Return the library's own arrays, as tensors in the same memory."""
        return [(self.value(key), self.gradient(key)) for key in self.places]

    def state_dict(self) -> dict[str, Tensor]:
        """Return every parameter's value by torch's name."""
        return {key: self.value(key) for key in self.places}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Write values into the library's arrays."""
        for key, value in state.items():
            self.install(key, value)
