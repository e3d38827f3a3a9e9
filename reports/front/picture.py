"""The picture of a front page: of each module the worst rounding error, its own against that of torch.nn."""

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from reports.parity.headline import by_module
from reports.reading import Recorded

LEAST = 0.02  # where an error of 0 stands on a logarithmic axis
INCHES = (6.4, 4.4)


def draw(recorded: Recorded, path: Path) -> None:
    """Write the picture as SVG; raise ValueError where no module has errors on both sides."""
    pools = [pool for pool in by_module(recorded.parity) if pool.subject_error >= 0 and pool.reference_error >= 0]
    if not pools:
        raise ValueError("no module has an error on both sides, so there is nothing to draw")
    mine = [max(pool.subject_error, LEAST) for pool in pools]
    theirs = [max(pool.reference_error, LEAST) for pool in pools]
    limits = [limit for pool in pools for limit in pool.limits if limit > 0]
    ends = LEAST / 1.5, 2 * max(*mine, *theirs, *limits)
    figure = Figure(figsize=INCHES, layout="constrained")
    axes = figure.add_subplot()
    axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
    axes.fill_between(ends, ends, ends[0], color="#EAF2F8", linewidth=0)
    axes.plot(ends, ends, color="#595959", linewidth=0.8, linestyle="--")
    if limits:
        axes.axhline(max(limits), color="#D55E00", linewidth=1.2)
        axes.annotate(f"limit {max(limits):g}", (ends[0] * 1.2, max(limits) * 1.08), color="#A04000", fontsize=8)
    axes.plot(theirs, mine, "o", color="#0072B2", markersize=5, markeredgecolor="white", markeredgewidth=0.5)
    axes.annotate("closer to the truth\nthan torch.nn", (ends[1] / 1.3, ends[0] * 1.4), ha="right", fontsize=8)
    name = recorded.runs[0].subject if recorded.runs else "subject"
    axes.set_title(f"Worst error of each of {len(pools)} modules, in rounding errors", fontsize=10, loc="left")
    axes.set_xlabel("torch.nn", fontsize=9)
    axes.set_ylabel(name, fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({"svg.hashsalt": "gradparity", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})
