"""Walks along sequences, cell by cell.

Shapes    L moments, N samples, D features, H units; x (L, N, D), states (N, H); S walks: one a layer and direction
"""

from collections.abc import Callable, Sequence

import framework
from framework.layers.recurrent import Recurrent
from framework.tape.compositions.activations import sigmoid, tanh
from framework.tape.compositions.attention import laid_out
from framework.tape.compositions.dense import linear
from framework.tape.compositions.rectifiers import relu
from framework.tape.joining import cat
from framework.tape.variable import Variable

States = tuple[Variable, ...]
Cell = Callable[[Variable, Variable, States], States]  # of what inputs give, what units give, and the states before


def parts(x: Variable, count: int) -> list[Variable]:
    """Return equal parts of the last axis."""
    size = x.shape[-1] // count
    return [x[..., at * size : (at + 1) * size] for at in range(count)]


def stacked(values: Sequence[Variable]) -> Variable:
    """Return values on a new first axis."""
    return cat([value.reshape(1, *value.shape) for value in values])


def lstm_cell(a: Variable, u: Variable, states: States) -> States:
    """Return h = o tanh c and c = f c + i g."""
    i, f, g, o = parts(a + u, 4)
    c = sigmoid(f) * states[1] + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru_cell(a: Variable, u: Variable, states: States) -> States:
    """Return h = n + z (h - n), n = tanh(aₙ + r uₙ)."""
    (a_r, a_z, a_n), (u_r, u_z, u_n) = parts(a, 3), parts(u, 3)
    n = tanh(a_n + sigmoid(a_r + u_r) * u_n)
    return (n + sigmoid(a_z + u_z) * (states[0] - n),)


def tanh_cell(a: Variable, u: Variable, _: States) -> States:
    return (tanh(a + u),)


def relu_cell(a: Variable, u: Variable, _: States) -> States:
    return (relu(a + u),)


def walk(
    cell: Cell, x: Variable, states: States, weights: dict[str, Variable], backwards: bool
) -> tuple[Variable, States]:
    """Return h of every moment, where the moment lies, and the states at the end."""
    inputs = linear(x, weights["weight_ih"], weights.get("bias_ih"))
    hs = []
    for moment in range(len(x))[:: -1 if backwards else 1]:
        units = linear(states[0], weights["weight_hh"], weights.get("bias_hh"))
        states = cell(inputs[moment], units, states)
        hs.append(states[0])
    return stacked(hs[::-1] if backwards else hs), states


def recurrent(cell: Cell, layer: Recurrent, x: Variable, *given: Variable, **parameters: Variable) -> States:
    """Return the output of the last layer, and each state at the ends of all walks (S, N, H)."""
    batched, first = x.dim() == 3, layer.batch_first
    x = laid_out(x, first)
    samples, directions = x.shape[1], layer.directions
    shape = layer.num_layers * directions, samples, layer.hidden_size
    zeros = Variable(x.tensor.new_zeros(shape), constant=True)
    starts = [state.reshape(shape) for state in given if state is not None] or [zeros] * (len(layer.takes) - 1)
    ends = []
    for number in range(layer.num_layers):
        found = []
        for at, side in enumerate(("", "_reverse")[:directions]):
            name, row = f"_l{number}{side}", number * directions + at
            weights = {kind.removesuffix(name): value for kind, value in parameters.items() if kind.endswith(name)}
            h, end = walk(cell, x, tuple(state[row] for state in starts), weights, bool(at))
            found.append(h)
            ends.append(end)
        x = cat(found, -1)
    states = [stacked(of_all) for of_all in zip(*ends, strict=True)]
    if not batched:
        return x.reshape(len(x), x.shape[-1]), *(state.reshape(shape[0], shape[2]) for state in states)
    return (x.transpose(0, 1) if first else x), *states


def rnn(layer: framework.RNN, *inputs: Variable, **parameters: Variable) -> States:
    return recurrent(tanh_cell if layer.nonlinearity == "tanh" else relu_cell, layer, *inputs, **parameters)


def gru(layer: framework.GRU, *inputs: Variable, **parameters: Variable) -> States:
    return recurrent(gru_cell, layer, *inputs, **parameters)


def lstm(layer: framework.LSTM, *inputs: Variable, **parameters: Variable) -> States:
    return recurrent(lstm_cell, layer, *inputs, **parameters)
