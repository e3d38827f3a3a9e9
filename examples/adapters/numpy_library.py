"""Our own library in one file of plain NumPy: dense and convolutional layers, batch normalisation, an LSTM, Adam."""

from examples import numpy_library as ours
from parity.subjects.adapters import NUMPY, TRANSPOSED, Convention, Layout, Library, Stepping, loss_layer

LIKE_TORCH = "ReLU Sigmoid Tanh Softmax LogSoftmax Flatten Conv2d MaxPool2d BatchNorm1d BatchNorm2d Sequential".split()
STATE = Layout(lambda h: h.squeeze(0), lambda h: h[None])  # torch's states have an axis of layers and directions
ADAM = {"exp_avg": "m", "exp_avg_sq": "v"}


def states(adam, at):
    return {"step": adam.t, **{name: getattr(adam, own)[at] for name, own in ADAM.items()}}


subject = Library(
    "numpy_library",
    {
        **{name: getattr(ours, name) for name in LIKE_TORCH},
        "Linear": lambda in_features, out_features, dtype: ours.Linear(in_features, out_features, dtype),
        "LSTM": lambda input_size, hidden_size, dtype: ours.LSTM(input_size, hidden_size, dtype),
        **{name: loss_layer(getattr(ours, name)) for name in ("MSELoss", "CrossEntropyLoss")},
    },
    Convention(
        arrays=NUMPY.only("float64", "float32"),
        layouts={"Linear.weight": TRANSPOSED} | {f"LSTM.{name}": STATE for name in ("h0", "c0", "h_n", "c_n")},
    ),
    only={
        "BatchNorm1d": {"momentum": float},
        "BatchNorm2d": {"momentum": float},
        "Conv2d": {"rank": (4,), "padding": int | tuple},
        "CrossEntropyLoss": {"rank": (2,), "targets": ("classes",)},
        "LSTM": {"rank": (3,)},
        "MaxPool2d": {"rank": (4,)},
    },
    optimisers={"Adam": Stepping(ours.Adam, states=states), "SGD": ours.SGD},
)
