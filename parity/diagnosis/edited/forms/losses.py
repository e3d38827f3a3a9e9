"""Forms of losses before they are reduced, and of their gradients."""

from functools import partial

import torch
from torch import Tensor

from parity.diagnosis.edited.forms import OUTPUT, Form, Function, Known
from parity.diagnosis.edited.forms.activations import logistic

FAR = 1e-6  # what torch adds to a difference before it takes its norm


def classes(k: Known) -> int:
    return min(1, k.x.dim() - 1)


def hot(k: Known) -> Tensor:
    """Return the targets as probabilities of classes."""
    if k.t.is_floating_point():
        return k.t
    at = classes(k)
    return torch.zeros_like(k.x).scatter(at, k.t.unsqueeze(at), 1.0)


def shares(k: Known) -> Tensor:
    e = torch.exp(k.x)
    return e / e.sum(classes(k), keepdim=True)


def far(k: Known) -> Tensor:
    return (k.x - k.t).abs()


def of_weight(k: Known) -> Tensor:
    weight: Tensor = k.options["pos_weight"]
    return weight


def of_logits(k: Known) -> Tensor:
    s = logistic(k.x)
    return -(of_weight(k) * k.t * torch.log(s) + (1 - k.t) * torch.log(1 - s))


def slope_of_logits(k: Known) -> Tensor:
    s = logistic(k.x)
    return (1 - k.t) * s - of_weight(k) * k.t * (1 - s)


def cosine(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the cosines of pairs of vectors and their norms."""
    of_a, of_b = ((value * value).sum(-1, keepdim=True).sqrt() for value in (a, b))
    return (a * b).sum(-1, keepdim=True) / (of_a * of_b), of_a, of_b


def of_cosine(k: Known) -> Tensor:
    found = cosine(k.x, k.t)[0].squeeze(-1)
    return torch.where(k.inputs[2] > 0, 1 - found, (found - k.number("margin")).clamp_min(0.0))


def slope_of_cosine(place: int) -> Function:
    def slope(k: Known) -> Tensor:
        a, b = k.inputs[place], k.inputs[1 - place]
        found, of_a, of_b = cosine(a, b)
        along = b / (of_a * of_b) - found * a / (of_a * of_a)
        target = k.inputs[2].unsqueeze(-1) if a.dim() > 1 else k.inputs[2]
        sign = torch.where(target > 0, -1.0, (found > k.number("margin")).to(found))
        return k.spread(sign * along, target.numel())

    return slope


def of_ranking(k: Known) -> Tensor:
    target = k.inputs[2].to(k.x)
    return (-target * (k.x - k.t) + k.number("margin")).clamp_min(0.0)


def slope_of_ranking(place: int) -> Function:
    def slope(k: Known) -> Tensor:
        target = k.inputs[2].to(k.x)
        active = (-target * (k.x - k.t) + k.number("margin")) > 0
        return k.spread(torch.where(active, (-target, target)[place], 0.0))

    return slope


def towards(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distances of pairs of vectors, and the unit vectors from b to a."""
    off = a - b + FAR
    distance = (off * off).sum(-1, keepdim=True).sqrt()
    return distance, off / distance


def of_triplet(k: Known) -> Tensor:
    near, other = towards(k.x, k.t)[0], towards(k.x, k.inputs[2])[0]
    return (near - other + k.number("margin")).clamp_min(0.0).squeeze(-1)


def slope_of_triplet(place: int) -> Function:
    def slope(k: Known) -> Tensor:
        near, to_positive = towards(k.x, k.t)
        other, to_negative = towards(k.x, k.inputs[2])
        active = (near - other + k.number("margin")) > 0
        value = (to_positive - to_negative, -to_positive, to_negative)[place]
        return k.spread(torch.where(active, value, 0.0), near.numel())

    return slope


def slope_of_swapped_triplet(place: int) -> Function:
    """Return the gradient where the nearer of anchor and positive to the negative counts."""

    def slope(k: Known) -> Tensor:
        near, to_positive = towards(k.x, k.t)
        (other, to_negative), (beside, from_negative) = towards(k.x, k.inputs[2]), towards(k.t, k.inputs[2])
        swapped = beside < other
        active = (near - torch.where(swapped, beside, other) + k.number("margin")) > 0
        value = (
            to_positive - torch.where(swapped, 0.0, to_negative),
            -to_positive - torch.where(swapped, from_negative, 0.0),
            torch.where(swapped, from_negative, to_negative),
        )[place]
        return k.spread(torch.where(active, value, 0.0), near.numel())

    return slope


Named = tuple[str, Function]  # the loss that has a formula, and the formula
EACH: tuple[Named, ...] = (
    ("the square of the difference", lambda k: (k.x - k.t) ** 2),
    ("the size of the difference", far),
    (
        "smooth L1",
        lambda k: torch.where(
            far(k) < k.number("beta", 1.0),
            0.5 * far(k) ** 2 / k.number("beta", 1.0),
            far(k) - 0.5 * k.number("beta", 1.0),
        ),
    ),
    (
        "Huber's loss",
        lambda k: torch.where(
            far(k) < k.number("delta", 1.0),
            0.5 * far(k) ** 2,
            k.number("delta", 1.0) * (far(k) - 0.5 * k.number("delta", 1.0)),
        ),
    ),
    ("the cross-entropy of probabilities", lambda k: -(k.t * torch.log(k.x) + (1 - k.t) * torch.log(1 - k.x))),
    (
        "the binary cross-entropy of logits",
        lambda k: k.x.clamp_min(0.0) - k.x * k.t + torch.log(1 + torch.exp(-k.x.abs())),
    ),
    ("the binary cross-entropy of logits", of_logits),
    ("the cross-entropy of scores", lambda k: -(hot(k) * torch.log(shares(k))).sum(classes(k))),
    ("the negative log-likelihood", lambda k: -(hot(k) * k.x).sum(classes(k))),
    ("the divergence", lambda k: k.t * (torch.log(k.t) - k.x)),
    ("the divergence of log targets", lambda k: torch.exp(k.t) * (k.t - k.x)),
    ("Poisson's loss of logarithms", lambda k: torch.exp(k.x) - k.t * k.x),
    ("Poisson's loss", lambda k: k.x - k.t * torch.log(k.x + k.number("eps", 1e-8))),
    ("the hinge", lambda k: torch.where(k.t > 0, k.x, (k.number("margin", 1.0) - k.x).clamp_min(0.0))),
    ("Gauss's loss", lambda k: 0.5 * (torch.log(k.inputs[2]) + (k.x - k.t) ** 2 / k.inputs[2])),
    ("the loss of cosines", of_cosine),
    ("the loss of a ranking", of_ranking),
    ("the loss of triplets", of_triplet),
)
SLOPES: tuple[Named, ...] = (
    ("the square of the difference", lambda k: k.spread(2 * (k.x - k.t))),
    ("the size of the difference", lambda k: k.spread(torch.sign(k.x - k.t))),
    (
        "smooth L1",
        lambda k: k.spread(
            torch.where(far(k) < k.number("beta", 1.0), (k.x - k.t) / k.number("beta", 1.0), torch.sign(k.x - k.t))
        ),
    ),
    (
        "Huber's loss",
        lambda k: k.spread(
            torch.where(far(k) < k.number("delta", 1.0), k.x - k.t, k.number("delta", 1.0) * torch.sign(k.x - k.t))
        ),
    ),
    ("the cross-entropy of probabilities", lambda k: k.spread((1 - k.t) / (1 - k.x) - k.t / k.x)),
    ("the cross-entropy of probabilities", lambda k: k.spread((k.x - k.t) / (k.x * (1 - k.x)))),
    ("the binary cross-entropy of logits", lambda k: k.spread(logistic(k.x) - k.t)),
    ("the binary cross-entropy of logits", lambda k: k.spread(slope_of_logits(k))),
    ("the cross-entropy of scores", lambda k: k.spread(shares(k) - hot(k), k.x.numel() // k.x.shape[classes(k)])),
    ("the negative log-likelihood", lambda k: k.spread(-hot(k), k.x.numel() // k.x.shape[classes(k)])),
    (
        "the cross-entropy of scores whose log softmax is x",
        lambda k: k.spread(torch.exp(k.x) - hot(k), k.x.numel() // k.x.shape[classes(k)]),
    ),
    ("the divergence", lambda k: k.spread(-k.t)),
    ("the divergence of log targets", lambda k: k.spread(-torch.exp(k.t))),
    ("Poisson's loss of logarithms", lambda k: k.spread(torch.exp(k.x) - k.t)),
    ("Poisson's loss", lambda k: k.spread(1 - k.t / (k.x + k.number("eps", 1e-8)))),
    ("the hinge", lambda k: k.spread(torch.where(k.t > 0, 1.0, -(k.x < k.number("margin", 1.0)).to(k.x)))),
    ("Gauss's loss", lambda k: k.spread((k.x - k.t) / k.inputs[2])),
)


def reduced(each: Function, k: Known) -> Tensor:
    return k.reduced(each(k))


FORMS = (
    *(Form(OUTPUT, partial(reduced, each), name) for name, each in EACH),
    *(Form(0, slope, name) for name, slope in SLOPES),
    *(Form(place, slope_of_cosine(place)) for place in (0, 1)),
    *(Form(place, slope_of_ranking(place)) for place in (0, 1)),
    *(Form(place, of(place)) for place in (0, 1, 2) for of in (slope_of_triplet, slope_of_swapped_triplet)),
    Form(2, lambda k: k.spread(0.5 / k.inputs[2] - 0.5 * (k.x - k.t) ** 2 / k.inputs[2] ** 2)),
)
