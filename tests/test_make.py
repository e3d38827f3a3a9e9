"""A word of make that means nothing is one sentence, and not a run of everything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def make(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run make without doing anything, as from a shell of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    env.pop("GRADPARITY_MAKE", None)
    return subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["parity", "MODLUE=Linear"], "no variable of parity is named MODLUE; MODLUE: did you mean MODULE?"),
        (["parity", "module=Linear"], "module: did you mean MODULE?"),
        (["trust", "XYZZY=1"], "no variable of trust is named XYZZY; it takes PYTHON JOBS SHELL FULL SEED"),
        (["audit", "DEVICE=cpu"], "no variable of audit is named DEVICE"),
        (["pagetests", "AXEE=x"], "AXEE: did you mean AXE?"),
    ],
)
def test_a_variable_that_the_target_does_not_take_is_an_error(words: list[str], said: str) -> None:
    done = make(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_the_target_takes_becomes_options() -> None:
    assert "audit --subject 'a.py' --pages 'b.py'" in make("audit", "SUBJECT=a.py", "PAGES=b.py").stdout
    assert "--pages 'b.py c.py'" in make("bench", "PAGES=b.py c.py").stdout
    words = make("parity", "SUBJECT=a.py", "MODULE=Linear", "REQUIRE=all", "AT_LEAST=9", "JOBS=3").stdout
    assert "parity -n 3 --require 'all' --at-least '9' --subject 'a.py'" in " ".join(words.split())
    assert "--fail-on" not in words
    assert "--fail-on 'numbers'" in make("parity", "SUBJECT=a.py", "FAIL_ON=numbers").stdout


def test_a_quick_run_of_named_modules_starts_no_other_process() -> None:
    assert "parity -n 3 --quick" in make("parity", "QUICK=1", "JOBS=3").stdout
    assert "parity -n 0 --quick" in make("parity", "QUICK=1", "JOBS=3", "MODULE=Linear").stdout
    assert "--quick" not in make("parity", "JOBS=3", "MODULE=Linear").stdout
    assert "no variable of test is named QUICK" in make("test", "QUICK=1").stderr


def test_a_report_may_write_tables_for_a_paper_too() -> None:
    assert make("report", "FORMAT=latex").stdout.endswith("-m parity report --format 'latex'\n")
    assert "--format" not in make("report").stdout
    assert "FORMTA: did you mean FORMAT?" in make("report", "FORMTA=csv").stderr


def test_the_framework_promises_conventions_too() -> None:
    assert "--fail-on 'numbers,behaviour,conventions'" in make("parity").stdout
    assert "--fail-on 'numbers,behaviour,conventions'" in make("test").stdout


def test_a_make_in_a_make_takes_the_words_of_that_one() -> None:
    assert make("ci", "BASE=main").returncode == 0


def test_an_installation_without_a_network_is_one_sentence(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    pip = "#!/bin/sh\necho WARNING: again >&2\necho ERROR: no such version of torch >&2\nexit 1\n"
    python = tmp_path / "python"
    python.write_text(
        f"#!/bin/sh\n[ \"$2\" = venv ] || exit 0\nmkdir -p .venv/bin\nprintf '%s' '{pip}' > .venv/bin/pip\n"
        "chmod +x .venv/bin/pip\n",
        encoding="utf-8",
    )
    python.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "setup", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 2
    said, *of_make = done.stderr.splitlines()
    assert said.startswith("make: pip could not install the packages of constraints.txt, which come from a network")
    assert said.endswith("ERROR: no such version of torch")
    assert all(line.startswith("make: ***") for line in of_make)
    assert not (tmp_path / ".venv" / ".installed").exists()


def test_a_python_without_torch_is_told_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('none', name='torch')\n", encoding="utf-8")
    outside = getattr(sys, "_base_executable", sys.executable)  # of no environment
    words = [outside, "-m", "parity", "doctor"]
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 2
    assert "needs torch, which Python does not find here; " in done.stderr
    assert done.stderr.endswith("call .venv/bin/python -m parity\n")
