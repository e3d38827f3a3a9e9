"""Bad options and bad input are refused, and leave the module usable.

If the subject says so (`explains`), its error must also be of a fitting type and name the module and the argument.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from parity.catalogue.page import Refusal
from parity.subjects.composed import build
from parity.subjects.contract import Built, Stopped, Unsupported
from parity.verdict.check import Check
from parity.verdict.trial import Judged, Trial

# What every module with a cotangent must refuse.
COTANGENTS = (
    Refusal("dy of another shape", "dy", dy=lambda dy: torch.stack([dy, dy])),
    Refusal("dy of another dtype", "dy", dy=lambda dy: dy.double(), stricter=True),
    Refusal("dy of integers", "dy", dy=lambda dy: dy.long(), stricter=True),
    Refusal("dy no tensor", "dy", dy=lambda dy: dy.tolist(), stricter=True),
)
REFUSED = (ValueError, TypeError, RuntimeError)


def run(trial: Trial) -> Iterator[Judged]:
    """Ask the subject for every refusal of the page."""
    refusals = (*trial.cell.page.refusals, *(COTANGENTS if trial.drawn.dy is not None else ()))
    asked = [refusal for refusal in refusals if trial.subject.explains or not refusal.stricter]
    if not asked:
        raise Unsupported("the subject does not say that it refuses more than torch.nn, which refuses nothing here")
    answered, lacking = False, Unsupported()
    for refusal in asked:
        try:
            for one in asked_to_refuse(trial, refusal):
                answered = True
                yield one
        except Unsupported as error:  # the others can still be asked
            lacking = error
    if not answered:
        raise lacking


def asked_to_refuse(trial: Trial, refusal: Refusal) -> Iterator[Judged]:
    """Build with the refusal's options, or call with its bad input; after bad input the module must still agree."""
    if refusal.options:
        if not trial.subject.explains:  # where errors explain, their words tell what was refused
            require_without_parameters(trial)
        yield claim(trial, refusal, lambda: build_and_call(trial, refusal.options))
        return
    built, (x, *rest) = trial.build(), trial.inputs()
    if refusal.dy:
        built.forward(x, *rest)
        dy, *others = trial.cotangents()
        bad = refusal.dy(dy)
        yield claim(trial, refusal, lambda: built.backward(bad, *others))
        built.zero_grad()
        yield from trial.verdicts(built)
        return
    bad_x = refusal.x(x) if refusal.x else x
    bad_rest = [refusal.target(value) if refusal.target else value for value in rest]
    yield claim(trial, refusal, lambda: built.forward(bad_x, *bad_rest))
    yield from trial.verdicts(built)


def build_and_call(trial: Trial, options: Mapping[str, Any]) -> None:
    without_parameters(trial, options).forward(*trial.inputs())


def require_without_parameters(trial: Trial) -> None:
    """Raise Unsupported if the subject refuses good options too where it is given no parameters."""
    try:
        without_parameters(trial, trial.cell.case.options)
    except (Stopped, Unsupported):
        raise
    except Exception as error:
        raise Unsupported(f"the subject builds nothing without parameters, so no option is bad: {error}") from error


def without_parameters(trial: Trial, options: Mapping[str, Any]) -> Built:
    """Return a module that was given no parameters, since bad options tell no shapes."""
    cell = trial.cell
    return build(trial.subject, cell.page.module, options, {}, torch.device(cell.device), cell.torch_dtype)


def claim(trial: Trial, refusal: Refusal, attempt: Callable[[], object]) -> Judged:
    fault = outcome(trial, refusal, attempt)
    return trial.claim(refusal.name, not fault, fault)


def outcome(trial: Trial, refusal: Refusal, attempt: Callable[[], object]) -> str:
    """Return what is wrong with how the subject answered; empty if it refused in clear words."""
    try:
        attempt()
    except (Unsupported, Stopped):
        raise
    except Exception as error:
        if not trial.subject.explains:
            return ""
        if not isinstance(error, REFUSED):
            return f"must raise ValueError, TypeError or RuntimeError, raised {type(error).__name__}: {error}"
        named = any(name in str(error) for name in (trial.cell.page.module, *layers(trial)))
        missing = [] if named else [trial.cell.page.module]
        missing += [] if refusal.argument in str(error) else [refusal.argument]
        return f"the message must name {' and '.join(missing)}, was: {error}" if missing else ""
    return "it was accepted"


def layers(trial: Trial) -> list[str]:
    """Return the modules of which a network is made: any of them may refuse."""
    page, options = trial.cell.page, trial.cell.case.options
    if page.network is not None:
        return [node.of for node in page.network(**options).modules.values()]
    return [name for name, _ in options.get("layers", ())]


CHECK = Check("refuses", run, concerns=lambda page, case: case is page.cases[0])
