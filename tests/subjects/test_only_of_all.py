"""What an adapter says of all its modules at once: it holds where a module has such an option and says no other."""

from typing import Any

import pytest
import torch

from parity.subjects.adapters import Convention, Library, none
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Miswritten


class Mean:
    def forward(self, x: Any, t: Any) -> Any:
        return (x - t).abs().mean()

    def backward(self) -> Any:
        raise NotImplementedError


class Scaled:
    def __init__(self, negative_slope: float = 0.01) -> None:
        self.slope = negative_slope

    def forward(self, x: Any) -> Any:
        return torch.where(x > 0, x, self.slope * x)


MODULES = {"MSELoss": Mean, "L1Loss": Mean, "LeakyReLU": Scaled}


def library(**only: Any) -> Library:
    return Library("means", MODULES, Convention(places=none()), only={"*": only, "L1Loss": {"reduction": ("sum",)}})


def test_it_is_said_of_each_module_that_has_the_option() -> None:
    assert library(reduction=("mean",)).only == {
        "MSELoss": {"reduction": ("mean",)},
        "L1Loss": {"reduction": ("sum",)},
        "LeakyReLU": {},
    }


def test_another_value_is_unsupported_in_each() -> None:
    where = {}, torch.device("cpu"), torch.float32
    subject = library(reduction=("mean",))
    with pytest.raises(Unsupported, match="the MSELoss of means has only reduction='mean', not 'sum'"):
        subject.build("MSELoss", {"reduction": "sum"}, *where)
    assert subject.build("MSELoss", {"reduction": "mean"}, *where)


@pytest.mark.parametrize(
    ("only", "words"),
    [
        (
            {"reducton": ("mean",)},
            "only names an option of all modules, 'reducton', which is none; did you mean reduction",
        ),
        ({"reduction": "mean"}, "reduction must be a type or several values"),
        ({"kernel_size": int}, "only names an option of all modules, 'kernel_size'"),
    ],
)
def test_what_no_module_has_is_a_mistake(only: Any, words: str) -> None:
    with pytest.raises(Miswritten, match=words):
        library(**only)
