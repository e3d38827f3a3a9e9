"""The figures of the papers' page, as SVG and PNG: told apart by line style as well as by colour."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle
from matplotlib.ticker import MaxNLocator

from reports.papers.reading import gather
from reports.papers.record import Curve, Lockstep, Patches, Region
from reports.reading import grouped

# Okabe & Ito's blue and vermilion, of unequal lightness, so that they survive greyscale too.
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#555555"
STYLE: Any = {
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "papers",
    "legend.frameon": False,
}  # fmt: skip
METADATA: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "png": {"Software": None}}


def draw(records: Iterable[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Draw every figure that the records hold; return the files."""
    held = gather(records)
    written: list[Path] = []
    with mpl.rc_context(STYLE):
        for name, curves in grouped(held.curves, lambda curve: curve.figure).items():
            written += saved(lines(curves), folder / name)
        for name, regions in grouped(held.regions, lambda region: region.figure).items():
            written += saved(decision(regions), folder / name)
        for paper, walks in grouped(held.walks, lambda walk: walk.paper).items():
            written += saved(drift(walks), folder / f"{paper}-lockstep")
        for patches in held.patches:
            written += saved(photographs(patches), folder / patches.figure)
    return written


def saved(canvas: Canvas, stem: Path) -> list[Path]:
    """Write both files of a figure."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    files = [stem.with_name(f"{stem.name}.{kind}") for kind in METADATA]
    for path, metadata in zip(files, METADATA.values(), strict=True):
        canvas.savefig(path, metadata=metadata, dpi=110)
    return files


def row_of(panels: int, width: float = 4.2, height: float = 3.2, most: int = 4) -> tuple[Canvas, list[Axes]]:
    """Return a figure with `panels` panels in rows of at most `most`."""
    across = min(panels, most)
    down = math.ceil(panels / across)
    canvas = Canvas(figsize=(width * across, height * down), layout="constrained")
    axes = canvas.subplots(down, across, squeeze=False)
    flat: list[Axes] = list(axes.flat)
    for spare in flat[panels:]:
        spare.remove()
    return canvas, flat[:panels]


def look(label: str) -> dict[str, Any]:
    """Return how a line is drawn: colour and width tell the side, the dashes tell training from test.

    Where both sides are alike, the thin line of ours lies inside the thick one of torch.nn, and both are seen."""
    side = (
        {"color": ORANGE, "linewidth": 3.6, "alpha": 0.75} if "torch.nn" in label else {"color": BLUE, "linewidth": 1.3}
    )
    return side | {"linestyle": (0, (4, 2)) if label.startswith("test") else "solid"}


def lines(curves: Sequence[Curve]) -> Canvas:
    """Return one panel a title, a line with its band a curve."""
    panels = grouped(curves, lambda curve: curve.panel)
    canvas, axes = row_of(len(panels))
    for ax, (title, inside) in zip(axes, panels.items(), strict=True):
        for curve in sorted(inside, key=lambda curve: "torch.nn" not in curve.label):
            shown = look(curve.label)
            ax.plot(curve.x, curve.mean, label=curve.label, **shown)
            low = [mean - std for mean, std in zip(curve.mean, curve.std, strict=True)]
            high = [mean + std for mean, std in zip(curve.mean, curve.std, strict=True)]
            ax.fill_between(curve.x, low, high, color=shown["color"], alpha=0.13, linewidth=0)
        runs = inside[0].runs
        ax.set_title(f"{title}, {runs} run{'s' if runs > 1 else ''}")
        ax.set_xlabel(inside[0].x_label)
        ax.set_ylabel(inside[0].y_label)
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        if min(min(curve.mean) for curve in inside) >= 0 and "dB" not in inside[0].y_label:
            ax.set_ylim(bottom=0, top=1.25 * max(max(curve.mean[1:], default=curve.mean[0]) for curve in inside))
        ax.legend(handlelength=3.2)
    return canvas


def decision(regions: Sequence[Region]) -> Canvas:
    """Return the region taken for the disk, shaded, with the true circle and the test points."""
    canvas, axes = row_of(len(regions), 4.4, 4.7)
    for ax, region in zip(axes, regions, strict=True):
        side = [position / (len(region.grid) - 1) for position in range(len(region.grid))]
        ax.contourf(side, side, region.grid, levels=[-1e9, 0, 1e9], colors=["white", "#cfcfcf"])
        ax.contour(side, side, region.grid, levels=[0], colors=[GREY], linewidths=1, linestyles="dashed")
        ax.add_patch(Circle((0.5, 0.5), region.radius, fill=False, color="black", linewidth=1.6))
        for said, marker, colour, name in ((1, "o", BLUE, "taken for inside"), (0, "x", ORANGE, "taken for outside")):
            points = [(x, y) for x, y, _, predicted in region.points if predicted == said]
            size = 7 if marker == "o" else 14
            ax.scatter(*split(points), s=size, marker=marker, c=colour, linewidths=0.9, label=name)
        wrong = [(x, y) for x, y, true, predicted in region.points if true != predicted]
        ax.scatter(*split(wrong), s=70, facecolors="none", edgecolors="black", linewidths=1, label="wrong")
        ax.set_title(f"{region.panel}: {len(wrong)} of {len(region.points)} test points wrong")
        ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="x", ylabel="y")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=3, handletextpad=0.1, columnspacing=0.9)
    return canvas


def split(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def drift(walks: Sequence[Lockstep]) -> Canvas:
    """Return drift against the step, on logarithmic axes; a drift of zero is drawn at the bottom and said in words."""
    panels = grouped(walks, lambda walk: f"{walk.setting}, {walk.dtype}")
    canvas, axes = row_of(len(panels), width=6.0, height=2.6, most=2)
    for ax, (title, (walk,)) in zip(axes, panels.items(), strict=True):
        first = range(1, len(walk.allowed) + 1)
        for values, label, shown in (
            (walk.allowed, "allowed to ours, from the truth", {"color": "black", "linestyle": "dotted"}),
            (walk.reference, "torch.nn from the truth", {"color": ORANGE, "linewidth": 3.6, "alpha": 0.75}),
            (walk.subject, "ours from the truth", {"color": BLUE, "linewidth": 1.3}),
        ):
            if values:
                ax.plot(first, values, label=label, **shown)
        apart = [(step, value) for step, value in zip(walk.steps, walk.between, strict=True) if value > 0]
        if apart:
            ax.plot(*split(apart), color=GREY, linestyle=(0, (5, 2)), label="ours from torch.nn")
        else:
            ax.plot([], [], " ", label=f"ours from torch.nn: same bits\nin all {walk.total_steps} steps")
        if walk.control:
            ax.plot(walk.steps, walk.control, color=ORANGE, linewidth=3.6, alpha=0.75, zorder=1,
                    label="torch.nn from itself,\nstart moved by one ulp")  # fmt: skip
        if walk.dtype == "float64":
            ax.axhline(1e-9 * 2**53, color="black", linestyle="dotted", label="allowed: 1e-9")
        ax.set(xscale="log", yscale="log", xlabel="step", ylabel="drift, units of u", title=title)
        ax.set_xlim(1, max(2, walk.total_steps))
        ax.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1))
    return canvas


def photographs(patches: Patches) -> Canvas:
    """Return the patches in rows, each with its peak signal-to-noise ratio."""
    down, across = len(patches.rows), len(patches.pixels[0])
    canvas = Canvas(figsize=(1.25 * across + 0.8, 1.45 * down), layout="constrained")
    axes = canvas.subplots(down, across, squeeze=False)
    for label, row, ratios, line in zip(patches.rows, patches.pixels, patches.psnr, axes, strict=True):
        for ax, pixels, ratio in zip(line, row, ratios, strict=True):
            ax.imshow(pixels, interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            if math.isfinite(float(ratio)):
                ax.set_title(f"{float(ratio):.1f} dB", fontsize=8)
            for spine in ax.spines.values():
                spine.set_visible(False)
        line[0].set_ylabel(label)
    return canvas
