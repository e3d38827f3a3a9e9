"""Graphs as DOT text: kinds of nodes, names, clusters; and what happens without the program dot."""

import re

import pytest
import torch

import framework
from framework import tape
from framework.tape import drawing
from parity.__main__ import main
from parity.papers.experiments import paper_002_graphs as command

pytest.importorskip("graphviz")


def test_figure_3_of_paper_002():
    source = command.figure_3().draw_graph().source
    for name in ("transpose", "exp", "sub", "pow"):
        assert f'label="{name}\n3 × 3"' in source
    assert 'label="sum\nscalar"' in source
    assert source.count("->") == 8  # x twice, the constant 2, and the output's
    assert drawing.STYLES["constant"]["style"] in source


def edges(source):
    """Return the edges of DOT text as pairs of the first lines of the labels, in alphabetical order."""
    names = {"output": "output"} | dict(re.findall(r'(n\d+) \[label="?(\w+)', source))
    return sorted((names[a], names[b]) for a, b in re.findall(r"(\w+) -> (\w+)", source))


def test_an_arrow_points_from_an_operand_to_its_operator():
    x = tape.Variable(torch.ones(2, 3), name="x")
    assert edges((x.exp() - x).sum().draw_graph().source) == [
        ("exp", "sub"),
        ("sub", "sum"),
        ("sum", "output"),
        ("x", "exp"),
        ("x", "sub"),
    ]
    assert edges((x * x).draw_graph().source) == [("mul", "output"), ("x", "mul"), ("x", "mul")]
    assert edges(x.draw_graph().source) == [("x", "output")]


class Doubled(tape.Module):
    def __init__(self, inner):
        self.inner = inner

    def forward(self, *inputs):
        return self.inner(inputs[0].exp()).tanh() * 2


def test_a_cluster_holds_what_its_call_made_and_no_more():
    x = tape.Variable(torch.ones(2, 3), name="x")
    model = Doubled(tape.on_tape(framework.ReLU()))
    source = (model(x) - 1).sqrt().draw_graph().source
    outer = source[source.index("label=Doubled") :]
    inner = outer[outer.index("label=ReLU") :]
    inner, outer = inner[: inner.index("}")], outer[: outer.rindex("}")]
    assert [name in inner for name in ("exp", "ReLU\n", "tanh", "mul", "sub", "sqrt")] == [False, True] + [False] * 4
    before = source[: source.index("label=Doubled")]
    assert all(f'"{name}\n' not in before for name in ("exp", "ReLU", "tanh", "mul"))
    assert all(f'"{name}\n' in before for name in ("sub", "sqrt"))


class Broken(tape.Module):
    def forward(self, *_):
        raise ValueError("no")


def test_a_call_that_fails_leaves_no_cluster_behind():
    with pytest.raises(ValueError, match="no"):
        Doubled(Broken())(torch.ones(3))
    x = tape.Variable(torch.ones(2, 3), name="x")
    assert "cluster" not in x.exp().draw_graph().source


def test_modules_are_clusters_and_parameters_are_named():
    net = framework.Sequential(framework.Linear(2, 3), framework.ReLU())
    for put, operators in ((tape.on_tape, 3), (tape.composed, 5)):
        model = put(net)  # a graph does not keep its module: names last as long as it
        source = model(torch.rand(5, 2)).sum().draw_graph().source
        assert source.count("subgraph cluster_") == 3
        assert [line for line in source.split("]\n") if "0.weight\n3 × 2" in line and "#9ecae1" in line]
        assert [line for line in source.split("]\n") if "input\n5 × 2" in line and "#c7e9c0" in line]
        assert source.count("fillcolor=white") == operators


def test_without_dot_one_line_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(drawing, "which", lambda _: None)
    assert main(["graphs", "--out", str(tmp_path / "new")]) == 0
    *lines, page = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("install Graphviz" in line for line in lines)
    assert {path.suffix for path in (tmp_path / "new" / "figures").iterdir()} == {".gv"}
    assert page == str(tmp_path / "new" / "tape.md")


def test_a_folder_that_cannot_be_made_ends_in_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["graphs", "--out", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err == f"graphs: {tmp_path / 'file' / 'figures'}: Not a directory\n"
