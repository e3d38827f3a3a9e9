"""The suite, built as a wheel and installed once: the tests walk the roads of those who have no checkout."""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.started import HANGS
from tests.subjects import tiny_libraries

ROOT = Path(__file__).parents[2]
SOURCES = ("framework", "parity", "perf", "reports", "gradparity.py", "pyproject.toml", "README.md", "LICENSE")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "out", "published")
IGNORED = {"PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "GITHUB_ACTIONS", "GITHUB_WORKSPACE"}


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it; what the suite stands on is that of the tests' own environment."""

    place: Path

    @property
    def packages(self) -> Path:
        (found,) = self.place.glob("lib/python*/site-packages")
        return found

    def surroundings(self, **more: str) -> dict[str, str]:
        """Return the variables of a user's shell in which the environment is activated; pip finds no index there."""
        own = {name: value for name, value in os.environ.items() if name not in IGNORED}
        path = f"{self.place / 'bin'}{os.pathsep}{own['PATH']}"
        return own | {"PATH": path, "PIP_NO_INDEX": "1", "PYTEST_XDIST_AUTO_NUM_WORKERS": "0"} | more

    def run(self, folder: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run the command gradparity in a folder."""
        return ended(["gradparity", *words], folder, self.surroundings(**more))

    def shell(self, folder: Path, script: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a script in a folder, as GitHub runs a step."""
        return ended(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], folder, self.surroundings(**more)
        )


def ended(words: list[str], folder: Path, variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words, cwd=folder, env=dict(variables), capture_output=True, text=True, check=False, timeout=HANGS
    )


def build(folder: Path) -> None:
    """Build the wheel from a copy, which the build may write into, and install it; nothing is fetched.

    The environment lies in a folder with a pytest of its own, as it does in many repositories: it is not to be read.
    """
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    (folder / "conftest.py").write_text("raise SystemExit('theirs')\n", encoding="utf-8")
    copy = folder / "copy"
    copy.mkdir()
    for name in SOURCES:
        place = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        place(ROOT / name, copy / name, **({"ignore": LEFT_OUT} if (ROOT / name).is_dir() else {}))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    built = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(copy)]
    subprocess.run([*pip, *built], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "environment")], check=True)
    environment = Installed(folder / "environment")
    (environment.packages / "outer.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    python = str(environment.place / "bin" / "python")
    words = ["install", "--no-deps", "--no-index", "--force-reinstall", str(wheel)]
    subprocess.run([*pip, "--python", python, *words], check=True)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Installed:
    """The environment, built by the first process of the run that asks for it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "built").open("a+", encoding="utf-8") as built:
        fcntl.flock(built, fcntl.LOCK_EX)
        if not os.fstat(built.fileno()).st_size:
            build(folder)
            built.write("yes")
            built.flush()
    return Installed(folder / "environment")


@pytest.fixture
def wheel(installed: Installed) -> Path:
    """The wheel itself."""
    (found,) = installed.place.parent.glob("*.whl")
    return found


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with a small library of NumPy, which is right, and its adapter."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    tiny_libraries.write(folder)
    return folder
