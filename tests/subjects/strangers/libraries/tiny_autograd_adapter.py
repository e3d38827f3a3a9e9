"""tiny_autograd as a subject: functions on its tensors, differentiated by its tape."""

from variant import variant

from parity.subjects.adapters import NUMPY, Autodiff, of_x

lib = variant("tiny_autograd")


def vjp(function, parameters, x):
    """Return the output and its pullback, as jax.vjp does."""
    leaves, given = {name: lib.Tensor(value) for name, value in parameters.items()}, lib.Tensor(x)
    y = function(leaves, given)

    def pullback(dy):
        y.backward(dy)
        return {name: leaf.grad for name, leaf in leaves.items()}, given.grad

    return y.data, pullback


subject = Autodiff(
    "tiny_autograd",
    {
        "Linear": lambda p, x: lib.linear(x, p["weight"].T, p["bias"]),
        "ReLU": of_x(lambda x: x.relu()),
        "LeakyReLU": of_x(lambda x, negative_slope: x.leaky_relu(negative_slope)),
        "Sigmoid": of_x(lambda x: x.sigmoid()),
        "Tanh": of_x(lambda x: x.tanh()),
        "Softmax": of_x(lambda x, dim: x.softmax(dim)),
        "MSELoss": of_x(lambda p, t: lib.mse(p, lib.Tensor(t))),
        "CrossEntropyLoss": of_x(lambda p, t: lib.cross_entropy(p, t)),
    },
    vjp=vjp,
    arrays=NUMPY.only("float64", "float32"),
    only={"Linear": {"bias": (True,)}, "CrossEntropyLoss": {"rank": (2,), "targets": ("classes",)}},
)
