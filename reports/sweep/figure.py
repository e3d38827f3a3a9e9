"""What a sweep cost, over how much of it was done: a line that is straight where each configuration costs as much."""

from itertools import accumulate
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from reports.sweep.page import FIGURE
from reports.sweep.reading import Sweep

BLUE, GREY = "#0072B2", "#8C8C8C"


def draw(sweep: Sweep, folder: Path) -> None:
    """Write the figure into the folder of the records; where fewer than two chunks were done there is none."""
    costs, path = [sweep.costs[number] for number in sorted(sweep.costs)], folder / FIGURE
    path.unlink(missing_ok=True)
    if len(costs) < 2:
        return
    cells = list(accumulate(one.cells for one in costs))
    hours = [seconds / 3600 for seconds in accumulate(one.cpu_seconds for one in costs)]
    with mpl.rc_context({"svg.hashsalt": "sweep", "svg.fonttype": "none", "font.size": 9}):
        canvas = Canvas(figsize=(6.4, 3.6), layout="constrained")
        axes = canvas.add_subplot()
        axes.plot(cells, hours, color=BLUE, linewidth=1.8, label="measured")
        steady = [hours[-1] * count / cells[-1] for count in cells]
        axes.plot(cells, steady, color=GREY, linewidth=1, linestyle="--", label="each as dear as the mean")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
        axes.set_xlabel("configurations")
        axes.set_ylabel("hours of a core")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        canvas.savefig(path, metadata={"Date": None})
