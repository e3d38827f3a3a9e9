"""What is dropped is drawn, and the draw is a constant."""

from framework.layers.dropping import Dropping, mask
from framework.tape.variable import Variable


def dropping(layer: Dropping, x: Variable) -> Variable:
    """Return m x, with the m that the layer would draw; in evaluation, and where nothing is dropped, x."""
    if layer.training and layer.p:
        return x * mask(x.tensor, layer.p, layer.drawn(x.tensor))
    return x.reshape(x.shape)
