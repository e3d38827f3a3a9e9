"""The first witness: every ATen operation that torch dispatches in a thread, with the tensors that it touches."""

import sys
import threading
from collections import Counter
from typing import Any

from torch import Tensor
from torch.utils._pytree import tree_leaves

from parity.independence.witnesses.boundary import asked_by, is_adapters
from parity.independence.witnesses.interpreter import place
from parity.independence.witnesses.ledger import Ledger, address
from parity.mode import Mode

# Their results depend on the shape of their argument and not on its values.
SHAPE_ONLY = frozenset(
    "empty_like new_empty new_empty_strided new_zeros new_ones new_full zeros_like ones_like full_like rand_like "
    "randn_like randint_like".split()
)
OVERWRITES = frozenset("copy_ zero_ fill_ uniform_ normal_".split())  # what their first argument held is lost
AS_NUMBER = "_local_scalar_dense"  # one element becomes a number of Python: item, float, bool, a comparison in an if


def tensors(value: Any) -> list[Tensor]:
    """Return every tensor in a nest of arguments or results."""
    return [leaf for leaf in tree_leaves(value) if isinstance(leaf, Tensor)]


class Trace(Mode):
    """Count operations, note the labels that each touched, and keep the ledger.

    What an adapter of the suite asks for, such as a cast or a copy, is followed but not counted.
    """

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger, self.lock = ledger, threading.RLock()
        self.counts: Counter[str] = Counter()  # by namespace::name
        self.touched: dict[str, set[str]] = {}
        self.numbers: Counter[str] = Counter()  # floating numbers read by Python, by the call of the subject
        self.phase = ""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs, (namespace, name) = kwargs or {}, func.name().split(".")[0].split("::")
        with self.lock:
            given, filled = tensors((args, kwargs)), written(func, args, kwargs)
            lost = {id(tensor) for tensor in filled if name in OVERWRITES or tensor is kwargs.get("out")}
            read = [tensor for tensor in given if id(tensor) not in lost]
            asking = asked_by(sys._getframe(1))
            for tensor in read:
                self.ledger.read(tensor, name, lambda: f"{self.phase}, {place(asking)}")
            labels = self.ledger.labels(read)
            result = func(*args, **kwargs)
            if not is_adapters(asking):
                self.count(namespace, name, labels, read)
            if name == AS_NUMBER:
                self.ledger.scalars |= labels
            if name != "set_":  # takes over a storage that the ledger has not seen, and computes nothing
                self.note(tensors(result) + filled, frozenset() if name in SHAPE_ONLY else labels, lost)
        return result

    def count(self, namespace: str, name: str, labels: frozenset[str], read: list[Tensor]) -> None:
        self.counts[f"{namespace}::{name}"] += 1
        self.touched.setdefault(name.removesuffix("_"), set()).update(labels)
        if name == AS_NUMBER and read[0].is_floating_point():
            self.numbers[self.phase] += 1

    def note(self, made: list[Tensor], labels: frozenset[str], lost: set[int]) -> None:
        """Enter what an operation made or wrote; a view shares its storage, and so keeps the labels that it had."""
        whole = {
            address(t) for t in made if id(t) in lost and t.numel() * t.element_size() == t.untyped_storage().nbytes()
        }
        for tensor in made:
            before = frozenset() if address(tensor) in whole else self.ledger.labels([tensor])
            self.ledger.enter(tensor, labels | before)


def written(func: Any, args: Any, kwargs: Any) -> list[Tensor]:
    """Return the arguments that the operation writes to, as its schema says."""
    targets: list[Tensor] = []
    for position, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[position] if position < len(args) else kwargs.get(argument.name)
            targets += tensors(value)
    return targets
