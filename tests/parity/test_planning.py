"""Cases are made of a page's space: each value alone, every two options, and combinations, as far as they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
import torch

from parity.catalogue import pages, written
from parity.catalogue.page import Case, Page, Space
from parity.catalogue.planning import MOST_CASES, planned, whole
from parity.run import planning
from parity.subjects import load
from parity.subjects.contract import Built, Stopped, Unsupported

SPACES = {name: page for name, page in written().items() if page.space}


@pytest.mark.parametrize("page", SPACES.values(), ids=lambda page: page.module)
def test_a_subject_that_has_everything_meets_everything(page: Page) -> None:
    plan = planned(page, lambda _: "")
    names = [case.name for case in plan.page.cases]
    assert plan.unmet == {}
    assert len(set(names)) == len(names)
    assert len(names) - len(page.cases) <= MOST_CASES
    assert plan.page.cases[0].widely
    assert [case.name for case in pages()[page.module].cases] == names


@pytest.mark.parametrize("module", ["Conv2d", "ConvTranspose2d", "Upsampling"])
def test_every_two_options_meet_with_all_else_plain(module: str) -> None:
    space = written()[module].space
    assert space is not None
    names = [case.name for case in pages()[module].cases]
    missing = [
        two
        for two in combinations(space.options, 2)
        if not any(name.count(",") == 1 and all(f"{option} " in f" {name}" for option in two) for name in names)
    ]
    # An output padding must be below the stride or the dilation: these two it meets beside a stride, all else plain.
    if module == "ConvTranspose2d":
        beside = {"stride 2, output_padding 1, kernel_size 2", "stride 2, output_padding 0x1, groups 2"}
        assert beside <= set(names)
    never = [("output_padding", "kernel_size"), ("output_padding", "groups")]
    assert missing == (never if module == "ConvTranspose2d" else [])


@pytest.mark.parametrize("page", [page for page in pages().values() if page.space], ids=lambda p: p.module)
def test_a_page_has_a_large_case_of_float32_alone(page: Page) -> None:
    large = [case for case in page.cases if case.large]
    assert large
    assert all(torch.Size(case.x).numel() > 2**16 for case in large)


def toy(**refused: Sequence[Any]) -> tuple[list[str], Mapping[str, str]]:
    """Return the cases and the values not met of a module that does not have some values."""
    space = Space(
        options={"bias": (True, False)},
        besides={"in_features": (3, 4), "out_features": (2, 5)},
        shapes={"axes": ((2,), (2, 3))},
        x=lambda values: (*values["axes"], values["in_features"]),
    )

    def lacks(case: Case) -> str:
        options = {"bias": True, **case.options}
        return next((f"no {name}" for name, values in refused.items() if options[name] in values), "")

    plan = planned(Page("Linear", torch.nn.Linear, space=space), lacks)
    return [case.name for case in plan.page.cases], plan.unmet


def test_what_a_subject_lacks_is_left_out_and_said() -> None:
    names, unmet = toy(in_features=(4,))
    assert unmet == {"in_features 4": "no in_features"}
    assert not any("in_features" in name for name in names)
    assert {"plain", "bias False", "out_features 5", "axes 2x3"} < set(names)


def test_without_the_plain_values_the_next_best_are_the_base() -> None:
    names, unmet = toy(bias=(True,))
    assert names[0] == "bias False"
    assert "out_features 5" not in names
    assert "bias False, out_features 5" in names
    assert unmet == {"bias True": "no bias"}
    two_off, _ = toy(bias=(True,), in_features=(3,))
    assert two_off[0] == "bias False, in_features 4"


def test_of_a_subject_that_has_nothing_the_plan_is_that_of_all() -> None:
    page = SPACES["Conv2d"]
    asked: list[str] = []

    def nothing(case: Case) -> str:
        asked.append(case.name)
        return "it has no Conv2d"

    assert planned(page, nothing).page is whole(page)
    assert len(asked) < 30


class Moody:
    """torch.nn without a bias in Linear, which counts how often it is asked."""

    name, explains = "moody", False

    def __init__(self, crashes: bool = False) -> None:
        self.asked, self.crashes = 0, crashes

    def build(self, module: str, options: Mapping[str, Any], *rest: Any) -> Built:
        self.asked += 1
        if self.crashes:
            raise Stopped("its process is gone")
        if options.get("bias", True):
            raise Unsupported("no bias")
        return load("torch_nn").build(module, options, *rest)


def test_other_processes_plan_alike_by_what_one_was_told() -> None:
    answers: planning.Answers = {}
    first = planning.plan(Moody(), SPACES["Linear"], answers)
    other = Moody()
    again = planning.plan(other, SPACES["Linear"], answers)
    assert other.asked == 0
    assert [case.name for case in again.page.cases] == [case.name for case in first.page.cases]
    assert again.unmet == first.unmet == {"bias True": "no bias"}


def test_a_subject_that_crashes_has_everything_and_is_not_asked_again() -> None:
    subject = Moody(crashes=True)
    assert planning.plan(subject, SPACES["Linear"], {}).unmet == {}
    assert subject.asked == 1


def test_a_plain_option_that_this_torch_is_too_old_for_is_left_out() -> None:
    page = written()["BatchNorm1d"]

    def older(num_features: int, affine: bool = True, momentum: float | None = 0.1, eps: float = 1e-5) -> Any:
        return torch.nn.BatchNorm1d(num_features, eps, momentum, affine)

    assert page.space is not None
    assert "bias" in page.space.options
    plan = planned(replace(page, reference=older), lambda _: "")
    assert len(plan.page.cases) > 10
    assert "unexpected keyword argument 'bias'" in plan.unmet["bias False"]


def test_a_module_of_which_torch_has_no_case_is_named() -> None:
    def absent(**_: Any) -> Any:
        raise AttributeError("no such kernel")

    page = replace(written()["Linear"], reference=absent)
    for refuses in ("", "the subject has nothing of it"):
        with pytest.raises(RuntimeError, match=r"has no case of Linear: torch.nn refuses it: no such kernel"):
            planned(page, lambda _, why=refuses: why)  # type: ignore[misc]
