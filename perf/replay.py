"""How a measured row becomes a benchmark of pytest-benchmark: by a clock that replays it. Public interface only.

`pedantic` reads the clock twice a round and never calibrates it; so a clock that moves on by the next recorded duration
gives every block as one round. The row's two tests, one a side, share one measurement and one group, so that the stock
table's factors compare them."""

from collections.abc import Callable, Iterable, Iterator

from pytest_benchmark.fixture import BenchmarkFixture


class ReplayClock:
    """A clock that stands still, but for the spans between its odd and its even readings."""

    def __init__(self) -> None:
        self.now = 0.0
        self.spans: Iterator[float] = iter(())
        self.running = False

    def load(self, spans: Iterable[float]) -> None:
        """Take the durations that the next pairs of readings will be apart, in seconds."""
        self.spans, self.running = iter(spans), False

    def __call__(self) -> float:
        if self.running:
            self.now += next(self.spans, 0.0)
        self.running = not self.running
        return self.now


CLOCK = ReplayClock()


def replay(benchmark: BenchmarkFixture, blocks: list[float]) -> None:
    """Give `blocks`, in seconds a run, to pytest-benchmark as rounds of one iteration."""
    CLOCK.load(blocks)
    CLOCK.now = 0.0  # durations are differences: near zero they keep all their digits
    pedantic: Callable[..., object] = benchmark.pedantic
    pedantic(lambda: None, rounds=len(blocks), iterations=1)
