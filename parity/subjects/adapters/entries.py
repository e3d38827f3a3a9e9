"""The tables of an adapter, checked when it is loaded: every name in them must be one of the catalogue or of torch."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from parity.catalogue import operators, written
from parity.catalogue.page import Page
from parity.subjects.adapters.lacking import OF_INPUTS, arguments, is_operator, torch_defaults
from parity.subjects.mistakes import Written, near

TENSORS = ("x", "y", "weight", "bias", "other")  # of a module of one input and one output
OURS = ("dtype", "layers")  # arguments that an adapter's function may take beside torch's options


def options_of(page: Page) -> list[str]:
    """Return the options of a module, as torch and its page name them."""
    space = page.space
    of_space = [*space.options, *space.besides] if space else []
    of_cases = [name for case in page.cases for name in case.options]
    own = inspect.signature(page.reference).parameters
    return list(dict.fromkeys([*of_space, *of_cases, *own, *torch_defaults(page.module)]))


def tensors_of(page: Page) -> list[str]:
    """Return what a module takes, gives and learns, as torch names it: h0, h_n, weight_ih_l0 ..."""
    names = [*(entry.name for entry in page.signature.inputs[1:]), *page.signature.outputs[1:]]
    return names + [name for name, _ in page.reference(**page.cases[0].options).named_parameters()]


def one_of(at: Written, what: str, name: str, allowed: Iterable[str], word: str = "") -> None:
    """Raise Miswritten, with the nearest name, unless a name is among those allowed; the adapter has it as `word`."""
    allowed = list(allowed)
    if name not in allowed:
        raise at.wrong(
            f"{what} {name!r}, which is none{near(name, allowed) or ' of ' + ', '.join(allowed)}", word or name
        )


def check(at: Written, modules: Iterable[str], only: Mapping[str, Mapping[str, Any]], layouts: Iterable[str]) -> None:
    """Raise Miswritten for a name of a module, of an option in `only`, or of a tensor in `layouts` that is unknown."""
    catalogue = written() | operators()
    for module in modules:
        one_of(at, "the table names a module", module, catalogue)
    for module, options in only.items():
        one_of(at, "only names a module", module, catalogue)
        if not is_operator(module):
            for option in options:
                allowed = [*options_of(catalogue[module]), *OF_INPUTS]
                one_of(at, f"only names an option of {module},", option, allowed)
    for key in layouts:
        module, dot, tensor = key.rpartition(".")
        if dot:
            one_of(at, "layouts names a module", module, catalogue, key)
        if tensor not in TENSORS:
            named = [module] if dot else [name for name in modules if not is_operator(name)]
            own = [name for owner in named for name in tensors_of(catalogue[owner])]
            one_of(at, "layouts names a tensor", tensor, dict.fromkeys((*TENSORS, *own)), key)


def check_arguments(at: Written, module: str, make: Callable[..., Any], first: int = 0) -> None:
    """Raise Miswritten for an argument that must be given, but is no option of the module; `first` are not options."""
    if is_operator(module):
        return
    try:
        taken = list(arguments(make).values())[first:]
    except (TypeError, ValueError):
        return  # a class of C shows no signature
    options = options_of(written()[module])
    for entry in taken:
        named = entry.kind in (entry.POSITIONAL_OR_KEYWORD, entry.KEYWORD_ONLY, entry.POSITIONAL_ONLY)
        if named and entry.default is entry.empty and entry.name not in (*options, *OURS):
            told = ", ".join(options) or "none"
            said = f"{module}: the function takes {entry.name}, which is no option of it{near(entry.name, options)}"
            raise of_function(at, make).wrong(f"{said} (its options: {told})", module)


def of_function(at: Written, make: Callable[..., Any]) -> Written:
    """Return where an adapter's own function is written; for any other, where the table is."""
    code = getattr(make, "__code__", None)
    return Written(at.file, code.co_firstlineno) if code is not None and code.co_filename == at.file else at
