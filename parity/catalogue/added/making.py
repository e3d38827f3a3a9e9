"""The page of a callable of torch: what it takes is read from its signature, what it refuses is asked of it."""

import difflib
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from parity.catalogue.added.trying import refuses, required, trouble, values_first
from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing
from parity.catalogue.pointwise import SHAPES
from parity.catalogue.signature import PLAIN, Input, Signature

LARGE, MOST_LARGE = 2**16 + 1, 2**20  # rows of a case beyond an index of 16 bits, and the elements that it may have
ROWS = (3, 4, 6, 2, 11, 13, 17, 19, 23, 29)
PHOTOGRAPHS = (4, 3, 32, 32)
TIMED = {"usual": 30_000, "large": 1_000_000}  # elements of the first input
BAD = (Refusal("integers", "", x=lambda x: x.long()), Refusal("not a tensor", "", x=lambda x: x.tolist()))
TARGETS = (
    "like",
    "unit",
    "hard",
    "one-hot",
    "probabilities",
    "log-probabilities",
    "weights",
    "counts",
    "signs",
    "classes",
    "ignored-classes",
)  # as parity/verdict/draw.py draws them

Function = Callable[..., Any]
Shapes = Sequence[int] | Sequence[Shape]


class OfCallable(torch.nn.Module):
    """A function with its options set, as a module without parameters."""

    def __init__(self, function: Function, options: Mapping[str, Any]) -> None:
        super().__init__()
        self.function, self.options = function, options

    def forward(self, *inputs: Any) -> Any:
        """Call the function."""
        return self.function(*inputs, **self.options)


@dataclass(frozen=True, eq=False)
class Calling:
    """What makes such modules, as the constructor of a class does: it takes the options."""

    function: Function
    options: Mapping[str, inspect.Parameter]

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.Signature([one.replace(kind=one.KEYWORD_ONLY) for one in self.options.values()])

    def __call__(self, **options: Any) -> OfCallable:
        return OfCallable(self.function, self.__signature__.bind(**options).arguments)


def page_of(
    reference: Function | type[torch.nn.Module],
    name: str = "",
    *,
    x: Shapes = (),
    options: Mapping[str, Sequence[Any]] | None = None,
    target: str | Sequence[str] = (),
    others: Callable[[Shape], Mapping[str, Shape]] | None = None,
    outputs: Sequence[str] = ("output",),
    **fields: Any,
) -> Page:
    """Return the page of a function of tensors, or of a class derived from torch.nn.Module.

    reference  differentiated by autograd, and the truth in float64. The arguments of the function, or of forward, that
               have no default are the inputs; the others, or those of the constructor, are the options
    name       of the module, in the tables of adapters; by default that of the reference
    x          the shape of the first input, or several, the plain one first; by default four of 1 to 4 axes
    options    values worth trying, the plain one first
    target     of a loss: how its second input is drawn, or several ways (TARGETS); it gets no gradient
    others     from the shape of the first input to the shapes of further ones by name; by default its own
    outputs    the names of what is returned, where that is a tuple
    fields     further ones of a Page, in place of what is made here or, of cases and refusals, beside it: kinks,
               unit_input, degenerate, cases, refusals, timings, signature ...
    Raises ValueError, in one sentence with file and line, for what is no reference, an option that it does not take,
    and a reference that does not take its input or is not differentiated.
    """
    frame = sys._getframe(1)
    source = f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"
    try:
        return replace(made(reference, name, x, options or {}, target, others, tuple(outputs), fields), source=source)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def made(
    reference: Function,
    name: str,
    x: Shapes,
    options: Mapping[str, Sequence[Any]],
    target: str | Sequence[str],
    others: Callable[[Shape], Mapping[str, Shape]] | None,
    outputs: tuple[str, ...],
    fields: Mapping[str, Any],
) -> Page:
    """Return the page, without where it is written."""
    targets = (target,) if isinstance(target, str) else tuple(target)
    for kind in targets:
        must_be_one_of("target", kind, TARGETS)
    inputs, taken = called_with(reference, 2 if targets else 1)
    require_options(named(reference), options, taken)
    make = reference if isinstance(reference, type) else Calling(reference, taken)
    signature = PLAIN
    if (len(inputs) > 1 and not targets) or len(outputs) > 1:
        signature = Signature(tuple(map(Input, inputs)), outputs)
    page = of_fields(Page(name or named(reference), make, signature=signature, source="here"), fields)
    further = [entry.name for entry in page.signature.inputs[1:]] if not page.signature.is_plain else []
    beside = others or (lambda shape: dict.fromkeys(further, shape))
    return Draft(page, shapes_of(x), options, targets, beside).page_with(fields)


def of_fields(page: Page, fields: Mapping[str, Any]) -> Page:
    """Return a page with further fields; raise ValueError for one that a page does not have."""
    try:
        return replace(page, **fields)
    except TypeError as error:
        raise ValueError(f"a page has no such field: {error}") from None


@dataclass(frozen=True)
class Draft:
    """A page in the making: cases, refusals and timings are made of what the reference takes."""

    page: Page
    given: Sequence[Shape]  # shapes that the user named, the plain one first
    options: Mapping[str, Sequence[Any]]
    targets: Sequence[str]
    beside: Callable[[Shape], Mapping[str, Shape]]  # the shapes of further inputs

    def page_with(self, fields: Mapping[str, Any]) -> Page:
        """Return the page; cases and refusals of the fields are added to those made here, timings replace them."""
        first, *rest = self.shapes()
        shapes = {"x": (first, *rest)} | ({"target": self.targets} if self.targets else {})
        return replace(
            self.page,
            space=fields.get("space")
            or Space(options=self.options, shapes=shapes, others=lambda values: self.beside(values["x"])),
            cases=(*self.cases(first, rest), *fields.get("cases", ())),
            refusals=(*refusals(self.page, self.case("plain", first)), *fields.get("refusals", ())),
            timings=fields.get("timings") or tuple(self.timings(first)),
        )

    def case(self, name: str, shape: Shape, **more: Any) -> Case:
        """Return a case of the plain options and target."""
        target = self.targets[0] if self.targets else ""
        return Case(name, shape, values_first(self.options), target, self.beside(shape), **more)

    def takes(self, case: Case) -> bool:
        """Return whether the reference takes the input of a case, and is differentiated."""
        return not trouble(self.page, case)

    def shapes(self) -> list[Shape]:
        """Return the shapes worth trying, the plain one first. Raises ValueError where the reference takes none."""
        every = list(self.given or SHAPES)
        tried = every[:1] if self.given else every  # the plain one of a user is not passed over
        first = next((shape for shape in tried if self.takes(self.case("plain", shape))), None)
        if first is None:
            hint = "" if self.given else "; x=(...) says which shape it takes"
            raise ValueError(trouble(self.page, self.case("plain", every[0])) + hint)
        return [first, *(shape for shape in every if shape != first)]

    def cases(self, first: Shape, rest: Sequence[Shape]) -> Iterable[Case]:
        """Yield a case of another batch, a large one and photographs, as far as the reference takes them."""
        count = next(number for number in ROWS if number not in first)  # extents differ, so that a swapped axis shows
        another = self.case("another batch", (count, *first[1:]))
        yield another if self.takes(another) else self.case("plain again", first)
        row = min((shape[1:] for shape in (first, *rest) if len(shape) > 1), key=math.prod, default=())
        large = self.case("large batch", (LARGE, *row), large=True)
        if LARGE * math.prod(row) <= MOST_LARGE and self.takes(large):
            yield large
        photographs = self.case("photographs", PHOTOGRAPHS, regime="photograph")
        if self.takes(photographs):
            yield photographs

    def timings(self, first: Shape) -> Iterable[Timing]:
        """Yield the sizes that are timed: batches of the plain shape, as far as the reference takes them."""
        for name, elements in TIMED.items():
            rows = max(1, elements // max(1, math.prod(first[1:])))
            case = self.case(name, (rows, *first[1:]))
            if self.takes(case):
                yield Timing(name, case.x, case.options, case.target, case.others)


def refusals(page: Page, case: Case) -> Iterable[Refusal]:
    """Return bad inputs; what the reference takes all the same is asked only of a subject whose errors explain."""
    for one in BAD:
        assert one.x is not None
        yield replace(one, argument=page.signature.first.name, stricter=not refuses(page, case, one.x))


def shapes_of(x: Shapes) -> list[Shape]:
    """Return the shapes that are given: one, or several."""
    entries = [x] if x and all(isinstance(extent, int) for extent in x) else list(x)
    for shape in entries:
        if not isinstance(shape, (tuple, list)) or not all(type(extent) is int and extent > 0 for extent in shape):
            raise ValueError(f"x must be a shape, such as (5, 7), or a list of shapes, was {x!r}")
    return [tuple(shape) for shape in entries if isinstance(shape, (tuple, list))]


def named(reference: Any) -> str:
    """Return the name of a reference, as its module may have it."""
    return str(getattr(reference, "__name__", type(reference).__name__))


def called_with(reference: Any, least: int) -> tuple[list[str], dict[str, inspect.Parameter]]:
    """Return the names of the inputs of a reference, and what it takes as options.

    Raises ValueError for what is no reference.
    """
    is_module = isinstance(reference, type) and issubclass(reference, torch.nn.Module)
    if not callable(reference) or isinstance(reference, torch.nn.Module) or (isinstance(reference, type) > is_module):
        said = "reference must be a function of tensors or a class derived from torch.nn.Module"
        hint = "; give the class, and its options" if isinstance(reference, torch.nn.Module) else ""
        raise ValueError(f"{said}, was {reference if not callable(reference) else named(reference)}{hint}")
    inputs = required(reference.forward if is_module else reference)
    inputs = inputs[1:] if is_module and inputs is not None else inputs
    inputs = ["x", "t"][:least] if inputs is None or len(inputs) < least else inputs
    try:
        taken = dict(inspect.signature(reference).parameters)
    except (TypeError, ValueError):
        taken = {}
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    given = {name: one for name, one in taken.items() if one.kind in kinds}
    return inputs, given if is_module else {name: one for name, one in given.items() if name not in inputs}


def require_options(name: str, options: Mapping[str, Sequence[Any]], taken: Mapping[str, inspect.Parameter]) -> None:
    """Raise ValueError for an option that a reference does not take, has no value, or lacks."""
    for option, values in options.items():
        if taken or not options:
            must_be_one_of(f"{name}: an option", option, taken)
        if isinstance(values, str) or not isinstance(values, Sequence) or not values:
            raise ValueError(
                f"{name}: the option {option} must have values worth trying, ({values!r},), was {values!r}"
            )
    lacking = [option for option, one in taken.items() if one.default is one.empty and option not in options]
    if lacking:
        raise ValueError(f'{name} is not built without {lacking[0]}: options={{"{lacking[0]}": (...)}} says its values')


def must_be_one_of(what: str, name: str, allowed: Iterable[str]) -> None:
    """Raise ValueError, with the nearest name, unless a name is among those allowed."""
    names = list(allowed)
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"{what} must be one of {', '.join(names) or 'none'}, was {name!r}{hint}")
