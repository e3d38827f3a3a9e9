"""Where every tensor of a run comes from: the bookkeeping that finds work done out of sight.

Each storage is entered with its bytes and its labels as the last operation that torch dispatched left them. What was
computed elsewhere (NumPy, a thread, another process, memory of the reference, a former call) shows in one of three
ways: as a stranger, a tensor that no operation made; as bytes that changed between two operations; or as a result whose
labels lack what it must depend on. No list of ways to cheat is needed for that.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

Stranger = tuple[str, tuple[int, ...], bytes]


@dataclass
class LedgerEntry:
    """One storage; `tensor` keeps it alive, so that its address is not given to another."""

    tensor: Tensor
    content: Tensor  # its bytes
    labels: frozenset[str]


def content(tensor: Tensor) -> Tensor:
    """Return a view of the bytes of the storage of `tensor`."""
    return torch.empty(0, dtype=torch.uint8, device=tensor.device).set_(tensor.untyped_storage())


def address(tensor: Tensor) -> int:
    storage: int = tensor.untyped_storage()._cdata
    return storage


def fingerprint(tensor: Tensor) -> Stranger:
    """Return dtype, shape and bytes of the tensor, which may be part of a larger storage."""
    with torch.no_grad():
        own = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous().clone()
    return str(tensor.dtype), tuple(tensor.shape), bytes(content(own).tolist())


class Ledger:
    """The storages of one run, by address."""

    def __init__(self) -> None:
        self.entries: dict[int, LedgerEntry] = {}
        self.strangers: dict[Stranger, str] = {}  # where each was read first
        self.rewritten: set[str] = set()
        self.scalars: frozenset[str] = frozenset()  # labels of what was read as a number of Python

    def enter(self, tensor: Tensor, labels: frozenset[str]) -> None:
        """Note what the storage of `tensor` holds now, and from which given tensors that was computed."""
        self.entries[address(tensor)] = LedgerEntry(tensor, content(tensor).clone(), labels)

    def labels(self, tensors: Iterable[Tensor]) -> frozenset[str]:
        entries = (self.entries.get(address(tensor)) for tensor in tensors)
        return frozenset().union(*(entry.labels for entry in entries if entry))

    def unchanged(self, tensor: Tensor) -> bool:
        """Return whether the storage holds the bytes that were noted last."""
        return torch.equal(self.entries[address(tensor)].content, content(tensor))

    def read(self, tensor: Tensor, by: str, where: Callable[[], str]) -> None:
        """An operation is about to read `tensor`: find out whether it is a stranger, or was written out of sight."""
        if address(tensor) not in self.entries:
            if tensor.numel() > 1 and tensor.is_floating_point():  # whole numbers are classes and places, no results
                self.strangers.setdefault(fingerprint(tensor), where())
            self.enter(tensor, frozenset())
        elif not self.unchanged(tensor):
            self.rewritten.add(f"memory that {by} read was written by no operation that torch dispatched: {where()}")
            self.enter(tensor, self.labels([tensor]))

    def lacks(self, tensor: Tensor, needed: str) -> str:
        """Return what is wrong with the origin of a result that must depend on the tensor labelled `needed`.

        A number that Python held meanwhile carries no label: what was read as a number may have gone into any result.
        """
        if not tensor.numel() or (tensor.numel() == 1 and needed in self.scalars):
            return ""
        if address(tensor) not in self.entries:
            return "was made by no operation of this run that torch dispatched"
        if not self.unchanged(tensor):
            return "was written by no operation that torch dispatched"
        if needed not in self.labels([tensor]) | self.scalars:
            return f"was not computed from the {needed.split()[0]} of this call"
        return ""
