"""Mutate the framework, one drawn place at a time, and count which mutations its tests see: `tox -e mutation`.

Every mutation that cosmic-ray knows stands in the draw, save those inside annotations, which mean nothing at run time.
The mutations are judged in a copy of the tree, in the drawn order, and each result is kept as it comes: a run that was
stopped goes on where it stopped, and its first lines are a sample too. A survivor that is listed in equivalent.json,
with its reason, behaves as the original does and is left out of the share.
"""

import argparse
import ast
import difflib
import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec
from judge import Judge
from scipy.stats import binomtest

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
EQUIVALENT = HERE / "equivalent.json"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "out", "published", "__pycache__", ".*_cache", ".hypothesis", "shared"
)


def annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where the annotations of a file begin and end, as (line, column)."""
    nodes: Iterator[Any] = ast.walk(ast.parse(source))
    fields = (getattr(node, name, None) for node in nodes for name in ("annotation", "returns"))
    return [((at.lineno, at.col_offset), (at.end_lineno, at.end_col_offset)) for at in fields if at is not None]


def mutations(tree: Path) -> list[MutationSpec]:
    """Return every mutation of the framework that is not inside an annotation, sorted by its place."""
    files = sorted((tree / "framework").rglob("*.py"))
    inside = {file: annotations(file.read_text(encoding="utf-8")) for file in files}
    with tempfile.TemporaryDirectory() as folder, use_db(f"{folder}/session.sqlite") as database:
        init(files, database, {})
        every = [item.mutations[0] for item in database.work_items]
    telling = [
        one for one in every if not any(low <= one.start_pos < high for low, high in inside[Path(one.module_path)])
    ]
    return sorted(telling, key=lambda one: (one.module_path, one.start_pos, one.operator_name, one.occurrence))


def name_of(one: MutationSpec, tree: Path) -> dict[str, Any]:
    """Return what tells one mutation from another."""
    return {
        "file": str(Path(one.module_path).relative_to(tree)),
        "line": one.start_pos[0],
        "operator": one.operator_name.removeprefix("core/"),
        "occurrence": one.occurrence,
    }


def changed(before: str, after: str) -> tuple[str, str]:
    """Return the lines that a mutation takes away and those that it puts in their place."""
    difference = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    gone, come = ([line[2:].strip() for line in difference if line.startswith(sign)] for sign in ("- ", "+ "))
    return "\n".join(gone), "\n".join(come)


def copied(tree: Path, into: Path) -> Path:
    """Return a fresh copy of the tree, in which files may be broken."""
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(tree, into, ignore=LEFT_OUT)
    return into


def known(out: Path) -> dict[str, dict[str, Any]]:
    """Return the results of a run that was stopped, by the name of the mutation."""
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    results = [json.loads(line) for line in lines]
    return {json.dumps(result["mutation"]): result for result in results}


def judged(one: MutationSpec, tree: Path, judge: Judge) -> dict[str, Any]:
    """Apply a mutation to the copy, ask the tests, and put the file back."""
    file, started = Path(one.module_path), time.monotonic()
    before = file.read_text(encoding="utf-8")
    after = mutate_code(before, get_operator(one.operator_name)(**one.operator_args), one.occurrence)
    file.write_text(after, encoding="utf-8")
    try:
        killer, said = judge.ask(file.relative_to(tree))
    finally:
        file.write_text(before, encoding="utf-8")
    was, becomes = changed(before, after)
    result = {"mutation": name_of(one, tree), "was": was, "becomes": becomes, "killed": killer, "said": said[-300:]}
    return result | {"seconds": round(time.monotonic() - started, 1)}


def equivalent(result: dict[str, Any]) -> bool:
    """Return whether a survivor is listed as one that behaves as the original does."""
    listed = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    change = result["mutation"]["file"], result["was"], result["becomes"]
    return change in [(one["file"], one["was"], one["becomes"]) for one in listed]


def summary(results: list[dict[str, Any]], drawn: int, possible: int) -> int:
    """Print the share that was killed, and every survivor; return how many of them are not known to be equivalent."""
    survived = [one for one in results if not one["killed"]]
    open_ones = [one for one in survived if not equivalent(one)]
    killed, telling = len(results) - len(survived), len(results) - len(survived) + len(open_ones)
    for one in open_ones:
        print(f"survived: {one['mutation']['file']}:{one['mutation']['line']}\n  - {one['was']}\n  + {one['becomes']}")
    low, high = binomtest(killed, telling).proportion_ci(0.95, "wilson") if telling else (0.0, 1.0)
    alike, share = len(survived) - len(open_ones), killed / max(telling, 1)
    print(f"{len(results)} of {drawn} drawn mutations judged, of {possible} possible; {alike} of them are equivalent")
    print(f"killed {killed} of the other {telling}: {share:.1%} (95 % interval {low:.1%} to {high:.1%})")
    return len(open_ones)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="how many mutations are drawn (default 300)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw (default 0)")
    parser.add_argument("--out", type=Path, default=TREE / "reports/out/mutation.jsonl", help="where results are kept")
    parser.add_argument("--first", type=int, default=None, help="judge only so many of the drawn, in their order")
    parser.add_argument("--again", action="store_true", help="judge those that survived once more")
    parser.add_argument("--only", default="", help="of the drawn ones, judge those of files whose path holds this")
    asked = parser.parse_args()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    tree = copied(TREE, Path(tempfile.gettempdir()) / f"mutated-{asked.out.stem}")
    possible, judge = mutations(tree), Judge(tree)
    drawn, results = random.Random(asked.seed).sample(possible, min(asked.count, len(possible))), []
    before = known(asked.out)
    for one in (one for one in drawn[: asked.first] if asked.only in str(one.module_path)):
        result = before.get(json.dumps(name_of(one, tree)))
        if result is None or (asked.again and not result["killed"] and not equivalent(result)):
            result = judged(one, tree, judge)
            with asked.out.open("a", encoding="utf-8") as kept:
                kept.write(json.dumps(result) + "\n")
            print(f"{len(results) + 1}: {result['killed'] or 'SURVIVED'}, {result['mutation']}", flush=True)
        results.append(result)
    raise SystemExit(1 if summary(results, len(drawn), len(possible)) else 0)


if __name__ == "__main__":
    main()
