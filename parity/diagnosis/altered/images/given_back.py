"""Hypotheses of a padding made of the image: on the way back its pixels are written over one another, not added."""

from itertools import product

import torch
from torch import Tensor

from parity.diagnosis.altered.images.moved import FILLED
from parity.diagnosis.altered.model import is_that_of
from parity.diagnosis.symptom import Explanation, Explanations, Symptom, vanishing

ADDED, WRITTEN, IN_TURN, DIVIDED = "added", "written", "in turn", "divided"
WORDS = {
    WRITTEN: "what the padding of {} gives back is written over what stands there, not added",
    IN_TURN: "{} of the padded image are written back one after the other, the last over the others, not added",
    DIVIDED: "what {} give back is divided by how many come from one pixel, not added",
}


def otherwise(symptom: Symptom) -> Explanations:
    """Yield dx where rows, columns or both are given back so."""
    x, dy, padding = symptom.drawn.x.double(), symptom.drawn.dy, symptom.trial.cell.case.options.get("padding")
    sides = (padding,) * 4 if isinstance(padding, int) else padding
    if symptom.quantity != "dx" or dy is None or symptom.drawn.parameters or x.dim() != 4:
        return
    if not isinstance(sides, tuple) or len(sides) != 4 or min(sides) < 0:
        return
    left, right, top, bottom = sides
    for mode in FILLED.values():
        places = [
            mode(torch.arange(-before, size + after), size)
            for before, after, size in ((top, bottom, x.shape[2]), (left, right, x.shape[3]))
        ]
        if all(bool((at >= 0).all()) for at in places) and is_that_of(symptom, x[:, :, places[0]][:, :, :, places[1]]):
            for rows, columns in product((ADDED, WRITTEN, IN_TURN, DIVIDED), repeat=2):
                if {rows, columns} != {ADDED}:
                    of_rows, of_columns = (
                        back(at, size, before, how)
                        for at, size, before, how in zip(places, x.shape[2:], (top, left), (rows, columns), strict=True)
                    )
                    value = of_rows @ dy.double() @ of_columns.T
                    yield Explanation("overwritten", told(rows, columns), value, vanishing("padding"))
            return


def told(rows: str, columns: str) -> str:
    """Return what is otherwise along rows and columns, in words."""
    if rows == columns:
        return WORDS[rows].format("rows and columns")
    return "; and ".join(
        WORDS[how].format(along) for how, along in ((rows, "rows"), (columns, "columns")) if how != ADDED
    )


def back(places: Tensor, size: int, before: int, how: str) -> Tensor:
    """Return the map, (size, padded), that gives back to each pixel what was made of it; `before` were put first."""
    every = torch.zeros(size, len(places), dtype=torch.float64)
    every[places, torch.arange(len(places))] = 1
    if how == DIVIDED:
        return every / every.sum(1, keepdim=True).clamp_min(1)
    for pixel in range(size) if how != ADDED else ():
        copies = every[pixel].nonzero().flatten().tolist()
        beside = [at for at in copies if not before <= at < before + size]  # what was written after the image's own
        every[pixel] = 0
        every[pixel, (beside if beside and how == WRITTEN else copies)[-1]] = 1
    return every
