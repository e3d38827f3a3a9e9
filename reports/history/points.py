"""The runs that a folder holds, as points of a series: one a commit, on one machine."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from reports.compare.side import RECORDS, TIMES, RunSide, timed
from reports.perf.reading import Timed
from reports.record import CONVENTIONS, Run, printable
from reports.text import pairs

FAILURES, ERRORS, RATIOS = "failures", "errors", "times"
Values = Mapping[str, float]  # by module


@dataclass(frozen=True)
class Point:
    """What one run gave."""

    run: Run
    of: Mapping[str, Values]  # FAILURES and ERRORS, or RATIOS
    limit: float = math.nan  # of the errors; nan where there are several

    @property
    def label(self) -> str:
        return self.run.commit[:9] or self.run.started[:10]


@dataclass
class TimeSeries:
    """The runs of one subject on one machine, the earliest first, the last one alone of each commit."""

    subject: str
    machine: str
    points: list[Point] = field(default_factory=list)

    def with_(self, what: str) -> list[Point]:
        """Return the points that have such values."""
        return [point for point in self.points if point.of.get(what)]


def all_series(folder: Path, parts: bool = False) -> tuple[list[TimeSeries], list[str]]:
    """Return the series of all files of records in a folder and below, and why files are left out, a sentence each.

    parts  whether runs are taken too of which the command line left something out
    Raises ValueError or OSError, in one sentence, where there is no run.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {printable(str(folder))}")
    last, left_out = dict[tuple[str, ...], Point](), list[str]()
    for path in sorted((*folder.rglob(RECORDS), *folder.rglob(TIMES))):
        try:
            points = list(of_file(path))
        except (ValueError, OSError) as error:
            left_out.append(" ".join(str(error).split()))
            continue
        for point in points:
            if not (point.run.whole or parts):
                left_out.append(f"{printable(str(path))}: it is of a part of a run")
                continue
            name = point.run.subject, machine(point.run), path.name, point.run.commit or point.run.started
            if name not in last or last[name].run.started <= point.run.started:
                last[name] = point
    found: dict[tuple[str, str], TimeSeries] = {}
    for (subject, where, *_), point in sorted(last.items(), key=lambda one: one[1].run.started):
        found.setdefault((subject, where), TimeSeries(subject, where)).points.append(point)
    if not found:
        why = f"; of {len(left_out)} left out the first: {left_out[0]}" if left_out else ""
        raise ValueError(f"{printable(str(folder))} holds no whole run, neither in {RECORDS} nor in {TIMES}{why}")
    return list(found.values()), left_out


def machine(run: Run) -> str:
    """Return the machine of a run, whatever the version of its system: rounding and times are not of that."""
    return pairs({name: value for name, value in run.machine.items() if name != "system"})


def of_file(path: Path) -> Iterator[Point]:
    """Yield a point for each subject of a file; its records are read one by one."""
    if path.name == TIMES:
        yield of_times(timed(path))
        return
    side = RunSide(path, path)
    failures: dict[str, dict[str, float]] = {}
    errors: dict[str, dict[str, float]] = {}
    limits: dict[str, set[float]] = {}
    for (subject, module, *_), state in side.states():
        if not (state.is_right or state.is_wrong):
            continue
        failed = failures.setdefault(subject, {})
        failed[module] = failed.get(module, 0) + (state.is_wrong and state.aspect != CONVENTIONS)
        if math.isfinite(state.error):
            largest = errors.setdefault(subject, {})
            largest[module] = max(largest.get(module, 0.0), state.error)
            limits.setdefault(subject, set()).add(state.limit)
    for run in side.runs:
        of = {FAILURES: failures.get(run.subject, {}), ERRORS: errors.get(run.subject, {})}
        every = limits.get(run.subject, set())
        yield Point(run, of, next(iter(every)) if len(every) == 1 else math.nan)


def of_times(run: Timed) -> Point:
    """Return the median ratio of each module's rows."""
    ratios: dict[str, list[float]] = {}
    for row in run.findings:
        if row.time:
            ratios.setdefault(row.module, []).append(row.time.ratio)
    return Point(run.run, {RATIOS: {module: median(of_module) for module, of_module in ratios.items()}})


def modules(points: list[Point], what: str, weight: Callable[[list[float]], float]) -> list[str]:
    """Return the modules that have such values, that of the largest weight first, which is of its values in order."""
    names = dict.fromkeys(name for point in points for name in point.of.get(what, {}))
    return sorted(names, key=lambda name: (-weight(values(points, what, name)), name))


def values(points: list[Point], what: str, module: str) -> list[float]:
    """Return a module's value at every point, nan where it has none."""
    return [point.of.get(what, {}).get(module, math.nan) for point in points]
