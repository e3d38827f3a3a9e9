"""Which rows there are: every timing of the catalogue in every mode, and the training steps."""

from collections.abc import Iterable
from dataclasses import dataclass

from parity.catalogue import pages
from parity.catalogue.page import Timing
from perf.sides.modules import BACKWARD, BOTH, FORWARD, MODES, STEP
from perf.sides.steps import NETWORKS

STEPS = "training step"
TINY = "paper-004-tiny"  # the name of the cases that repeat paper 004's own inputs

# Table III of paper 004 was taken on these: a few elements, a few channels. The catalogue times what is of use; these
# rows are only for the paper's figures.
PAPER_004 = {
    "ReLU": Timing(TINY, x=(1, 1, 5, 5)),
    "Sigmoid": Timing(TINY, x=(1, 1, 5, 5)),
    "MSELoss": Timing(TINY, x=(1, 1, 5, 5), target="like"),
    "Conv2d": Timing(TINY, x=(1, 1, 5, 5), options={"in_channels": 1, "out_channels": 1, "kernel_size": 3}),
    "Upsampling": Timing(
        TINY, x=(1, 1, 5, 5), options={"in_channels": 1, "out_channels": 1, "kernel_size": 3, "scale_factor": 2}
    ),
}
QUICK_ROWS = 84


@dataclass(frozen=True)
class Row:
    """What is timed, by name."""

    module: str
    case: str
    mode: str
    device: str = "cpu"

    def __str__(self) -> str:
        return "-".join((self.module.replace(" ", "-"), self.case, self.mode, self.device))


def timings(module: str) -> dict[str, Timing]:
    """Return what is worth timing of a module, by name."""
    catalogued = {timing.name: timing for timing in pages()[module].timings}
    return catalogued | ({TINY: PAPER_004[module]} if module in PAPER_004 else {})


def rows(devices: Iterable[str]) -> list[Row]:
    """Return every row, in the order of the catalogue."""
    named = [(module, case) for module in pages() for case in timings(module)]
    of_modules = [(module, case, mode) for module, case in named for mode in MODES]
    of_steps = [(STEPS, name, STEP) for name in NETWORKS]
    return [Row(*one, device) for device in devices for one in (*of_modules, *of_steps)]


def quick(chosen: Iterable[Row], most: int = QUICK_ROWS) -> list[Row]:
    """Return the rows that a change is gated on, in their order: of each module's first case forward+backward, and the
    training steps; then forwards, until there are `most`, and one for each page that the user added."""
    most += sum(bool(page.source) for page in pages().values())
    every = list(chosen)
    first = {module: next(iter(timings(module)), "") for module in pages()}
    small = [row for row in every if row.module == STEPS or row.case == first[row.module]]
    ranked = sorted(small, key=lambda row: [STEP, BOTH, FORWARD, BACKWARD].index(row.mode))
    kept = set(ranked[:most])
    return [row for row in every if row in kept]


def named(name: str, devices: Iterable[str]) -> Row:
    """Return the row of this name; raise ValueError where there is none."""
    row = next((row for row in rows(devices) if str(row) == name), None)
    if row is None:
        raise ValueError(f"there is no row {name!r}")
    return row
