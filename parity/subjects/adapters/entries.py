"""The tables of an adapter, checked when it is loaded: every name in them must be one of the catalogue or of torch."""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from types import UnionType
from typing import Any

from parity.catalogue import operators, written
from parity.catalogue.page import Page
from parity.subjects.adapters.lacking import KINDS_OF_TARGETS, OF_INPUTS, Only, arguments, is_operator, torch_defaults
from parity.subjects.mistakes import Miswritten, Written, near

EVERY = "*"  # in `only`: every module of the table
TENSORS = ("x", "y", "weight", "bias", "other")  # of a module of one input and one output
MOST_LISTED = 60  # names that a sentence lists where none is near
OF_USER = "; --pages names a file with a page of it, where it is a module of your own"
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
        some = f" of {', '.join(allowed)}" if len(allowed) <= MOST_LISTED else f" of the {len(allowed)} that there are"
        raise at.wrong(f"{what} {name!r}, which is none{near(name, allowed) or some}", word or name)


def checked(at: Written, modules: Collection[str], only: Only) -> Only:
    """Return what is said of each module: what `only` says of all that have such an option, then of it alone.

    Raises Miswritten for a name of a module, or in `only` of an option or a value, that is unknown.
    """
    catalogue, wrong = written() | operators(), list[str]()
    every, only = only.get(EVERY, {}), {module: options for module, options in only.items() if module != EVERY}
    for module in modules:
        with told(wrong):
            one_of(at, "the table names a module", module, catalogue)
    hint = OF_USER if wrong else ""
    for module, options in only.items():
        with told(wrong):
            one_of(at, "only names a module", module, [*catalogue, EVERY])
        for option, values in options.items() if module in catalogue and not is_operator(module) else ():
            allowed = [*options_of(catalogue[module]), *OF_INPUTS]
            with told(wrong):
                one_of(at, f"only names an option of {module},", option, allowed)
                check_values(at, catalogue[module], option, values)
    named = {
        module: limited(catalogue[module]) for module in modules if module in catalogue and not is_operator(module)
    }
    for option in every:
        with told(wrong):
            one_of(at, "only names an option of all modules,", option, sorted(set[str]().union(*named.values())))
    spread = {
        module: {option: values for option, values in every.items() if option in options}
        for module, options in named.items()
    }
    for module, options in spread.items():
        for option, values in options.items():
            with told(wrong):
                check_values(at, catalogue[module], option, values)
    if wrong:
        raise Miswritten("; and ".join(dict.fromkeys(wrong)) + hint)
    return {module: {**spread.get(module, {}), **only.get(module, {})} for module in {**spread, **only}}


def limited(page: Page) -> set[str]:
    """Return what `only` may limit of a module that is named with all others."""
    return {*options_of(page), "rank", *(["targets"] if page.cases[0].target else [])}


@contextmanager
def told(wrong: list[str]) -> Iterator[None]:
    """Keep what is said to be wrong, so that the mistakes of a table are told together."""
    try:
        yield
    except Miswritten as error:
        wrong.append(str(error))


def check_layouts(at: Written, modules: Iterable[str], layouts: Iterable[str]) -> None:
    """Raise Miswritten for a tensor, or a module before it, that is unknown."""
    catalogue = written() | operators()
    for key in layouts:
        module, dot, tensor = key.rpartition(".")
        if dot:
            one_of(at, "layouts names a module", module, catalogue, key)
        if tensor not in TENSORS:
            named = [module] if dot else [name for name in modules if not is_operator(name)]
            own = [name for owner in named for name in tensors_of(catalogue[owner])]
            one_of(at, "layouts names a tensor", tensor, dict.fromkeys((*TENSORS, *own)), key)


def check_values(at: Written, page: Page, option: str, values: Any) -> None:
    """Raise Miswritten for what `only` allows of an option where it is no type and no collection, or a misspelt word.

    Another word than the page's is torch's, and so no mistake, unless it is nearly one of them.
    """
    if isinstance(values, (type, UnionType)):
        return
    if isinstance(values, str) or not isinstance(values, Collection):
        raise at.wrong(
            f"only of {page.module}: {option} must be a type or several values, ({values!r},), was {values!r}", option
        )
    words = KINDS_OF_TARGETS if option == "targets" else words_of(page, option)
    for value in values:
        if option == "targets":
            one_of(at, f"only names a kind of target of {page.module},", str(value), words)
        elif isinstance(value, str) and value not in words and (hint := near(value, words)):
            raise at.wrong(f"only names a value of {option} of {page.module}, {value!r}, which is none{hint}", value)


def words_of(page: Page, option: str) -> list[str]:
    """Return the words that an option of a module may be, as far as torch's default and the page tell them."""
    space = page.space
    of_space = [*space.options.get(option, ()), *space.besides.get(option, ())] if space else []
    of_cases = [case.options[option] for case in page.cases if option in case.options]
    return [
        value for value in (*of_space, *of_cases, torch_defaults(page.module).get(option)) if isinstance(value, str)
    ]


def check_convention(at: Written, modules: Iterable[str], layouts: Iterable[str], buffers: Iterable[str]) -> None:
    """Raise Miswritten for a tensor of layouts, or a buffer, that none of the modules has."""
    own = [name for name in modules if not is_operator(name)]
    check_layouts(at, modules, layouts)
    known = dict.fromkeys(name for module in (*own, "BatchNorm1d") for name in buffers_of(written()[module]))
    for name in buffers:
        one_of(at, "buffers names a buffer", name, known)


def buffers_of(page: Page) -> list[str]:
    """Return what a module keeps beside its parameters, by torch's names."""
    return [name for name, _ in page.reference(**page.cases[0].options).named_buffers()]


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
        if named and entry.name not in (*options, *OURS) and (needed(entry) or misspelt(at, make, entry, options)):
            told = ", ".join(options) or "none"
            said = f"{module}: the function takes {entry.name}, which is no option of it{near(entry.name, options)}"
            raise of_function(at, make).wrong(f"{said} (its options: {told})", module)


def needed(entry: inspect.Parameter) -> bool:
    return entry.default is entry.empty


def misspelt(at: Written, make: Callable[..., Any], entry: inspect.Parameter, options: Iterable[str]) -> bool:
    """Return whether an argument with a default is nearly an option that the adapter's own function does not take.

    Of the library's own function it is the library's word.
    """
    taken = arguments(make)
    free = [name for name in options if name not in taken]
    return getattr(getattr(make, "__code__", None), "co_filename", "") == at.file and bool(near(entry.name, free))


def of_function(at: Written, make: Callable[..., Any]) -> Written:
    """Return where an adapter's own function is written; for any other, where the table is."""
    code = getattr(make, "__code__", None)
    return Written(at.file, code.co_firstlineno) if code is not None and code.co_filename == at.file else at
