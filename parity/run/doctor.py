"""The doctor: what an adapter offers, in which dtypes, what of it runs, and whose the mistakes are: in words."""

import argparse
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from parity.catalogue import operators, pages
from parity.catalogue.added import files
from parity.catalogue.optimisers import optimisers
from parity.catalogue.page import Page
from parity.contract import CHECKS, checks_of
from parity.run.examined import VALUES, Examination, look_at_optimiser
from parity.run.first_try import DTYPES_TRIED, FirstTry, in_dtype
from parity.run.planning import add_pages, plans
from parity.run.session import chosen_of
from parity.run.suite import pages_option
from parity.run.tested import said as said_of
from parity.settle import settle
from parity.subjects import known, unknown
from parity.subjects.contract import Stopped, Unsupported, optimisers_of, traits
from parity.subjects.inventory import inventory
from parity.subjects.mistakes import Miswritten, alike
from parity.subjects.process import Isolated, Limits
from parity.verdict.cell import DTYPES, Cell
from parity.verdict.compare import structure
from parity.verdict.plan import cells
from parity.verdict.trial import Trial
from reports.command import IN_CHECKOUT, Command, called

PATIENCE = 3  # cases of a module that may end before anything is compared; then the others are not run
SHOWN_CHARACTERS = 300


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


def first_wrong(trial: Trial) -> None:
    """Build, call forward and backward, read the gradients; compare only what kind of thing each quantity is.

    Raises ValueError, in one sentence, at the first step that fails or returns what it should not.
    """
    built = attempt("to build it", trial.build)
    wanted = trial.evidence.reference
    got = attempt("forward", lambda: trial.forward(built, trial.inputs()))
    for name in trial.signature.outputs:
        must_fit(f"forward must return the output{of(name, trial.signature.outputs)}", got.get(name), wanted[name])
    returned = attempt("backward", lambda: trial.backward(built, trial.cotangents()))
    for name, value in returned.items():
        must_fit(f"backward must return dL/d{name[1:]}", value, wanted[name])
    got |= returned | dict.fromkeys(trial.signature.gradients(trial.drawn.inputs)) | trial.drawn.buffers
    named = {f"d{name}": value for name, value in attempt("to read the gradients", built.gradients).items()}
    missing = [name[1:] for name in wanted if name not in named and name not in got]
    if missing:
        raise ValueError(
            f"no gradient is named {' or '.join(missing)}; it names {', '.join(n[1:] for n in named) or 'none'}"
        )
    for name in wanted.keys() - got.keys():
        must_fit(f"the gradient of {name[1:]} is off", named[name], wanted[name])


def of(name: str, names: Sequence[str]) -> str:
    """Return the name of an output where there are several."""
    return f" {name}" if len(names) > 1 else ""


def must_fit(claim: str, got: object, wanted: Any) -> None:
    fault = structure(got, wanted)
    if fault:
        raise ValueError(f"{claim}: its {fault}")


def look(subject: Isolated, page: Page) -> Examination:
    """Try the first case in every dtype; then run every case in the first of them, unless the adapter is wrong."""
    order = dict.fromkeys((*DTYPES_TRIED, *DTYPES))
    tries = {dtype: in_dtype(subject, page, dtype) for dtype in order}
    examined = Examination(page.module, planned=len(list(cells(page, checks_of(subject).values(), ["cpu"], 0))))
    examined.dtypes = tuple(dtype for dtype, tried in tries.items() if not tried.lacks)
    first = next((tries[dtype] for dtype in examined.dtypes), FirstTry())
    if not examined.dtypes:
        examined.lacking.update(tried.said for tried in tries.values())
    elif first.mistaken:
        examined.mistake = first.said
    else:
        examined.notes = first.notes
        run_all(subject, page, examined, examined.dtypes[0])
    return examined


def run_all(subject: Isolated, page: Page, examined: Examination, dtype: str) -> None:
    """Run every case that is not large, as its values are checked; note what fails, and what does not run.

    Where the first gives no answer at all, the others are not run.
    """
    examined.trouble = trouble_of(Cell(page, page.cases[0], VALUES, dtype=dtype), subject)
    if examined.trouble:
        return
    for case in page.cases:
        cell = Cell(page, case, VALUES, dtype=dtype, regime=case.regime)
        if case.large or examined.stopped >= PATIENCE > examined.ran:
            continue
        subject.begin()
        judged, error = CHECKS[VALUES].judged(Trial(cell, subject))
        wrong = [one.record for one in judged if one.record.verdict in ("fail", "error")]
        if isinstance(error, Unsupported) and not judged:
            examined.lacking[str(error)] += 1
        elif not any(one.record.elements for one in judged):
            examined.stopped += 1
            examined.trouble = examined.trouble or trouble_of(cell, subject)
        else:
            examined.ran += 1
            if wrong:
                examined.wrong |= dict.fromkeys(record.quantity for record in wrong)
                examined.failing.append(f"in case {case.name}, {wrong[0].quantity}: {wrong[0].detail}")


def trouble_of(cell: Cell, subject: Isolated) -> str:
    """Return at which step a cell gives no answer, or none that could be compared; empty if it gives one."""
    where = f"in case {cell.case.name} ({cell.dtype}), "
    try:
        subject.begin()
        first_wrong(Trial(cell, subject))
    except Unsupported as lacking:
        return f"{where}{lacking}"
    except ValueError as error:
        return f"{where}{error}"
    return ""


def sentence(one: Examination) -> str:
    """Return what to say about one module."""
    if not one.offered:
        return f"  {one.module}: not offered ({one.lacking.most_common(1)[0][0]})"
    if one.mistake:
        return f"  {one.module}: the adapter is wrong: {one.mistake}"
    if not one.ran:
        return f"  {one.module}: cannot run: {one.trouble}"
    state = f"  {one.module}: {counted(one.ran, one.failing)}"
    if one.failing:
        differ = f"{', '.join(one.wrong)} {'differs' if len(one.wrong) == 1 else 'differ'}"
        state += f"; {differ} from {one.beside}, {one.failing[0][:SHOWN_CHARACTERS]}"
    if one.stopped:
        state += f"\n      {cases(one.stopped)} not run: {one.trouble}"
    state += "".join(f"\n      not judged: {note}" for note in one.notes)
    return state + "".join(f"\n      {cases(n)} unsupported: {why}" for why, n in one.lacking.most_common(4))


MISWRITTEN = f"{Miswritten.__name__}: "  # as a record tells of an exception
THE_PAGE = "the page of the run says what is wrong."


def cases(count: int) -> str:
    """Return a count of cases with its verb."""
    return "1 case is" if count == 1 else f"{count} cases are"


def counted(ran: int, failing: Sequence[str]) -> str:
    """Return how many cells run and how many of them fail."""
    fails = f"{len(failing)} of them {'fails' if len(failing) == 1 else 'fail'}" if failing else "none fails"
    return f"{ran} {'cell runs' if ran == 1 else 'cells run'}, {fails}"


def examine(source: str, limits: Limits, modules: Sequence[str] | None = None) -> tuple[list[str], bool]:
    """Return the report, line by line, and whether the adapter is right and every module that is offered runs.

    Raises ValueError, in one sentence, if the subject cannot be loaded.
    """
    if source not in known() and not source.endswith(".py"):
        raise ValueError(unknown(source))
    subject = Isolated(source, limits)
    catalogue = pages() | (operators() if traits(subject).operators else {})
    steppers = optimisers() if optimisers_of(subject) else {}
    asked = chosen_of(modules, [*catalogue, *steppers])
    chosen = [name for name in asked if name in catalogue]
    planned_for, unmet = plans(subject, {name: page for name, page in pages().items() if name in chosen}, {})
    seen = [look(subject, (catalogue | planned_for)[name]) for name in chosen]
    stepped = [look_at_optimiser(subject, steppers[name]) for name in asked if name in steppers]
    offered = [one for one in seen if one.offered]
    dtypes = dict.fromkeys(dtype for one in offered for dtype in one.dtypes)
    said = f"{len(offered)} of the {len(seen)} modules of the catalogue{', in ' + ', '.join(dtypes) if dtypes else ''}"
    beside = f"{sum(one.offered for one in stepped)} of the {len(stepped)} optimisers" if stepped else ""
    lines = [f"{source}: subject {subject.name} offers {', and '.join(filter(None, (said if seen else '', beside)))}."]
    seen, offered = [*seen, *stepped], [*offered, *(one for one in stepped if one.offered)]
    absent = [one.module for one in seen if set(one.lacking) == {f"{subject.name} has no {one.module}"}]
    lines += [sentence(one) for one in sorted(seen, key=lambda one: not one.offered) if one.module not in absent]
    lines += [f"  not offered: {', '.join(absent)}"] if absent else []
    unnamed = (said_of(subject, inventory) or {}).get("unnamed", [])
    lines += [f"  in no table of the adapter, but like layers: {', '.join(unnamed)}"] if unnamed else []
    lines += [f"  {one}" for one in unmet]
    return lines + verdict(source, offered), bool(offered) and all(one.runs for one in offered)


def verdict(source: str, offered: Sequence[Examination]) -> list[str]:
    """Return what is right in sum, whose the faults are, and what comes next."""
    failing = [said for one in offered for said in one.failing]
    planned = sum(one.planned for one in offered if one.runs)
    own = shlex.join(map(str, files()))
    of_make = f"make parity SUBJECT={source}" + (f" PAGES={shlex.quote(own)}" if own else "")
    of_command = f"{called()} parity --subject {source}" + (f" --pages {shlex.quote(own)}" if own else "")
    again = of_make if called() == IN_CHECKOUT else of_command
    ran = counted(sum(one.ran for one in offered), failing)
    lines = [f"{ran}. The run itself, of {planned:,} cells: {again}"]
    if failing:
        by_adapter = any(MISWRITTEN in said for said in failing)
        lines += [f"Where it says {Miswritten.__name__}, the adapter is to be mended."] if by_adapter else []
        lines.append(f"What {'else ' * by_adapter}fails there is the library's, not the adapter's: {THE_PAGE}")
    mistakes = {alike(one.mistake, one.module): one.mistake for one in reversed(offered) if one.mistake}
    lines += [f"To mend in the adapter: {mistake}" for mistake in reversed(mistakes.values())]
    stuck = [f"{one.module}, {one.trouble}" for one in offered if not one.ran and one.trouble]
    return lines + [f"First to repair: {said}" for said in stuck[:1]]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subject", required=True, help="the adapter: a Python file, or a name in parity/subjects")
    parser.add_argument("--cell-seconds", type=float, default=Limits.cell_seconds, help="time limit a module")
    parser.add_argument("--cell-memory", type=float, default=Limits.memory_gib, help="memory limit in GiB")
    parser.add_argument(
        "--module", action="append", help="look at these modules only, e.g. Conv2d,Linear (default all)"
    )
    pages_option(parser.add_argument)


def run(asked: argparse.Namespace) -> int:
    """Print the report; return 0 where every module that is offered runs, 1 where one does not or none is.

    A library that is wrong is no matter of its adapter: it ends in 0 too.
    """
    settle()
    add_pages(asked.pages)
    lines, healthy = examine(asked.subject, Limits(asked.cell_seconds, asked.cell_memory), asked.module)
    print("\n".join(lines))
    return 0 if healthy else 1


COMMAND = Command("--subject mylib_adapter.py", run, arguments)
