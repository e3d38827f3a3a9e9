"""The page of the tape's graphs: pictures where there are some, DOT text where there are none."""

from pathlib import Path

import pytest

from reports.papers.graphs import GRAPHS, main


def test_pictures_or_their_dot_text(tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    figures.mkdir()
    for name in ("tape-figure-3.gv", "tape-figure-3.svg", "tape-network-fused.gv"):
        (figures / name).write_text("")
    assert main(["--out", str(tmp_path)]) == 0
    text = (tmp_path / "tape.md").read_text(encoding="utf-8")
    assert "](figures/tape-figure-3.svg)" in text
    assert "[DOT text](figures/tape-network-fused.gv)" in text
    assert GRAPHS["tape-network-composed"] not in text


def test_no_graph_ends_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("holds no graph; python -m framework.tape draws them\n")
