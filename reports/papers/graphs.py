"""The graphs that the tape has drawn into a folder's figures, as a page."""

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
        raise FileNotFoundError(f"{figures} holds no graph; python -m parity graphs draws them")
    shown = [f"## {GRAPHS[stem]}\n\n{picture(figures.name, stem, suffix)}" for stem, suffix in drawn.items()]
    return "\n\n".join(["# Graphs on the tape", HOW_TO_READ, *shown]) + "\n"


def picture(folder: str, stem: str, suffix: str) -> str:
    """Return the picture; a link to the DOT text where the program dot was not there to draw it."""
    if suffix == "svg":
        return f"![{GRAPHS[stem]}]({folder}/{stem}.svg)"
    return f"Not drawn, for want of the program dot of Graphviz: [DOT text]({folder}/{stem}.gv)."


def write(folder: Path) -> Path:
    """Write the page of the graphs in the folder's figures, and return its path."""
    page = folder / "tape.md"
    page.write_text(render(folder / "figures"), encoding="utf-8", newline="\n")
    return page
