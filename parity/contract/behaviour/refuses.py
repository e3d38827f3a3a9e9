"""Bad options and bad input are refused, and leave the module usable.

If the subject says so (`explains`), its error must also be of a fitting type and name the module and the argument.
Those words are a convention; so is to refuse what torch.nn takes, and what is of another kind alone: integers, another
dtype, no tensor.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.page import Refusal
from parity.subjects.composed import build
from parity.subjects.contract import Built, Stopped, Unsupported
from parity.verdict.check import BEHAVIOUR, CONVENTIONS, Check
from parity.verdict.trial import Judged, Trial

# What every module with a cotangent must refuse.
COTANGENTS = (
    Refusal("dy of another shape", "dy", dy=lambda dy: torch.stack([dy, dy])),
    Refusal("dy of another dtype", "dy", dy=lambda dy: dy.double(), stricter=True),
    Refusal("dy of integers", "dy", dy=lambda dy: dy.long(), stricter=True),
    Refusal("dy no tensor", "dy", dy=lambda dy: dy.tolist(), stricter=True),
)
ACCEPTED = "it was accepted"
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
        yield claim(trial, refusal, lambda: built.backward(bad, *others), of_another_kind([dy], [bad]))
        built.zero_grad()
        yield from trial.verdicts(built)
        return
    bad_x = refusal.x(x) if refusal.x else x
    bad_rest = [refusal.target(value) if refusal.target else value for value in rest]
    kind = of_another_kind([x, *rest], [bad_x, *bad_rest])
    yield claim(trial, refusal, lambda: built.forward(bad_x, *bad_rest), kind)
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


def of_another_kind(good: Sequence[object], bad: Sequence[object]) -> bool:
    """Return whether bad input is so by its kind alone: its dtype, or that it is no tensor."""

    def kind(value: object) -> object:
        return value.dtype if isinstance(value, Tensor) else type(value)

    return list(map(kind, good)) != list(map(kind, bad))


def claim(trial: Trial, refusal: Refusal, attempt: Callable[[], object], of_kind: bool = False) -> Judged:
    """Return what came of a refusal; `of_kind` where what is to be refused is of another kind alone."""
    fault = outcome(trial, refusal, attempt)
    claimed = trial.claim(refusal.name, not fault, fault)
    is_convention = fault and (of_kind or refusal.stricter or fault != ACCEPTED)
    return claimed.told(aspect=CONVENTIONS) if is_convention else claimed


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
    return ACCEPTED


def layers(trial: Trial) -> list[str]:
    """Return the modules of which a network is made: any of them may refuse."""
    page, options = trial.cell.page, trial.cell.case.options
    if page.network is not None:
        return [node.of for node in page.network(**options).modules.values()]
    return [name for name, _ in options.get("layers", ())]


CHECK = Check("refuses", run, BEHAVIOUR, concerns=lambda page, case: case is page.cases[0])
