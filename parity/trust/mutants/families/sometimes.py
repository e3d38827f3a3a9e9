"""Faults that show only sometimes: at one batch size, in one layout, from the second call on."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from parity.catalogue import pages
from parity.catalogue.page import Page
from parity.trust.planted import Call, Change

When = Callable[[Call], bool]


def only(when: When, change: Change) -> Change:
    """Return the change that is made only in calls where `when` holds."""
    return lambda value, call: change(value, call) if when(call) else value


def one_sample(call: Call) -> bool:
    return call.x.shape[0] == 1


def more_samples(call: Call) -> bool:
    return call.x.shape[0] > 1


def another_batch_size(call: Call) -> bool:
    return call.x.shape != call.first


def not_the_first(call: Call) -> bool:
    return call.number > 0


def strided_x(call: Call) -> bool:
    return not call.x.is_contiguous()


def expanded_x(call: Call) -> bool:
    return 0 in call.x.stride()


def offset_x(call: Call) -> bool:
    return call.x.storage_offset() > 0


def strided_dy(call: Call) -> bool:
    return call.dy is not None and not call.dy.is_contiguous()


def columns_first_dy(call: Call) -> bool:
    """Whether the first axis of dy lies innermost in memory."""
    return call.dy is not None and call.dy.dim() > 1 and call.dy.shape[0] > 1 and call.dy.stride(0) == 1


def unusual(page: Page, options: Mapping[str, Any]) -> list[str]:
    """Return which options of the page's space are not plain."""
    plain = page.cases[0].options
    return [name for name in (page.space.options if page.space else ()) if options.get(name) != plain.get(name)]


def one_option_alone(call: Call) -> bool:
    """Whether exactly one of the options of the module's space is not plain."""
    return len(unusual(pages()[call.site.module], call.site.options)) == 1


def read_as_if_contiguous(value: Tensor) -> Tensor:
    """Return the elements that lie at the start of the storage, whatever the strides."""
    return value.as_strided(value.shape, value.new_empty(value.shape, device="meta").stride())


def blind_to_strides(quantity: str) -> Change:
    """Return the change to what is computed when the strides of x are not looked at."""
    return lambda _, call: call.again(x=read_as_if_contiguous(call.x).clone())[quantity]


def blind_to_offset(quantity: str) -> Change:
    """Return the change to what is computed when x is read from the start of its storage."""

    def change(_: Tensor, call: Call) -> Tensor:
        size = call.x.untyped_storage().nbytes() // call.x.element_size()
        start = 0 if call.x.is_contiguous() and call.x.numel() <= size else call.x.storage_offset()
        return call.again(x=call.x.as_strided(call.x.shape, call.x.stride(), start).clone())[quantity]

    return change
