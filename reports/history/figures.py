"""The figures of a history: a line a module over the commits, those that matter in colour and by name."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from reports.history.points import ERRORS, FAILURES, RATIOS, Point, TimeSeries, modules, values
from reports.text import counted

NAMED = 7  # modules of a figure that have a colour and a name: an eye tells no more apart
GREY = "#B0B0B0"
# Told apart by colour, by dash and by mark, so that grey and colour-blind readers see the same.
STYLES = (
    ("#0072B2", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#009E73", "-.", "^"),
    ("#CC79A7", ":", "D"),
    ("#56B4E9", "-", "v"),
    ("#E69F00", "--", "P"),
    ("#000000", "-.", "X"),
)
MOST_LABELS = 24  # of commits below an axis
STYLE: Any = {
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "history",
    "legend.frameon": False,
}  # fmt: skip


def largest(of_module: Sequence[float]) -> float:
    """Return the largest value that there is."""
    return max((value for value in of_module if not math.isnan(value)), default=0.0)


def moved(of_module: Sequence[float]) -> float:
    """Return by what factor the last ratio is off 1, or off the first one, in logarithms."""
    known = [value for value in of_module if value > 0]
    return max(abs(math.log(known[-1])), abs(math.log(known[-1] / known[0]))) if known else 0.0


@dataclass(frozen=True)
class Chart:
    """A figure of a series."""

    what: str
    title: str
    weight: Callable[[Sequence[float]], float]  # by which modules are named
    log: bool = False


CHARTS = (
    Chart(FAILURES, "Failing quantities, conventions left out", largest),
    Chart(ERRORS, "Largest error, in u · gauge", largest, log=True),
    Chart(RATIOS, "Time / time of torch.nn, median of a module's rows", moved, log=True),
)


def draw(series: TimeSeries, stem: str, folder: Path) -> list[Path]:
    """Write the figures of a series as SVG and PNG, those for which it has values; return the SVG files."""
    written = []
    with mpl.rc_context(STYLE):
        for chart in CHARTS:
            points = series.with_(chart.what)
            if points:
                folder.mkdir(parents=True, exist_ok=True)
                path = folder / f"{stem}-{chart.what}.svg"
                canvas = lines(chart, points)
                canvas.savefig(path, metadata={"Date": None})
                canvas.savefig(path.with_suffix(".png"), metadata={"Software": None}, dpi=110)
                written.append(path)
    return written


def lines(chart: Chart, points: list[Point]) -> Canvas:
    """Return a figure: the commits from left to right, a line a module."""
    canvas = Canvas(figsize=(8.5, 4.2), layout="constrained")
    axes = canvas.subplots()
    every = modules(points, chart.what, chart.weight)
    named = [name for name in every[:NAMED] if chart.weight(values(points, chart.what, name))]
    others = [name for name in every if name not in named]
    for place, name in enumerate(others):
        label = counted(len(others), "other") if place == 0 else None
        axes.plot(values(points, chart.what, name), color=GREY, linewidth=0.7, marker=".", markersize=3, label=label)
    for name, (colour, dash, mark) in zip(named, STYLES, strict=False):
        line = values(points, chart.what, name)
        axes.plot(line, color=colour, linestyle=dash, marker=mark, markersize=5, linewidth=1.4, label=name)
    marked(axes, chart, points)
    axes.set_title(chart.title, fontsize=10, loc="left")
    handles, labels = axes.get_legend_handles_labels()
    first = 1 if others else 0  # the others come last
    canvas.legend(
        [*handles[first:], *handles[:first]],
        [*labels[first:], *labels[:first]],
        loc="outside right upper",
        fontsize=8,
    )
    return canvas


def marked(axes: Axes, chart: Chart, points: list[Point]) -> None:
    """Label the commits and the scale, and draw what the values are held against."""
    step = math.ceil(len(points) / MOST_LABELS)
    places = range(0, len(points), step)
    axes.set_xticks(places, [points[place].label for place in places], rotation=60, ha="right", fontsize=7)
    axes.set_xlim(-0.5, len(points) - 0.5)
    axes.grid(axis="y", color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)
    limits = {point.limit for point in points if point.limit == point.limit}
    held_against = {ERRORS: limits if len(limits) == 1 else set(), RATIOS: {1.0}}.get(chart.what, set())
    for value in held_against:
        axes.axhline(value, color="black", linewidth=0.9, linestyle=(0, (1, 2)))
        axes.annotate("limit" if chart.what == ERRORS else "torch.nn", (-0.45, value), fontsize=7, va="bottom")
    if chart.log:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylim(bottom=0)
