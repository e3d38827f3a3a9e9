"""The roads of those who have no checkout: a student who wants a page, and a maintainer who wants a gate."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

from reports.lines import read
from tests.road.conftest import Installed
from tests.started import HANGS, heeding
from tests.subjects import tiny_libraries

ONE_CHECK = "--check", "values", "--dtype", "float32"
FAULT = "self.dW += rows.T @ d", "self.dW += 2 * rows.T @ d"
SETTINGS = """
[tool.gradparity]
subject = "adapters/tinynp_adapter.py"
modules = ["Linear"]
check = "values"
dtype = "float32"
case = "plain"
summary = "summary.md"
"""


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_a_student_goes_from_an_empty_folder_to_a_page(installed: Installed) -> None:
    folder = installed.place.parent / "student"  # in a repository that has its environment, and a pytest, of its own
    folder.mkdir()
    (folder / "tinynp.py").write_text(tiny_libraries.TINYNP, encoding="utf-8")
    before = files(installed.packages)
    made = installed.run(folder, "new-adapter", "tinynp", "--shape", "numpy")
    assert made.stdout == (
        "tinynp_adapter.py is written; fill it in, then: gradparity doctor --subject tinynp_adapter.py\n"
    )
    adapter = folder / "tinynp_adapter.py"
    text = adapter.read_text(encoding="utf-8")
    assert "Then: gradparity doctor --subject tinynp_adapter.py" in text
    text = text.replace("tinynp.ReLU", "tinynp.Relu").replace("tinynp.mse_gradient", "tinynp.dmse")
    adapter.write_text(text, encoding="utf-8")
    seen = installed.run(folder, "doctor", "--subject", adapter.name, "--module", "ReLU")
    assert seen.returncode == 0, seen.stderr
    assert re.search(r"cells: gradparity parity --subject tinynp_adapter.py$", seen.stdout, re.MULTILINE)
    done = installed.run(folder, "parity", "--subject", adapter.name, "--module", "ReLU", *ONE_CHECK)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "report in gradparity-out/index.html and gradparity-out/parity.md" in done.stdout
    assert "The referee's report" in (folder / "gradparity-out" / "parity.md").read_text(encoding="utf-8")
    assert installed.run(folder, "report").stdout.split() == ["gradparity-out/parity.md", "gradparity-out/index.html"]
    names = {path.name for path in folder.iterdir()}
    assert names <= {"tinynp.py", "tinynp_adapter.py", "gradparity-out", "__pycache__"}
    assert files(installed.packages) == before


def test_a_maintainers_gate_is_green_then_red_on_a_planted_fault(installed: Installed, library: Path) -> None:
    (library / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (library / "adapters").mkdir()
    (library / "adapters" / "tinynp_adapter.py").write_text(tiny_libraries.TINYNP_ADAPTER, encoding="utf-8")
    github = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(library.parent)}
    green = installed.run(library, "parity", **github)
    assert green.returncode == 0, green.stdout + green.stderr
    assert "::error" not in green.stdout
    assert not (library / ".pytest_cache").exists()
    source = (library / "tinynp.py").read_text(encoding="utf-8")
    (library / "tinynp.py").write_text(source.replace(*FAULT), encoding="utf-8")
    red = installed.run(library, "parity", "-n", "1", "--junitxml", "junit.xml", **github)
    assert red.returncode == 1
    (line,) = (line for line in red.stdout.splitlines() if line.startswith("::error "))
    assert line.startswith("::error file=theirs/adapters/tinynp_adapter.py,line=8,title=tinynp%3A Linear dL/dW::Linear")
    assert "%0Alooks like: it is 2 times too large" in line
    again = "again: gradparity parity --subject adapters/tinynp_adapter.py --module Linear --case plain --check values"
    assert again in red.stdout
    green_summary, red_summary = (library / "summary.md").read_text(encoding="utf-8").split("## Parity")[1:]
    assert "compared quantities of 1 module pass" in green_summary
    assert "- **Linear, dL/dW**: It looks like this: it is 2 times too large" in red_summary
    suite = ElementTree.parse(library / "junit.xml").getroot()[0]
    assert int(suite.attrib["failures"]) == int(suite.attrib["tests"]) > 5
    head, *_ = read(library / "gradparity-out" / "parity.jsonl")
    assert head["command"] == "gradparity parity -n 1 --junitxml junit.xml"
    (script,) = (library / "gradparity-out" / "minimal").glob("*.py")
    shown = installed.shell(library, f"python {script}")
    assert (shown.returncode, shown.stderr) == (1, "dweight is wrong\n")
    before, after = sorted((library / "gradparity-out" / "runs" / "tinynp").iterdir())
    compared = installed.run(library, "compare", str(before), str(after))
    assert compared.returncode == 1
    assert "newly wrong: Linear dweight, " in compared.stdout
    assert installed.run(library, "compare", str(after), str(before)).returncode == 0
    assert "## From " in (library / "summary.md").read_text(encoding="utf-8")


def test_the_words_that_mean_nothing_end_in_two(installed: Installed, library: Path) -> None:
    misspelt = installed.run(library, "parity", "--modul", "Linear")
    assert misspelt.returncode == 2
    assert "parity: there is no option --modul; did you mean --module?" in misspelt.stderr
    assert installed.run(library, "doktor").stderr == "there is no command doktor; did you mean doctor?\n"
    assert "gradparity --help lists them" in installed.run(library, "xyz").stderr
    of_checkout = installed.run(library, "manifest")
    assert of_checkout.returncode == 2
    assert of_checkout.stderr == "manifest: works in a checkout of the suite alone, and this one is installed\n"
    listed = installed.run(library, "--help").stdout
    assert listed.startswith("usage: gradparity COMMAND")
    assert "  manifest" not in listed
    assert installed.run(library, "--version").stdout.startswith("gradparity 0.")


def test_ctrl_c_ends_in_130_and_keeps_what_is_finished(installed: Installed, library: Path) -> None:
    (library / "adapter.py").write_text(tiny_libraries.TINYNP_ADAPTER, encoding="utf-8")
    words = ["gradparity", "parity", "--subject", "adapter.py"]  # of all, so that it goes on meanwhile
    records = library / "gradparity-out" / "parity.jsonl"
    process = subprocess.Popen(
        words,
        cwd=library,
        env=installed.surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding,
    )
    while process.poll() is None and not (records.is_file() and records.stat().st_size > 5_000):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    said = process.communicate(timeout=HANGS)[1]
    assert process.returncode == 130
    assert said.splitlines()[-1] == "parity: interrupted; what is finished is kept"
    assert "INCOMPLETE" in records.with_suffix(".md").read_text(encoding="utf-8")
