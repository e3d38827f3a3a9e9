"""A module that remembers another call than its last: wrong in each later step, or in a rare order of calls alone."""

from collections import deque

import pytest
import torch

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.record import Parity
from tests.parity.answers import Answers, BuiltAnswers


class Tiring(BuiltAnswers):
    """Its second backward, and each after it, is twice what it should be."""

    times = 0

    def backward(self, dy: torch.Tensor | None) -> torch.Tensor:
        self.times += 1
        return super().backward(dy) * min(2, self.times)


class Faithful(BuiltAnswers):
    """It keeps the input of its first forward for good."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        first = self.x if self.x.numel() else inputs[0]
        answer = super().forward(*inputs)
        self.x = first
        return answer


class InTurn(BuiltAnswers):
    """Its backward belongs to the oldest forward that had none."""

    def __init__(self, subject: Answers) -> None:
        super().__init__(subject)
        self.waiting: deque[torch.Tensor] = deque()

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        self.waiting.append(inputs[0])
        return super().forward(*inputs)

    def backward(self, dy: torch.Tensor | None) -> torch.Tensor:
        self.x = self.waiting.popleft()
        return super().backward(dy)


class OneBuffer(BuiltAnswers):
    """It hands out one tensor for every output."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        answer = super().forward(*inputs)
        if not hasattr(self, "buffer"):
            self.buffer = torch.empty_like(answer)
        return self.buffer.copy_(answer)


def wrong(built: type[BuiltAnswers], monkeypatch: pytest.MonkeyPatch) -> list[Parity]:
    library = Answers(torch.relu, lambda dy, x: dy * (x > 0))
    monkeypatch.setattr(library, "build", lambda *_: built(library))
    cell = next(cells(pages()["ReLU"], [CHECKS["remembers-last"]], ["cpu"], 0))
    judged, error = CHECKS["remembers-last"].judged(Trial(cell, library))
    assert error is None
    return [one.record for one in judged if one.fails]


def test_a_right_module_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(BuiltAnswers, monkeypatch) == []


@pytest.mark.parametrize("built", [Tiring, Faithful])
def test_what_is_wrong_in_a_second_call_is_a_number(built: type[BuiltAnswers], monkeypatch: pytest.MonkeyPatch) -> None:
    second = next(one for one in wrong(built, monkeypatch) if one.detail.startswith("second call"))
    assert (second.quantity, second.aspect) == ("dx", "numbers")


def test_the_oldest_of_two_forwards_is_a_matter_of_behaviour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(one.quantity, one.aspect) for one in wrong(InTurn, monkeypatch)] == [("dx", "behaviour")]


def test_what_was_handed_out_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(one.quantity, one.detail) for one in wrong(OneBuffer, monkeypatch)] == [
        ("output held", "a later call changed it")
    ]
