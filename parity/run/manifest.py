"""The manifest: how many cells and elements a full run compares, so that a lost comparison is noticed.

It is computed from the plan. The counts in manifest.json are those that were last reviewed: `python -m parity manifest`
writes them again after a change to the catalogue or to a check, and the difference is for review.
"""

import argparse
import json
import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from parity import stepping
from parity.catalogue import operators, pages
from parity.catalogue.optimisers import optimisers
from parity.catalogue.optimisers.page import OptimiserPage
from parity.catalogue.page import Page
from parity.contract import CHECKS, ONE_CALL
from parity.settle import settle
from parity.stepping.checks import cells as step_cells
from parity.verdict.cell import Cell
from parity.verdict.check import Check
from parity.verdict.draw import draw, outputs
from parity.verdict.plan import cells
from reports.command import Command

PATH = Path(__file__).with_name("manifest.json")
REWRITE = "python -m parity manifest"
COORDINATES = ("case", "check", "dtype", "regime", "cotangent")


def elements_of(cell: Cell) -> int:
    """Return how many elements a check of one call compares in a cell: of every quantity, of which a gradient has as
    many as what it is the gradient of."""
    page, case, drawn = cell.page, cell.case, draw(cell)
    quantities = [value for _, value in page.signature.differentiated(drawn.inputs)] + [*drawn.parameters.values()]
    if page.pairs is None:
        given = outputs(page, case, page.reference(**case.options), drawn.inputs)
        quantities += [*given.values(), *drawn.buffers.values()]
    return sum(value.numel() for value in quantities)


def stepped(page: OptimiserPage) -> dict[str, int]:
    """Return the cells of an optimiser, and the elements of its values: every parameter after every step."""
    every = list(step_cells(page, stepping.CHECKS, ["cpu"], 0))
    of_values = (cell.case for cell in every if CHECKS.get(cell.check) in ONE_CALL)
    sizes = (len(case.rates) * sum(map(math.prod, case.shapes.values())) for case in of_values)
    return {"cells": len(every), "elements": sum(sizes)}


def planned(
    catalogue: Mapping[str, Page] | None = None,
    steppers: Mapping[str, OptimiserPage] | None = None,
    checks: Mapping[str, Check] = CHECKS,
) -> dict[str, dict[str, int]]:
    """Return, per module, the cells of all checks on one device and the elements that the checks of one call compare.

    catalogue  the pages to count; None for all of the suite's own, the operators and the optimisers with them
    steppers   the pages of optimisers to count beside them
    checks     those that are asked: not every subject is asked all of them
    """
    steppers = (optimisers() if catalogue is None else {}) if steppers is None else steppers
    counts = {}
    of_suite = {name: page for name, page in pages().items() if not page.source} | operators()
    for name, page in (of_suite if catalogue is None else catalogue).items():
        every = list(cells(page, checks.values(), ["cpu"], 0))
        counted = [cell for cell in every if CHECKS[cell.check].one_call]
        firsts = {(cell.page, cell.case): cell for cell in counted}
        of_case = {key: elements_of(cell) for key, cell in firsts.items()}
        elements = sum(of_case[cell.page, cell.case] for cell in counted)
        counts[name] = {"cells": len(every), "elements": elements}
    return counts | {name: stepped(page) for name, page in steppers.items()}


def cell_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what tells the record's cell from others of its module and device."""
    return tuple(str(record[name]) for name in COORDINATES)


def is_counted(record: Mapping[str, Any]) -> bool:
    """Return whether the elements of a record count: those of a check of one call."""
    return record["check"] in CHECKS and CHECKS[record["check"]].one_call


def lacks_elements(record: Mapping[str, Any]) -> bool:
    """Return whether a record says itself why its elements, or those of its cell, were not compared."""
    without = record["verdict"] == "fail" and not record["elements"] and is_counted(record)
    return without or record["verdict"] in ("unsupported", "error")


def shortfall(
    records: Iterable[Mapping[str, Any]],
    devices: Iterable[str],
    catalogue: Mapping[str, Page] | None = None,
    steppers: Mapping[str, OptimiserPage] | None = None,
    checks: Mapping[str, Check] = CHECKS,
) -> list[str]:
    """Return a sentence for every module of which a full run did not compare what was planned.

    catalogue  the pages that the subject was asked for; None for all of them, operators and optimisers with them
    steppers   the pages of optimisers that it was asked for
    checks     those that it was asked
    Elements count only for a module whose every cell was compared: an unsupported one has none, nor has a quantity of
    another shape or dtype, which failed without them.
    """
    of_module: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        if record["kind"] == "parity":
            of_module.setdefault((record["module"], record["device"]), []).append(record)
    sentences = []
    for module, wanted in planned(catalogue, steppers, checks).items():
        for device in devices:
            recorded = of_module.get((module, device), [])
            got = {"cells": len({cell_of(record) for record in recorded})}
            if not any(map(lacks_elements, recorded)):
                got["elements"] = sum(record["elements"] for record in recorded if is_counted(record))
            sentences += [
                f"{module} on {device}: {number} {what} compared, must be {wanted[what]}"
                for what, number in got.items()
                if number != wanted[what]
            ]
    return sentences


def forgotten() -> list[str]:
    """Return the modules whose counts in manifest.json are not those of the plan."""
    written: Collection[tuple[str, Any]] = json.loads(PATH.read_text(encoding="utf-8")).items()
    now = planned()
    return sorted({name for name, counts in written if now.get(name) != counts} | now.keys() - dict(written).keys())


def run(asked: argparse.Namespace) -> int:  # noqa: ARG001 - it has no options
    """Write the manifest again."""
    settle()
    PATH.write_text(json.dumps(planned(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {PATH}")
    return 0


COMMAND = Command("", run)
