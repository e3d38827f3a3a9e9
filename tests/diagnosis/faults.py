"""Faults of strangers' libraries, kind by kind: what is wrong, of which quantity it is asked, and what must be said."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from tests.diagnosis.fault_parts import (
    Inputs,
    Kind,
    at_input,
    both,
    changed,
    convolved,
    coupled,
    cropped,
    diagonal,
    ignored_too,
    left_over,
    mean_of,
    of_loss,
    of_scores,
    output_padded_first,
    padded,
    padded_after,
    quotient,
    reduced,
    rows,
    slope,
    tiled,
    transposed_without,
    turned,
    ungrouped,
    wrong_if,
)
from tests.diagnosis.wrong_library import Function, Options, Parameters, WrongLibrary


def of_functions() -> dict[str, Kind]:
    """Return faults of activations."""
    lib, o = WrongLibrary, "output"
    naive = at_input(lambda x: x.exp() / (1 + x.exp()))
    return {
        "softmax not shifted": Kind(
            lib("Softmax", lambda i, _, a: quotient(i[0], a["dim"])),
            o,
            "exp overflows above 88.7: the maximum is not subtracted",
        ),
        "softmax not shifted, in float64": Kind(
            lib("Softmax", lambda i, _, a: quotient(i[0].double(), a["dim"]).float()), o, "exp overflows above 709.8"
        ),
        "sigmoid as a quotient": Kind(lib("Sigmoid", naive), o, r"exp overflows above 88.7: it is exp\(x\)"),
        "tanh as a quotient": Kind(
            lib("Tanh", at_input(lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()))), o, "exp overflows above"
        ),
        "tanh by the sigmoid": Kind(
            lib("Tanh", at_input(lambda x: 2 * torch.sigmoid(2 * x) - 1)), o, "digits are lost"
        ),
        "tanh' as 1 - x^2": Kind(
            lib("Tanh", change=slope(lambda x: 1 - x * x)), "dx", r"1 - x\^2 in place of 1 - y\^2"
        ),
        "sigmoid' of y": Kind(
            lib("Sigmoid", change=slope(lambda x: x.sigmoid().sigmoid() * (1 - x.sigmoid().sigmoid()))),
            "dx",
            "evaluated at the output",
        ),
        "relu without dy": Kind(
            lib("ReLU", change=changed("dx", lambda _, i, __: (i[0] > 0).to(i[0]))),
            "dx",
            "cotangent's factor is missing",
        ),
        "relu by a mask": Kind(lib("ReLU", at_input(lambda x: x * (x > 0).to(x))), o, "0 times inf is nan"),
        "slopes exchanged": Kind(
            lib("LeakyReLU", lambda i, _, a: torch.where(i[0] > 0, a.get("negative_slope", 0.01) * i[0], i[0])),
            o,
            "slope below 0 is swapped",
        ),
        "slope ignored": Kind(
            lib("LeakyReLU", at_input(lambda x: torch.where(x > 0, x, 0.01 * x))), o, "option negative_slope is ignored"
        ),
        "slope left out of dx": Kind(
            lib("LeakyReLU", change=slope(lambda x: (x > 0).to(x))), "dx", "slope|negative_slope"
        ),
        "gelu by tanh": Kind(
            lib("GELU", at_input(lambda x: functional.gelu(x, approximate="tanh"))), o, "approximate is taken as 'tanh'"
        ),
        "gelu' without its density": Kind(
            lib("GELU", change=slope(lambda x: 0.5 * (1 + torch.erf(x / math.sqrt(2))))), "dx", "density.* is left out"
        ),
        "axis ignored": Kind(
            lib("Softmax", at_input(lambda x: torch.softmax(x, min(1, x.dim() - 1)))), o, "option dim is taken as 1"
        ),
        "temperature": Kind(
            lib("Softmax", lambda i, _, a: torch.softmax(i[0] / 2, a["dim"])), o, "multiplied by 1/2 before the softmax"
        ),
        "softmax' of the diagonal": Kind(
            lib("Softmax", change=changed("dx", lambda f, i, a: diagonal(torch.softmax(i[0], a["dim"])) * f["dy"])),
            "dx",
            "beside the diagonal are left out",
        ),
        "softmax' along the last axis": Kind(
            lib("Softmax", change=changed("dx", lambda f, i, a: coupled(torch.softmax(i[0], a["dim"]), f["dy"]))),
            "dx",
            "taken along axis 1, whatever dim is|taken along axis 2, whatever dim is",
        ),
    }


def of_losses() -> dict[str, Kind]:
    """Return faults of losses."""
    lib, o, logistic, cross = WrongLibrary, "output", "BCEWithLogitsLoss", "CrossEntropyLoss"
    bce = functional.binary_cross_entropy
    unprotected = reduced(lambda p, t: -t * p.log() - (1 - t) * (1 - p).log())
    with_epsilon = reduced(lambda p, t: -t * (p + 1e-7).log() - (1 - t) * (1 - p + 1e-7).log())
    exchanged = reduced(lambda p, t: bce(p, 1 - t, reduction="none"))
    base_2 = reduced(lambda p, t: bce(p, t, reduction="none") / math.log(2))
    return {
        "squares written out": Kind(
            lib("MSELoss", reduced(lambda p, t: p * p - 2 * p * t + t * t)), o, "digits are lost"
        ),
        "without the 2": Kind(
            lib("MSELoss", change=changed("dx", lambda f, _, __: f["dx"] / 2)), "dx", "2 times too small"
        ),
        "reduction ignored": Kind(
            lib("MSELoss", at_input(lambda p, t: (p - t).square().mean())), o, "reduction is taken as 'mean'"
        ),
        "not over N": Kind(
            lib("MSELoss", change=changed("dx", lambda f, i, a: f["dx"] * (i[0].numel() if mean_of(a) else 1))),
            "dx",
            "not divided by the number of elements|reduction is taken as 'sum'",
        ),
        "log of 0": Kind(lib("BCELoss", unprotected), o, "log of 0"),
        "epsilon": Kind(lib("BCELoss", with_epsilon), o, r"logarithm is taken of p \+ 1e-07"),
        "no denominator": Kind(
            lib("BCELoss", change=of_loss(lambda p, t: p - t)), "dx", r"denominator p \(1 - p\) is missing"
        ),
        "sign of the target": Kind(
            lib("BCELoss", change=of_loss(lambda p, t: (p + t) / (p * (1 - p)).clamp_min(1e-12))),
            "dx",
            r"target has the wrong sign: it is \(p \+ t\) / \(p \(1 - p\)\)",
        ),
        "cut below 1": Kind(
            lib("BCELoss", reduced(lambda p, t: bce(p.clamp_max(0.999), t, reduction="none"))),
            o,
            r"p is kept below 1 - 0.001 before the logarithm",
        ),
        "cut below 1, dx": Kind(
            lib("BCELoss", None, reduced(lambda p, t: bce(p.clamp(1e-15, 0.999), t, reduction="none"))),
            "dx",
            "p is cut near 0 and 1, and dx is 0 where it was cut",
        ),
        "0 and 1 exchanged": Kind(lib("BCELoss", exchanged), o, "0 and 1 of the target are exchanged"),
        "logarithm to base 2": Kind(lib("BCELoss", base_2), o, "ln 2 times too small"),
        "exp of the logit": Kind(
            lib(logistic, reduced(lambda x, t: (1 + x.exp()).log() - t * x)), o, "exp overflows above 88.7"
        ),
        "no sigmoid": Kind(lib(logistic, change=of_loss(lambda x, t: x - t)), "dx", "the sigmoid is missing"),
        "scores not shifted": Kind(
            lib(cross, of_scores(lambda x, at: (x.exp() / x.exp().sum(at, keepdim=True)).log())),
            o,
            "exp overflows above",
        ),
        "log of a rounded softmax": Kind(
            lib(cross, of_scores(lambda x, at: torch.softmax(x, at).log())), o, "log of 0"
        ),
        "softmax over the samples": Kind(
            lib(cross, of_scores(lambda x, _: torch.log_softmax(x, 0))), o, "taken over axis 0"
        ),
        "a mean over ignored too": Kind(lib(cross, ignored_too), o, "divided by the number of targets, ignored ones"),
        "temperature of the scores": Kind(
            lib(cross, of_scores(lambda x, at: torch.log_softmax(x / 2, at))), o, "multiplied by 1/2 before the softmax"
        ),
    }


def of_kernels() -> dict[str, Kind]:
    """Return faults of layers with a kernel."""
    lib, o, conv, back = WrongLibrary, "output", "Conv2d", "ConvTranspose2d"
    exchanged = convolved(stride=lambda a: a.get("dilation", 1), dilation=lambda a: a.get("stride", 1))
    return {
        "dilation ignored": Kind(lib(conv, convolved(dilation=lambda _: 1)), o, "option dilation is ignored"),
        "stride ignored in dx": Kind(lib(conv, None, convolved(stride=lambda _: 1)), "dx", "option stride is ignored"),
        "stride and dilation": Kind(lib(conv, None, exchanged), "dx", "stride and dilation are swapped"),
        "height and width": Kind(
            lib(conv, convolved(padding=lambda a: both(a.get("padding", 0))[::-1])), o, "height and width of padding"
        ),
        "first number of a pair": Kind(
            lib(conv, convolved(stride=lambda a: both(a.get("stride", 1))[0])),
            o,
            "first number of stride is used for both",
        ),
        "padding at the end": Kind(lib(conv, padded(0, 2)), o, "padding stands at the end"),
        "padding after the map": Kind(lib(conv, padded_after), o, "padding comes after the map"),
        "padding that repeats": Kind(lib(conv, padded(1, 1, "replicate")), o, "padding is not zeros: it repeats"),
        "groups ignored": Kind(lib(conv, ungrouped), o, "option groups is ignored"),
        "a true convolution": Kind(lib(conv, turned), o, "kernel of weight is flipped"),
        "remainder dropped": Kind(
            lib(conv, change=changed("dx", cropped)), "dx", "no window reaches .*remainder of the stride"
        ),
        "wrong with a remainder": Kind(
            lib(conv, change=wrong_if(lambda i, a: left_over(a, i[0].shape[2]) > 0, "dx")),
            "dx",
            "right where the stride divides",
        ),
        "output padding first": Kind(lib(back, output_padded_first), o, "output padding stands at the start"),
        "output padding ignored": Kind(lib(back, transposed_without), o, "option output_padding is ignored"),
        "tiled": Kind(lib("Upsampling", tiled), o, "repeated as a whole"),
        "bias of one row": Kind(
            lib(conv, change=changed("dbias", lambda f, _, __: f["dbias"][None])), "dbias", "extent 1 too many"
        ),
        "bias over the samples alone": Kind(
            lib(conv, change=changed("dbias", lambda f, _, __: f["dy"].sum(0))),
            "dbias",
            "not summed over axis 1 and axis 2",
        ),
        "bias of one number": Kind(
            lib(conv, change=changed("dbias", lambda f, _, __: f["dy"].sum())),
            "dbias",
            "summed over output channel, too",
        ),
        "bias averaged over pixels": Kind(
            lib(conv, change=changed("dbias", lambda f, _, __: f["dy"].mean((2, 3)).sum(0))),
            "dbias",
            "divided by the number of pixels of the output",
        ),
        "cut from k to -k": Kind(
            lib(conv, change=changed("dx", lambda f, _, a: f["dx"] if a.get("padding") else f["dx"][:, :, :0, :0])),
            "dx",
            "left without elements, as by a slice from k to -k",
        ),
        "no dx": Kind(lib(conv, change=changed("dx", lambda *_: None)), "dx", "backward returns nothing"),
        "float64": Kind(lib(conv, change=changed(o, lambda f, _, __: f[o].double())), o, "comes out in float64"),
    }


def of_dense() -> dict[str, Kind]:
    """Return faults of a dense layer, and of what any layer may get wrong."""
    lib, o, dense, dw = WrongLibrary, "output", "Linear", "dweight"
    by_first = changed(dw, lambda f, i, _: rows(f["dy"])[:1].expand(rows(f["dy"]).shape).t() @ rows(i[0]))
    misread = at_weight(lambda w: w.t().reshape(w.shape))
    return {
        "no bias": Kind(lib(dense, at_weight(lambda w: w, bias=False)), o, "bias is left out"),
        "weight misread in backward": Kind(lib(dense, None, misread), "dx", "weight is transposed"),
        "dweight transposed": Kind(lib(dense, change=changed(dw, lambda f, _, __: f[dw].t())), dw, "transposed"),
        "first cotangent for all": Kind(
            lib(dense, change=by_first), dw, "first sample's cotangent is used for every sample"
        ),
        "last sample alone": Kind(
            lib(dense, change=changed(dw, lambda f, i, _: rows(f["dy"])[-1:].t() @ rows(i[0])[-1:])),
            dw,
            "last sample alone",
        ),
        "through float16": Kind(
            lib(dense, change=changed(o, lambda f, _, __: f[o].half().float())), o, "rounded to .*float16"
        ),
        "in float16": Kind(lib(dense, in_float16), o, "computed in TF32 or float16"),
        "cut off": Kind(
            lib(dense, change=changed(o, lambda f, _, __: f[o].trunc())), o, "result is cut off to integers"
        ),
        "integers going in": Kind(lib(dense, rounded_input), o, "input x is rounded to integers"),
        "never written": Kind(
            lib(dense, change=changed(dw, lambda f, _, __: torch.randn_like(f[dw]))), dw, "two identical runs .* differ"
        ),
        "equal features alone": Kind(
            lib(dense, change=wrong_if(lambda _, a: a["in_features"] != a["out_features"], "dx")),
            "dx",
            "right for as many features coming out as going in",
        ),
        "a thousandth of a thousandth": Kind(
            lib(dense, change=changed("dx", lambda f, _, __: f["dx"] * (1 + 2.0**-16))),
            "dx",
            "off by a relative 1.5e-05",
        ),
        "beyond a block": Kind(lib("ReLU", change=changed(o, beyond)), o, "beyond the first 1,?000 elements"),
    }


def at_weight(of: Callable[[Tensor], Tensor], bias: bool = True) -> Function:
    """Return the dense map of a changed weight."""
    return lambda i, p, _: functional.linear(i[0], of(p["weight"]), p.get("bias") if bias else None)


def in_float16(inputs: Inputs, parameters: Parameters, _: Options) -> Tensor:
    bias = parameters["bias"].half() if "bias" in parameters else None
    return functional.linear(inputs[0].half(), parameters["weight"].half(), bias).float()


def rounded_input(inputs: Inputs, parameters: Parameters, _: Options) -> Tensor:
    return functional.linear(inputs[0].round(), parameters["weight"], parameters.get("bias"))


def beyond(found: Mapping[str, Tensor], _: Inputs, __: Options) -> Tensor:
    flat = found["output"].flatten()
    return torch.cat([flat[:1000], flat[1000:] * 0.3 + 1]).view(found["output"].shape)


FAULTS = of_functions() | of_losses() | of_kernels() | of_dense()
