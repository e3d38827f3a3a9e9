"""Numbers in the wrong order or place, statistics of the wrong axes, the way back in the wrong direction."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue import pages
from parity.catalogue.constants import built_in
from parity.catalogue.page import Case
from parity.diagnosis.altered import kept
from parity.diagnosis.edited import otherwise
from parity.diagnosis.symptom import Symptom
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial
from tests.diagnosis.by_hand import ByHand, Given, by_channel
from tests.diagnosis.test_by_hand import told_first


def of_rows_reshaped(given: Given) -> Tensor:
    return given.dy.T @ given.x.reshape(given.x.shape[::-1]).T


def of_cotangent_reshaped(given: Given) -> Tensor:
    """dweight of a convolution whose cotangent is laid out (N, O, L) and read as (O, N, L)."""
    weight = given.parameters["weight"]
    n, o, *image = given.dy.shape
    dy = given.dy.reshape(o, n, *image).transpose(0, 1)
    return torch.nn.grad.conv2d_weight(given.x, weight.shape, dy)


def upside_down(given: Given) -> Tensor:
    return functional.conv_transpose2d(given.dy, given.parameters["weight"].flip(2))


def mirrored(given: Given) -> Tensor:
    return functional.conv_transpose2d(given.x, given.parameters["weight"].flip(3), given.parameters["bias"])


def of_the_batch(given: Given) -> Tensor:
    """The output in evaluation, less the mean of the batch."""
    x, var = given.x, by_channel(given.buffers["running_var"], given.x)
    z = (x - x.mean([0, *range(2, x.dim())], keepdim=True)) / (var + given.options.get("eps", 1e-5)).sqrt()
    return z * by_channel(given.parameters["weight"], x) + by_channel(given.parameters["bias"], x)


def less_means_of_images(given: Given) -> Tensor:
    x, axes = given.x, (0, 2, 3)
    g = given.dy * by_channel(given.parameters["weight"], x)
    off = x - x.mean(axes, keepdim=True)
    deviation = (off.square().mean(axes, keepdim=True) + given.options.get("eps", 1e-5)).sqrt()
    z = off / deviation
    return (g - g.mean((2, 3), keepdim=True) - z * (g * z).mean(axes, keepdim=True)) / deviation


def as_far_up(given: Given) -> Tensor:
    return given.x.clamp(given.options["min_val"], -given.options["min_val"])


def ahead(given: Given) -> Tensor:
    """dx of a recurrent layer whose way back is not reversed."""
    x, h = given.inputs[0], given.inputs[1][0]
    (dy, dh_n), p, tape = given.dys, given.parameters, []
    for x_t in x:
        h = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).tanh()
        tape.append(h)
    dh, dx = dh_n[0], []
    for t, h in enumerate(tape):
        ds = (dh + dy[t]) * (1 - h * h)
        dx.append(ds @ p["weight_ih_l0"])
        dh = ds @ p["weight_hh_l0"]
    return torch.stack(dx)


def with_r(given: Given) -> Tensor:
    """dweight_hh of a GRU, by r h in place of h."""
    x, h = given.inputs[0], given.inputs[1][0]
    (dy, dh_n), p, tape = given.dys, given.parameters, []
    for x_t in x:
        of_x = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"]).chunk(3, 1)
        of_h = (h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).chunk(3, 1)
        r, z = (of_x[0] + of_h[0]).sigmoid(), (of_x[1] + of_h[1]).sigmoid()
        n = (of_x[2] + r * of_h[2]).tanh()
        tape.append((h, r, z, n, of_h[2]))
        h = (1 - z) * n + z * h
    dh, dweight = dh_n[0], torch.zeros_like(p["weight_hh_l0"])
    for t in reversed(range(len(x))):
        before, r, z, n, u = tape[t]
        dh = dh + dy[t]
        dn = dh * (1 - z) * (1 - n * n)
        gates = torch.cat([dn * u * r * (1 - r), dh * (before - n) * z * (1 - z), dn * r], 1)
        dweight += gates.T @ (r * before)
        dh = dh * z + gates @ p["weight_hh_l0"]
    return dweight


def rounded(given: Given) -> Tensor:
    """The output of an enlargement by 3 whose rows are those of the nearest centre, one too far."""
    at = ((torch.arange(3 * given.x.shape[2]) + 1) // 3).clamp(max=given.x.shape[2] - 1)
    return given.x[:, :, at].repeat_interleave(3, 3)


def blocks_turned(given: Given) -> Tensor:
    r, (n, c, h, w) = given.options["upscale_factor"], given.x.shape
    parts = given.x.view(n, c // r**2, r, r, h, w)
    return parts.permute(0, 1, 4, 3, 5, 2).reshape(n, c // r**2, h * r, w * r)


def edge_repeated(given: Given) -> Tensor:
    """A reflected padding that repeats the edge at the bottom and on the right."""
    p = given.options["padding"]
    y = functional.pad(given.x, (p, 0, p, 0), mode="reflect")
    y = torch.cat([y, y[:, :, -p:].flip(2)], 2)
    return torch.cat([y, y[:, :, :, -p:].flip(3)], 3)


def closed_too_early(given: Given) -> Tensor:
    """dx of SiLU, a bracket in the wrong place."""
    s = given.x.sigmoid()
    return given.dy * s * (1 + given.x) * (1 - s)


def one_and_weight(given: Given) -> Tensor:
    x, eps = given.x, given.options.get("eps") or torch.finfo(given.x.dtype).eps
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * (1 + given.parameters["weight"])


def columns_tiled(given: Given) -> Tensor:
    return given.x.repeat_interleave(3, 2).repeat(1, 1, 1, 3)


def weight_of_the_hit(given: Given) -> Tensor:
    """dx of a cross-entropy whose class weight is multiplied with the one-hot alone."""
    x, target = given.inputs
    own = built_in(given.options, x.dtype)["weight"][target]
    hit = torch.zeros_like(x).scatter(1, target.unsqueeze(1), own.unsqueeze(1))
    return (x.softmax(1) - hit) / own.sum() * given.dy


def weight_of_the_others(given: Given) -> Tensor:
    """A loss of logits whose pos_weight weighs by 1 - t."""
    x, target = given.inputs
    weight = 1 + (built_in(given.options, x.dtype)["pos_weight"] - 1) * (1 - target)
    return ((1 - target) * x + weight * functional.softplus(-x)).mean()


def of_the_cell_before(given: Given) -> Tensor:
    """The output of an LSTM that shows tanh at c before the moment."""
    x, h, c, p, found = given.inputs[0], given.inputs[1][0], given.inputs[2][0], given.parameters, []
    for x_t in x:
        gates = x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
        a, b, g, o = gates.chunk(4, 1)
        h = o.sigmoid() * c.tanh()
        c = b.sigmoid() * c + a.sigmoid() * g.tanh()
        found.append(h)
    return torch.stack(found)


def over_everything(given: Given) -> Tensor:
    e = (given.x - given.x.amax(given.options["dim"], keepdim=True)).exp()
    return e / e.sum()


def of_the_larger(given: Given) -> Tensor:
    """A triplet loss whose swap takes the larger distance."""
    anchor, positive, negative = given.inputs
    near, far, beside = (
        functional.pairwise_distance(*pair) for pair in ((anchor, positive), (anchor, negative), (positive, negative))
    )
    return (near - torch.maximum(far, beside) + given.options.get("margin", 1.0)).clamp_min(0).mean()


def with_options(**wanted: object) -> Callable[[Case], bool]:
    return lambda case: not case.large and all(case.options.get(name) == value for name, value in wanted.items())


WRITTEN: list[tuple[str, str, ByHand, Callable[[Case], bool], str]] = [
    ("Linear", "dweight", of_rows_reshaped, lambda case: len(case.x) == 2, "as if x were reshaped"),
    ("Conv2d", "dweight", of_cotangent_reshaped, with_options(), "as if the cotangent were reshaped, samples and"),
    ("Conv2d", "dx", upside_down, with_options(), "the kernel of weight is upside down"),
    ("ConvTranspose2d", "output", mirrored, with_options(), "the kernel of weight is mirrored"),
    ("BatchNorm2d", "output", of_the_batch, lambda case: not case.training, "the mean is that of the batch, not that"),
    (
        "BatchNorm2d",
        "dx",
        less_means_of_images,
        with_options(),
        "in dx the term of the mean is taken over rows and columns, not over samples and rows and columns",
    ),
    ("Hardtanh", "output", as_far_up, lambda c: c.options.get("min_val", -1.0) not in (-1.0, 0.0), "taken as -min_val"),
    ("RNN", "dx", ahead, with_options(), "the way back goes through the moments from the first to the last"),
    ("GRU", "dweight_hh_l0", with_r, with_options(), "the gradient of weight_hh is taken with r h in place of h"),
    (
        "NearestUpsampling",
        "output",
        rounded,
        with_options(scale_factor=3),
        "the row of the pixel that is repeated: rounded",
    ),
    (
        "CrossEntropyLoss",
        "dx",
        weight_of_the_hit,
        lambda case: {*case.options} == {"weight"} and case.target == "classes" and len(case.x) == 2,
        "the weight of a class, and what is ignored, count for the one-hot alone",
    ),
    (
        "BCEWithLogitsLoss",
        "output",
        weight_of_the_others,
        lambda case: {*case.options} == {"pos_weight"},
        "1 - t stands in place of t in",
    ),
    (
        "Softmax",
        "output",
        over_everything,
        lambda case: len(case.x) == 2,
        "sum(exp(x - amax(x))) is taken over axes 0 and 1 in place of axis 1",
    ),
    (
        "TripletMarginLoss",
        "output",
        of_the_larger,
        lambda case: {*case.options} == {"swap"} and len(case.x) == 2,
        "the larger of two is taken in place of the smaller",
    ),
    ("SiLU", "dx", closed_too_early, with_options(), "brackets are wrong: it is (x + 1) · (1 - sigmoid(x))"),
    ("RMSNorm", "output", one_and_weight, with_options(), "weight is taken as 1 + weight"),
    ("LSTM", "output", of_the_cell_before, with_options(), "h is made of tanh at the c before the moment"),
    ("NearestUpsampling", "output", columns_tiled, with_options(scale_factor=3), "columns are repeated as a whole"),
    ("Embedding", "output", lambda g: 5**0.5 * g.parameters["weight"][g.x], with_options(), "(the root of 5)"),
    ("PixelShuffle", "output", blocks_turned, with_options(upscale_factor=2), "row and column of a block exchanged"),
    (
        "ReflectionPad2d",
        "output",
        edge_repeated,
        with_options(padding=2),
        "the padding at the bottom and on the right reflects the image, its edge repeated",
    ),
]


@pytest.mark.parametrize(("module", "quantity", "wrong", "wanted", "words"), WRITTEN)
def test_the_cause_is_named_first(
    module: str, quantity: str, wrong: ByHand, wanted: Callable[[Case], bool], words: str
) -> None:
    told = told_first(module, quantity, wrong, wanted)
    assert words in told
    assert "number of terms" not in told  # a sum that is no mean is divided by nothing


def test_one_number_is_explained_by_no_edit_that_is_near_by_chance() -> None:
    page = pages()["HuberLoss"]
    trial = Trial(Cell(page, page.cases[0]), load("framework"))
    truth = trial.evidence.truth["output"]
    assert [one.words for one in otherwise.one_or_two(Symptom(trial, "output", truth / 2, truth))]
    assert [one.words for one in otherwise.one_or_two(Symptom(trial, "output", truth * 0.501, truth))] == []


def test_a_running_variance_that_moves_from_the_running_mean_is_named() -> None:
    page = pages()["BatchNorm2d"]
    trial = Trial(Cell(page, page.cases[0]), load("framework"))
    before, truth = (held["running_var"].double() for held in (trial.drawn.buffers, trial.evidence.truth))
    got = truth + 0.1 * (before - trial.evidence.truth["running_mean"])
    said = [
        one.words for one in kept.otherwise(Symptom(trial, "running_var", got, truth)) if one.predicted.allclose(got)
    ]
    assert said == ["running_mean is taken off the batch's own in place of the value before"]
