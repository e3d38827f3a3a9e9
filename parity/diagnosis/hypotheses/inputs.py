"""Hypotheses of an input that is read in the wrong way: transposed, shifted, dealt to other groups."""

from dataclasses import replace

import torch
from torch import Tensor

from parity.diagnosis.hypotheses.order import misread, misread_back
from parity.diagnosis.hypotheses.places import image_axis
from parity.diagnosis.hypotheses.reruns import maybe
from parity.diagnosis.symptom import Explanations, Symptom, vanishing


def input_changed(symptom: Symptom) -> Explanations:
    """Yield: the input is read transposed, rolled, with the other sign, doubled or halved; the target likewise."""
    drawn = symptom.drawn
    x, *rest = drawn.inputs
    for kind, words, other in variants_of_input(x):
        value = symptom.reference(replace(drawn, inputs=(other, *rest)))
        vanishes = vanishing("channels" if "channel" in words else "")
        yield from maybe(kind, f"it is as if x were {words}", value, vanishes)
    yield from halves(symptom)
    groups = symptom.trial.cell.case.options.get("groups", 1)
    if groups > 1 and x.dim() > 1:
        for word, dealt in dealings(x, groups).items():
            value = symptom.reference(replace(drawn, inputs=(dealt, *rest)))
            yield from maybe("groups", f"groups are mixed: {word}", value, vanishing("groups", "channels"))
    for words, target in variants_of_target(x, *rest) if rest else ():
        yield from maybe("target", words, symptom.reference(replace(drawn, inputs=(x, target))))


def halves(symptom: Symptom) -> Explanations:
    """Yield, of a module whose output is half of its input: the halves of x are exchanged."""
    (x, *rest), y = symptom.drawn.inputs, symptom.trial.evidence.truth.get("output")
    if y is None or y.dim() != x.dim() or x.numel() != 2 * y.numel():
        return
    axis = next(at for at in range(x.dim()) if x.shape[at] != y.shape[at])
    half = x.shape[axis] // 2
    value = symptom.reference(replace(symptom.drawn, inputs=(x.roll(half, axis), *rest)))
    if value is not None and symptom.quantity == "dx":
        value = value.roll(half, axis)
    yield from maybe("order", f"the halves of x are exchanged along the {image_axis(axis)} axis", value)


def variants_of_input(x: Tensor) -> list[tuple[str, str, Tensor]]:
    variants = [("sign", "-x", -x), ("absolute", "|x|", x.abs())]
    variants += [("input factor", f"{c:g} x", c * x) for c in (2.0, 0.5)]
    if x.dim() and len(x) > 1:
        for at, word in ((0, "the first"), (-1, "the last")):
            alone = x[at].expand(x.shape).contiguous()
            variants.append(("sample for all", f"{word} sample in place of every sample", alone))
    for axis in range(x.dim() - 1):
        words = f"reshaped, {image_axis(axis)}s and {image_axis(axis + 1)}s not exchanged (transposed) with it"
        variants += [("transposed", words, other(x, axis, axis + 1)) for other in (misread, misread_back)]
    for axis in range(1, x.dim()):
        name = image_axis(axis)
        variants.append(("shifted", f"shifted by one along the {name} axis", x.roll(1, axis)))
        variants.append(("reversed", f"in reverse order along the {name} axis", x.flip(axis)))
    return variants


def dealings(x: Tensor, groups: int) -> dict[str, Tensor]:
    """Return x with its channels dealt out to the groups like cards, and gathered again, and with groups rolled."""
    n, shape = len(x), x.shape[2:]
    return {
        "the channels are dealt out in turn": x.reshape(n, groups, -1, *shape).transpose(1, 2).flatten(1, 2),
        "the channels are dealt out in turn, the other way": x.reshape(n, -1, groups, *shape)
        .transpose(1, 2)
        .flatten(1, 2),
        "each group reads the channels of the next": x.roll(x.shape[1] // groups, 1),
    }


def variants_of_target(x: Tensor, t: Tensor) -> list[tuple[str, Tensor]]:
    """Return targets that may be used by mistake; classes as probabilities."""
    if not t.is_floating_point():
        t = torch.zeros_like(x).scatter(1, t.unsqueeze(1), 1.0)
    targets = [("the target is left out", torch.zeros_like(t)), ("the target has the wrong sign", -t)]
    targets.append(("0 and 1 of the target are exchanged", 1 - t))
    if t.dim() > 1:
        targets += [(f"the target is shifted by one along axis {a}", t.roll(s, a)) for a in (1,) for s in (1, -1)]
    return targets
