"""Bad options and bad input are refused, and leave the module usable.

Of a subject that says so (`explains`), the error must also be of a fitting type and name the module and the argument.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from parity.catalogue.page import Refusal
from parity.subjects.contract import Unsupported
from parity.verdict.trial import Trial
from reports.record import Parity

REFUSED = (ValueError, TypeError, RuntimeError)


def check(trial: Trial) -> list[Parity]:
    """Put every refusal of the page to the subject."""
    asked = [refusal for refusal in trial.cell.page.refusals if trial.subject.explains or not refusal.stricter]
    if not asked:
        raise Unsupported("the page has nothing that torch.nn refuses too")
    return [record for refusal in asked for record in put(trial, refusal)]


def put(trial: Trial, refusal: Refusal) -> list[Parity]:
    """Build with the refusal's options, or call with its bad input; after bad input the module must still agree."""
    if refusal.options:
        return [claim(trial, refusal, lambda: build_and_call(trial, refusal.options))]
    built, (x, *rest) = trial.build(), trial.inputs()
    bad_x = refusal.x(x) if refusal.x else x
    bad_rest = [refusal.target(value) if refusal.target else value for value in rest]
    first = claim(trial, refusal, lambda: built.forward(bad_x, *bad_rest))  # type: ignore[arg-type]  # bad on purpose
    return [first, *trial.judge(trial.observe(built))]


def build_and_call(trial: Trial, options: Mapping[str, Any]) -> None:
    cell = trial.cell
    built = trial.subject.build(cell.page.module, options, {}, torch.device(cell.device), cell.torch_dtype)
    built.forward(*trial.inputs())


def claim(trial: Trial, refusal: Refusal, attempt: Callable[[], object]) -> Parity:
    fault = outcome(trial, refusal, attempt)
    return trial.claim(refusal.name, not fault, fault)


def outcome(trial: Trial, refusal: Refusal, attempt: Callable[[], object]) -> str:
    """Return what is wrong with how the subject answered; empty if it refused in clear words."""
    try:
        attempt()
    except Unsupported:
        raise
    except Exception as error:
        if not trial.subject.explains:
            return ""
        if not isinstance(error, REFUSED):
            return f"must raise ValueError, TypeError or RuntimeError, raised {type(error).__name__}: {error}"
        missing = [
            word for word in (refusal.layer or trial.cell.page.module, refusal.argument) if word not in str(error)
        ]
        return f"the message must name {' and '.join(missing)}, was: {error}" if missing else ""
    return "it was accepted"
