"""Every option of torch.nn's constructors is set by some case, or said to be left out, with its reason."""

from dataclasses import replace

import pytest
import torch

from parity.catalogue import pages
from parity.catalogue.options import EVERYWHERE, of_torch, sentences, unexercised
from parity.catalogue.page import Case, Page

CONV = Page(
    "Conv2d", torch.nn.Conv2d, (Case("plain", (2, 3, 5, 5), {"in_channels": 3, "out_channels": 2, "kernel_size": 3}),)
)


@pytest.mark.parametrize("module", pages())
def test_what_is_not_exercised_has_its_reason(module):
    assert [option for option, why in unexercised(pages()[module]).items() if not why] == []


@pytest.mark.parametrize("module", pages())
def test_what_a_page_leaves_out_is_an_option_that_no_case_sets(module):
    page = pages()[module]
    assert page.left_out.keys() <= unexercised(page).keys()
    assert page.left_out.keys().isdisjoint(EVERYWHERE)


def test_options_are_those_that_torch_takes():
    assert of_torch(CONV)[:4] == ["in_channels", "out_channels", "kernel_size", "stride"]
    assert [name for name, why in unexercised(CONV).items() if not why] == [
        "stride",
        "padding",
        "dilation",
        "groups",
        "bias",
        "padding_mode",
    ]


def test_the_report_says_which_with_the_reason_once():
    left_out = replace(CONV, left_out=dict.fromkeys(("stride", "padding"), "not today"))
    general, *own = sentences([left_out, pages()["ReLU"]])
    assert general.startswith("no case of any module sets device (")
    assert "inplace (it changes an input" in general
    assert "no case of Conv2d sets padding: not today" in own
    assert "no case of Conv2d sets stride: not today" in own
