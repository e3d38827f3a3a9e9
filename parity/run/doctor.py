"""The doctor: what an adapter offers, what of it runs, and what is missing, in words."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from parity.catalogue import pages
from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.run.planning import plans
from parity.settle import settle
from parity.subjects import known
from parity.subjects.contract import Stopped, Unsupported
from parity.subjects.process import Isolated, Limits
from parity.verdict.cell import Cell
from parity.verdict.compare import structure
from parity.verdict.draw import parameters, seeded
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.command import Command

SHOWN_CHARACTERS = 300


@dataclass
class Examination:
    """What the doctor sees of one module."""

    module: str
    runnable: int  # cells that the subject builds
    planned: int
    lacking: Counter[str] = field(default_factory=Counter)  # reason -> cells
    case: str = ""  # in which it was tried
    trouble: str = ""  # what went wrong there
    wrong: tuple[str, ...] = ()  # quantities that disagree there

    @property
    def offered(self) -> bool:
        return bool(self.runnable or self.trouble)


def attempt(doing: str, action: Callable[[], Any]) -> Any:
    """Return what the action returns; raise ValueError with one sentence if it fails."""
    try:
        return action()
    except Unsupported:
        raise
    except Stopped as stopped:
        raise ValueError(" ".join(str(stopped).split())[:SHOWN_CHARACTERS]) from None
    except Exception as error:
        said = " ".join(str(error).split())[:SHOWN_CHARACTERS] or "without a message"
        raise ValueError(f"{doing} raised {type(error).__name__}: {said}") from None


def first_wrong(trial: Trial) -> tuple[str, ...]:
    """Build, call forward and backward, read the gradients; return the quantities that disagree.

    Raises ValueError, in one sentence, at the first step that fails or returns what it should not.
    """
    built = attempt("to build it", trial.build)
    wanted = trial.evidence.reference
    got = {"output": attempt("forward", lambda: built.forward(*trial.inputs()))}
    must_fit("forward must return the output", got["output"], wanted["output"])
    got["dx"] = attempt("backward", lambda: built.backward(trial.dy()))
    must_fit("backward must return dL/dx", got["dx"], wanted["dx"])
    named = {f"d{name}": value for name, value in attempt("to read the gradients", built.gradients).items()}
    missing = [name[1:] for name in wanted if name not in named and name not in got]
    if missing:
        raise ValueError(
            f"no gradient is named {' or '.join(missing)}; it names {', '.join(n[1:] for n in named) or 'none'}"
        )
    for name in wanted.keys() - got.keys():
        must_fit(f"the gradient of {name[1:]} is off", named[name], wanted[name])
    return tuple(one.record.quantity for one in trial.judge(got | named) if one.fails)


def must_fit(claim: str, got: object, wanted: Any) -> None:
    fault = structure(got, wanted)
    if fault:
        raise ValueError(f"{claim}: its {fault}")


def look(subject: Isolated, page: Page, planned: Iterable[Cell]) -> Examination:
    """Build every configuration that is planned, and try the first that can be built."""
    planned, built = list(planned), {}
    examined = Examination(page.module, runnable=0, planned=len(planned))
    for cell in planned:
        key = cell.case, cell.dtype
        if key not in built:
            subject.begin()
            try:
                built[key] = reason_against(cell, subject)
            except Stopped as stopped:
                examined.trouble = f"in case {cell.case.name} ({cell.dtype}), {' '.join(str(stopped).split())}"
                return examined
        if built[key]:
            examined.lacking[built[key]] += 1
        else:
            examined.runnable += 1
        if not built[key] and not examined.case:
            examined.case = cell.case.name
            try:
                examined.wrong = first_wrong(Trial(replace(cell, regime="normal", cotangent=1.0), subject))
            except Unsupported as lacking:
                examined.case, built[key] = "", str(lacking)
                examined.lacking[built[key]] += 1
                examined.runnable -= 1
            except ValueError as error:
                examined.trouble = f"in case {cell.case.name} ({cell.dtype}), {error}"
    return examined


def reason_against(cell: Cell, subject: Isolated) -> str:
    """Return why the subject does not build this; empty if it does, or fails for another reason."""
    module, options, dtype = cell.page.module, cell.case.options, cell.torch_dtype
    values = parameters(cell.page, cell.case, seeded(cell.seed))
    placed = {name: value.to(dtype) for name, value in values.items()}
    try:
        subject.build(module, options, placed, torch.device(cell.device), dtype)
    except Unsupported as lacking:
        return str(lacking)
    except Stopped:
        raise
    except Exception:
        return ""  # reported when the module is tried
    return ""


def sentence(examined: Examination) -> str:
    """Return what to say about one module."""
    share = f"{examined.runnable} of {examined.planned} cells"
    if not examined.offered:
        return f"  {examined.module}: not offered ({examined.lacking.most_common(1)[0][0]})"
    if examined.trouble:
        return f"  {examined.module}: cannot run: {examined.trouble}"
    state = f"runs, {share}"
    if examined.wrong:
        state += f"; in case {examined.case} {', '.join(examined.wrong)} differ from torch.nn"
    lacking = "".join(f"\n      not {n}: {why}" for why, n in examined.lacking.most_common(4))
    return f"  {examined.module}: {state}{lacking}"


def examine(source: str, limits: Limits) -> tuple[list[str], bool]:
    """Return the report, line by line, and whether at least one module runs and none is in trouble.

    Raises ValueError, in one sentence, if the subject cannot be loaded.
    """
    if source not in known() and not source.endswith(".py"):
        raise ValueError(f"--subject must be a Python file or one of {', '.join(known())}, was {source!r}")
    subject = Isolated(source, limits)
    planned_for, unmet = plans(subject, pages(), {})
    examinations = [look(subject, page, cells(page, CHECKS.values(), ["cpu"], 0)) for page in planned_for.values()]
    offered = [one for one in examinations if one.offered]
    troubled = [one for one in examinations if one.trouble]
    lines = [
        f"{source}: subject {subject.name} offers {len(offered)} of the {len(examinations)} modules of the catalogue."
    ]
    lines += [sentence(one) for one in sorted(examinations, key=lambda one: not one.offered)]
    runnable = sum(one.runnable for one in examinations if not one.trouble)
    planned = sum(one.planned for one in examinations)
    lines += [f"  {one}" for one in unmet]
    lines.append(f"{runnable} of {planned} cells can run. The run itself: make parity SUBJECT={source}")
    if troubled:
        lines.append(f"First to repair: {troubled[0].module}, {troubled[0].trouble}")
    return lines, bool(offered) and not troubled


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subject", required=True, help="the adapter: a Python file, or a name in parity/subjects")
    parser.add_argument("--cell-seconds", type=float, default=Limits.cell_seconds, help="time limit a module")
    parser.add_argument("--cell-memory", type=float, default=Limits.memory_gib, help="memory limit in GiB")


def run(asked: argparse.Namespace) -> int:
    """Print the report; return 0 where every module that is offered runs, 1 where one is in trouble or none is."""
    settle()
    lines, healthy = examine(asked.subject, Limits(asked.cell_seconds, asked.cell_memory))
    print("\n".join(lines))
    return 0 if healthy else 1


COMMAND = Command("--subject mylib_adapter.py", run, arguments)
