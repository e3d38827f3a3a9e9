"""A word of make that means nothing is one sentence, and not a run of everything."""

import os
import subprocess
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


def test_the_framework_promises_conventions_too() -> None:
    assert "--fail-on 'numbers,behaviour,conventions'" in make("parity").stdout
    assert "--fail-on 'numbers,behaviour,conventions'" in make("test").stdout


def test_a_make_in_a_make_takes_the_words_of_that_one() -> None:
    assert make("ci", "BASE=main").returncode == 0
