"""All witnesses of one rehearsal together, and what each of them says."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import torch
from torch import Tensor

from parity.independence import rules
from parity.independence.rehearsal import Given, Observer
from parity.independence.witnesses.boundary import Boundary, followed
from parity.independence.witnesses.interpreter import Events, listening
from parity.independence.witnesses.kernels import Kernels, called
from parity.independence.witnesses.ledger import Ledger, Stranger
from parity.independence.witnesses.trace import Trace

CHANGING = "a tensor that no operation made came in, and held other values for other data"


class Witnesses(Observer):
    """Everything that watches one rehearsal in full."""

    def __init__(self) -> None:
        self.ledger, self.boundary = Ledger(), Boundary()
        self.trace = Trace(self.ledger)
        self.events = Events()
        self.kernels = Kernels()
        self.lacking: dict[tuple[int, str], str] = {}  # call and quantity -> what is wrong with its origin
        self.strange: set[str] = set()
        self.before = self.first = Counter[str]()  # operations before this call, and of the first call alone
        self.strangers: list[set[Stranger]] = []  # before each call

    @contextmanager
    def modes(self, phase: str) -> Iterator[None]:
        self.boundary.phase = self.trace.phase = phase
        with self.boundary, self.trace:
            yield

    @contextmanager
    def watch(self, phase: str) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(called(phase))
            stack.enter_context(followed(partial(self.modes, phase)))
            stack.enter_context(listening(self.events, phase))
            stack.enter_context(self.modes(phase))
            yield

    @contextmanager
    def listen(self, phase: str) -> Iterator[None]:
        """Watch without the modes of torch, which a subject can see."""
        with called(phase), listening(self.events, phase):
            yield

    def given(self, call: int, given: Given) -> None:
        self.strangers.append(set(self.ledger.strangers))
        self.before = Counter(self.trace.counts)
        for name, tensor in given.items():
            self.ledger.enter(tensor, frozenset((f"{name} {call}",)))

    def returned(self, call: int, quantity: str, value: object, needs: str) -> None:
        if call == 1:
            self.first = self.trace.counts - self.before
        if type(value) not in (Tensor, torch.nn.Parameter):
            if isinstance(value, Tensor):
                self.strange.add(f"{quantity} is a {type(value).__name__}, which may compute when it is read")
            return  # what is no tensor is the business of the checks
        assert isinstance(value, Tensor)
        if lack := self.ledger.lacks(value, f"{needs} {call}"):
            self.lacking[call, quantity] = lack

    def operations(self) -> dict[str, int]:
        """Return the operations of the first forward and backward."""
        counted = Counter[str]()
        for name, count in self.first.items():
            counted[rules.split(name)[1].removesuffix("_")] += count
        return dict(counted)

    def forbidden(self) -> dict[str, str]:
        """Return every operator that the subject may not use, and the call in which it did."""
        seen = self.kernels.seen | dict.fromkeys(self.trace.counts.keys() - self.kernels.seen.keys(), "")
        return {operator: phase for operator, phase in seen.items() if rules.fault(operator)}

    def came_in(self) -> set[Stranger]:
        """Return the tensors that no operation made and that the first call read."""
        return self.strangers[2] - self.strangers[1] if len(self.strangers) > 2 else set()

    def hidden(self, elements: int) -> set[str]:
        """Return the signs that work was done where no operation of torch shows it."""
        signs = set(self.strange | self.ledger.rewritten)
        last = set(self.ledger.strangers) - self.strangers[-1] if len(self.strangers) > 2 else set()
        signs |= {f"{CHANGING}: {self.ledger.strangers[one]}" for one in last}
        signs |= {f"it took values out of torch ({name}): {where}" for name, where in self.boundary.left.items()}
        for phase in ("forward", "backward"):
            if self.trace.numbers[phase] >= 2 * elements:  # of two calls
                signs.add(f"it took values out of torch one by one (item): {phase}")
        return signs
