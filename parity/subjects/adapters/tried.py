"""One call of everything that an adapter says, before a run: is what fails its own doing, and what does it let pass?"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.signature import several
from parity.subjects import mistakes
from parity.subjects.adapters import lacking
from parity.subjects.adapters.held import HeldModule
from parity.subjects.composed import build
from parity.subjects.contract import Buffered, Subject, Unsupported
from parity.subjects.mistakes import Written

ADAPTER, LIBRARY, LACKING = "adapter", "library", "lacking"


def tried(
    subject: Subject,
    module: str,
    options: Mapping[str, Any],
    parameters: Mapping[str, Tensor],
    buffers: Mapping[str, Tensor],
    inputs: Sequence[Tensor],
    cotangents: Sequence[Tensor | None],
    dtype: torch.dtype,
) -> dict[str, Any]:
    """Build a module, set its buffers, call it both ways, read its gradients; return what failed and what is let pass.

    whose  "adapter", "library" or "lacking": what the first failure is of; empty if there is none. Once there is an
           output, it is of the adapter only where that names something that is not there, beside what is
    said   the failure in one sentence
    notes  sentences on what of the library's convention is let pass, and so not judged
    """
    at = getattr(subject, "written", Written())
    built: Any = None
    output: object = None
    try:
        built = build(subject, module, options, parameters, torch.device("cpu"), dtype)
        if buffers and isinstance(built, Buffered):
            built.load_buffers(buffers)
        output = built.forward(*inputs)
        returned = built.backward(*cotangents)
        gradients = built.gradients()
    except Unsupported as lack:
        return found(built, LACKING, str(lack))
    except Exception as error:
        of_adapter = mistakes.of_adapter(error, at, module)
        said = of_adapter or f"{mistakes.in_words(error)}{mistakes.raised_at(error)}"
        sure = not isinstance(output, (Tensor, tuple)) or mistakes.named(error, at)
        return found(built, ADAPTER if of_adapter and sure else LIBRARY, said)
    signature = lacking.signature_of(module)
    outputs = several(output, len(signature.outputs))
    strange = [value for value in outputs if not isinstance(value, Tensor)]
    if at.file and (strange or len(outputs) < len(signature.outputs)):
        said = f"forward must return {', '.join(signature.outputs)}, but returned {kind_of(output)}"
        said = said if len(signature.outputs) > 1 else f"forward must return the output, but returned {kind_of(output)}"
        return found(built, ADAPTER, f"{at.at('forward', module)}: {module}: {said}")
    first = signature.gradients(inputs)[:1]
    came = signature.named_gradients(inputs, returned)
    said = lacking_gradients({name: came.get(name) for name in first}, gradients, parameters)
    return found(built, LIBRARY if said else "", said)


def found(built: Any, whose: str = "", said: str = "") -> dict[str, Any]:
    notes = list(built.notes.values()) if isinstance(built, HeldModule) else []
    return {"whose": whose, "said": " ".join(said.split()), "notes": notes}


def lacking_gradients(
    came: Mapping[str, object], gradients: Mapping[str, object], parameters: Mapping[str, Tensor]
) -> str:
    """Return which gradients did not come, where the output did: it is judged, and so are the others; empty if none."""
    for name, value in came.items():
        if not isinstance(value, Tensor):
            otherwise = "; where the library gives no dL/dx, Convention(dx=False) says so" if value is None else ""
            return f"backward must return dL/{name}, but returned {kind_of(value)}{otherwise}"
    missing = [name for name in parameters if not isinstance(gradients.get(name), Tensor)]
    return f"there is no gradient of {', '.join(missing)}" if missing else ""


def kind_of(value: object) -> str:
    return "None (does a return lack?)" if value is None else type(value).__name__
