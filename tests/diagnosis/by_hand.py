"""Gradients written by hand, each wrong in a way in which people write them; all else is torch.nn's."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from parity.catalogue import pages
from parity.subjects import load


@dataclass
class Given:
    """What one call was given: inputs, cotangents, parameters, options, and buffers as they were."""

    inputs: Sequence[Any]
    dys: Sequence[Any]
    parameters: Mapping[str, Tensor]
    options: Mapping[str, Any]
    buffers: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def x(self) -> Tensor:
        return self.inputs[0]

    @property
    def dy(self) -> Tensor:
        """The first cotangent; 1 of a loss that is a number."""
        return torch.ones(()) if self.dys[0] is None else self.dys[0]


ByHand = Callable[[Given], Tensor]


@dataclass
class Library:
    """torch.nn, one gradient of it, or its first output, written by hand."""

    quantity: str
    by_hand: ByHand
    name: str = "hand"
    explains: bool = False

    def build(self, module: str, options: Any, parameters: Mapping[str, Tensor], *where: Any) -> Any:
        built = load("torch_nn").build(module, options, parameters, *where)
        forward, backward, gradients, signature = (
            built.forward,
            built.backward,
            built.gradients,
            pages()[module].signature,
        )
        given = Given((), (), parameters, options)

        def of_forward(*inputs: Any) -> Any:
            given.inputs = [value if value is None else value.clone() for value in inputs]
            given.buffers = {name: value.clone() for name, value in built.buffers().items()}
            y = forward(*inputs)
            if self.quantity != "output":
                return y
            return (self.by_hand(given), *y[1:]) if isinstance(y, tuple) else self.by_hand(given)

        def of_backward(*dys: Any) -> Any:
            given.dys, returned = dys, backward(*dys)
            names = signature.gradients(given.inputs)
            values = list(returned) if isinstance(returned, tuple) else [returned]
            if self.quantity in names:
                values[names.index(self.quantity)] = self.by_hand(given)
            return tuple(values) if len(values) > 1 else values[0]

        def of_parameters() -> dict[str, Tensor]:
            own = {name: self.by_hand(given) for name in parameters if f"d{name}" == self.quantity and given.dys}
            return gradients() | own

        built.forward, built.backward, built.gradients = of_forward, of_backward, of_parameters
        return built


def by_channel(parameter: Tensor, x: Tensor) -> Tensor:
    return parameter.view(-1, *[1] * (x.dim() - 2))


def batch_norm(given: Given, of_mean: float = 1.0, unbiased: bool = False) -> Tensor:
    """dx of a batch norm in training."""
    x, eps = given.x, given.options.get("eps", 1e-5)
    axes = [0, *range(2, x.dim())]
    n = x.numel() // x.shape[1]
    g = given.dy * by_channel(given.parameters["weight"], x)
    off = x - x.mean(axes, keepdim=True)
    deviation = (off.square().mean(axes, keepdim=True) + eps).sqrt()
    z = off / deviation
    of_variance = z * (g * z).sum(axes, keepdim=True) / (n - 1 if unbiased else n)
    return (g - of_mean * g.mean(axes, keepdim=True) - of_variance) / deviation


def group_norm(given: Given) -> Tensor:
    """dx of a group norm whose weight comes after the means."""
    shape, eps = (len(given.x), given.options["num_groups"], -1), given.options.get("eps", 1e-5)
    x, g = given.x.reshape(shape), given.dy.reshape(shape)
    off = x - x.mean(-1, keepdim=True)
    deviation = (off.square().mean(-1, keepdim=True) + eps).sqrt()
    z = off / deviation
    dx = (g - g.mean(-1, keepdim=True) - z * (g * z).mean(-1, keepdim=True)) / deviation
    return dx.reshape(given.x.shape) * by_channel(given.parameters["weight"], given.x)


def weight_twice(given: Given) -> Tensor:
    axes = [0, *range(2, given.x.dim())]
    off = given.x - given.x.mean(axes, keepdim=True)
    z = off / (off.square().mean(axes, keepdim=True) + given.options.get("eps", 1e-5)).sqrt()
    return (given.dy * z * by_channel(given.parameters["weight"], z)).sum(axes)


def layer_norm(given: Given) -> Tensor:
    """dx of three axes, normalised over the last, without the term of the mean."""
    x, g = given.x, given.dy * given.parameters["weight"]
    off = x - x.mean(-1, keepdim=True)
    deviation = (off.square().mean(-1, keepdim=True) + given.options.get("eps", 1e-5)).sqrt()
    z = off / deviation
    return (g - z * (g * z).mean(-1, keepdim=True)) / deviation


def written_over(given: Given) -> Tensor:
    """dx of a convolution: pixels of the kernel one after the other, each written over the one before."""
    weight, s = given.parameters["weight"], given.options.get("stride", 1)
    dx = torch.zeros_like(given.x)
    _, _, rows, columns = given.dy.shape
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            part = torch.einsum("oc,nopq->ncpq", weight[:, :, i, j], given.dy)
            dx[:, :, i : i + s * rows : s, j : j + s * columns : s] = part
    return dx


def windows_written_over(given: Given) -> Tensor:
    """dx of a maximum: one window after the other, what it gives to its maximum written over what stands there."""
    k = given.options["kernel_size"]
    s = given.options.get("stride") or k
    dx = torch.zeros_like(given.x)
    for n, c, p, q in torch.cartesian_prod(*map(torch.arange, given.dy.shape)).tolist():
        window = given.x[n, c, p * s : p * s + k, q * s : q * s + k]
        i, j = divmod(int(window.argmax()), k)
        dx[n, c, p * s + i, q * s + j] = given.dy[n, c, p, q]
    return dx


def over_outputs(given: Given) -> Tensor:
    """dx of a mean over windows that do not overlap, divided by the number of windows."""
    k = given.options["kernel_size"]
    dx = given.dy.repeat_interleave(k, 2).repeat_interleave(k, 3) / (given.dy.shape[2] * given.dy.shape[3])
    return functional.pad(dx, (0, given.x.shape[3] - dx.shape[3], 0, given.x.shape[2] - dx.shape[2]))


def attention(given: Given, **wrong: Any) -> Tensor:
    """The output, with the mask as somebody has it."""
    q, k, v, *rest = given.inputs
    scores, mask = q @ k.mT / math.sqrt(q.shape[-1]), rest[0] if rest else None
    if wrong.get("by_length"):
        scores = q @ k.mT / math.sqrt(k.shape[-2])
    if wrong.get("multiplied"):
        scores = scores * mask
    if wrong.get("inverted"):
        scores = scores.masked_fill(mask, -math.inf)
    if wrong.get("corner"):
        keep = torch.ones(scores.shape[-2:], dtype=torch.bool).tril(scores.shape[-1] - scores.shape[-2])
        scores = scores.masked_fill(~keep, -math.inf)
    return scores.softmax(-1) @ v


def over_queries(given: Given) -> Tensor:
    """dquery whose softmax is differentiated along the wrong axis."""
    q, k, v = given.inputs[:3]
    p, back = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1), given.dy @ v.mT
    return p * (back - (p * back).sum(-2, keepdim=True)) / math.sqrt(q.shape[-1]) @ k


def scaled_value(given: Given) -> Tensor:
    q, k = given.inputs[:2]
    c = given.options.get("scale") or 1 / math.sqrt(q.shape[-1])
    return (q @ k.mT * c).softmax(-1).mT @ given.dy * c


def lstm(given: Given, keeps_f: bool = True, after: bool = False) -> Tensor:
    """dweight_hh of one layer, backwards through time."""
    x, h, c = given.inputs[0], given.inputs[1][0], given.inputs[2][0]
    dy, dh_n, dc_n = given.dys
    p, tape = given.parameters, []
    for x_t in x:
        gates = x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
        a, b, g, o = gates.chunk(4, 1)
        i, f, g, o = a.sigmoid(), b.sigmoid(), g.tanh(), o.sigmoid()
        tape.append((h, c, i, f, g, o))
        c = f * c + i * g
        h = o * c.tanh()
    dh, dc, dweight = dh_n[0], dc_n[0], torch.zeros_like(p["weight_hh_l0"])
    for t in reversed(range(len(x))):
        before, c_before, i, f, g, o = tape[t]
        c = f * c_before + i * g
        dh = dh + dy[t]
        dc = dc + dh * o * (1 - c.tanh() ** 2)
        df = dc * (c if after else c_before) * f * (1 - f)
        parts = [dc * g * i * (1 - i), df, dc * i * (1 - g * g), dh * c.tanh() * o * (1 - o)]
        gates = torch.cat(parts, 1)
        dweight += gates.T @ before
        dh, dc = gates @ p["weight_hh_l0"], dc * f if keeps_f else dc
    return dweight


def gru(given: Given, with_r: bool = True, sign: float = 1.0) -> Tensor:
    """dbias_hh of one layer, backwards through time."""
    x, h = given.inputs[0], given.inputs[1][0]
    dy, dh_n = given.dys
    p, tape = given.parameters, []
    for x_t in x:
        of_x = (x_t @ p["weight_ih_l0"].T + p["bias_ih_l0"]).chunk(3, 1)
        of_h = (h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).chunk(3, 1)
        r, z = (of_x[0] + of_h[0]).sigmoid(), (of_x[1] + of_h[1]).sigmoid()
        n = (of_x[2] + r * of_h[2]).tanh()
        tape.append((h, r, z, n, of_h[2]))
        h = (1 - z) * n + z * h
    dh, dbias = dh_n[0], torch.zeros_like(p["bias_hh_l0"])
    for t in reversed(range(len(x))):
        before, r, z, n, u = tape[t]
        dh = dh + dy[t]
        dn = dh * (1 - z) * (1 - n * n)
        dz, dr = sign * dh * (before - n) * z * (1 - z), dn * u * r * (1 - r)
        gates = torch.cat([dr, dz, dn * r if with_r else dn], 1)
        dbias += gates.sum(0)
        dh = dh * z + gates @ p["weight_hh_l0"]
    return dbias


def smoothed(given: Given) -> Tensor:
    """dx of a cross-entropy whose smoothing is spread over the other classes alone."""
    x, target = given.inputs
    e, k = given.options["label_smoothing"], x.shape[1]
    t = torch.full_like(x, e / (k - 1)).scatter(1, target.unsqueeze(1), 1 - e)
    return (x.softmax(1) - t) / target.numel() * given.dy


def in_every_row(given: Given) -> Tensor:
    x, target = given.inputs
    dx = torch.zeros_like(x)
    dx[:, target] = -1 / len(x)
    return dx * given.dy


def ignored_too(given: Given) -> Tensor:
    """dx of a cross-entropy in which an ignored target is that of the first class."""
    x, target = given.inputs
    kept = target != given.options["ignore_index"]
    chosen = torch.zeros_like(x).scatter(1, (target * kept).unsqueeze(1), 1.0)
    return (x.softmax(1) - chosen) / kept.sum() * given.dy


def cosine(given: Given, of_norm: bool) -> Tensor:
    """dinput1 of a cosine: without the derivative of the norm, or with the norm in place of its square."""
    a, b, target = given.inputs
    of_a, of_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    c = (a * b).sum(1, keepdim=True) / (of_a * of_b)
    slope = b / (of_a * of_b) - (c * a / of_a if of_norm else 0.0)
    passes = torch.where(target.unsqueeze(1) > 0, -1.0, (c > given.options.get("margin", 0.0)).to(c.dtype))
    return slope * passes / len(a) * given.dy


def gelu(given: Given) -> Tensor:
    x, c = given.x, math.sqrt(2 / math.pi)
    t = (c * (x + 0.044715 * x**3)).tanh()
    return given.dy * ((1 + t) / 2 + x / 2 * (1 - t * t) * c * (1 + 0.044715 * x * x))


def of_softmax(given: Given) -> Tensor:
    p = given.x.softmax(given.options["dim"])
    return p * (given.dy - (p * given.dy).sum(given.options["dim"], keepdim=True))


def tiled(given: Given) -> Tensor:
    n, c, rows, columns = given.x.shape
    f = given.options["scale_factor"]
    return given.dy.view(n, c, f, rows, f, columns).sum((2, 4))


def not_turned_back(given: Given) -> Tensor:
    """dweight of a convolution as its product has it, (C K K, O), reshaped."""
    columns = functional.unfold(given.x, given.options["kernel_size"])
    product = columns.transpose(0, 1).flatten(1) @ given.dy.flatten(2).transpose(0, 1).flatten(1).T
    return product.reshape(given.parameters["weight"].shape)


def grouped_over_samples(given: Given) -> Tensor:
    """The output of a group norm whose statistics are those of all samples."""
    x = given.x.reshape(len(given.x), given.options["num_groups"], -1)
    off = x - x.mean((0, 2), keepdim=True)
    z = off / (off.square().mean((0, 2), keepdim=True) + given.options.get("eps", 1e-5)).sqrt()
    weight, bias = (by_channel(given.parameters[name], given.x) for name in ("weight", "bias"))
    return z.reshape(given.x.shape) * weight + bias
