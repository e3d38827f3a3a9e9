"""The finding of a row: what was measured, and the verdict."""

from dataclasses import asdict, dataclass, replace

from perf.method.duel import Duel
from perf.physics.ceiling import Share
from perf.sides.agreement import Agreement
from perf.statistics.gate import MARGIN, verdict


@dataclass(frozen=True)
class Finding:
    """A row as it is written into `extra_info`. None where there is no figure.

    Times are medians over blocks, in seconds a run; ratio is subject / reference with its 95 % interval; bytes and
    flops are what a run must at least move and compute; shares are of the ceilings measured in the same run.
    """

    subject: str
    module: str
    case: str
    mode: str
    device: str
    threads: int
    dtype: str
    shape: tuple[int, ...]
    verdict: str
    detail: str = ""
    gate: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    rebuilds: int = 0
    quads: int = 0
    runs_a_block: int = 0
    seconds: float = 0.0
    subject_seconds: float | None = None
    reference_seconds: float | None = None
    parity: str = ""
    parity_shape: tuple[int, ...] = ()
    subject_error: float | None = None
    reference_error: float | None = None
    subject_saved_bytes: int | None = None
    reference_saved_bytes: int | None = None
    subject_peak_bytes: int | None = None
    reference_peak_bytes: int | None = None
    bytes: int = 0
    flops: int = 0
    unit: str = ""
    subject_rate: float | None = None
    reference_rate: float | None = None
    subject_share: float | None = None
    reference_share: float | None = None
    compile_ratio: float | None = None
    compile_low: float | None = None
    compile_high: float | None = None
    compile_note: str = ""
    confirmed: str = ""
    clock_mhz: float | None = None  # and what follows: on a CUDA device only
    cold_ratio: float | None = None
    cold_low: float | None = None
    cold_high: float | None = None
    subject_host_seconds: float | None = None
    reference_host_seconds: float | None = None
    subject_launch_seconds: float | None = None
    reference_launch_seconds: float | None = None
    method: str = "paired quads, rebuilt sides, Hodges-Lehmann, signed-rank interval"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def timed(self, found: Duel, gate: float | None) -> "Finding":
        """Return the finding with what a duel gave, and its verdict."""
        at, (subject, reference) = found.interval, found.medians
        return replace(
            self,
            verdict=verdict(at, MARGIN if gate is None else gate),
            gate=gate,
            ratio=at.ratio,
            low=at.low,
            high=at.high,
            rebuilds=len(found.rebuilds),
            quads=sum(map(len, found.rebuilds)),
            runs_a_block=found.runs,
            seconds=found.seconds,
            subject_seconds=subject,
            reference_seconds=reference,
        )

    def agreed(self, found: Agreement) -> "Finding":
        """Return the finding with the verdict of parity."""
        return replace(
            self,
            parity="pass" if found.passes else "fail",
            parity_shape=found.shape,
            subject_error=known(found.subject_error),
            reference_error=known(found.reference_error),
        )

    def shared(self, subject: Share | None, reference: Share | None) -> "Finding":
        """Return the finding with rates and shares."""
        if subject is None or reference is None:
            return self
        return replace(
            self,
            unit=reference.unit,
            subject_rate=subject.rate,
            reference_rate=reference.rate,
            subject_share=subject.share,
            reference_share=reference.share,
        )


def known(value: float) -> float | None:
    """Return a number, or None for what is not one: JSON has no word for nan."""
    return value if value == value and abs(value) != float("inf") else None
