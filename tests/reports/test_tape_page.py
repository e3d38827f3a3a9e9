"""The page of the tape's graphs: pictures where there are some, DOT text where there are none."""

from pathlib import Path

import pytest

from reports.papers.graphs import GRAPHS, render, write


def test_pictures_or_their_dot_text(tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    figures.mkdir()
    for name in ("tape-figure-3.gv", "tape-figure-3.svg", "tape-network-fused.gv"):
        (figures / name).write_text("")
    text = write(tmp_path).read_text(encoding="utf-8")
    assert "](figures/tape-figure-3.svg)" in text
    assert "Not drawn, for want of the program dot of Graphviz: [DOT text](figures/tape-network-fused.gv)" in text
    assert GRAPHS["tape-network-composed"] not in text


def test_where_there_is_no_graph_the_command_that_draws_them_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no graph; python -m parity graphs draws them"):
        render(tmp_path / "figures")
