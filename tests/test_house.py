"""The house: small rooms, short files, one name for one thing."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("framework", "parity", "perf", "reports")
MOST_FILES, MOST_LINES = 15, 300
GROWING = {
    "framework/layers",
    "framework/losses",
    "parity/catalogue",
    "parity/trust/mutants/specific",
    "parity/trust/alternatives",
}  # with modules
# A pair that the papers' interface and the adapters' fix: layers and their twins on the tape, losses on either side.
TWINS = {"Module", "Sequential", "Loss"}
WRITTEN = {"out", "published", "__pycache__"}


def sources() -> list[Path]:
    files = [path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file()]
    return [path for path in files if not WRITTEN & set(path.parts)]


def test_a_room_holds_few_files() -> None:
    rooms = Counter(path.parent.as_posix() for path in sources())
    crowded = {room: count for room, count in rooms.items() if count > MOST_FILES and room not in GROWING}
    assert crowded == {}
    assert len(rooms) > 20


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_a_file_is_short(package: str) -> None:
    files = (path for path in (ROOT / package).rglob("*.py") if not WRITTEN & set(path.relative_to(ROOT).parts))
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in files}
    assert {str(path): count for path, count in lines.items() if count > MOST_LINES} == {}


def test_a_class_name_stands_for_one_thing() -> None:
    where = defaultdict(set)
    for path in sources():
        if path.suffix == ".py":
            for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    where[node.name].add(path.as_posix())
    assert {name: files for name, files in where.items() if len(files) > 1 and name not in TWINS} == {}
