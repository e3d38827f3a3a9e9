"""The records of a trust run, by kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from reports.reading import by_kind, unfinished
from reports.record import Damage, Run
from reports.trust.record import (
    FalseAlarm,
    FalseAlarmRate,
    Localisation,
    MutantRecord,
    NullRecord,
    Sensitivity,
    TrustDemands,
    TrustScope,
)

KINDS: dict[str, Any] = {
    "run": Run,
    "trust-demands": TrustDemands,
    "trust-scope": TrustScope,
    "mutant": MutantRecord,
    "null": NullRecord,
    "false-alarm": FalseAlarm,
    "false-alarm-rate": FalseAlarmRate,
    "sensitivity": Sensitivity,
    "localisation": Localisation,
}


@dataclass
class Trust:
    """The records of one file; those of kind audit are left as they are, because the table of the audit reads them."""

    runs: list[Run] = field(default_factory=list)
    demands: list[TrustDemands] = field(default_factory=list)
    scopes: list[TrustScope] = field(default_factory=list)
    mutants: list[MutantRecord] = field(default_factory=list)
    nulls: list[NullRecord] = field(default_factory=list)
    alarms: list[FalseAlarm] = field(default_factory=list)
    rates: list[FalseAlarmRate] = field(default_factory=list)
    sensitivities: list[Sensitivity] = field(default_factory=list)
    localisations: list[Localisation] = field(default_factory=list)
    audits: list[Mapping[str, Any]] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> "Trust":
        """Sort records by kind; raise ValueError that names the first which is not what its kind says."""
        kinds = by_kind(records, KINDS)
        return cls(
            runs=kinds["run"],
            demands=kinds["trust-demands"],
            scopes=kinds["trust-scope"],
            mutants=kinds["mutant"],
            nulls=kinds["null"],
            alarms=kinds["false-alarm"],
            rates=kinds["false-alarm-rate"],
            sensitivities=kinds["sensitivity"],
            localisations=kinds["localisation"],
            audits=[asdict(audit) for audit in kinds["audit"]],
            damages=kinds["damage"],
        )

    @property
    def unfinished(self) -> str:
        """Why these are not the records of a finished run, in one sentence; empty if they are."""
        return unfinished(self.runs, self.damages)

    @property
    def full(self) -> bool:
        """Whether every mutant was planted and every seed drawn."""
        return bool(self.scopes) and all(scope.full for scope in self.scopes)

    @property
    def explained_in_vain(self) -> list[str]:
        """The mutants that the table of survivors explains although this run killed them at every scale."""
        survived = {mutant.id for mutant in self.mutants if not mutant.killed}
        planted = Counter(mutant.id for mutant in self.mutants)
        named = [name for scope in self.scopes for name in scope.explained]
        return [name for name in named if planted[name] == len(self.scales()) and name not in survived]

    def scales(self) -> list[float]:
        """Return the cotangent scales at which mutants were planted."""
        return sorted({mutant.scale for mutant in self.mutants})
