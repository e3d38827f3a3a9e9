"""All witnesses of one rehearsal together, and what each of them says."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor

from parity.independence import rules
from parity.independence.boundary import Boundary, followed
from parity.independence.interpreter import listening
from parity.independence.ledger import Ledger, Stranger
from parity.independence.rehearsal import Given, Observer
from parity.independence.trace import Trace

CHANGING = "a tensor that no operation made came in, and held other values for other data"


class Witnesses(Observer):
    """Everything that watches one rehearsal in full."""

    def __init__(self) -> None:
        self.ledger, self.boundary = Ledger(), Boundary()
        self.trace = Trace(self.ledger)
        self.events: set[str] = set()
        self.kernels: set[str] = set()
        self.faults: set[str] = set()
        self.before = self.first = Counter[str]()  # operations before this call, and of the first call alone
        self.strangers: list[set[Stranger]] = []  # before each call

    @contextmanager
    def modes(self) -> Iterator[None]:
        with self.boundary, self.trace:
            yield

    @contextmanager
    def watch(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(followed(self.modes))
            stack.enter_context(listening(self.events))
            stack.enter_context(self.modes())
            yield

    def given(self, call: int, given: Given) -> None:
        self.strangers.append(set(self.ledger.strangers))
        self.before = Counter(self.trace.counts)
        for name, tensor in given.items():
            self.ledger.enter(tensor, frozenset((f"{name} {call}",)))

    def returned(self, call: int, quantity: str, value: object, needs: str) -> None:
        if type(value) not in (Tensor, torch.nn.Parameter):
            self.faults.add(f"{quantity} is a {type(value).__name__}, not a plain tensor")
            return
        assert isinstance(value, Tensor)
        if lack := self.ledger.lacks(value, f"{needs} {call}"):
            self.faults.add(f"{quantity} {lack}")
        if quantity == "output" and self.trace.counts == self.before:
            self.faults.add("forward gave a result without one operation of torch")
        if call == 1:
            self.first = self.trace.counts - self.before

    def operations(self) -> dict[str, int]:
        """Return the operations of the first forward and backward."""
        counted = Counter[str]()
        for name, count in self.first.items():
            counted[rules.split(name)[1].removesuffix("_")] += count
        return dict(counted)

    def seen(self) -> set[str]:
        """Return the findings that count against any subject, also one that computes outside torch."""
        return set(rules.faults(self.kernels | self.trace.counts.keys())) | self.events

    def hidden(self, elements: int) -> set[str]:
        """Return the signs that work was done outside torch."""
        signs = set(self.faults | self.ledger.rewritten)
        if self.ledger.strangers - self.strangers[2]:
            signs.add(CHANGING)
        if self.boundary.left:
            signs.add(f"it took values out of torch ({', '.join(sorted(self.boundary.left))})")
        if self.trace.counts["aten::_local_scalar_dense"] > elements:
            signs.add("it took values out of torch one by one (item)")
        return signs
