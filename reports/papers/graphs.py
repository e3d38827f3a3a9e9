"""The graphs that the tape has drawn, as a page: python -m reports.papers.graphs [--out FOLDER].

The pictures are those of `python -m framework.tape`, which lie in the folder's figures.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

GRAPHS = {
    "tape-figure-3": "Figure 3 of paper 002: the sum of (xᵀ - exp x)² over a matrix of 3 × 3",
    "tape-network-fused": "Its network 2-25-25-25-2 and its loss, each layer one operator that calls the layer's file",
    "tape-network-composed": "The same composed of elementary operators, from which the tape finds every derivative",
}
HOW_TO_READ = (
    "Kinds are told apart by shape and by colour: operators are rounded boxes with the shape of what they give; "
    "parameters blue boxes; inputs green ellipses; constants dashed grey ellipses; the output an orange box with two "
    "borders. A frame is one call of a module. Gradients go against the arrows."
)


def render(figures: Path) -> str:
    """Return the page of the graphs in the folder `figures`; raise FileNotFoundError if there is none."""
    drawn = {stem: suffix for stem in GRAPHS for suffix in ("gv", "svg") if (figures / f"{stem}.{suffix}").is_file()}
    if not drawn:
        raise FileNotFoundError(f"{figures} holds no graph; python -m framework.tape draws them")
    shown = [f"## {GRAPHS[stem]}\n\n{picture(figures.name, stem, suffix)}" for stem, suffix in drawn.items()]
    return "\n\n".join(["# Graphs on the tape", HOW_TO_READ, *shown]) + "\n"


def picture(folder: str, stem: str, suffix: str) -> str:
    """Return the picture; a link to the DOT text where the program dot was not there to draw it."""
    return f"![{GRAPHS[stem]}]({folder}/{stem}.svg)" if suffix == "svg" else f"[DOT text]({folder}/{stem}.gv)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write tape.md; return 0, or 2 after one line on standard error where there is nothing to show."""
    parser = argparse.ArgumentParser(
        prog="python -m reports.papers.graphs", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=Path("reports/out"), help="folder of the page and of its figures")
    folder: Path = parser.parse_args(arguments).out
    try:
        text = render(folder / "figures")
        (folder / "tape.md").write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        print(f"tape_page: {error}", file=sys.stderr)
        return 2
    print(folder / "tape.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
