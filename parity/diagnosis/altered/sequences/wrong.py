"""What may be wrong with a layer that walks along a sequence."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Wrong:
    """What is wrong; nothing, unless it is said.

    order        in which the rows of the gates are read
    cut          gates, and states after the first, through which nothing is passed back
    straight     what stands where a slope is taken as 1: gates, the sum of an RNN, the c that is shown ("c shown"),
                 the c before by the c after ("c before"), what r is multiplied with by what comes of it ("reset")
    negated      gates whose derivative has the wrong sign
    carried      what an RNN hands back to the moment before has a slope of 1
    forget_bias  what is added to the sum of the forget gate
    beside       by what gates of an LSTM are differentiated, in place of what they are multiplied with
    value_alone  what is wrong is so on the way there alone: the way back is that of the right formula
    unstarted    walks begin with h of zeros; what weight_hh is differentiated by is the h that was given
    cut_off      at what size gradients are cut off: of the sums of the gates ("sums"), or of what is handed back ("h")
    forwards     the second direction reads from the first moment on
    unturned     what the second direction gives is left in the order in which it was found
    reset_first  r is multiplied with h, before the product
    bias_apart   bias_hh of n is added after the product with r, not before
    exchanged    the states of the walks are given out from the last on
    samples      batch_first is not looked at
    alone        the one moment at which parameters are differentiated: "first" or "last"
    state_after  weight_hh is differentiated by the h after, not before
    input_before weight_ih is differentiated by the x before, at the first moment the last
    slopes       what stands for the slope of a gate, or of c as shown, in terms of its value
    ends_unused  which cotangents of the last states are taken for zeros: "all", or those of "h" or of "c"
    functions    what gates, or c as shown, go through in place of their own function
    turned_back  weight_hh is transposed in what h hands back
    handed       in which the gradients of the gates are handed back, where it is another than theirs
    complement   the update gate of a GRU counts what is new, and 1 less it what was
    shown        what tanh is taken of, where h is made of it: "c", or the "c before"
    handing      what z counts in what is handed back beside the product: "z", or "1 - z"
    reset_met    the gates of whose sums weight_hh is differentiated by r h, not by h
    ahead        the way back goes through the moments from the first to the last; the cotangents of the last states
                 come in at its beginning ("none late"), or with the last moment: that of h ("h late"), or "all late"
    """

    order: tuple[int, ...] = (0, 1, 2, 3)
    cut: tuple[str, ...] = ()
    straight: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    carried: bool = False
    forget_bias: float = 0.0
    beside: tuple[tuple[str, str], ...] = ()
    forwards: bool = False
    unturned: bool = False
    reset_first: bool = False
    bias_apart: bool = False
    exchanged: bool = False
    samples: bool = False
    alone: str = ""
    state_after: bool = False
    input_before: bool = False
    slopes: tuple[tuple[str, Function], ...] = ()
    ends_unused: str = ""
    functions: tuple[tuple[str, Function], ...] = ()
    turned_back: bool = False
    handed: tuple[int, ...] = ()
    complement: bool = False
    shown: str = "c"
    handing: str = "z"
    reset_met: str = ""
    ahead: str = ""
    value_alone: bool = False
    unstarted: bool = False
    cut_off: tuple[tuple[str, float], ...] = ()

    def beside_another(self, other: "Wrong") -> "Wrong":
        """Return what is wrong where this is, and another."""
        fields: dict[str, Any] = {}
        for name, value in vars(other).items():
            own = getattr(self, name)
            both = own + value if isinstance(value, tuple) and name not in ("order", "handed") else value
            fields[name] = own if value == getattr(Wrong(), name) else both
        return Wrong(**fields)

    def at_first(self) -> "Wrong":
        """Return what is wrong at the first moment of a walk, whose states are those that were given."""
        return replace(self, cut=tuple(name for name in self.cut if name not in ("h", "h before", "c")))

    def gates(self, value: Tensor, count: int) -> Tensor:
        """Return what the gates are made of; on the way back they may be taken for one another, two by two."""
        if not self.handed:
            return value
        blocks = value.chunk(count, -1)
        others = torch.cat([blocks[at] for at in self.handed], -1)
        return value.detach() + (others - others.detach())

    def passed(self, name: str, value: Tensor) -> Tensor:
        return value.detach() if name in self.cut else value

    def in_place(self, value: Tensor, right: Tensor) -> Tensor:
        """Return a wrong value; where it is wrong on the way there alone, with the way back of the right one."""
        return right + (value - right).detach() if self.value_alone else value

    def bounded(self, name: str, value: Tensor) -> Tensor:
        """Return a value whose gradient is cut off, if it is."""
        for of, most in self.cut_off:
            if of == name and value.requires_grad:
                value = value.clone()
                cut_off = partial(torch.clamp, min=-most, max=most)
                value.register_hook(cut_off)  # type: ignore[no-untyped-call]
        return value

    def taken(self, name: str, function: Function, value: Tensor) -> Tensor:
        """Return what a gate takes of its sum; of another function alone, with the slope that its own has there."""
        for gate, other in self.functions:
            if gate == name and self.value_alone:
                y = other(value).detach()
                slope = y * (1 - y) if function is torch.sigmoid else 1 - y * y
                return y + slope * (value - value.detach())
            if gate == name:
                return other(value)
        return function(value)

    def squashed(self, name: str, function: Function, value: Tensor) -> Tensor:
        y = self.passed(name, self.taken(name, function, value))
        y = 2 * y.detach() - y if name in self.negated else y
        for gate, slope in self.slopes:
            if gate == name:
                y = y.detach() + slope(y.detach()) * (value - value.detach())
        return value + (y - value).detach() if name in self.straight else y
