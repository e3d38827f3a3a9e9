"""Our own multilayer perceptron in plain NumPy: layers with forward, backward and param(), weights as (in, out)."""

from examples import numpy_mlp
from parity.subjects.adapters import NUMPY, TRANSPOSED, Convention, Library, loss_layer

subject = Library(
    "numpy_mlp",
    {
        "Linear": lambda in_features, out_features, dtype: numpy_mlp.Linear(in_features, out_features, dtype),
        "ReLU": numpy_mlp.ReLU,
        "Tanh": numpy_mlp.Tanh,
        "Sigmoid": numpy_mlp.Sigmoid,
        "Sequential": numpy_mlp.Sequential,
        "MSELoss": loss_layer(numpy_mlp.MSE),
        "CrossEntropyLoss": loss_layer(numpy_mlp.SoftmaxCrossEntropy),
    },
    Convention(arrays=NUMPY, layouts={"weight": TRANSPOSED}),
    only={"CrossEntropyLoss": {"rank": (2,), "targets": ("classes",)}},
)
