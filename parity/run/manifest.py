"""The manifest: how many cells and elements a full run compares, so that a comparison lost is a comparison missed.

`python -m parity manifest` writes it anew after a change to the catalogue or the plan; the difference is for review.
"""

import argparse
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from parity.catalogue import operators, pages
from parity.contract import CHECKS
from parity.verdict.cell import Cell
from parity.verdict.draw import draw
from parity.verdict.plan import cells
from parity.verdict.reference import quantities
from reports.command import Command

PATH = Path(__file__).with_name("manifest.json")
Counts = dict[str, dict[str, int]]


def elements_of(cell: Cell) -> int:
    """Return how many elements the values check of a cell compares, over all quantities."""
    return sum(value.numel() for value in quantities(cell.page, cell.case, draw(cell), cell.torch_dtype).values())


def planned() -> Counts:
    """Return, per module and operator, the cells of all checks on one device and the elements of the values checks."""
    found = {}
    for name, page in (pages() | operators()).items():
        every = list(cells(page, list(CHECKS), ["cpu"], 0))
        known = {cell.case: elements_of(cell) for cell in every if cell.dtype == "float32"}
        found[name] = {
            "cells": len(every),
            "elements": sum(known[cell.case] for cell in every if cell.check == "values"),
        }
    return found


def cell_of(record: Mapping[str, Any]) -> str:
    """Return what tells the record's cell from others of its module and device; one cell of `exact` has every dtype."""
    names = ("case", "check", "regime", "cotangent", *(() if record["check"] == "exact" else ("dtype",)))
    return " ".join(str(record[name]) for name in names)


def shortfall(
    records: Iterable[Mapping[str, Any]], devices: Iterable[str], offered: Collection[str] | None = None
) -> list[str]:
    """Return a sentence for every module of which a full run compared other than the manifest says.

    offered  the modules that were put to the subject; None for all of the manifest, the operators with them
    Elements count only for a module of which every cell was compared: of an unsupported one there are none.
    """
    of_module: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        if record["kind"] == "parity":
            of_module.setdefault((record["module"], record["device"]), []).append(record)
    found = []
    for module, wanted in json.loads(PATH.read_text(encoding="utf-8")).items():
        if offered is not None and module not in offered:
            continue
        for device in devices:
            seen = of_module.get((module, device), [])
            got = {"cells": len({cell_of(record) for record in seen})}
            if not any(record["verdict"] in ("unsupported", "error") for record in seen):
                got["elements"] = sum(record["elements"] for record in seen if record["check"] == "values")
            found += [
                f"{module} on {device}: {number} {what} compared, must be {wanted[what]} (parity/run/manifest.json)"
                for what, number in got.items()
                if number != wanted[what]
            ]
    return found


def run(asked: argparse.Namespace) -> int:  # noqa: ARG001 - it has no options
    """Write the manifest anew."""
    PATH.write_text(json.dumps(planned(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {PATH}")
    return 0


COMMAND = Command("", run)
