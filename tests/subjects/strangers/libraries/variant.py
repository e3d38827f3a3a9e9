"""A library as it is written, or with the one fault that the variable STRANGER of the environment names."""

import os
import sys
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[4]
sys.path.append(str(ROOT))  # a library's process may be started anywhere

from tests.subjects.strangers.faults import FAULTS  # noqa: E402 - found by the line above


def source(library: str, fault: str) -> str:
    """Return the library's text; raise ValueError if the fault is not known or a place of it is not found just once."""
    text = (Path(__file__).parent / f"{library}.py").read_text(encoding="utf-8")
    if not fault:
        return text
    if fault not in FAULTS:
        raise ValueError(f"STRANGER must name a fault of tests/subjects/strangers/faults, was {fault!r}")
    if FAULTS[fault].library != library:
        raise ValueError(f"STRANGER names a fault of {FAULTS[fault].library}, and this is {library}")
    for old, new in FAULTS[fault].edits:
        if text.count(old) != 1:
            raise ValueError(f"{fault}: {old!r} stands {text.count(old)} times in {library}.py, must stand once")
        text = text.replace(old, new)
    return text


def variant(library: str) -> ModuleType:
    """Import a library of this folder with the fault asked for."""
    spec = spec_from_loader(library, loader=None)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[library] = module  # so that what it defines can be pickled
    exec(compile(source(library, os.environ.get("STRANGER", "")), f"{library}.py", "exec"), module.__dict__)
    return module
