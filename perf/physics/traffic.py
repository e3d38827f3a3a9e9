"""The least that a run must move and compute."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor
from torch.utils.flop_counter import flop_registry

from parity.mode import Mode
from perf.method.work import Work


def storages(tensors: Iterable[Tensor]) -> dict[int, int]:
    """Return the bytes of every storage by its address: views of one storage count once."""
    return {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}


def moved(reads: Iterable[Tensor], writes: Iterable[Tensor]) -> int:
    """Return a lower bound of the bytes that a run moves: what comes in and what goes out, each storage once, without
    intermediates; 0 where nothing new is written, for a view moves nothing."""
    read = storages(reads)
    written = {at: size for at, size in storages(writes).items() if at not in read}
    return sum(read.values()) + sum(written.values()) if written else 0


class Counter(Mode):
    """Adds up the formulas of torch.utils.flop_counter, without its hooks on modules, which autograd.grad refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.total: int = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        if formula is not None:
            self.total += int(formula(*args, **(kwargs or {}), out_val=result))
        return result


def flops(work: Work) -> int:
    """Return the operations of one run in matrix products and convolutions, two a multiply-add, as torch's own counter
    counts them; 0 where there are none."""
    counter = Counter()
    with counter:
        work.once()
    return counter.total
