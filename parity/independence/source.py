"""A weak sign: what the subject's file imports. It never decides, for a name says nothing of what is called."""

import ast
import inspect
import sys
from pathlib import Path

from parity.subjects.contract import Subject

DIFFERENTIATES = ("torch.nn", "torch.autograd", "torch.func", "torch.jit", "torch._C")


def imports(source: str) -> list[str]:
    """Return the modules that a source imports, dotted."""
    modules: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules += [f"{node.module}.{alias.name}" for alias in node.names]
    return modules


def remark(subject: Subject) -> str:
    """Return a sentence on what the file of the adapter imports from torch's own layers; empty if nothing."""
    module = sys.modules.get(type(subject).__module__)
    file = getattr(module, "__file__", None) or inspect.getsourcefile(type(subject))
    if not file or not Path(file).is_file():
        return ""
    suspicious = sorted({name for name in imports(Path(file).read_text("utf-8")) if name.startswith(DIFFERENTIATES)})
    return f"its adapter imports {', '.join(suspicious)}" if suspicious else ""
