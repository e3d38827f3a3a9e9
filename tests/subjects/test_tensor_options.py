"""Options that are tensors, as the weights of classes, in the table of a library of NumPy."""

import numpy as np
import torch

from parity.subjects.adapters import FLOAT64_NUMPY, Convention, Library, of_pair


def test_an_option_that_is_a_tensor_comes_as_an_array_of_the_library() -> None:
    met: list[object] = []

    class Weighing:
        def __init__(self, weight: object = None) -> None:
            met.append(weight)

        def forward(self, *inputs: np.ndarray) -> np.ndarray:
            return np.zeros(()) * inputs[0].sum()

        def backward(self, *_: object) -> None:
            """It has none."""

    def weighed(x: np.ndarray, t: np.ndarray, weight: object = None) -> np.ndarray:
        met.append(weight)
        return np.zeros(()) * (x.sum() + t.sum())

    table = {"CrossEntropyLoss": Weighing, "NLLLoss": of_pair(weighed, lambda dy, x, t: dy * x * t.sum())}
    subject = Library("mine", table, Convention(arrays=FLOAT64_NUMPY))
    options = {"weight": torch.ones(4, dtype=torch.float64)}
    for module in table:
        layer = subject.build(module, options, {}, torch.device("cpu"), torch.float64)
        layer.forward(torch.zeros(3, 4, dtype=torch.float64), torch.zeros(3, dtype=torch.long))
    assert [type(weight) for weight in met] == [np.ndarray, np.ndarray]
