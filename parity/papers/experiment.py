"""What one paper's experiment is, and the records that its outcomes are made into."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from parity.papers.statistics import centre, compare, spread
from parity.papers.trainings.jobs import Job, Outcome, Store
from parity.papers.trainings.setting import Setting
from parity.verdict import limits
from reports.papers.record import Curve, Lockstep, PaperClaim, PaperFigure, Region

BOTH = ("framework", "torch.nn")
LABELS = {"framework": "ours", "torch.nn": "torch.nn"}


@dataclass(frozen=True)
class Plan:
    """How much is run: everything, or what takes less than a minute."""

    quick: bool
    device: str = "cpu"

    def runs(self, full: int, quick: int = 2) -> int:
        return quick if self.quick else full

    def trainings(self, setting: Setting, runs: int) -> list[Job]:
        """Return both sides of `runs` trainings."""
        return [Job("training", setting, seed, side, device=self.device) for seed in range(runs) for side in BOTH]

    def locksteps(self, setting: Setting, most: int = 0) -> list[Job]:
        """Return the walks side by side: in float64 all steps, in float32 the first `most`, or all."""
        steps = {"float32": most, "float64": 0}
        return [
            Job("lockstep", setting, limit=20 if self.quick else limit, dtype=dtype) for dtype, limit in steps.items()
        ]


@dataclass(frozen=True)
class Printed:
    """A cell as the paper prints it: mean or median with standard deviation, for its framework and for torch.nn."""

    ours: tuple[float, float] | None
    torch: tuple[float, float] | None = None

    @staticmethod
    def text(cell: tuple[float, float] | None) -> str:
        return "" if cell is None else f"{cell[0]:g} ({cell[1]:g})" if cell[1] else f"{cell[0]:g}"


Measure = Callable[[Outcome], float]


class Results:
    """The outcomes of one paper, asked for by setting and side."""

    def __init__(self, store: Store, jobs: Sequence[Job]) -> None:
        self.jobs, self.store = jobs, store

    def of(self, setting: Setting, side: str, kind: str = "training") -> list[Outcome]:
        """Return the outcomes in the order of their seeds."""
        return [
            self.store.known[job.key()]
            for job in self.jobs
            if (job.kind, job.setting, job.side) == (kind, setting, side)
        ]

    def figure(
        self, setting: Setting, table: str, row: str, column: str, measure: Measure, printed: Printed, **more: Any
    ) -> PaperFigure:
        """Return a cell with both sides' figures over the runs, and the paired test between them."""
        subject, reference = ([measure(outcome) for outcome in self.of(setting, side)] for side in BOTH)
        statistic, paired = more.pop("statistic", "mean"), compare(subject, reference)
        return PaperFigure(
            paper=setting.paper,
            table=table,
            row=row,
            column=column,
            statistic=statistic,
            runs=len(subject),
            printed=printed.text(printed.ours),
            printed_reference=printed.text(printed.torch),
            reference=centre(reference, statistic),
            reference_std=spread(reference),
            subject=centre(subject, statistic),
            subject_std=spread(subject),
            effect=paired.effect,
            low=paired.low,
            high=paired.high,
            p_value=paired.p_value,
            same_bits=paired.same_bits,
            **more,
        )

    def curves(
        self, setting: Setting, figure: str, panel: str, series: dict[str, str], y_label: str, runs: int | None = None
    ) -> Iterator[Curve]:
        """Yield mean and deviation over the runs, by epoch, for both sides and every series (name: label)."""
        for side in BOTH:
            outcomes = self.of(setting, side)[:runs]
            for name, label in series.items():
                columns = list(zip(*(outcome["series"][name] for outcome in outcomes), strict=False))
                yield Curve(
                    paper=setting.paper,
                    figure=figure,
                    panel=panel,
                    label=f"{label}, {LABELS[side]}" if label else LABELS[side],
                    x_label="epoch",
                    y_label=y_label,
                    runs=len(outcomes),
                    x=tuple(float(epoch) for epoch in range(1, len(columns) + 1)),
                    mean=tuple(centre(column, "mean") for column in columns),
                    std=tuple(spread(column) for column in columns),
                )

    def region(self, setting: Setting, figure: str) -> Iterator[Region]:
        """Yield the decision regions of the first run."""
        for side in BOTH:
            shown = self.of(setting, side)[0]["shown"]
            grid, points = (tuple(map(tuple, shown[name])) for name in ("grid", "points"))
            yield Region(
                paper=setting.paper, figure=figure, panel=LABELS[side], grid=grid, points=points, radius=RADIUS
            )

    def locksteps(self, setting: Setting) -> Iterator[Lockstep | PaperClaim]:
        """Yield what the walks side by side measured, and whether it is allowed."""
        for outcome in self.of(setting, "", "lockstep"):
            yield lockstep_record(setting, outcome)
            steps, control = len(outcome["between"]), outcome["control"]
            over = f"all {steps} steps in float64, to {AGREEMENT:g}{CHAOTIC * bool(control)}"
            if outcome["dtype"] == "float32":
                over = f"the first {len(outcome['allowed'])} steps in float32, held against the float64 truth"
            drift = outcome["detail"] or f"largest drift between the sides {max(outcome['between']):.3g} u"
            if control and not outcome["detail"]:
                drift += f"; to {AGREEMENT:g} for the first {agreeing(outcome)} steps"
                drift += f"; torch.nn from itself {max(control):.3g} u"
            text = f"{setting.name}: lockstep over {over}"
            yield claim(setting.paper, text, drift, steps > 0 and not outcome["detail"])


RADIUS = 0.3989422804014327  # 1 / √(2π)
AGREEMENT = limits.LOCKSTEP_AGREEMENT
CHAOTIC = (
    f", or to {limits.LOCKSTEP_CHAOS:g} times what torch.nn strays from itself, started one unit in the last place off"
)


def agreeing(outcome: Outcome) -> int:
    """Return for how many steps, from the first, both sides agreed in float64."""
    drifts, most = outcome["between"], AGREEMENT / limits.STORAGE[torch.float64]
    return next((position for position, drift in enumerate(drifts) if drift > most), len(drifts))


def lockstep_record(setting: Setting, outcome: Outcome) -> Lockstep:
    """Return the walk at its first hundred steps and, beyond, at steps a few per cent apart."""
    between, gated = outcome["between"], len(outcome["allowed"])
    picked, step = [], 1
    while step <= len(between):
        picked.append(step)
        step = max(step + 1, int(step * 1.04)) if step >= 100 else step + 1
    same = next((position for position, drift in enumerate(between) if drift), len(between))
    return Lockstep(
        paper=setting.paper,
        setting=setting.name,
        dtype=outcome["dtype"],
        steps=tuple(picked),
        between=tuple(between[step - 1] for step in picked),
        subject=tuple(outcome["subject"]),
        reference=tuple(outcome["reference"]),
        allowed=tuple(outcome["allowed"]),
        total_steps=len(between),
        largest=max(between, default=0.0),
        identical_until=same if gated or between else 0,
        verdict="fail" if outcome["detail"] else "pass",
        detail=outcome["detail"],
        control=tuple(outcome["control"][step - 1] for step in picked) if outcome["control"] else (),
        agreeing=agreeing(outcome) if outcome["dtype"] == "float64" else 0,
    )


def claim(paper: str, text: str, measured: str, holds: bool) -> PaperClaim:
    return PaperClaim(paper=paper, claim=text, found=measured, verdict="pass" if holds else "fail")
