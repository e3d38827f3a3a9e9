"""A module of a library in the adapter's terms: tensors in, tensors out, whatever the library computes with."""

import pickle
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from parity.catalogue.signature import Signature, several
from parity.subjects.adapters import lacking
from parity.subjects.adapters.layouts import SAME, fitting, flat, last_of, like, order_of, vector
from parity.subjects.adapters.places import KEEP, Place, got, put
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Absent, kind, names_of, near

if TYPE_CHECKING:
    from parity.subjects.adapters.library import Convention


class HeldModule:
    """A module, and the convention by which it is called."""

    def __init__(
        self,
        module: Any,
        name: str,
        options: Mapping[str, Any],
        convention: "Convention",
        places: Mapping[str, Place],
        parameters: Mapping[str, Tensor],
        dtype: torch.dtype,
        admits: Callable[[Sequence[Tensor]], None],
        signature: Signature,
    ) -> None:
        self.module, self.name, self.convention, self.dtype, self.admits = module, name, convention, dtype, admits
        self.signature = signature
        self.names_of_inputs = [entry.name for entry in signature.inputs]
        self.of_inputs = ["x", *("x" if entry.name == "t" else entry.name for entry in signature.inputs[1:])]
        self.of_outputs = ["y", *signature.outputs[1:]]
        self.keeps_memory = convention.arrays.keeps_memory(dtype)
        keys = (*self.of_inputs, *self.of_outputs, *parameters)
        self.layouts = {key: convention.layout(name, key, options) for key in keys}
        self.kept: Sequence[str] = ()  # the buffers that it was given
        self.places = places
        self.inputs: tuple[Any, ...] = ()  # the last forward's, as the library has them
        self.given: tuple[Tensor | None, ...] = ()
        self.shapes: list[tuple[int, ...]] = []  # of what the last forward returned
        self.stale = False  # a backward since the gradients were cleared
        self.notes: dict[str, str] = {}  # what of a convention is let pass: the thing that is then not judged
        self.require_clear()
        self.require_shapes(parameters)
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

    def require_clear(self) -> None:
        """Raise Miswritten if the adapter names a method to clear gradients that the module does not have."""
        clear = self.convention.clear
        if self.places and clear != "zero_grad" and not hasattr(self.module, clear):
            said = f"{kind(self.module)} has no {clear} to clear its gradients{near(clear, names_of(self.module))}"
            raise self.convention.written.wrong(said, clear)

    def require_shapes(self, parameters: Mapping[str, Tensor]) -> None:
        """Raise Miswritten if a parameter does not have the shape given; say by which layout or order it would.

        A vector that the library keeps as (1, n) or (n, 1) is no matter of its axes: it is taken as it is.
        """
        wanted = {key: tuple(self.layouts[key].into(value).shape) for key, value in parameters.items()}
        held = {key: self.shape_of(key) for key in wanted}
        for key, given in parameters.items():
            if held[key] != wanted[key] and given.dim() == 1 and flat(torch.empty(held[key])).shape == given.shape:
                self.layouts[key] = vector(held[key])
                self.notes[key] = f"the shape of {key}: the library keeps it as {held[key]}"
                wanted[key] = held[key]
        wrong = [key for key in wanted if held[key] != wanted[key]]
        if not wrong:
            return
        key = wrong[0]
        said = f"{self.name}: {key} must have shape {wanted[key]} by the adapter, but the library's has {held[key]}"
        layout = fitting(parameters[key], held[key])
        if len(wrong) > 1 and sorted(held.values()) == sorted(wanted.values()):
            order = ", ".join(f'"{name}"' for name in order_of(wanted, held))
            said += f"; the library shows its parameters in another order, which order=({order}) says"
        elif layout:
            said += f'; write layouts={{"{self.name}.{last_of(key)}": {layout}}} for the order of its axes'
        else:
            said += "; if its axes are in another order, give the adapter a layout"
        raise self.convention.written.wrong(said, f"{self.name}.{key}", key, "layouts", "places")

    def shape_of(self, key: str) -> tuple[int, ...]:
        """Return the shape of a parameter as the library has it; raise Miswritten if it is no array of its kind."""
        own = self.places[key].value()
        held = self.convention.arrays.out(own, self.dtype) if hasattr(own, "shape") else None
        if isinstance(held, Tensor):
            return tuple(held.shape)
        of_numpy = type(own).__module__ == "numpy" and not self.convention.arrays.outside_torch
        hint = "; Convention(arrays=NUMPY) says that the library computes with NumPy" if of_numpy else ""
        said = f"{self.name}: {key} must be an array of the library, was {type(own).__name__}{hint}"
        raise self.convention.written.wrong(said, key, "arrays", "places")

    def install(self, key: str, given: Tensor) -> None:
        """Write a parameter into the library's own array; raise Miswritten if it does not arrive there."""
        own = self.places[key].value()
        self.write(key, own, self.convention.arrays.out(own, self.dtype), self.layouts[key].into(given))
        if not like(self.value(key), given):
            said = f"{self.name}: {key} did not take the values given; does the adapter name a copy of it?"
            raise self.convention.written.wrong(said, key, "places")

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Write parameters into the library's own arrays."""
        for key, value in state.items():
            self.install(key, value)

    def write(self, key: str, own: Any, held: Tensor, wanted: Tensor) -> None:
        """Write into the library's array, or put one of the right dtype in its place."""
        array, place = self.convention.arrays.into(wanted), self.places[key]
        arrays = self.convention.arrays
        if arrays.take(own).dtype == arrays.take(array).dtype or (place.put is None and held.dtype == wanted.dtype):
            with torch.no_grad():
                own[...] = array
            return
        grad = self.grad_at(key)
        if isinstance(own, Tensor):
            own.data = array.clone()
            if isinstance(grad, Tensor):
                grad.data = torch.zeros_like(own)
            if place.put is None or arrays.take(place.value()).dtype == own.dtype:
                return
        if place.put is None:
            raise Unsupported(f"the {self.name} of the library keeps {key} in {held.dtype}, which cannot be changed")
        copied = array.clone() if isinstance(array, Tensor) else array.copy()
        place.put(copied, 0 * copied if hasattr(grad, "shape") else KEEP)

    def into(self, key: str, value: Any) -> Any:
        shaped = self.layouts[key].into(value) if isinstance(value, Tensor) and value.is_floating_point() else value
        return self.convention.arrays.into(shaped)

    def out(self, key: str, value: Any, lenient: bool = False) -> Tensor:
        """Return a tensor of the library as torch has it; lenient where float64 is let pass for another dtype."""
        tensor = self.convention.arrays.out(value, self.dtype)
        if not isinstance(tensor, Tensor):
            return tensor
        if lenient and isinstance(value, (int, float)):
            self.notes["dtype"] = "the dtype of its output: it is a number, no array; the value is judged"
        if lenient and tensor.dtype == torch.float64 != self.dtype and self.convention.arrays.outside_torch:
            self.notes["dtype"] = "the dtype of what it returns: it is float64 for any input; the values are judged"
            tensor = tensor.to(self.dtype)
        return self.layouts.get(key, SAME).back(tensor)

    def carry_back(self, key: str, given: Any, array: Any) -> None:
        """Write into `given` what the library wrote into its copy."""
        own = isinstance(given, Tensor) and given.is_floating_point() and not self.keeps_memory
        if own and not like(seen := self.out(key, array), given):
            given.copy_(seen)

    def forward(self, *inputs: Any) -> Any:
        """Return the output, or the outputs; raise Unsupported for inputs of a kind that the library does not take."""
        self.admits(inputs)
        lacking.require_taken("the library", self.name, self.convention.forward, self.names_of_inputs, *inputs)
        self.given = inputs
        self.inputs = tuple(map(self.into, self.of_inputs, inputs))
        raw = self.convention.forward(self.module, *self.inputs)
        named = zip(self.of_outputs, several(raw, len(self.of_outputs)), strict=False)
        outputs = tuple(self.out(key, value, lenient=True) for key, value in named)
        self.all_carried_back(self.of_inputs, inputs, self.inputs)
        self.shapes = [tuple(getattr(value, "shape", ())) for value in outputs]
        return outputs if len(outputs) > 1 else outputs[0]

    def backward(self, *cotangents: Any) -> Any:
        """Return dx for the last forward; of several inputs with a gradient, as many as the library gives."""
        if self.stale and not self.convention.accumulates:
            raise Unsupported(f"the convention of {self.name} here is one backward per zero_grad")
        arrays = tuple(map(self.into, self.of_outputs, self.with_zeros(cotangents)))
        dy = arrays if len(self.of_outputs) > 1 else arrays[0]
        lacking.require_forward(self.convention.backward, self.module, dy, *self.inputs)
        raw = self.convention.backward(self.module, dy, *self.inputs)
        self.stale = bool(self.places)
        named = zip(*self.gradients_of(raw), strict=False)  # a verdict says what is wrong with None
        gradients = tuple(None if value is None else self.out(key, value, lenient=True) for key, value in named)
        self.all_carried_back(self.of_outputs, cotangents, arrays)
        self.all_carried_back(self.of_inputs, self.given, self.inputs)
        if not self.convention.dx:
            raise Unsupported("by its convention the library gives no dL/dx here")
        return gradients if len(gradients) > 1 else gradients[0] if gradients else None

    def with_zeros(self, cotangents: Sequence[Any]) -> Sequence[Any]:
        """Return the cotangents, with zeros for an output on which nothing depends: that it is None is torch's way."""
        if len(cotangents) < 2 or not self.shapes or getattr(self.convention.backward, "takes_none", False):
            return cotangents
        device = getattr(self.given[0], "device", None)
        named = zip(self.shapes, cotangents, strict=False)
        return [
            torch.zeros(shape, dtype=self.dtype, device=device) if value is None else value for shape, value in named
        ]

    def gradients_of(self, raw: Any) -> tuple[Sequence[str], Sequence[Any]]:
        """Return which inputs have the gradients that backward returned, and these."""
        entries = zip(self.of_inputs, self.signature.inputs, self.given, strict=False)
        wanted = [key for key, entry, value in entries if entry.gradient and value is not None] or ["x"]
        if not self.given or len(wanted) > 1:
            return wanted, several(raw, len(wanted))
        if not self.signature.gradients(self.given):
            return (), ()
        if isinstance(raw, (tuple, list)) and raw and hasattr(raw[0], "shape"):
            said = f"it returns {len(raw)} things, the first is judged"
            self.notes["tuple"] = f"that backward returns dL/dx alone: {said}"
            raw = raw[0]
        return wanted, (raw,)

    def all_carried_back(self, keys: Sequence[str], given: Sequence[Any], arrays: Sequence[Any]) -> None:
        """Write into what was given what the library wrote into its copies."""
        for key, own, array in zip(keys, given, arrays, strict=False):
            self.carry_back(key, own, array)

    def train(self, mode: bool = True) -> None:
        """Switch to training, or to evaluation; raise Unsupported where the library does not know them apart."""
        self.convention.mode(self.module, mode)

    def buffers(self) -> dict[str, Tensor]:
        """Return the buffers that it was given, of those that the library has."""
        held = ((name, self.buffer(name)) for name in self.kept)
        return {name: flat(self.out(name, array)) for name, array in held if hasattr(array, "shape")}

    def buffer(self, name: str) -> Any:
        """Return what the library has of a buffer, None where it has nothing; where the adapter says where, note it."""
        self.notes.pop(name, None)
        try:
            return got(self.module, self.convention.buffers.get(name, name))
        except Absent as error:
            self.notes |= {name: f"{name}: {error}"} if name in self.convention.buffers else {}
            return None

    def load_buffers(self, values: Mapping[str, Tensor]) -> None:
        """Put values in the place of the library's buffers, in their shapes; leave out those that it does not have."""
        self.kept = list(values)
        for name in self.buffers():
            attribute = self.convention.buffers.get(name, name)
            array = self.convention.arrays.into(values[name])
            put(self.module, attribute, array.reshape(got(self.module, attribute).shape))

    def gradients(self) -> dict[str, Tensor]:
        """Return every parameter's gradient, zeros where the library has none yet."""
        return {key: self.gradient(key) for key in self.places}

    def grad_at(self, key: str) -> Any:
        """Return what the library has as gradient; None where there is none before the first backward."""
        try:
            return self.places[key].grad()
        except Absent:
            if self.stale:
                raise
            return None

    def gradient(self, key: str) -> Tensor:
        """Return a gradient: zeros for None and for the number 0; of a vector, without axes of extent 1."""
        grad, value = self.grad_at(key), self.value(key)
        if grad is None or (isinstance(grad, (int, float)) and grad == 0):
            return torch.zeros_like(value)
        found, own = self.out(key, grad, lenient=True), self.places[key].value()
        shapes = [tuple(getattr(array, "shape", ())) for array in (grad, own)]
        if shapes[0] != shapes[1] and flat(found).shape == flat(value).shape == value.shape and value.dim() == 1:
            self.notes[f"d{key}"] = f"the shape of d{key}: it is {shapes[0]} beside {key} of {shapes[1]}"
            found = flat(found)
        return found

    def value(self, key: str) -> Tensor:
        return self.out(key, self.places[key].value())

    def zero_grad(self) -> None:
        """Clear the gradients: by the library's own method if it has one."""
        self.stale = False
        clear = getattr(self.module, self.convention.clear, None)
        if clear is not None:
            clear()
            return
        for grad in map(self.grad_at, self.places):
            if hasattr(grad, "shape"):
                grad[...] = 0


ORIGINALS: "weakref.WeakValueDictionary[int, HeldModule]" = weakref.WeakValueDictionary()


def restored(original: int, content: bytes) -> HeldModule:
    """Return a module that was pickled in this process, called as the original is."""
    again = object.__new__(type(ORIGINALS[original]))
    again.__dict__.update(ORIGINALS[original].__dict__)
    again.module = pickle.loads(content)
    again.places = again.convention.places(again.module, list(again.places))
    return again
