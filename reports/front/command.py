"""What README says is proven, written again from published records."""

import argparse
from pathlib import Path

from reports.command import Command, folder
from reports.front import picture, proof
from reports.marks import Marks
from reports.record import write_text

MARKS = Marks("<!-- proof: python -m parity front writes it -->", "<!-- end of proof -->")
PICTURE = Path("docs/proof.svg")
ALT = "The worst error of each module against that of torch.nn, in rounding errors, and the limit"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", nargs="?", type=Path, default=Path("README.md"), help="file that holds the marks")
    folder(parser.add_argument, "the published records", "reports/published/amd-epyc-2-cores")


def block(out: Path, records: dict[str, object]) -> str:
    """Return what stands between the marks."""
    return f"![{ALT}]({PICTURE.as_posix()})\n\n{proof.render(out, records)}"


def run(asked: argparse.Namespace) -> int:
    """Write table and picture; return 0."""
    records = proof.held(asked.out)
    text = MARKS.replaced(asked.page.read_text(encoding="utf-8"), block(asked.out, records))
    if "parity.jsonl" in records:
        picture.draw(records["parity.jsonl"], asked.page.parent / PICTURE)
    write_text(asked.page, text)
    print(asked.page)
    return 0


COMMAND = Command("--out reports/published/my-machine", run, arguments)
