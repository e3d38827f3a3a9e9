"""TensorFlow: functions of tf.nn and tf.math, differentiated by GradientTape; images as (N, H, W, C)."""

import numpy as np
import tensorflow as tf

from parity.subjects.adapters import Autodiff, Unsupported, boxed, of_x


def vjp(function, parameters, x):
    sources = {"x": x, **parameters}
    with tf.GradientTape() as tape:
        tape.watch([value for value in sources.values() if value.dtype.is_floating])
        y = function(parameters, x)

    def pullback(dy):
        found = tape.gradient(y, sources, dy)
        return found, found["x"]

    return y, pullback


def last(x):
    return tf.transpose(x, (0, 2, 3, 1))


def first(x):
    return tf.transpose(x, (0, 3, 1, 2))


def pair(value):
    return [value, value] if isinstance(value, int) else list(value)


def edges(padding):
    return [[0, 0], *([edge, edge] for edge in pair(padding)), [0, 0]]


def conv2d(p, x, stride=1, padding=0, dilation=1, groups=1):
    if groups != 1:
        raise Unsupported("groups are those of grouped kernels on a GPU alone")
    weight = tf.transpose(p["weight"], (2, 3, 1, 0))
    y = tf.nn.conv2d(last(x), weight, pair(stride), edges(padding), dilations=pair(dilation))
    return first(tf.nn.bias_add(y, p["bias"]) if "bias" in p else y)


def batch_norm(p, x, eps=1e-5):
    axes = [axis for axis in range(x.ndim) if axis != 1]
    shape = [-1 if axis == 1 else 1 for axis in range(x.ndim)]
    mean, variance = tf.nn.moments(x, axes, keepdims=True)
    scale, shift = (tf.reshape(p[name], shape) if name in p else None for name in ("weight", "bias"))
    return tf.nn.batch_normalization(x, mean, variance, shift, scale, eps)


def layer_norm(p, x, normalized_shape, eps=1e-5):
    axes = list(range(x.ndim - len(np.atleast_1d(normalized_shape)), x.ndim))
    return tf.nn.batch_normalization(x, *tf.nn.moments(x, axes, keepdims=True), p.get("bias"), p.get("weight"), eps)


ALIKE = {"ReLU": tf.nn.relu, "ReLU6": tf.nn.relu6, "ELU": tf.nn.elu, "SELU": tf.nn.selu, "SiLU": tf.nn.silu}
ALIKE |= {"Sigmoid": tf.nn.sigmoid, "Tanh": tf.nn.tanh, "Softplus": tf.nn.softplus, "Softsign": tf.nn.softsign}
FUNCTIONS = {name: of_x(lambda x, f=f: f(x)) for name, f in ALIKE.items()} | {
    "BCEWithLogitsLoss": of_x(lambda p, t: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(t, p))),
    "BatchNorm1d": batch_norm,
    "BatchNorm2d": batch_norm,
    "Conv2d": conv2d,
    "CrossEntropyLoss": of_x(lambda x, t: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(t, x))),
    "Embedding": lambda p, i: tf.nn.embedding_lookup(p["weight"], i),
    "GELU": of_x(lambda x, approximate="none": tf.nn.gelu(x, approximate == "tanh")),
    "LayerNorm": layer_norm,
    "LeakyReLU": of_x(lambda x, negative_slope=0.01: tf.nn.leaky_relu(x, negative_slope)),
    "Linear": lambda p, x: x @ tf.transpose(p["weight"]) + p.get("bias", 0),
    "LogSigmoid": of_x(lambda x: tf.math.log_sigmoid(x)),
    "LogSoftmax": of_x(tf.nn.log_softmax, dim="axis"),
    "Softmax": of_x(tf.nn.softmax, dim="axis"),
}
ONLY = {"Conv2d": {"rank": (4,), "padding": int | tuple, "dilation": (1,)}}  # others have no gradient on the CPU
ONLY |= {"CrossEntropyLoss": {"rank": (2,), "targets": ("classes",)}, "Linear": {"rank": (2, 3, 4)}}
ONLY |= {"Embedding": {"padding_idx": (None,)}}
ARRAYS = boxed(lambda array, _: tf.constant(array), lambda tensor: tensor.numpy(), "float64", "float32")
subject = Autodiff("tensorflow", FUNCTIONS, vjp, ARRAYS, ONLY)
