"""JAX: functions of jax.nn and jax.lax, differentiated by jax.vjp."""

import jax
import numpy as np

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_x

jax.config.update("jax_enable_x64", True)


def conv2d(p, x, stride=1, padding=0, dilation=1, groups=1):
    stride, dilation = (np.broadcast_to(pair, 2).tolist() for pair in (stride, dilation))
    words = isinstance(padding, str)
    edges = padding.upper() if words else [(edge, edge) for edge in np.broadcast_to(padding, 2).tolist()]
    options = {"rhs_dilation": dilation, "feature_group_count": groups}
    y = jax.lax.conv_general_dilated(x, p["weight"], stride, edges, **options)
    return y + p["bias"][:, None, None] if "bias" in p else y


FUNCTIONS = {
    "Linear": lambda p, x: x @ p["weight"].T + p.get("bias", 0),
    "Conv2d": conv2d,
    "ReLU": of_x(lambda x: jax.nn.relu(x)),
    "LeakyReLU": of_x(lambda x, negative_slope=0.01: jax.nn.leaky_relu(x, negative_slope)),
    "Tanh": of_x(lambda x: jax.numpy.tanh(x)),
    "Sigmoid": of_x(lambda x: jax.nn.sigmoid(x)),
    "Softmax": of_x(lambda x, dim: jax.nn.softmax(x, dim)),
}
JAX = Arrays(lambda t: jax.numpy.array(t.numpy()), lambda a: from_numpy(np.array(a)), ("float64", "float32"), ("cpu",))
subject = Autodiff("jax", FUNCTIONS, jax.vjp, JAX, {"Conv2d": {"rank": (4,)}})
