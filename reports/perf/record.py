"""The record of a timed row, as it is written into `extra_info` of perf.json and read from it again.

In the file it is flat: the figures of a side have its name before theirs, those of a further ratio what it is of.
None stands where there is no figure.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

from reports.reading import finite, typed

Figures = TypeVar("Figures")
TIMED = ("FASTER", "LEVEL", "SLOWER", "UNCLEAR")  # the verdicts of a row that has a time
VERDICTS = (*TIMED, "VOID", "IMPOSSIBLE", "UNSUPPORTED", "ERROR")


@dataclass(frozen=True, kw_only=True)
class TimeRatio:
    """A time divided by another, with its 95 % interval."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class SideFigures:
    """What one side took. Times are medians, in seconds a run."""

    seconds: float | None = None
    saved_bytes: int | None = None  # what forward keeps for backward
    peak_bytes: int | None = None
    rate: float | None = None  # in the row's unit
    share: float | None = None  # of the ceiling measured in the same run
    host_seconds: float | None = None  # waited for on the host; on a CUDA device only
    launch_seconds: float | None = None  # launched without waiting; on a CUDA device only


@dataclass(frozen=True, kw_only=True)
class DeviceFigures:
    """What a CUDA device has besides."""

    clock_mhz: float | None = None
    cold: TimeRatio | None = None  # subject / reference with cold caches


@dataclass(frozen=True, kw_only=True)
class RowFinding:
    """What a row gave: its verdict, subject / reference, and the figures of either side."""

    module: str
    case: str
    mode: str
    device: str
    threads: int
    verdict: str
    dtype: str = "float32"
    shape: tuple[int, ...] = ()
    detail: str = ""  # why the row has no time, or none that counts
    untimed: str = ""  # what each run needs before it, which is not in its time; empty where it needs nothing
    confirmed: str = ""  # what a fresh process said of a row that is slower
    rebuilds: int = 0
    time: TimeRatio | None = None
    subject: SideFigures = field(default_factory=SideFigures)
    reference: SideFigures = field(default_factory=SideFigures)
    unit: str = ""  # of the rates
    compiled: TimeRatio | None = None  # torch.compile / torch
    compile_note: str = ""  # why there is none
    on_device: DeviceFigures = field(default_factory=DeviceFigures)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as the file holds it."""
        whole = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name not in NESTED}
        for prefix, ratio in (("", self.time), ("compile_", self.compiled), ("cold_", self.on_device.cold)):
            whole |= prefixed(prefix, vars(ratio) if ratio else dict.fromkeys(names(TimeRatio)))
        for side in ("subject", "reference"):
            whole |= prefixed(f"{side}_", vars(getattr(self, side)))
        return whole | {"clock_mhz": self.on_device.clock_mhz}


NESTED = ("time", "subject", "reference", "compiled", "on_device")


def finding(flat: Mapping[str, Any]) -> RowFinding:
    """Return the record that a file holds; raise ValueError that names what is wrong. More fields do no harm."""
    plain = [entry for entry in fields(RowFinding) if entry.name not in NESTED]
    lacking = [entry.name for entry in plain if entry.name not in flat and entry.default is MISSING]
    if lacking:
        raise ValueError(f"a finding lacks {', '.join(sorted(lacking))}")
    own = {entry.name: typed(entry.name, entry.type, flat[entry.name]) for entry in plain if entry.name in flat}
    if own["verdict"] not in VERDICTS:
        raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, was {own['verdict']!r}")
    if own["verdict"] in TIMED and flat.get("ratio") is None:
        raise ValueError(f"a row that is {own['verdict']} lacks its ratio")
    return RowFinding(
        **own,
        time=ratio("", flat),
        subject=gathered(SideFigures, "subject_", flat),
        reference=gathered(SideFigures, "reference_", flat),
        compiled=ratio("compile_", flat),
        on_device=DeviceFigures(clock_mhz=figure("clock_mhz", flat.get("clock_mhz")), cold=ratio("cold_", flat)),
    )


def names(kind: type) -> list[str]:
    return [entry.name for entry in fields(kind)]


def prefixed(prefix: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in figures.items()}


def gathered(kind: type[Figures], prefix: str, flat: Mapping[str, Any]) -> Figures:
    """Return the figures whose names have this prefix."""
    return kind(**{name: figure(f"{prefix}{name}", flat.get(f"{prefix}{name}")) for name in names(kind)})


def figure(name: str, value: Any) -> float | None:
    """Return a figure as it stands, or None where there is none; raise ValueError that names one which is none."""
    return value if value is None or finite(name, value) == value else finite(name, value)


def ratio(prefix: str, flat: Mapping[str, Any]) -> TimeRatio | None:
    """Return the ratio whose names have this prefix; None where there is none."""
    if flat.get(f"{prefix}ratio") is None:
        return None
    found = gathered(TimeRatio, prefix, flat)
    if None in vars(found).values() or not (0 <= found.low <= found.high and found.high and found.ratio > 0):
        raise ValueError(f"the interval of {prefix}ratio is none: {found.ratio} in {found.low} to {found.high}")
    return found
