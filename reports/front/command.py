"""What README says is proven, written again from published records."""

import argparse
from pathlib import Path

from reports.command import Command, folder
from reports.front import picture, proof
from reports.record import write_text

BEGIN, END = "<!-- proof: python -m parity front writes it -->", "<!-- end of proof -->"
PICTURE = Path("docs/proof.svg")
ALT = "The worst error of each module against that of torch.nn, in rounding errors, and the limit"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", nargs="?", type=Path, default=Path("README.md"), help="file that holds the marks")
    folder(parser.add_argument, "the published records", "reports/published/amd-epyc-2-cores")


def block(out: Path, records: dict[str, object]) -> str:
    """Return what stands between the marks."""
    return f"![{ALT}]({PICTURE.as_posix()})\n\n{proof.render(out, records)}"


def replaced(text: str, shown: str) -> str:
    """Return a page with something else between its marks; raise ValueError where they are not there, once each."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the page must hold one line {BEGIN} and after it one line {END}")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{shown}\n{END}{rest.partition(END)[2]}"


def run(asked: argparse.Namespace) -> int:
    """Write table and picture; return 0."""
    records = proof.held(asked.out)
    text = replaced(asked.page.read_text(encoding="utf-8"), block(asked.out, records))
    if "parity.jsonl" in records:
        picture.draw(records["parity.jsonl"], asked.page.parent / PICTURE)
    write_text(asked.page, text)
    print(asked.page)
    return 0


COMMAND = Command("--out reports/published/my-machine", run, arguments)
