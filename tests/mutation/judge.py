"""Ask the tests of a mutated framework: a process a question, forked from one that holds all but the framework."""

import ast
import importlib
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

WARM = (
    "torch numpy scipy.stats skimage hypothesis pytest rich.progress parity.contract parity.catalogue parity.verdict "
    "parity.diagnosis parity.independence parity.run.suite parity.run.session parity.run.reporter parity.run.tested"
)
TESTS_CPU_SECONDS, CPU_SECONDS = 20, 240  # of one question; a mutation that never ends is one that is seen
WALL_SECONDS = 900
MEMORY_BYTES = 8 << 30
TESTS = ["tests/framework", "tests/tape", "tests/training"]
HOMES = {"tape": "tests/tape", "training": "tests/training", "data": "tests/training"}  # of a folder of the framework
OTHERS = tuple(f"tests/papers/test_{name}.py" for name in "lockstep paper_003 searches sides".split())
KILLED, PASSED = 1, 0
NOTHING_ASKED = 5  # of pytest, where no test was selected


def imported(file: Path, tree: Path) -> set[str]:
    """Return the names of the framework's modules that a file imports itself."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((tree / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "framework":
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


class Judge:
    """What is asked of a mutated file: its tests, then the parity of the modules that are made of it."""

    def __init__(self, tree: Path) -> None:
        """Warm up in the copy of the tree: import and compile everything but the framework."""
        os.environ["OMP_NUM_THREADS"] = "1"
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        for name in WARM.split():
            importlib.import_module(name)
        if any(name.split(".")[0] == "framework" for name in sys.modules):
            raise RuntimeError("the framework was imported before it was mutated")
        self.tree = tree
        files = [file.relative_to(tree) for file in (tree / "framework").rglob("*.py")]
        self.imports = {".".join(file.with_suffix("").parts): imported(file, tree) for file in files}
        for words in ([tests] for tests in TESTS):
            status, said = self.run(words, writes=True)
            if status != PASSED:
                raise RuntimeError(f"{' '.join(words)}: the tests fail where nothing is mutated:\n{said}")
        for cache in (tree / "framework").rglob("__pycache__"):
            for compiled in cache.iterdir():
                compiled.unlink()

    def reaches(self, module: str, mutated: str) -> bool:
        """Return whether a module is the mutated one or imports it, by whatever way."""
        met, ahead = set(), [module]
        while ahead:
            name = ahead.pop()
            if name not in met and name in self.imports:
                met.add(name)
                ahead += self.imports[name] - {"framework"}
        return mutated in met

    def concerned(self, mutated: str) -> list[str]:
        """Return the layers and losses that are made of the mutated module."""
        from parity.catalogue import pages

        exports = ast.parse((self.tree / "framework/__init__.py").read_text(encoding="utf-8")).body
        made = {alias.name: node.module for node in exports if isinstance(node, ast.ImportFrom) for alias in node.names}
        return [name for name in pages() if name in made and self.reaches(str(made[name]), mutated)]

    def stages(self, file: Path) -> list[list[str]]:
        """Return what is asked, one after the other, as words for pytest."""
        mutated = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
        parity, modules = ["parity/test_parity.py"], self.concerned(mutated)
        home = HOMES.get(file.parts[1], TESTS[0])
        stages = [[home], [tests for tests in TESTS if tests != home]]
        if len(modules) == 1 or mutated == "framework":
            stages.append([*parity, *(["--module", modules[0]] if modules else [])])
        elif modules:
            stages.append([*parity, "-k", " or ".join(f"[{name}-" for name in modules)])
        if mutated.startswith("framework.tape"):
            stages.append([*parity, "--subject", "tape"])
        return [*stages, list(OTHERS)]

    def ask(self, file: Path) -> tuple[str, str]:
        """Return what saw the fault, and its last words; nothing where it stays unseen."""
        for words in self.stages(file):
            status, said = self.run(words)
            if status not in (PASSED, NOTHING_ASKED):
                return " ".join(words), said
        return "", ""

    def run(self, words: list[str], writes: bool = False) -> tuple[int, str]:
        """Run pytest in a fork; return its status, KILLED where it was ended, and the end of what it said."""
        with tempfile.TemporaryFile() as said:
            process = os.fork()
            if not process:
                self.become_pytest(words, said.fileno(), writes)
            status = self.wait(process)
            said.seek(0)
            return status, said.read().decode(errors="replace")[-2000:]

    def become_pytest(self, words: list[str], said: int, writes: bool) -> None:
        """Run pytest in this process and end it."""
        status = KILLED
        try:
            os.setsid()
            os.dup2(said, 1)
            os.dup2(said, 2)
            seconds = TESTS_CPU_SECONDS if words[0] in TESTS else CPU_SECONDS
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            sys.dont_write_bytecode = not writes
            os.environ["PYTHONDONTWRITEBYTECODE"] = "" if writes else "1"
            import pytest

            out = str(self.tree / "reports/out/mutated")
            options = [
                "-x",
                "-q",
                "-n0",
                "-pno:cacheprovider",
                "--out",
                out,
                "--tb=line",
                "-Wignore:Module already imported",
            ]
            status = int(pytest.main([*words, *options]))
            sys.stdout.flush()
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(status)

    def wait(self, process: int) -> int:
        """Return the status of a process, which is ended where it takes too long."""
        until = time.monotonic() + WALL_SECONDS
        while time.monotonic() < until:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status) or PASSED
            time.sleep(0.05)
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        return KILLED
