"""Slips where windows and paddings are put down, in loops over moments, and in an attention's mask."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue.page import Case
from tests.diagnosis.by_hand import ByHand, Given
from tests.diagnosis.test_by_hand import told_first
from tests.diagnosis.test_reordered import with_options


def one_pixel_apart(given: Given) -> Tensor:
    k, s = given.options["kernel_size"], given.options.get("stride") or given.options["kernel_size"]
    dx = torch.zeros_like(given.x)
    for n, c, p, q in torch.cartesian_prod(*map(torch.arange, given.dy.shape)).tolist():
        window = given.x[n, c, p * s : p * s + k, q * s : q * s + k]
        i, j = divmod(int(window.argmax()), k)
        dx[n, c, p + i, q + j] += given.dy[n, c, p, q]
    return dx


def averaged_overlaps(given: Given) -> Tensor:
    weight, bias = given.parameters["weight"], given.parameters["bias"]
    options = {name: given.options.get(name, plain) for name, plain in (("stride", 1), ("padding", 0))}
    y = functional.conv_transpose2d(given.x, weight, **options)
    ones = torch.ones(1, 1, *given.x.shape[2:]), torch.ones(1, 1, *weight.shape[2:])
    return y / functional.conv_transpose2d(*(one.to(y) for one in ones), **options) + bias[:, None, None]


def written_over_and_twice(given: Given) -> Tensor:
    k, s = given.options["kernel_size"], given.options["stride"]
    dx = torch.zeros_like(given.x)
    _, _, rows, columns = given.dy.shape
    for i in range(k):
        for j in range(k):
            dx[:, :, i : i + s * rows : s, j : j + s * columns : s] = given.dy * 2 / k**2
    return dx


def written_in_turn(given: Given) -> Tensor:
    """dx of a reflected padding: of copies of one column the last one counts."""
    p, size = given.options["padding"], given.x.shape[2:]
    rows, columns = (torch.arange(-p, n + p).abs() for n in size)
    rows, columns = (torch.where(at < n, at, 2 * n - 2 - at) for at, n in zip((rows, columns), size, strict=True))
    half = given.dy.new_zeros(*given.dy.shape[:2], size[0], given.dy.shape[3]).index_add(2, rows, given.dy)
    return torch.zeros_like(given.x).index_copy(3, columns, half)


def clipped_at_every_moment(given: Given) -> Tensor:
    x, h = given.inputs[0], given.inputs[1][0]
    (dy, dh_n), p, tape = given.dys, given.parameters, []
    for x_t in x:
        h = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).tanh()
        tape.append(h)
    dh, dx = dh_n[0], []
    for t in reversed(range(len(x))):
        ds = ((dh + dy[t]) * (1 - tape[t] ** 2)).clamp(-1, 1)
        dx.append(ds @ p["weight_ih_l0"])
        dh = ds @ p["weight_hh_l0"]
    return torch.stack(dx[::-1])


def shown_before(given: Given) -> Tensor:
    """dx of an LSTM whose output gate is differentiated by tanh at the c before."""
    x, h, c = given.inputs[0], given.inputs[1][0], given.inputs[2][0]
    (dy, dh_n, dc_n), p, tape = given.dys, given.parameters, []
    for x_t in x:
        gates = x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
        a, b, g, o = gates.chunk(4, 1)
        i, f, g, o, before = a.sigmoid(), b.sigmoid(), g.tanh(), o.sigmoid(), c
        c = f * c + i * g
        h = o * c.tanh()
        tape.append((before, c, i, f, g, o))
    dh, dc, dx = dh_n[0], dc_n[0], []
    for t in reversed(range(len(x))):
        before, c, i, f, g, o = tape[t]
        dh = dh + dy[t]
        dc = dc + dh * o * (1 - c.tanh() ** 2)
        parts = [
            dc * g * i * (1 - i),
            dc * before * f * (1 - f),
            dc * i * (1 - g * g),
            dh * before.tanh() * o * (1 - o),
        ]
        gates = torch.cat(parts, 1)
        dx.append(gates @ p["weight_ih_l0"])
        dh, dc = gates @ p["weight_hh_l0"], dc * f
    return torch.stack(dx[::-1])


def hidden_afterwards(given: Given) -> Tensor:
    """dquery of an attention whose mask meets the weights, on the way back too."""
    q, k, v, mask = given.inputs
    scale = q.shape[-1] ** -0.5
    weights = (q @ k.mT * scale).softmax(-1) * mask
    back = given.dy @ v.mT
    return weights * (back - (weights * back).sum(-1, keepdim=True)) @ k * scale


def shared_out(given: Given) -> Tensor:
    k = given.options["kernel_size"]
    s = given.options.get("stride") or k
    return torch.autograd.functional.vjp(lambda x: functional.avg_pool2d(x, k, s), given.x, given.dy)[1]


def turned_back(given: Given) -> Tensor:
    """dx of a recurrent layer that hands h back through weight_hh transposed."""
    x, h = given.inputs[0], given.inputs[1][0]
    (dy, dh_n), p, tape = given.dys, given.parameters, []
    for x_t in x:
        h = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).tanh()
        tape.append(h)
    dh, dx = dh_n[0], []
    for t in reversed(range(len(x))):
        ds = (dh + dy[t]) * (1 - tape[t] ** 2)
        dx.append(ds @ p["weight_ih_l0"])
        dh = ds @ p["weight_hh_l0"].T
    return torch.stack(dx[::-1])


def of_sigmoid(given: Given) -> Tensor:
    """The output of an LSTM whose gate g goes through a sigmoid."""
    x, h, c, p, found = given.inputs[0], given.inputs[1][0], given.inputs[2][0], given.parameters, []
    for x_t in x:
        gates = x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
        i, f, g, o = gates.sigmoid().chunk(4, 1)
        c = f * c + i * g
        h = o * c.tanh()
        found.append(h)
    return torch.stack(found)


def of_stride_one(given: Given) -> Tensor:
    return functional.max_pool2d(given.x, given.options["kernel_size"], 1)


def is_plain_pool(case: Case) -> bool:
    named = {name: value for name, value in case.options.items() if value is not None}
    return not case.large and len(case.x) == 4 and named.keys() <= {"kernel_size", "stride"}


def overlaps(case: Case) -> bool:
    return is_plain_pool(case) and case.options.get("stride") == 1 and isinstance(case.options["kernel_size"], int)


def masked_by_booleans(case: Case) -> bool:
    return not case.options.get("is_causal") and "mask" in case.name and not case.large


WRITTEN: list[tuple[str, str, ByHand, Callable[[Case], bool], str]] = [
    ("MaxPool2d", "dx", one_pixel_apart, is_plain_pool, "what windows give is put down one pixel apart, not a stride"),
    (
        "ConvTranspose2d",
        "output",
        averaged_overlaps,
        with_options(),
        "divided by the number of them that overlap there",
    ),
    ("AvgPool2d", "dx", written_over_and_twice, overlaps, "written over the others, not added; and times 2"),
    (
        "ReflectionPad2d",
        "dx",
        written_in_turn,
        with_options(padding=2),
        "columns of the padded image are written back one after the other",
    ),
    (
        "RNN",
        "dx",
        clipped_at_every_moment,
        with_options(),
        "at every moment the gradient of what the nonlinearity is taken of is cut off at 1",
    ),
    (
        "LSTM",
        "dx",
        shown_before,
        with_options(),
        "the output gate is differentiated by tanh at the c before the moment in place of tanh at c",
    ),
    ("MaxPool2d", "dx", shared_out, is_plain_pool, "dy is shared out evenly over the window, as for a mean"),
    (
        "MaxPool2d",
        "output",
        of_stride_one,
        is_plain_pool,
        "a stride that is not given is 1, not the extent of the kernel",
    ),
    ("RNN", "dx", turned_back, with_options(), "on the way back weight_hh is transposed in what h hands back"),
    ("LSTM", "output", of_sigmoid, with_options(), "a sigmoid is taken of the gate g in place of tanh"),
    (
        "ScaledDotProductAttention",
        "dquery",
        hidden_afterwards,
        masked_by_booleans,
        "a key is hidden after the softmax",
    ),
]


@pytest.mark.parametrize(("module", "quantity", "wrong", "wanted", "words"), WRITTEN)
def test_the_cause_is_named_first(
    module: str, quantity: str, wrong: ByHand, wanted: Callable[[Case], bool], words: str
) -> None:
    assert words in told_first(module, quantity, wrong, wanted)
