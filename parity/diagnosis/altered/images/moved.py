"""Hypotheses of a module that moves pixels and computes nothing: enlarged, shuffled or padded otherwise."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import permutations

import torch
from torch import Tensor

from parity.diagnosis.altered.images.windows import ALONE, AS_A_WHOLE
from parity.diagnosis.altered.model import is_that_of, quantity_of
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, vanishing
from parity.verdict.draw import Tensors

Told = tuple[str, str, Callable[[Tensor], Tensor]]  # the kind of the cause, the words, and where pixels go
Places = Callable[[Tensor, int], Tensor]  # from a pixel's number, which may lie outside, and the extent; -1 for a zero

SOURCES: Mapping[str, Callable[[Tensor, int, int], Tensor]] = {  # a pixel's number, the extents of x and of y
    "rounded, not floored": lambda at, n, m: (at * n * 2 + m) // (2 * m),
    "rounded up, not floored": lambda at, n, m: -(-at * n // m),
    "that of corners that lie on one another: at (n - 1) / (m - 1)": lambda at, n, m: at * (n - 1) // max(1, m - 1),
    "rounded, corners lying on one another": lambda at, n, m: (at * (n - 1) * 2 + m - 1) // (2 * max(1, m - 1)),
}
FILLED: Mapping[str, Places] = {
    "reflects the image, its edge not repeated": lambda at, n: torch.where(
        at < 0, -at, torch.where(at < n, at, 2 * n - 2 - at)
    ),
    "reflects the image, its edge repeated": lambda at, n: torch.where(
        at < 0, -1 - at, torch.where(at < n, at, 2 * n - 1 - at)
    ),
    "repeats the outermost pixels": lambda at, n: at.clamp(0, n - 1),
    "goes round": lambda at, n: at % n,
    "is zeros": lambda at, n: torch.where((at < 0) | (at >= n), -1, at),
}
SIDES = {"at the top and on the left": (True, False), "at the bottom and on the right": (False, True), "": (True, True)}


def otherwise(symptom: Symptom) -> Explanations:
    """Yield where pixels go in place of where the truth has them."""
    x, y = symptom.drawn.x, symptom.trial.evidence.truth.get("output")
    if symptom.drawn.parameters or y is None or x.dim() != 4 or y.dim() != 4 or not x.numel():
        return
    for every in (enlarged, shuffled, padded):
        told = list(every(symptom, x.double(), y))
        right = next((function for kind, _, function in told if not kind), None)
        if right is not None and is_that_of(symptom, right(x.double())):
            for kind, words, function in told:
                value = quantity_of(symptom, partial(called, function)) if kind else None
                if value is not None:
                    yield Explanation(kind, words, value, vanishing("scale_factor", "upscale_factor", "padding"))


def called(function: Callable[[Tensor], Tensor], x: Tensor, _: Tensors) -> Tensor:
    return function(x)


def taken(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return the image of the pixels in these rows and columns, zero where one of them is -1."""
    found = x[:, :, rows.clamp_min(0)][:, :, :, columns.clamp_min(0)]
    return found * ((rows >= 0)[:, None] & (columns >= 0)).to(x.dtype)


def enlarged(_: Symptom, x: Tensor, y: Tensor) -> Iterator[Told]:
    """Yield, of a module that repeats pixels, how the one that is repeated may be found."""
    extents = list(zip(x.shape[2:], y.shape[2:], strict=True))
    right = [torch.arange(m) * n // m for n, m in extents]
    yield "", "", partial(taken, rows=right[0], columns=right[1])
    for words, source in SOURCES.items():
        rows, columns = (source(torch.arange(m), n, m).clamp(0, n - 1) for n, m in extents)
        for along, pair in {
            "row and column": (rows, columns),
            "row": (rows, right[1]),
            "column": (right[0], columns),
        }.items():
            told = f"the {along} of the pixel that is repeated: {words}"
            yield "enlarged otherwise", told, partial(taken, rows=pair[0], columns=pair[1])
    again = [torch.arange(m) % n for n, m in extents]
    yield "enlarged otherwise", AS_A_WHOLE, partial(taken, rows=again[0], columns=again[1])
    for along, rows, columns in (("rows", again[0], right[1]), ("columns", right[0], again[1])):
        told = f"{along} are repeated as a whole, one after the other, not each by itself"
        yield "enlarged otherwise", told, partial(taken, rows=rows, columns=columns)
    blocks = [torch.arange(m) * n for n, m in extents]
    alone = [torch.where(at % m < n, at // m, -1) for at, (n, m) in zip(blocks, extents, strict=True)]
    yield "enlarged otherwise", ALONE, partial(taken, rows=alone[0], columns=alone[1])


def shuffled(symptom: Symptom, x: Tensor, _: Tensor) -> Iterator[Told]:
    """Yield, of a module that deals channels to pixels, how channels and blocks may be parted and put together."""
    r = symptom.trial.cell.case.options.get("upscale_factor")
    if not isinstance(r, int) or not r or x.shape[1] % r**2:
        return
    n, c, h, w = len(x), x.shape[1] // r**2, *x.shape[2:]
    parts: Mapping[str, tuple[tuple[int, ...], tuple[int, int, int]]] = {  # sizes, and where channel, row, column are
        "(C, r, r)": ((c, r, r), (1, 2, 3)),
        "(r, C, r)": ((r, c, r), (2, 1, 3)),
        "(r, r, C)": ((r, r, c), (3, 1, 2)),
    }

    def put(value: Tensor, sizes: tuple[int, ...], order: tuple[int, ...]) -> Tensor:
        return value.reshape(n, *sizes, h, w).permute(order).reshape(n, c, h * r, w * r)

    for words, (sizes, (channel, row, column)) in parts.items():
        for turned, blocks in {"": (row, column), ", row and column of a block exchanged": (column, row)}.items():
            put_so = (0, channel, 4, blocks[0], 5, blocks[1])
            right = words == "(C, r, r)" and not turned
            told = f"channels are parted as {words}{turned}"
            yield "" if right else "order", told, partial(put, sizes=sizes, order=put_so)
    for order in permutations((2, 3, 4, 5)):
        if (order[0], order[2]) != (4, 5):  # else it is one of those before
            names = ", ".join({2: "r", 3: "r'", 4: "H", 5: "W"}[axis] for axis in order)
            told = f"the axes (r, r', H, W) are put together as ({names}), not as (H, r, W, r')"
            yield "order", told, partial(put, sizes=(c, r, r), order=(0, 1, *order))


def padded(symptom: Symptom, x: Tensor, _: Tensor) -> Iterator[Told]:
    """Yield, of a module that pads, what else may stand there, on all sides or on some."""
    padding = symptom.trial.cell.case.options.get("padding")
    sides = (padding,) * 4 if isinstance(padding, int) else padding
    if not isinstance(sides, tuple) or len(sides) != 4 or min(sides) < 0:
        return
    left, right, top, bottom = sides
    rows, columns = torch.arange(-top, x.shape[2] + bottom), torch.arange(-left, x.shape[3] + right)

    def filled(near: Places, far: Places, across: tuple[Places, Places] | None = None) -> Callable[[Tensor], Tensor]:
        """Return what fills rows and columns so; `across` what fills columns, where that is something else."""
        modes = ((near, far), across or (near, far))
        at = (
            torch.where(places < 0, first(places, size), last(places, size)).clamp(-1, size - 1)
            for places, size, (first, last) in zip((rows, columns), x.shape[2:], modes, strict=True)
        )
        return partial(taken, **dict(zip(("rows", "columns"), at, strict=True)))

    own = next((mode for mode in FILLED.values() if is_that_of(symptom, filled(mode, mode)(x))), None)
    if own is None:
        return
    yield "", "", filled(own, own)
    for words, mode in FILLED.items():
        if mode is own:
            continue
        for where, (near, far) in SIDES.items():
            told = " ".join(filter(None, ("the padding", where, words)))
            yield "padding otherwise", told, filled(mode if near else own, mode if far else own)
        yield "padding otherwise", f"the padding of rows alone {words}", filled(mode, mode, (own, own))
        yield "padding otherwise", f"the padding of columns alone {words}", filled(own, own, (mode, mode))
