"""Table III of paper 004 beside ours: forward passes on a processor, like with like.

The paper's Upsampling convolves after it repeats; its "PyTorch" column may not. Ours does on both sides."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.text import figure, table

# Printed there: mean microseconds a call over 1000 runs of 1000 calls, theirs and PyTorch's.
PRINTED = {
    "ReLU": (17.8, 4.5),
    "Sigmoid": (35.8, 3.2),
    "MSELoss": (25.8, 44.2),
    "Conv2d": (121.8, 48.4),
    "Upsampling": (353.9, 73.3),
}
CASES = ("paper-004-tiny", "papers")
COLUMNS = (
    "module",
    "input",
    "torch, µs",
    "subject, µs",
    "ratio [low, high]",
    "paper: PyTorch, µs",
    "paper: theirs, µs",
    "paper: ratio",
)
EXPLANATION = (
    "Time of a forward pass. The paper does not print the size of its inputs; a few microseconds are the time of few "
    "elements, so both are here: a tiny input, and the tensor of its other tables. Compare ratios: machines differ. "
    "Upsampling is repetition and convolution on both sides of ours; the paper does not say so of PyTorch's."
)


def section(findings: Sequence[Mapping[str, Any]]) -> str:
    """Return the table, or the sentence that there is none."""
    rows = [row(one) for module in PRINTED for case in CASES for one in findings if here(one, module, case)]
    return f"{EXPLANATION}\n\n{table(COLUMNS, rows, 'llrrrrrr')}" if rows else "This run did not time its rows."


def here(one: Mapping[str, Any], module: str, case: str) -> bool:
    place = one["module"], one["case"], one["mode"], one["device"]
    return place == (module, case, "forward", "cpu") and one["ratio"] is not None


def row(one: Mapping[str, Any]) -> list[str]:
    theirs, torchs = PRINTED[one["module"]]
    return [
        one["module"],
        str(tuple(one["shape"])),
        figure(one["reference_seconds"] * 1e6),
        figure(one["subject_seconds"] * 1e6),
        f"**{one['ratio']:.2f}** [{one['low']:.2f}, {one['high']:.2f}]",
        figure(torchs),
        figure(theirs),
        figure(theirs / torchs),
    ]
