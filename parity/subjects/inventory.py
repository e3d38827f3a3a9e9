"""What a library has beside what its adapter's table names: read where the library is, and told as plain data."""

import dis
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import torch

from parity.subjects.contract import made_of

HOSTS = {"torch", "numpy", "scipy", "jax", "parity", "reports", *sys.stdlib_module_names}  # of which no class is theirs
# What a method is made of that only stands for those of its subclasses.
EMPTY = {"RESUME", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "POP_TOP", "NOP"}
NAMED = (type, ModuleType, FunctionType)
REFUSES = {"NotImplementedError", "NotImplemented"}


@dataclass
class Inventory:
    """What an adapter makes known of its library: nothing where it does not say what it builds with.

    unnamed   the classes that look like layers and are in no table, of the files that the adapter imported
    packages  of each package or module of the library: its name, its file, its version or an empty text
    """

    unnamed: list[str] = field(default_factory=list)
    packages: list[tuple[str, str, str]] = field(default_factory=list)


def inventory(subject: object) -> dict[str, Any]:
    """Return the fields of the inventory of a subject."""
    found = list(mentioned(made_of(subject)))
    used = {base for one in found if isinstance(one, type) for base in one.__mro__}
    roots = dict.fromkeys(root_of(one) for one in found)
    own = [name for name in roots if name not in HOSTS and name in sys.modules]
    unnamed = sorted({one.__name__ for name in own for one in layers_of(name) if one not in used}) if used else []
    packages = [(name, file_of(sys.modules[name]), version_of(sys.modules[name])) for name in own]
    return asdict(Inventory(unnamed, packages))


def root_of(thing: type | ModuleType | FunctionType) -> str:
    """Return the package, or the module of a single file, that a thing is of."""
    return str(thing.__name__ if isinstance(thing, ModuleType) else thing.__module__).partition(".")[0]


def file_of(module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), ""))


def version_of(module: ModuleType) -> str:
    version = getattr(module, "__version__", "")
    return version if isinstance(version, str) else ""


def layers_of(package: str) -> Iterator[type]:
    """Yield the public classes of a package, as far as it is imported, that look like layers."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package and isinstance(module, ModuleType):
            for one in list(vars(module).values()):
                if isinstance(one, type) and one.__module__ == name and is_layer(one):
                    yield one


def is_layer(one: type) -> bool:
    """Return whether a class looks like a layer: it has its own forward and backward, or is a torch.nn.Module."""
    if one.__name__.startswith("_") or issubclass(one, torch.autograd.Function):
        return False
    if issubclass(one, torch.nn.Module):
        return one.forward is not torch.nn.Module.forward
    return all(is_written(getattr(one, method, None)) for method in ("forward", "backward"))


def is_written(method: object) -> bool:
    """Return whether a method does something: one that only refuses, or is empty, stands for those of subclasses."""
    if not callable(method) or getattr(method, "__isabstractmethod__", False):
        return False
    code = getattr(method, "__code__", None)
    if code is None:
        return True
    does = {instruction.opname for instruction in dis.get_instructions(code)}
    return not (REFUSES & set(code.co_names) or does <= EMPTY)


def mentioned(*things: object) -> Iterator[type | ModuleType | FunctionType]:
    """Yield the classes, modules and functions that the entries of a table mention, each once."""
    waiting, seen = list(things), set[int]()
    while waiting:
        thing = waiting.pop(0)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, (type, ModuleType, FunctionType)):
            yield thing
        waiting += parts(thing)


def parts(thing: object) -> list[object]:
    """Return what an entry is made of, as far as it can mention a class of the library."""
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, (list, tuple)):
        return list(thing)
    if isinstance(thing, partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if isinstance(thing, MethodType):
        return [thing.__func__]
    if isinstance(thing, FunctionType) and of_adapter(thing):
        cells = [cell.cell_contents for cell in thing.__closure__ or () if holds(cell)]
        return [*cells, *named_in(thing.__code__, thing.__globals__)]
    if isinstance(thing, type):
        return [each for each in vars(thing).values() if isinstance(each, FunctionType)] if of_adapter(thing) else []
    if is_dataclass(thing):
        return [getattr(thing, entry.name) for entry in fields(thing)]
    return []


def of_adapter(thing: type | FunctionType) -> bool:
    """Return whether something is written in the adapter's own file: there it may stand around the library's own."""
    return hasattr(sys.modules.get(thing.__module__), "subject")


def holds(cell: Any) -> bool:
    """Return whether a variable of a closure has a value."""
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def named_in(code: CodeType, scope: Mapping[str, Any]) -> list[object]:
    """Return the classes, modules and functions that a function names, also as attributes of modules it names."""
    names = [*code.co_names, *(text for text in code.co_consts if isinstance(text, str))]
    found: list[object] = [scope[name] for name in code.co_names if name in scope]
    for module in found:
        if isinstance(module, ModuleType):
            own = (vars(module).get(name) for name in names)
            found += [one for one in own if isinstance(one, NAMED) and not any(one is known for known in found)]
    inner = [each for const in code.co_consts if isinstance(const, CodeType) for each in named_in(const, scope)]
    return [*(each for each in found if isinstance(each, (*NAMED, partial))), *inner]
