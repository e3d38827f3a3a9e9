"""Hypotheses of a kernel that moves over an image: options exchanged, padding and enlargement in the wrong place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from parity.diagnosis.altered.model import is_that_of, quantity_of
from parity.diagnosis.conditions import left_out, padded_by_number, pair, unequal
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, vanishing
from parity.verdict.draw import Tensors

PAIRS = ("stride", "padding", "dilation", "output_padding")
AS_A_WHOLE = "the image is repeated as a whole, not pixel by pixel"
ALONE = "only the first pixel of each block is filled, the others are zero"
MODES = {"replicate": "repeats the outermost pixels", "reflect": "reflects the image", "circular": "goes round"}


@dataclass(frozen=True)
class KernelOptions:
    """The options of a module with a kernel: pairs of rows and columns, and one number of groups."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    output_padding: tuple[int, int]
    scale: tuple[int, int]
    groups: int

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "KernelOptions":
        """Return those of a module's options."""
        named = {name: pair(options.get(name, 0 if "padding" in name else 1)) for name in PAIRS}
        return cls(**named, scale=pair(options.get("scale_factor", 1)), groups=options.get("groups", 1))


Map = Callable[[Tensor, Tensors, KernelOptions], Tensor]


def convolved(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the convolution of x, enlarged where there is a scale."""
    weight, bias = parameters["weight"], parameters.get("bias")
    large = x.repeat_interleave(asked.scale[0], 2).repeat_interleave(asked.scale[1], 3)
    return functional.conv2d(large, weight, bias, asked.stride, asked.padding, asked.dilation, asked.groups)


def transposed(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the transposed convolution of x."""
    return functional.conv_transpose2d(
        x,
        parameters["weight"],
        parameters.get("bias"),
        asked.stride,
        asked.padding,
        asked.output_padding,
        asked.groups,
        asked.dilation,
    )


def right_map(symptom: Symptom) -> tuple[Map, KernelOptions] | None:
    """Return the map with a kernel that gives the truth, and its options; None if the module is no such map."""
    drawn, cell = symptom.drawn, symptom.trial.cell
    weight = drawn.parameters.get("weight")
    if weight is None or weight.dim() != 4 or drawn.x.dim() != 4:
        return None
    options = left_out(cell) | dict(cell.case.options)
    if not padded_by_number(options):
        return None
    asked = KernelOptions.of(options)
    parameters = {name: value.double() for name, value in drawn.parameters.items()}
    for one in (convolved, transposed):
        try:
            if is_that_of(symptom, one(drawn.x.double(), parameters, asked)):
                return one, asked
        except RuntimeError:
            continue
    return None


def swapped(symptom: Symptom) -> Explanations:
    """Yield: stride and dilation are exchanged, or rows and columns; the second number of a pair is not looked at."""
    options = symptom.trial.cell.case.options
    if "kernel_size" not in options:
        return
    stride, dilation = options.get("stride", 1), options.get("dilation", 1)
    if pair(stride) != pair(dilation):
        value = symptom.reference(options={"stride": dilation, "dilation": stride, **room(options)})
        yield from said("options swapped", "stride and dilation are swapped", value)
    pairs = {name: value for name, value in options.items() if unequal(value)}
    pairs.pop("kernel_size", None)
    for name, both in pairs.items():
        words = f"height and width of {name} are swapped"
        vanishes = vanishing(f"equal {name}", name)
        yield from said("options swapped", words, symptom.reference(options={name: both[::-1]}), vanishes)
        for at, word in ((0, "first"), (1, "second")):
            words = f"the {word} number of {name} is used for both directions"
            alone = symptom.reference(options={name: both[at]})
            yield from said("option otherwise", words, alone, vanishes)
    if len(pairs) > 1:
        every = {name: both[::-1] for name, both in pairs.items()}
        words = f"height and width of {' and '.join(pairs)} are swapped"
        yield from said("options swapped", words, symptom.reference(options=every))


def room(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that would be refused where stride and dilation are exchanged."""
    return {"output_padding": 0} if options.get("output_padding") else {}


def said(kind: str, words: str, value: Tensor | None, vanishes: frozenset[str] = frozenset()) -> Explanations:
    if value is not None:
        yield Explanation(kind, words, value, vanishes)


def misplaced(symptom: Symptom) -> Explanations:
    """Yield: padding stands on one side alone, comes after the map, or is no zeros; groups are not looked at ..."""
    found = right_map(symptom)
    if found is None:
        return
    right, asked = found
    for kind, words, function, vanishes in variants(right, asked):
        value = quantity_of(symptom, partial(call, function, asked))
        yield from said(kind, words, value, vanishes)


def call(function: Map, asked: KernelOptions, x: Tensor, parameters: Tensors) -> Tensor:
    return function(x, parameters, asked)


Variant = tuple[str, str, Map, frozenset[str]]


def variants(right: Map, asked: KernelOptions) -> Iterator[Variant]:
    """Yield the wrong maps that differ from the right one under these options."""
    of_padding = vanishing("padding")
    if any(asked.padding) and right is convolved:
        for words, sides in {"at the end": (0, 2), "at the start": (2, 0)}.items():
            one_sided = partial(padded, sides=sides)
            yield "padding misplaced", f"padding stands {words} of rows and columns alone, twice", one_sided, of_padding
        for words, sides in {"at the end": (0, 1), "at the start": (1, 0)}.items():
            half = partial(padded, sides=sides)
            yield "padding misplaced", f"padding stands {words} of rows and columns alone", half, of_padding
        yield "padding misplaced", "padding comes after the map: zeros stand around its output", afterwards, of_padding
        for mode, words in MODES.items():
            yield "padding otherwise", f"padding is not zeros: it {words}", partial(filled, mode=mode), of_padding
    if right is transposed:
        yield from of_transposed(asked)
    if asked.groups > 1:
        words = "the option groups is ignored: every group reads the channels of the first"
        yield "option ignored", words, partial(ungrouped, right=right), vanishing("groups", "channels")
    if max(asked.scale) > 1:
        yield from of_enlarged()


def padded(x: Tensor, parameters: Tensors, asked: KernelOptions, sides: tuple[int, int]) -> Tensor:
    """Return the convolution whose padding stands so many times at the start, and at the end."""
    (rows, columns), (start, end) = asked.padding, sides
    large = x.repeat_interleave(asked.scale[0], 2).repeat_interleave(asked.scale[1], 3)
    wide = functional.pad(large, (columns * start, columns * end, rows * start, rows * end))
    return unpadded(wide, parameters, asked)


def unpadded(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the convolution of an x that is enlarged and padded already."""
    weight, bias = parameters["weight"], parameters.get("bias")
    return functional.conv2d(x, weight, bias, asked.stride, 0, asked.dilation, asked.groups)


def filled(x: Tensor, parameters: Tensors, asked: KernelOptions, mode: str) -> Tensor:
    """Return the convolution whose padding is made of the image."""
    rows, columns = asked.padding
    large = x.repeat_interleave(asked.scale[0], 2).repeat_interleave(asked.scale[1], 3)
    return unpadded(functional.pad(large, (columns, columns, rows, rows), mode=mode), parameters, asked)


def afterwards(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the convolution without padding, zeros around its output."""
    large = x.repeat_interleave(asked.scale[0], 2).repeat_interleave(asked.scale[1], 3)
    rows, columns = asked.padding
    return functional.pad(unpadded(large, parameters, asked), (columns, columns, rows, rows))


def of_transposed(asked: KernelOptions) -> Iterator[Variant]:
    """Yield the wrong transposed convolutions: what is cut off, and what is added, on the wrong side."""
    if any(asked.padding):
        for words, sides in {"at the end": (0, 2), "at the start": (2, 0)}.items():
            cut_off = partial(cut, sides=sides)
            said_of = f"padding is cut off {words} of rows and columns alone, twice"
            yield "padding misplaced", said_of, cut_off, vanishing("padding")
    if any(asked.output_padding):
        words = "the output padding stands at the start in place of the end"
        for before in (output_padded_before, begun_earlier):
            yield "padding misplaced", words, before, vanishing("output_padding")
        zeros = "the output padding is zeros or bias alone, where the kernel reaches it"
        yield "padding misplaced", zeros, output_padded_by_zeros, vanishing("output_padding")


def whole(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return all that a transposed convolution reaches, nothing cut off, with its output padding."""
    bias, weight = parameters.get("bias"), parameters["weight"]
    y = functional.conv_transpose2d(x, weight, None, asked.stride, 0, 0, asked.groups, asked.dilation)
    y = functional.pad(y, (0, asked.output_padding[1], 0, asked.output_padding[0]))
    return y if bias is None else y + bias[:, None, None]


def cut(x: Tensor, parameters: Tensors, asked: KernelOptions, sides: tuple[int, int]) -> Tensor:
    """Return the transposed convolution cut so many times the padding at the start, and at the end."""
    (rows, columns), (start, end) = asked.padding, sides
    y = whole(x, parameters, asked)
    return y[:, :, rows * start : y.shape[2] - rows * end, columns * start : y.shape[3] - columns * end]


def output_padded_before(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the transposed convolution with the output padding at its start."""
    y = transposed(x, parameters, without_output_padding(asked))
    rows, columns = asked.output_padding
    return framed(y, parameters, (columns, 0, rows, 0))


def begun_earlier(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the transposed convolution with the output padding before all that it reaches, then cut."""
    rows, columns = asked.output_padding
    y = whole(x, parameters, without_output_padding(asked))
    y = framed(y, parameters, (columns, 0, rows, 0))
    top, left = asked.padding
    return y[:, :, top : y.shape[2] - top, left : y.shape[3] - left]


def output_padded_by_zeros(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the transposed convolution whose output padding holds the bias alone."""
    y = transposed(x, parameters, without_output_padding(asked))
    rows, columns = asked.output_padding
    return framed(y, parameters, (0, columns, 0, rows))


def framed(y: Tensor, parameters: Tensors, sides: tuple[int, int, int, int]) -> Tensor:
    bias = parameters.get("bias")
    if bias is None:
        return functional.pad(y, sides)
    return functional.pad(y - bias[:, None, None], sides) + bias[:, None, None]


def without_output_padding(asked: KernelOptions) -> KernelOptions:
    return KernelOptions(asked.stride, asked.padding, asked.dilation, (0, 0), asked.scale, asked.groups)


def ungrouped(x: Tensor, parameters: Tensors, asked: KernelOptions, right: Map) -> Tensor:
    """Return the map in which every group reads the channels of the first."""
    first = x[:, : x.shape[1] // asked.groups]
    return right(first.repeat(1, asked.groups, 1, 1), parameters, asked)


def of_enlarged() -> Iterator[Variant]:
    """Yield the wrong ways to enlarge an image before its convolution."""
    vanishes = vanishing("scale_factor")
    yield "enlarged otherwise", AS_A_WHOLE, tiled, vanishes
    yield "enlarged otherwise", ALONE, sparse, vanishes


def tiled(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    return small(x.repeat(1, 1, *asked.scale), parameters, asked)


def sparse(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the convolution of an x whose pixels stand apart, zeros between."""
    rows, columns = asked.scale
    large = torch.zeros(*x.shape[:2], x.shape[2] * rows, x.shape[3] * columns, dtype=x.dtype)
    large[:, :, ::rows, ::columns] = x
    return small(large, parameters, asked)


def small(x: Tensor, parameters: Tensors, asked: KernelOptions) -> Tensor:
    """Return the convolution of an x that is enlarged already."""
    return convolved(
        x, parameters, KernelOptions(asked.stride, asked.padding, asked.dilation, (0, 0), (1, 1), asked.groups)
    )
