"""tinygrad: methods of its Tensor, differentiated by Tensor.gradient. Where there is no clang, set DEV=PYTHON."""

from tinygrad import Tensor

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_x


def vjp(function, parameters, x):
    y = function(parameters, x)

    def pullback(dy):
        dx, *gradients = y.gradient(x, *parameters.values(), gradient=dy)
        return dict(zip(parameters, gradients, strict=True)), dx

    return y, pullback


FUNCTIONS = {
    "Linear": lambda p, x: x.linear(p["weight"].T, p.get("bias")),
    "Conv2d": lambda p, x, stride=1, dilation=1, groups=1, padding=0: x.conv2d(
        p["weight"], p.get("bias"), groups, stride, dilation, padding
    ),
    "ReLU": of_x(lambda x: x.relu()),
    "LeakyReLU": of_x(lambda x, negative_slope=0.01: x.leaky_relu(negative_slope)),
    "Tanh": of_x(lambda x: x.tanh()),
    "Sigmoid": of_x(lambda x: x.sigmoid()),
    "Softmax": of_x(lambda x, dim: x.softmax(dim)),
    "CrossEntropyLoss": of_x(lambda p, t, reduction="mean": p.cross_entropy(t, reduction)),
}
ARRAYS = Arrays(lambda t: Tensor(t.numpy().copy()), lambda a: from_numpy(a.numpy()), ("float64", "float32"), ("cpu",))
subject = Autodiff("tinygrad", FUNCTIONS, vjp, ARRAYS, only={"Conv2d": {"padding": int, "rank": (4,)}})
