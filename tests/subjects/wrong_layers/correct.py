"""The correct library beside the wrong layers: nothing of it may be accused."""

from layers import Softmax, build

from parity.subjects.adapters import Library

MODULES = ("Linear", "Conv2d", "ReLU", "Sigmoid", "MSELoss")
TABLE = {name: lambda name=name, **options: build(name, options) for name in MODULES}
TABLE["Softmax"] = lambda **options: build("Softmax", options, Softmax)
subject = Library("correct", TABLE)
