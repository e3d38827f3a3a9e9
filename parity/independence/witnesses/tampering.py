"""The fifth witness: functions of torch and of the harness that are not what they were, or not what they should be."""

import sysconfig
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import torch

import parity
import reports
from parity.subjects.names import of_suite
from parity.verdict import trial  # noqa: F401 - brings in all that a verdict is computed with, to be guarded

GUARDED = ("parity.verdict", "parity.contract", "parity.catalogue", "parity.trust", "reports")
# What a verdict is computed with. torch.<name> must be the function that torch was built with.
BUILT_IN = (
    "abs allclose equal isclose isfinite isinf isnan isposinf isneginf amax max maximum where stack zeros_like "
    "ones_like full_like randn rand randint empty sigmoid tanh exp softmax relu"
).split()
METHODS = "abs amax any all max eq ne lt le gt ge sub div isnan isfinite item double to clone detach equal".split()
HARNESS = Path(parity.__file__).parent
SUBJECTS = str(HARNESS / "subjects")
# Where packages lie: of an environment that sees another's, or with a folder of PYTHONPATH, in several places.
PACKAGES = {str(distribution(name).locate_file("")) for name in ("numpy", "scipy", "tabulate", "torch")}
HOMES = (str(HARNESS), str(Path(reports.__file__).parent), *PACKAGES, *sysconfig.get_paths().values())
NUMBERS = (int, float, str, bool, tuple, frozenset)

Place = tuple[Any, str]
Snapshot = dict[str, tuple[Place, Any]]


def guarded_modules() -> list[ModuleType]:
    guarded = {name: module for name, module in of_suite().items() if name.startswith(GUARDED) and module is not None}
    return [guarded[name] for name in sorted(guarded)]


def watched() -> list[tuple[str, Any, str, Any]]:
    """Return (name, owner, attribute, value) of everything that a verdict is computed with."""
    values: list[tuple[str, Any, str, Any]] = [
        (f"torch.{name}", torch, name, getattr(torch, name)) for name in BUILT_IN
    ]
    values += [(f"torch.Tensor.{name}", torch.Tensor, name, getattr(torch.Tensor, name)) for name in METHODS]
    values += [
        (f"torch.testing.{name}", torch.testing, name, getattr(torch.testing, name))
        for name in ("assert_close", "make_tensor")
    ]
    for module in guarded_modules():
        for name, value in vars(module).items():
            if name.startswith("__"):
                continue
            if isinstance(value, (FunctionType, *NUMBERS)):
                values.append((f"{module.__name__}.{name}", module, name, value))
            elif isinstance(value, type) and value.__module__ == module.__name__:
                values += [
                    (f"{module.__name__}.{name}.{inner}", value, inner, method)
                    for inner, method in vars(value).items()
                    if isinstance(method, FunctionType)
                ]
    return values


def snapshot() -> Snapshot:
    """Return what `changes` compares with: every watched value, and for a function its code."""
    return {
        name: ((owner, attribute), (value, getattr(value, "__code__", None)))
        for name, owner, attribute, value in watched()
    }


def changes(before: Snapshot) -> tuple[str, ...]:
    """Return a sentence for each watched thing that was replaced since `before`, and put back what can be put back."""
    sentences = []
    for name, ((owner, attribute), (value, code)) in before.items():
        now = vars(owner).get(attribute, getattr(owner, attribute, None))
        if now is not value and not (now == value and isinstance(value, NUMBERS)):
            sentences.append(f"it replaced {name}")
            setattr(owner, attribute, value)
        elif code is not None and now.__code__ is not code:
            sentences.append(f"it replaced the code of {name}")
            now.__code__ = code
    return tuple(sentences)


def counterfeits() -> tuple[str, ...]:
    """Return a sentence for each function of torch or of the harness that was replaced before the audit began."""
    own = torch._C.TensorBase
    sentences = [f"torch.{name} is not torch's" for name in BUILT_IN if getattr(torch, name) is not native(name)]
    sentences += [
        f"torch.Tensor.{n} is not torch's" for n in METHODS if getattr(torch.Tensor, n) is not getattr(own, n)
    ]
    for module in guarded_modules():
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and not is_at_home(value.__code__.co_filename):
                sentences.append(f"{module.__name__}.{name} is not the harness's")
    return tuple(sentences)


def native(name: str) -> Any:
    return getattr(torch._C._VariableFunctions, name, getattr(torch, name))


@cache
def is_at_home(file: str) -> bool:
    """Return whether code of `file` may stand in the harness: its own, an installed package's, or generated."""
    if file.startswith(SUBJECTS) and Path(file).name not in ("contract.py", "__init__.py"):
        return False
    return file.startswith(("<", *HOMES))
