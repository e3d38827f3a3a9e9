"""The forest plot of a timing run: a dot and a bar a row."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from reports.perf.reading import Timed, gather
from reports.perf.record import RowFinding, TimeRatio

# Told apart by shape and by lightness, so that grey and colour-blind readers see the same.
MARKS = {
    "FASTER": ("^", "#0072B2", "faster: all of the interval is below 1 / gate"),
    "LEVEL": ("o", "#595959", "level: not slower by the gate, nor faster by it"),
    "SLOWER": ("v", "#D55E00", "slower: all of the interval is above the gate"),
    "UNCLEAR": ("s", "#B0B0B0", "unclear: the interval holds the gate"),
}
MODES = {"forward": "fwd", "backward": "bwd", "forward+backward": "both", "step": "step"}
INCHES_A_ROW, INCHES_OF_FRAME = 0.17, 1.7
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)


class Shown(NamedTuple):
    """A row that the figure shows, and its ratio."""

    row: RowFinding
    time: TimeRatio


def draw(documents: Sequence[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write the figure as SVG and PNG into `folder`; return the paths, none where nothing was timed."""
    timed = gather(documents[0])
    shown = [Shown(row, row.time) for row in timed.findings if row.verdict in MARKS and row.time]
    if not shown:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    figure = forest(shown, timed, f"Time of {timed.run.subject} / time of torch.nn, 95 % intervals")
    paths = [folder / "perf.svg", folder / "perf.png"]
    with matplotlib.rc_context({"svg.hashsalt": "gradparity", "svg.fonttype": "none"}):
        figure.savefig(paths[0], metadata={"Date": None})
        figure.savefig(paths[1], dpi=110)
    return paths


def forest(shown: Sequence[Shown], timed: Timed, title: str) -> Figure:
    """Return the figure: rows from top to bottom in their order, a light band behind every second module."""
    figure = Figure(figsize=(9.5, INCHES_OF_FRAME + INCHES_A_ROW * len(shown)), layout="constrained")
    axes = figure.add_subplot()
    for place, (row, time) in enumerate(shown):
        mark, colour, _ = MARKS[row.verdict]
        axes.plot((time.low, time.high), (place, place), color=colour, linewidth=2.2, solid_capstyle="butt")
        axes.plot(time.ratio, place, mark, color=colour, markersize=5, markeredgecolor="black", markeredgewidth=0.4)
    bands(axes, [row.module for row, _ in shown])
    axes.axvline(1, color="black", linewidth=0.8)
    edge = timed.margin if timed.gate is None else timed.gate
    for line in (1 / edge, edge):
        axes.axvline(line, color="black", linewidth=0.8, linestyle="--")
    labels = [f"{row.module}  {row.case}  {MODES.get(row.mode, row.mode)}" for row, _ in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize=7)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    scale(axes, min(time.low for _, time in shown), max(time.high for _, time in shown))
    axes.set_title(title, fontsize=10, loc="left")
    key(
        figure,
        {row.verdict for row, _ in shown},
        f"gate {edge:g}" if timed.gate is not None else f"margin {edge:g}, no gate",
    )
    return figure


def scale(axes: Any, low: float, high: float) -> None:
    """Give the ratios a logarithmic axis on which all intervals have room, labelled at both ends."""
    axes.set_xscale("log")
    axes.set_xlim(min(low / 1.1, 0.8), max(high * 1.1, 1.25))
    for side in (axes, axes.secondary_xaxis("top")):
        side.set_xticks(TICKS)
        side.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        side.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(min(low / 1.1, 0.8), max(high * 1.1, 1.25))
    axes.grid(axis="x", color="#D9D9D9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("subject / torch.nn (left of 1: the subject takes less time)", fontsize=8)


def bands(axes: Any, modules: Sequence[str]) -> None:
    """Shade every second module's rows."""
    shaded, start = False, 0
    for place in range(1, len(modules) + 1):
        if place == len(modules) or modules[place] != modules[start]:
            if shaded:
                axes.axhspan(start - 0.5, place - 0.5, color="#F2F2F2", zorder=0)
            shaded, start = not shaded, place


def key(figure: Figure, verdicts: set[str], gate: str) -> None:
    """Explain the marks that occur, below the axes."""
    shown = [
        Line2D(
            [], [], marker=mark, color=colour, markeredgecolor="black", markeredgewidth=0.4, linewidth=2.2, label=words
        )
        for verdict, (mark, colour, words) in MARKS.items()
        if verdict in verdicts
    ]
    shown.append(Line2D([], [], color="black", linestyle="--", linewidth=0.8, label=gate))
    figure.legend(handles=shown, loc="outside lower center", ncols=2, fontsize=7, frameon=False)
