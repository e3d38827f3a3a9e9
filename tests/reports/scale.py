"""How long pages take, and how much memory: python tests/reports/scale.py passing|failing|stopped COUNT [COUNT ...].

Records are made up: passing ones; failing ones of a file's subject, with detail, diagnosis and fits of their own; or
ones that stopped, each in other words. The counts of a linear renderer take times in proportion.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from reports.html import index
from reports.parity.page import page_of
from reports.reading import gather
from reports.record import Parity, Run, plain

CHECKS = ("values", "values", "accumulates", "batches", "layouts")
QUANTITIES, DTYPES = ("output", "dx", "dweight", "dbias"), ("float64", "float32", "bfloat16")
MODULES, REGIMES = 60, ("normal", "tiny", "huge")
WORDS = ("the sign is wrong", "a factor of two", "it is transposed", "the derivative is that of the output")


def run() -> Run:
    facts = {"machine": {}, "versions": {}, "settings": {}}
    return Run(subject="s", seed=0, started="", command="", commit="", source="s.py", **facts)


def records(kind: str, count: int) -> Iterator[Parity]:
    """Yield so many records, spread over modules, cases, checks, quantities and dtypes."""
    for place in range(count):
        at, check = place // MODULES, CHECKS[place % len(CHECKS)]
        failing = kind != "passing" and (kind == "stopped" or check == "values")
        yield Parity(
            subject="s",
            module=f"Module{place % MODULES}",
            case=f"case {at // 40}",
            check=check,
            quantity=QUANTITIES[at % 4] if check == "values" else f"claim {at % 4}",
            device="cpu",
            dtype=DTYPES[at % 3],
            regime=REGIMES[at % 3 if at % 7 else 0],
            cotangent=1.0,
            seed=at,
            verdict={"passing": "pass", "failing": "fail", "stopped": "error"}[kind] if failing else "pass",
            elements=30,
            subject_error=900.0 + place if failing else 0.5,
            reference_error=0.7,
            limit=8.0,
            detail=f"{spelled(place)} of 30 elements are wrong" if failing else "",
            diagnosis=f"{WORDS[place % 4]} {spelled(place)}" if failing else "",
            fits=tuple(f"cause: {word} {spelled(place)}" for word in WORDS[:2]) if failing else (),
            options={"size": str(at % 9)},
        )


def spelled(place: int) -> str:
    """Return a word of letters alone, so that no two records are told alike."""
    return "".join(chr(97 + int(digit)) for digit in str(place))


def measure(kind: str, count: int) -> None:
    """Print the seconds that both pages take, their sizes, and the most memory that the process held."""
    dictionaries = [plain(asdict(record)) for record in (run(), *records(kind, count))]
    begun = time.process_time()
    gathered = gather(dictionaries)
    read = time.process_time()
    markdown = page_of(gathered)
    middle = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        page = index.render(Path(folder), {"parity.jsonl": gathered})
    ended = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{kind} {count:>9,}: read {read - begun:6.2f} s, Markdown {middle - read:6.2f} s "
        f"({len(markdown) / 1e3:,.0f} kB), HTML {ended - middle:6.2f} s ({len(page) / 1e3:,.0f} kB), {memory:.2f} GiB",
        flush=True,
    )


if __name__ == "__main__":
    kind, *counts = sys.argv[1:]
    if len(counts) == 1:
        measure(kind, int(counts[0]))
    for count in counts if len(counts) > 1 else ():
        subprocess.run([sys.executable, __file__, kind, count], check=True)
