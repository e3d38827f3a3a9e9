"""What docs/ci.md shows, the action and the hook: every command in them is run, as it is written.

The wheel is installed already, and pip has no index: `python -m pip install "$GRADPARITY"` finds it there. The steps of
others (`uses:`) are left out. So that a run is short, the settings of the document get a check and a case.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.road.conftest import ROOT, Installed
from tests.subjects import tiny_libraries

DOCUMENT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
BLOCKS = [(kind, text) for kind, text in re.findall(r"```(\w+)\n(.*?)```", DOCUMENT, re.DOTALL)]
SHORT = 'check = "values"\ndtype = "float32"\ncase = "plain"\njobs = 0\n'
EXPRESSION = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")


def values_of(text: str, key: str) -> Iterator[str]:
    """Yield what a key of a YAML text has, on its line or, as a block, below it."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        found = re.match(rf"^( *)(- )?{key}: (.*)$", line)
        if found and found[3] != "|":
            yield found[3]
        elif found:
            column = len(found[1] + (found[2] or ""))
            block = []
            for below in lines[number + 1 :]:
                if below.strip() and len(below) - len(below.lstrip()) <= column:
                    break
                block.append(below.strip())
            yield "\n".join(block)


def steps(text: str) -> list[str]:
    """Return the steps of an action, each as its lines."""
    return re.split(r"^    - ", text.partition("\n  steps:\n")[2], flags=re.MULTILINE)[1:]


def surroundings_of(step: str, inputs: dict[str, str]) -> dict[str, str]:
    """Return the variables that a step sets from inputs."""
    found = re.findall(r"^        (\w+): (\$\{\{.*\}\})$", step.partition("env:\n")[2], re.MULTILINE)
    return {name: EXPRESSION.sub(lambda match: inputs[match[1]], value) for name, value in found}


@pytest.fixture
def theirs(library: Path) -> Path:
    """A repository with a library called mylib, its adapter and, of the document, the settings."""
    (library / "tinynp.py").rename(library / "mylib.py")
    adapter = tiny_libraries.TINYNP_ADAPTER.replace("tinynp", "mylib")
    (library / "mylib_adapter.py").write_text(adapter, encoding="utf-8")
    (settings,) = (text for kind, text in BLOCKS if kind == "toml")
    (library / "gradparity.toml").write_text(settings.replace(', "ReLU"', "") + SHORT, encoding="utf-8")
    return library


def test_the_commands_of_the_document_run(installed: Installed, wheel: Path, theirs: Path) -> None:
    (shell,) = (text for kind, text in BLOCKS if kind == "sh")
    _, workflow, gitlab, _ = (text for kind, text in BLOCKS if kind == "yaml")
    script = re.search(r"  script:\n((?:    - .*\n)+)", gitlab)
    assert script is not None
    of_gitlab = [line.removeprefix("    - ") for line in script[1].splitlines()]
    github = list(values_of(workflow, "run"))
    assert (len(github), len(of_gitlab), len(shell.splitlines())) == (2, 2, 2)
    install = 'python -m pip install "$GRADPARITY"'
    assert [github[0], of_gitlab[0], shell.splitlines()[0]] == [install] * 3
    done = installed.shell(theirs, install, GRADPARITY=str(wheel))
    assert done.returncode == 0, done.stderr
    summary = {"GITHUB_STEP_SUMMARY": "step.md"}
    for command in (github[1], of_gitlab[1]):
        done = installed.shell(theirs, command, **summary)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (theirs / "step.md").read_text(encoding="utf-8").startswith("## Parity with torch.nn: mylib")
    for path in values_of(gitlab, "junit"):
        assert (theirs / path).is_file()
    (theirs / "gradparity.toml").write_text(SHORT.replace("plain", "all"), encoding="utf-8")
    done = installed.shell(theirs, shell.splitlines()[1].replace("Linear,", ""))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_steps_of_the_action_run_and_are_red_on_a_fault(installed: Installed, wheel: Path, theirs: Path) -> None:
    inputs = {"adapter": "mylib_adapter.py", "modules": "Linear", "gate": "", "python-version": ""}
    declared = ACTION.partition("inputs:\n")[2].partition("\nruns:")[0]
    assert re.findall(r"^  ([\w-]+):$", declared, re.MULTILINE) == list(inputs)
    _, install, compare, timed, keep = steps(ACTION)
    (pip,) = values_of(install, "run")
    assert installed.shell(theirs, pip, GITHUB_ACTION_PATH=str(wheel)).returncode == 0
    (script,) = values_of(compare, "run")
    variables = surroundings_of(compare, inputs) | {"GITHUB_STEP_SUMMARY": "step.md", "GITHUB_ACTIONS": "true"}
    source = (theirs / "mylib.py").read_text(encoding="utf-8")
    wrong = source.replace("return dy @ self.W.T", "return dy @ self.W.T + 1")
    (theirs / "mylib.py").write_text(wrong, encoding="utf-8")
    red = installed.shell(theirs, script, **variables)
    assert red.returncode == 1, red.stderr
    assert "::error file=mylib_adapter.py,line=8,title=mylib%3A Linear dL/dX::" in red.stdout
    assert "Linear, dL/dX" in (theirs / "step.md").read_text(encoding="utf-8")
    assert (theirs / next(values_of(keep, "path")) / "parity.md").is_file()
    assert "if: ${{ always() }}" in keep
    variables = surroundings_of(timed, inputs | {"gate": "1.5"})
    (script,) = values_of(timed, "run")
    said = installed.shell(theirs, f"gradparity() {{ printf '%s\\n' \"$@\"; }}\n{script}", **variables).stdout
    wanted = "bench --subject mylib_adapter.py --module Linear --quick --gate 1.5 --out gradparity-out"
    assert said.split() == wanted.split()


def test_an_input_is_a_word_and_no_program(installed: Installed, theirs: Path) -> None:
    compare = steps(ACTION)[2]
    assert "${{" not in "".join(values_of(compare, "run"))
    inputs = {"adapter": "$(touch a);`touch b` c.py", "modules": "", "gate": "", "python-version": ""}
    (script,) = values_of(compare, "run")
    said = installed.shell(
        theirs,
        f"gradparity() {{ printf '%s\\n' \"$@\"; }}\n{script}",
        **surroundings_of(compare, inputs),
        GITHUB_STEP_SUMMARY="step.md",
    ).stdout
    assert said.splitlines()[:3] == ["parity", "--subject", inputs["adapter"]]
    assert not {"a", "b"} & {path.name for path in theirs.iterdir()}


def test_the_hook_is_a_command_that_reads_the_settings(installed: Installed, theirs: Path) -> None:
    (entry,) = values_of(HOOKS, "entry")
    shown = BLOCKS[-1][1]
    (args,) = values_of(shown, "args")
    assert next(values_of(shown, "id")) == next(values_of(HOOKS, "id"))
    done = installed.run(theirs, *shlex.split(entry)[1:], *args.strip("[]").split(", "))
    assert done.returncode == 0, done.stdout + done.stderr
