"""Custom torch.nn.Modules: custom kernels, custom autograd functions, new combinations of torch's own layers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import written
from parity.catalogue.signature import Signature, plainly
from parity.subjects.adapters import entries, lacking
from parity.subjects.adapters.arrays import TORCH, Arrays
from parity.subjects.adapters.functions import AppliedFunction, Configured, OfFunction, OfPair, is_function, of_function
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Written, near
from parity.subjects.torch_nn import BuiltReference


class Modules:
    """A table of torch.nn.Modules, differentiated by autograd.

    name     of the library
    modules  by the catalogue's names: a class or function that takes torch's options by name; or a
             torch.autograd.Function, as it is or by of_function
    names    torch's name for a parameter -> the module's own, where they differ
    arrays   dtypes and devices that the kernels support
    only     by module ("*" for all) and option, the values (or the type of value) that the library supports
    twice    whether they can be differentiated twice, as what is written in torch's operations can
    """

    explains = False
    wraps_torch = True  # torch's autograd differentiates: there is nothing to audit

    def __init__(
        self,
        name: str,
        modules: Mapping[str, Callable[..., torch.nn.Module] | OfFunction],
        names: Mapping[str, str] | None = None,
        arrays: Arrays = TORCH,
        only: lacking.Only | None = None,
        twice: bool = False,
    ) -> None:
        self.differentiates_twice = twice
        self.name, self.names, self.arrays = name, names or {}, arrays
        self.modules = {module: of_function(make) if is_function(make) else make for module, make in modules.items()}
        self.offers, self.made_of = list(modules), list(modules.values())
        self.written = Written.here()
        self.only = entries.checked(self.written, modules, only or {})
        entries.check_layouts(self.written, modules, self.names)
        for module, make in self.modules.items():
            if isinstance(make, OfPair):
                raise self.written.wrong(f"{module}: a pair of functions is an entry of Library", module)
            if isinstance(make, OfFunction):
                make.check(self.written, module)
            else:
                entries.check_arguments(self.written, module, make)

    def make(self, module: str, options: Mapping[str, Any], parameters: Mapping[str, Tensor]) -> torch.nn.Module:
        """Return a module; a network is a torch.nn.Sequential unless the table has its own.

        parameters  which a function is given; a module makes its own
        """
        if "layers" in options and module not in self.modules:
            made = (
                self.make(inner, of_inner, below(parameters, f"{position}."))
                for position, (inner, of_inner) in enumerate(options["layers"])
            )
            return torch.nn.Sequential(*made)
        if module not in self.modules:
            raise Unsupported(f"{self.name} has no {module}")
        options = lacking.supported(self.name, module, options, self.only)
        make = self.modules[module]
        if isinstance(make, OfFunction):
            return make.made(Configured(self.name, module, options, parameters), self.own)
        return make(**lacking.accepted(self.name, module, make, options))

    def build(
        self,
        module: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Tensor],
        device: torch.device,
        dtype: torch.dtype,
    ) -> BuiltReference:
        """Build a module and install the parameters; raise Unsupported for what the library lacks."""
        self.arrays.require(self.name, device, dtype)
        made = self.make(module, options, parameters).to(device, dtype)
        if parameters:
            self.require_names(module, made, [self.own(name) for name in parameters])
            made.load_state_dict({self.own(name): value for name, value in parameters.items()})
        page = written()[module]
        call = plainly if isinstance(made, AppliedFunction) else page.call
        return Renamed(made, page.signature, call, {self.own(name): name for name in parameters})

    def require_names(self, module: str, made: torch.nn.Module, wanted: list[str]) -> None:
        """Raise Miswritten if the module's parameters have other names than the adapter says."""
        held = list(made.state_dict())
        strange = [name for name in wanted if name not in held]
        if strange or len(held) != len(wanted):
            said = f"{module}: its parameters must be {', '.join(wanted)} by the adapter, but are {', '.join(held)}"
            hints = near(strange[0], held) if strange else ""
            raise self.written.wrong(f"{said}{hints or '; names= says which is which'}", *strange, "names")

    def own(self, name: str) -> str:
        prefix, dot, last = name.rpartition(".")
        return f"{prefix}{dot}{self.names.get(last, last)}"


def below(parameters: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the parameters whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): value for name, value in parameters.items() if name.startswith(prefix)}


class Renamed(BuiltReference):
    """A module whose gradients are shown under torch's names."""

    def __init__(
        self,
        module: torch.nn.Module,
        signature: Signature,
        call: Callable[..., Any],
        torch_names: Mapping[str, str],
    ) -> None:
        super().__init__(module, signature, call)
        self.torch_names = torch_names

    def gradients(self) -> dict[str, Tensor]:
        return {self.torch_names.get(name, name): grad for name, grad in super().gradients().items()}

    def second(self, cotangents: Sequence[Tensor | None], directions: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the second derivatives."""
        found = super().second(cotangents, directions)
        return {self.torch_names.get(name, name): value for name, value in found.items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        own = {name: key for key, name in self.torch_names.items()}
        super().load_state_dict({own.get(name, name): value for name, value in state.items()})
