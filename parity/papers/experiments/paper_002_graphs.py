"""Draw the two graphs of paper 002: python -m framework.tape [FOLDER]."""

import sys
from itertools import pairwise
from pathlib import Path

import torch

import framework
from framework import tape
from framework.tape.drawing import render

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


def main(arguments: list[str]) -> int:
    """Write the graphs into the folder named, reports/out/figures if none is; return the exit status."""
    folder = Path(arguments[0] if arguments else "reports/out/figures")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"framework.tape: folder {folder} cannot be made: {error.strerror}", file=sys.stderr)
        return 1
    x, t = torch.rand(100, 2), torch.rand(100, 2)
    roads = {"fused": tape.on_tape, "composed": tape.composed}
    models = {name: (put(network()), put(framework.MSELoss())) for name, put in roads.items()}
    outputs = {f"tape-network-{name}": loss(net(x), t) for name, (net, loss) in models.items()}
    for stem, output in {"tape-figure-3": figure_3(), **outputs}.items():
        print(render(output.draw_graph(), str(folder / stem)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
