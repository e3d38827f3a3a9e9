"""The records of the papers' experiments, by kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.papers.record import Choice, Curve, Lockstep, PaperClaim, PaperFigure, PaperTiming, Patches, Region
from reports.reading import by_kind, unfinished
from reports.record import Damage, Paper004Difference, Run

KINDS: dict[str, Any] = {
    "run": Run,
    "paper-004": Paper004Difference,
    "paper": PaperFigure,
    "paper-gate": PaperClaim,
    "paper-choice": Choice,
    "paper-curve": Curve,
    "paper-lockstep": Lockstep,
    "paper-region": Region,
    "paper-patches": Patches,
    "paper-timing": PaperTiming,
}


@dataclass
class PaperRecords:
    """The records of one file, by kind; or those of one paper."""

    runs: list[Run] = field(default_factory=list)
    differences: list[Paper004Difference] = field(default_factory=list)
    figures: list[PaperFigure] = field(default_factory=list)
    claims: list[PaperClaim] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    walks: list[Lockstep] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    patches: list[Patches] = field(default_factory=list)
    timings: list[PaperTiming] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    untimed: str = ""  # why the records of the timing harness are not of a finished run; empty if they are

    @property
    def unfinished(self) -> str:
        return unfinished(self.runs, self.damages)

    @property
    def papers(self) -> list[str]:
        """The numbers of the papers that something was measured of."""
        return sorted({entry.paper for entries in (self.figures, self.claims, self.walks) for entry in entries})

    def of(self, paper: str) -> "PaperRecords":
        """Return what the records say of one paper."""

        def own(records: Iterable[Any]) -> list[Any]:
            return [record for record in records if record.paper == paper]

        return PaperRecords(
            differences=self.differences if paper == "004" else [],
            figures=own(self.figures),
            claims=own(self.claims),
            choices=own(self.choices),
            curves=own(self.curves),
            walks=own(self.walks),
            regions=own(self.regions),
            patches=own(self.patches),
            timings=own(self.timings),
        )


def gather(records: Iterable[Mapping[str, Any]]) -> PaperRecords:
    """Sort records by kind; raise ValueError that names the first which is not what its kind says."""
    kinds = by_kind(records, KINDS)
    return PaperRecords(
        runs=kinds["run"],
        differences=kinds["paper-004"],
        figures=kinds["paper"],
        claims=kinds["paper-gate"],
        choices=kinds["paper-choice"],
        curves=kinds["paper-curve"],
        walks=kinds["paper-lockstep"],
        regions=kinds["paper-region"],
        patches=kinds["paper-patches"],
        timings=kinds["paper-timing"],
        damages=kinds["damage"],
    )
