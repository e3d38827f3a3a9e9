"""Which questions notice planted faults first, counted in the records of a trust run, for quick runs to ask."""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from parity import stepping
from parity.catalogue.optimisers import optimisers
from parity.contract import CHECKS, checks_of
from parity.run.quick.questions import PATH, Question, question
from parity.settle import settle
from parity.stepping.checks import cells as step_cells
from parity.stepping.course import StepCell
from parity.stepping.trial import StepTrial
from parity.subjects import load
from parity.trust.planted import HOST, host, hosted
from parity.verdict.cell import Cell
from parity.verdict.plan import cells as planned_cells
from parity.verdict.trial import Trial
from reports.command import Command, folder
from reports.lines import read

NAME = "trust.jsonl"


def taken(cell: Cell | StepCell) -> float:
    """Return the seconds of a core that a cell takes where no fault is planted; what it ends in does not matter."""
    started = time.process_time()
    with suppress(Exception):
        if isinstance(cell, StepCell):
            list(stepping.CHECKS[cell.check].run(StepTrial(cell, load(HOST))))
        else:
            CHECKS[cell.check].judged(Trial(cell, host(cell.page.module)))
    return max(time.process_time() - started, 1e-6)


@cache
def of_module(module: str) -> Mapping[str, Cell | StepCell]:
    """Return the cells of a module at the cotangent's own scale, by their names; none of a stranger."""
    if module in optimisers():
        stepped = step_cells(optimisers()[module], list(stepping.CHECKS), ["cpu"], 0)
        return {str(cell): cell for cell in stepped}
    if module not in hosted():
        return {}
    page, asked = hosted()[module], checks_of(host(module)).values()
    planned = planned_cells(page, asked, ["cpu"], 0)
    return {str(cell): cell for cell in planned if cell.cotangent == 1.0}


def counted(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what questions.json holds: of faults at the cotangent's own scale, which question noticed each first.

    Raises ValueError where there is no such fault.
    """
    planted = [one for one in records if one["kind"] == "mutant" and float(one["scale"]) == 1.0]
    first: Counter[Question] = Counter()
    modules = sorted({one["module"] for one in planted if of_module(one["module"])})
    for one in planted:
        by, of = one["by"], of_module(one["module"])
        # The accusation is the cell and a quantity, whose name may hold blanks, as that of a case may.
        found = max((cell for cell in of if by.startswith(f"{cell} ")), key=len, default="")
        if found:
            first[question(of[found])] += 1
    if not first:
        raise ValueError("there is no fault that was noticed at the cotangent's own scale")
    cells, seconds = Counter[Question](), defaultdict[Question, float](float)
    for cell in (cell for module in modules for cell in of_module(module).values()):
        if (asked := question(cell)) in first:
            cells[asked] += 1
            seconds[asked] += taken(cell)
    ranked = sorted(first, key=lambda one: (-first[one] / seconds[one], one))
    questions = [
        {"question": [*one], "faults": first[one], "cells": cells[one], "seconds": round(seconds[one], 3)}
        for one in ranked
    ]
    return {"planted": len(planted), "modules": len(modules), "questions": questions}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("more", nargs="*", type=Path, help="further folders of records")
    folder(parser.add_argument, "the records of a trust run")


def run(asked: argparse.Namespace) -> int:
    """Write the counts again, for review."""
    settle()
    held = counted(record for place in (asked.out, *asked.more) for record in read(place / NAME))
    lines = ",\n".join(f"  {json.dumps(one)}" for one in held.pop("questions"))
    PATH.write_text(f'{json.dumps(held)[:-1]}, "questions": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"wrote {PATH}: {held['planted']:,} faults of {held['modules']} modules")
    return 0


COMMAND = Command("--out reports/out", run, arguments)
