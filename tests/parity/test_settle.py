"""One place sets the switches of a process; what one process has, those that it starts have too."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from parity.settle import Settings, settle
from parity.subjects.process import Isolated

ROOT = Path(__file__).parents[2]
SWITCH = re.compile(
    r"set_num_threads|set_grad_enabled|set_default_dtype|use_deterministic_algorithms|set_deterministic_debug_mode"
    r"|set_float32_matmul|mallopt|(allow_tf32|cudnn\.benchmark|cudnn\.deterministic|fp32_precision)\s*="
)
SUBJECT = """
from parity.settle import Settings
class Telling:
    name, explains = Settings.now().word, False
    def build(self, *arguments):
        raise NotImplementedError
subject = Telling()
"""
OTHER = Settings(2, True, True, True, True, False, "float64")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = Settings.now()
    yield
    before.restore()


def test_a_settled_process_computes_on_one_thread_without_tf32() -> None:
    OTHER.restore()
    settle()
    assert Settings.now() == Settings()
    assert torch.get_num_threads() == 1
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32


def test_settings_survive_as_a_word_and_when_restored() -> None:
    Settings.of_word(OTHER.word).restore()
    assert Settings.now() == OTHER


def test_the_process_of_a_subject_has_the_settings_of_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "telling.py"
    path.write_text(SUBJECT, encoding="utf-8")
    asked = replace(OTHER, threads=1)
    asked.restore()
    assert Settings.of_word(Isolated(str(path)).name) == asked


def test_a_library_that_sets_tf32_for_some_products_alone_is_counted_as_allowing_it() -> None:
    torch.backends.cudnn.conv.fp32_precision = "ieee"
    torch.backends.cudnn.rnn.fp32_precision = "tf32"
    assert Settings.now().tf32


def test_nobody_else_sets_a_switch() -> None:
    files = [ROOT / "conftest.py", ROOT / "gradparity.py"]
    files += [path for room in ("framework", "parity", "perf", "reports") for path in (ROOT / room).rglob("*.py")]
    setting = [path.relative_to(ROOT).as_posix() for path in files if SWITCH.search(path.read_text(encoding="utf-8"))]
    assert setting == ["parity/settle.py"]
