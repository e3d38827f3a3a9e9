"""A record says of which commit the library was, beside that of the suite."""

import subprocess
from pathlib import Path

import pytest

from parity.run.gate import origin
from parity.run.session import run_record
from reports.header import header


def git(folder: Path, *words: str) -> str:
    own = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *own, "-C", str(folder), *words], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a library, an adapter, and a folder that git ignores."""
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("ignored/\n", encoding="utf-8")
    for name in ("adapter.py", "layers.py"):
        (tmp_path / name).write_text("x = 1\n", encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_the_commit_is_that_of_the_library(checkout: Path) -> None:
    adapter, layers = str(checkout / "adapter.py"), ("layers", str(checkout / "layers.py"), "")
    head = git(checkout, "rev-parse", "HEAD")[:12]
    assert origin.of_library(adapter, [layers]) == head
    assert origin.of_library(adapter, []) == head
    (checkout / "layers.py").write_text("x = 2\n", encoding="utf-8")
    assert origin.of_library(adapter, [layers]) == f"{head}+"


def test_what_git_does_not_hold_is_of_no_commit(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    head = git(checkout, "rev-parse", "HEAD")[:12]
    (checkout / "new.py").write_text("x = 1\n", encoding="utf-8")
    assert origin.commit_at(checkout / "new.py") == f"{head}+"
    (checkout / "ignored").mkdir()
    (checkout / "ignored" / "a.py").write_text("x = 1\n", encoding="utf-8")
    assert origin.commit_at(checkout / "ignored" / "a.py") == ""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.py"
    elsewhere.write_text("x = 1\n", encoding="utf-8")
    assert origin.of_library(str(elsewhere), []) == ""
    assert origin.of_library(str(elsewhere), [("mylib", str(elsewhere.with_name("mylib.py")), "1.2")]) == "version 1.2"


def test_an_installed_library_has_its_version_whatever_checkout_it_lies_in(checkout: Path) -> None:
    installed = checkout / "venv" / "lib" / "site-packages" / "pytest.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("x = 1\n", encoding="utf-8")
    told = origin.of_library(str(checkout / "adapter.py"), [("pytest", str(installed), "")])
    assert told == f"version {pytest.__version__}"


def test_the_page_has_both(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADPARITY_COMMIT", "of-the-suite")
    run = run_record("mine", 0, [], True, source=str(checkout / "adapter.py"))
    assert (run.commit, run.suite) == (git(checkout, "rev-parse", "HEAD")[:12], "of-the-suite")
    assert f"{run.commit}; of the suite of-the-suite" in header(run, ["commit"])
    own = run_record("framework", 0, [], True)
    assert own.commit == own.suite == "of-the-suite"
    assert "of the suite" not in header(own, ["commit"]).replace("of-the-suite", "")
