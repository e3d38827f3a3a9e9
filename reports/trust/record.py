"""The records of a trust run: what the verdict caught, what it accused wrongly, how little it can see."""

import math
from dataclasses import dataclass, field

from reports.record import SCHEMA


@dataclass(frozen=True, kw_only=True)
class MutantRecord:
    """One planted fault at one cotangent scale."""

    id: str
    module: str
    quantity: str
    cause: str
    scale: float  # of the cotangent
    killed: bool
    by: str = ""  # the first cell and quantity that noticed it; empty for a survivor
    killed_by_assert_close: bool = False  # the same values, against torch.nn in the same dtype, default tolerances
    explanation: str = ""  # why it survives; empty where nothing explains it
    schema: int = SCHEMA
    kind: str = "mutant"


@dataclass(frozen=True, kw_only=True)
class NullRecord:
    """What one subject that computes nothing got in the value cells of one module."""

    null: str
    module: str
    cells: int
    failed: int  # cells in which some quantity failed
    coincides: int  # cells in which every quantity that passed is what the truth is
    passed: int  # the rest: cells that prove nothing
    quantities: int
    quantities_failed: int
    quantities_coincide: int
    reasons: tuple[str, ...] = ()  # why quantities coincide, with their number
    first_passed: str = ""  # cell and quantity
    schema: int = SCHEMA
    kind: str = "null"


@dataclass(frozen=True, kw_only=True)
class FalseAlarm:
    """How often a correct implementation of one module was accused in one regime."""

    implementation: str
    module: str
    regime: str
    dtype: str
    runs: int
    alarms: int
    assert_close_alarms: int
    first: str = ""  # cell and quantity of the first alarm
    schema: int = SCHEMA
    kind: str = "false-alarm"


@dataclass(frozen=True, kw_only=True)
class FalseAlarmRate:
    """False alarms of one regime over all implementations and modules, with 95 % Clopper-Pearson intervals."""

    regime: str  # or "all"
    runs: int
    alarms: int
    low: float
    high: float
    assert_close_alarms: int
    assert_close_low: float
    assert_close_high: float
    schema: int = SCHEMA
    kind: str = "false-alarm-rate"


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """The least relative error of one element that is rejected: at the median element and at the worst."""

    module: str
    quantity: str
    dtype: str
    elements: int
    median: float
    worst: float
    schema: int = SCHEMA
    kind: str = "sensitivity"


@dataclass(frozen=True, kw_only=True)
class Localisation:
    """One element of many, wrong by a multiple of u x gauge, and where it was found."""

    module: str
    quantity: str
    elements: int
    off: float  # in units of u x gauge
    planted: tuple[int, ...]
    found: tuple[int, ...]
    error: float = math.nan  # in units of u x gauge
    caught: bool = False  # failed, and found where it was planted
    schema: int = SCHEMA
    kind: str = "localisation"


@dataclass(frozen=True, kw_only=True)
class TrustDemands:
    """What a run must show for its verdict to be trusted."""

    least_killed: float  # share of the mutants, at every cotangent scale
    most_alarms: float  # share of the runs of correct implementations
    most_alarms_bound: float  # of that share, the upper end of its 95 % interval, in a full run
    least_runs: int  # of correct implementations, in a full run
    least_mutants: int  # in the catalogue
    least_of_module: int  # in the catalogue, of each module
    schema: int = SCHEMA
    kind: str = "trust-demands"


@dataclass(frozen=True, kw_only=True)
class TrustScope:
    """How much of the full run this one was; a run that was interrupted is not complete."""

    full: bool
    seed: int
    catalogued: int  # mutants in the catalogue
    planted: int  # of them, planted in this run
    of_module: dict[str, int]  # mutants in the catalogue, by module
    explained: tuple[str, ...] = ()  # mutants that the table of survivors explains
    specific_of_module: dict[str, int] = field(default_factory=dict)  # of those in the catalogue, a module's own
    schema: int = SCHEMA
    kind: str = "trust-scope"
