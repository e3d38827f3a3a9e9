"""A library may have modules that are called as the suite's packages: each side finds its own."""

from pathlib import Path

import pytest

from reports.lines import read
from tests.road.conftest import Installed
from tests.subjects import tiny_libraries

SELECTED = "--module", "ReLU", "--case", "image", "--dtype", "float32"
OF_LIBRARY = """
import numpy as np
from framework.layers import Relu
from reports import chatty

chatty("imported")
"""


@pytest.fixture
def namesakes(library: Path) -> Path:
    """The folder of a library in modules named framework (without __init__.py) and reports, and its adapter."""
    (library / "framework").mkdir()
    (library / "framework" / "layers.py").write_text(tiny_libraries.TINYNP, encoding="utf-8")
    (library / "reports.py").write_text("def chatty(word):\n    print(word)\n", encoding="utf-8")
    (library / "mine.py").write_text(OF_LIBRARY, encoding="utf-8")
    (library / "adapter.py").write_text(
        "import mine\nfrom parity.subjects.adapters import NUMPY, Convention, Library, none\n"
        'subject = Library("mine", {"ReLU": mine.Relu}, Convention(arrays=NUMPY, places=none()))\n',
        encoding="utf-8",
    )
    return library


def test_a_library_finds_its_own_framework_and_reports(installed: Installed, namesakes: Path) -> None:
    done = installed.run(namesakes, "parity", "--subject", "adapter.py", *SELECTED, PYTHONPATH=str(namesakes))
    records = list(read(namesakes / "gradparity-out" / "parity.jsonl"))
    values = [one["verdict"] for one in records if one.get("check") == "values"]
    assert values, done.stdout + done.stderr
    assert set(values) <= {"pass", "same-route"}
    (audit,) = (one for one in records if one["kind"] == "audit")  # which needs the suite's own reports
    assert audit["verdict"] == "independent", audit


def test_in_one_process_too_each_side_finds_its_own(installed: Installed, namesakes: Path) -> None:
    words = "--subject", "adapter.py", *SELECTED, "--check", "values", "--in-process"
    done = installed.run(namesakes, "parity", *words, PYTHONPATH=str(namesakes))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "imported" in done.stdout + done.stderr


def test_a_parity_of_the_librarys_own_is_named_with_the_suites(installed: Installed, namesakes: Path) -> None:
    (namesakes / "parity.py").write_text("def even(number):\n    return number % 2 == 0\n", encoding="utf-8")
    mine = namesakes / "mine.py"
    mine.write_text(f"from parity import even\n{mine.read_text(encoding='utf-8')}", encoding="utf-8")
    done = installed.run(namesakes, "parity", "--subject", "adapter.py", *SELECTED)
    assert done.returncode == 2
    ours = installed.packages / "parity" / "__init__.py"
    assert f"parity is {ours} here, which hides {namesakes}/parity.py: rename the library's" in done.stderr
