"""The two graphs of paper 002, drawn on the tape, and their page."""

import argparse
from itertools import pairwise

import torch

import framework
from framework import tape
from framework.tape.drawing import render
from reports.command import Command, folder
from reports.papers import graphs

WIDTHS = (2, 25, 25, 25, 2)


def figure_3() -> tape.Variable:
    """Return (x.t() - x.exp()).pow(2).sum() of a 3 x 3 matrix x."""
    x = tape.Variable(torch.randn(3, 3), name="x")
    return (x.t() - x.exp()).pow(2).sum()


def network() -> framework.Sequential:
    """Return the network of paper 002, 2 - 25 - 25 - 25 - 2, with ReLU and a Softmax at its end."""
    layers: list[framework.Module] = []
    for inputs, outputs in pairwise(WIDTHS):
        layers += [framework.Linear(inputs, outputs), framework.ReLU()]
    return framework.Sequential(*layers[:-1], framework.Softmax(1))


def arguments(parser: argparse.ArgumentParser) -> None:
    folder(parser.add_argument, "the page, and of its figures")


def run(asked: argparse.Namespace) -> int:
    """Draw the graphs into the folder's figures, and write the page."""
    figures = asked.out / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    x, t = torch.rand(100, 2), torch.rand(100, 2)
    roads = {"fused": tape.on_tape, "composed": tape.composed}
    models = {name: (put(network()), put(framework.MSELoss())) for name, put in roads.items()}
    outputs = {f"tape-network-{name}": loss(net(x), t) for name, (net, loss) in models.items()}
    for stem, output in {"tape-figure-3": figure_3(), **outputs}.items():
        print(render(output.draw_graph(), str(figures / stem)))
    print(graphs.write(asked.out))
    return 0


COMMAND = Command("--out reports/out", run, arguments)
