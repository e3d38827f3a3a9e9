"""Hypotheses of place: wrong in one region only, and what stands there."""

import torch
from torch import Tensor

from parity.diagnosis.symptom import COVERED, Explanation, Explanations, Symptom

LEAST_BLOCK = 8  # elements that are right before the first that is wrong
LEAST_STILL = 2  # elements of a derivative that is 0, that are wrong, to tell that it is not stopped there
MOSTLY = 0.5  # share of a side of zero, that is wrong where the side tells what is wrong
CLOSE = 1e-3  # relative, for what stands in a region: it tells a sign or a factor from noise, and judges nothing
IMAGE = ("sample", "channel", "row", "column")
KERNEL = ("output channel", "input channel", "kernel row", "kernel column")


def axis_name(symptom: Symptom, axis: int) -> str:
    """Return what an axis of the quantity runs over."""
    return axis_word(symptom.quantity, axis)


def axis_word(quantity: str, axis: int) -> str:
    """Return what an axis of a quantity of this name runs over."""
    names = IMAGE if quantity in ("output", "dx") else KERNEL
    return names[axis] if axis < len(names) else f"axis {axis}"


def image_axis(axis: int) -> str:
    """Return what an axis of an input runs over."""
    return IMAGE[axis] if axis < len(IMAGE) else f"axis {axis}"


def region(symptom: Symptom) -> str:
    """Return in which region alone elements are wrong; empty if they are wrong all over."""
    wrong, truth = symptom.wrong, symptom.truth
    indices = wrong.nonzero()
    if not len(indices) or wrong.all() or truth.numel() < 2:
        return ""
    if len(indices) == 1 and truth.dim() > 1:
        return f"one element, at {tuple(indices[0].tolist())}"
    slices = []
    for axis in range(truth.dim()):
        seen, extent = sorted(set(indices[:, axis].tolist())), truth.shape[axis]
        if len(seen) == 1 and extent > 1:
            (at,) = seen
            where = "first" if at == 0 else "last" if at == extent - 1 else f"number {at}"
            slices.append(f"the {where} {axis_name(symptom, axis)}")
    if slices:
        return " in ".join(slices) + " alone"
    if truth.dim() == 4 and not wrong[:, :, 1:-1, 1:-1].any():
        return "the border alone"
    return signed_region(symptom) or special_region(symptom) or beyond_block(symptom)


def signed_region(symptom: Symptom) -> str:
    """Return on which side of zero the input lies wherever elements are wrong; empty unless it is one side."""
    x = symptom.drawn.x
    if x.shape != symptom.truth.shape:
        return ""
    sides = {"where x < 0": x < 0, "where x > 0": x > 0, "where x = 0": x == 0}
    whole = [words for words, side in sides.items() if not (symptom.wrong & ~side).any() and mostly(symptom, side)]
    return whole[0] if whole else ""


def mostly(symptom: Symptom, side: Tensor) -> bool:
    """Return whether most elements of a side are wrong."""
    return bool(symptom.wrong[side].double().mean() >= MOSTLY)


def special_region(symptom: Symptom) -> str:
    """Return where alone elements are wrong: at an input that is not finite, or from some size on; empty if not."""
    x, wrong = symptom.drawn.x, symptom.wrong
    if x.shape != symptom.truth.shape:
        return ""
    sides = {"where x is inf": x.isposinf(), "where x is -inf": x.isneginf(), "where x is nan": x.isnan()}
    sides["where x is not finite"] = ~x.isfinite()
    for words, side in sides.items():
        if not (wrong & ~side).any():
            return words
    told = ~wrong & x.isfinite() & (symptom.truth != 0)  # a zero is right, whatever factor it has
    right, failed = x[told].double(), x[wrong].double()
    if not right.numel() or failed.isnan().any():
        return ""
    if failed.min() > right.max():
        return f"where x is {float(failed.min()):.4g} or more, right up to {float(right.max()):.4g}"
    if failed.max() < right.min():
        return f"where x is {float(failed.max()):.4g} or less, right down to {float(right.min()):.4g}"
    if failed.abs().min() > right.abs().max():
        return f"where |x| is {float(failed.abs().min()):.4g} or more, right up to {float(right.abs().max()):.4g}"
    return ""


def beyond_block(symptom: Symptom) -> str:
    """Return beyond which element, counted through, nearly all are wrong and none before; empty if there is no such."""
    flat = symptom.wrong.flatten()
    first = int(flat.int().argmax())
    if first < LEAST_BLOCK or flat[first:].double().mean() < COVERED:
        return ""
    return f"beyond the first {first:,} elements"


def content(symptom: Symptom) -> tuple[str, str]:
    """Return what stands in the wrong region in place of what belongs there: its kind, and the word for it."""
    got, truth = symptom.got[symptom.wrong], symptom.truth[symptom.wrong]
    if not got.any():
        return "zero", "zero"
    if torch.allclose(got, -truth, rtol=CLOSE, atol=0.0) and bool((truth.abs() > symptom.floor).any()):
        return "sign", "of the wrong sign"
    if not truth.any() and got.isfinite().all():
        return "region", "other than the zeros that are wanted"
    ratio = got / truth
    alike = ratio.isfinite().all() and len(ratio) > 1 and torch.allclose(ratio, ratio.mean(), rtol=CLOSE, atol=0.0)
    if alike and abs(float(ratio.mean()) - 1) > CLOSE:
        return "factor", f"{float(ratio.mean()):.6g} times what it should be"
    return "region", "wrong" if got.isfinite().all() else "not finite"


def one_region(symptom: Symptom) -> Explanations:
    """Yield: wrong in one region alone, and what stands there. The prediction is what came: it needs no fit."""
    where = region(symptom)
    if where:
        kind, word = content(symptom)
        yield Explanation(
            f"{kind} in region",
            f"it is {word} in {where}".replace("in where", "where").replace("in beyond", "beyond"),
            symptom.got,
        )


def telling_region(symptom: Symptom) -> Explanations:
    """Yield the region if it tells much by itself: one element, or nothing but zeros, or the sign, or no zeros."""
    yield from not_stopped(symptom)
    if symptom.wrong.sum() == 1 or content(symptom)[0] in ("zero", "sign"):
        yield from one_region(symptom)


def not_stopped(symptom: Symptom) -> Explanations:
    """Yield, for dx: it is wrong where the derivative is 0 alone, as where a function is clamped and dy passes."""
    dy, still = symptom.drawn.dy, symptom.truth == 0
    if symptom.quantity != "dx" or (symptom.wrong & ~still).any() or still.all():
        return
    if symptom.wrong.sum() < LEAST_STILL or symptom.wrong[still].double().mean() < MOSTLY / 2:
        return
    passes = (
        dy is not None
        and dy.shape == symptom.got.shape
        and bool(torch.isclose(symptom.got, dy.double())[symptom.wrong].all())
    )
    side = signed_side(symptom)
    said = "dy is handed on" if passes else "it is not 0"
    yield Explanation(
        "not stopped", f"{said} where nothing is to be passed back{side}: the derivative is 0 there", symptom.got
    )


def signed_side(symptom: Symptom) -> str:
    """Return on which side of zero the input is wherever elements are wrong, in words; empty where on both."""
    x = symptom.drawn.x
    if x.shape != symptom.truth.shape:
        return ""
    sides = {" below 0": x < 0, " above 0": x > 0}
    return next((words for words, side in sides.items() if not (symptom.wrong & ~side).any()), "")
