"""The pairing of a module's gradients with directions: its first derivatives are the module's second ones.

s = Σ <dx, v> over the inputs x that get a gradient, each with a direction v of its shape, is one number, a function of
the inputs, the parameters and the cotangents. Its gradients are what a second backward gives: the page of the pairing
is that of the module with the cotangents and the directions as further inputs. So whatever reads a page, such as
reference, truth, gauge and diagnosis, knows nothing of second derivatives.

Quantities  d²x of an input x, d²weight of a parameter, d²dy of the cotangent; of several outputs, d²d<output> too
Source      Pearlmutter 1994, "Fast exact multiplication by the Hessian"; torch.autograd.grad with create_graph
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Page
from parity.catalogue.signature import Input, Signature, pulled_back

PREFIX = "d²"


def cotangent_names(signature: Signature) -> list[str]:
    """Return the name of the cotangent of every output: dy of the first, d<output> of another."""
    return ["dy", *(f"d{name}" for name in signature.outputs[1:])]


def paired_signature(signature: Signature) -> Signature:
    """Return the signature of the pairing: inputs, then cotangents, then a direction for every input."""
    cotangents = [Input(name) for name in cotangent_names(signature)]
    directions = [Input(f"v of {entry.name}", gradient=False) for entry in signature.inputs]
    return Signature((*signature.inputs, *cotangents, *directions), prefix=PREFIX)


def parted(signature: Signature, given: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the inputs of a module (those at the end that are left out are not given), its cotangents, and directions.

    given  as a pairing is given them; the directions are those of inputs that get a gradient and were given
    """
    inputs, outputs = len(signature.inputs), len(signature.outputs)
    own, cotangents, directions = given[:inputs], given[inputs : inputs + outputs], given[inputs + outputs :]
    last = max(at for at, value in enumerate(own, 1) if value is not None)
    return list(own[:last]), list(cotangents), [value for value in directions if value is not None]


def paired(page: Page) -> Callable[..., Tensor]:
    """Return the call of a module of torch, of several inputs, that gives the pairing of its gradients."""

    def call(module: torch.nn.Module, *given: Any) -> Tensor:
        own, cotangents, directions = parted(page.signature, given)
        with torch.enable_grad():
            for _, value in page.signature.differentiated(own):
                value.requires_grad_()
            outputs = list(page.signature.named_outputs(page.call(module, *own)).values())
            leaves = [value for _, value in page.signature.differentiated(own)]
            return inner_product(pulled_back(outputs, leaves, cotangents, further=True), directions)

    return call


def inner_product(gradients: Sequence[Tensor], directions: Sequence[Tensor]) -> Tensor:
    """Return Σ <dx, v>."""
    products = [(dx * v).sum() for dx, v in zip(gradients, directions, strict=True)]
    return torch.stack(products).sum() if len(products) > 1 else products[0]


@cache
def second_order(page: Page) -> Page:
    """Return the page of the second derivatives of a module, which is asked with the cases of the module."""
    return replace(
        page,
        signature=paired_signature(page.signature),
        call=paired(page),
        pairs=page,
        kinks=False,
        conditioned=None,
        truth=page.truth_twice or page.truth,
    )
