"""neuralnetlib: forward_pass and backward_pass, images as (N, H, W, C), no padding, and gradients are replaced."""

from functools import partial

from neuralnetlib import activations, layers, losses

from parity.subjects import adapters as ad


def shaped(layer, shape=()):
    layer.initialize_weights(*shape)
    return layer


def conv(kind, axes):
    def make(in_channels, out_channels, kernel_size, stride=1):
        return shaped(kind(out_channels, kernel_size, stride), [(*[1] * axes, in_channels)])

    return make


def pool(kind):
    return lambda kernel_size, stride=None: kind(kernel_size, stride)


def loss(make):
    return ad.Loss(make, lambda one, p, t: one(t, p), lambda one, p, t: one.derivative(t, p))


def mode(layer, training):
    layer.told = training


def forward(layer, x):
    return layer.forward_pass(x, getattr(layer, "told", True)) if isinstance(layer, MODAL) else layer.forward_pass(x)


MODAL = (layers.BatchNormalization, layers.Dropout)
PLACES = ad.attributes(weight=("weights", "d_weights"), bias=("bias", "d_bias"))
NORMS = ad.attributes(weight=("gamma", "d_gamma"), bias=("beta", "d_beta"))
SPACE = {1: ad.permuted(0, 2, 1), 2: ad.NHWC}  # channels last
LAYOUTS = {"Linear.weight": ad.TRANSPOSED, "Conv1d.weight": ad.permuted(2, 1, 0), "Conv2d.weight": ad.HWIO}
LAYOUTS |= {
    "ConvTranspose2d.weight": ad.HWOI,
    "ConvTranspose2d.bias": ad.Layout(lambda b: b.view(1, 1, 1, -1), lambda b: b.view(-1)),
}
LAYOUTS |= {f"{name}.bias": ad.ROW for name in ("Linear", "Conv1d", "Conv2d")}
LAYOUTS |= {f"{name}1d.{t}": SPACE[1] for name in ("Conv", "MaxPool", "AvgPool") for t in "xy"}
LAYOUTS |= {
    f"{name}2d.{t}": SPACE[2] for name in ("Conv", "ConvTranspose", "MaxPool", "AvgPool", "BatchNorm") for t in "xy"
}
LAYOUTS |= {"NearestUpsampling.x": ad.NHWC, "NearestUpsampling.y": ad.NHWC}


def called(places):
    backward = lambda layer, dy, *_: layer.backward_pass(dy)  # noqa: E731 - a word of the convention
    return ad.Convention(forward, backward, places, "", ad.FLOAT64_NUMPY, LAYOUTS, accumulates=False, mode=mode)


TABLE = {
    "Linear": lambda in_features, out_features: shaped(layers.Dense(out_features), [in_features]),
    "Conv1d": conv(layers.Conv1D, 2),
    "Conv2d": conv(layers.Conv2D, 3),
    "ConvTranspose2d": conv(layers.Conv2DTranspose, 3),
    "NearestUpsampling": lambda scale_factor: layers.UpSampling2D(scale_factor),
    "Embedding": lambda num_embeddings, embedding_dim, padding_idx: shaped(  # noqa: ARG005 - its 0 is one
        layers.Embedding(num_embeddings, embedding_dim)
    ),
    "BatchNorm1d": (
        lambda num_features, eps=1e-5: shaped(layers.BatchNormalization(0, eps), [(num_features,)]),
        called(NORMS),
    ),
    "BatchNorm2d": (
        lambda num_features, eps=1e-5: shaped(layers.BatchNormalization(0, eps), [(num_features,)]),
        called(NORMS),
    ),
    "LayerNorm": (
        lambda normalized_shape, eps=1e-5: shaped(layers.LayerNormalization(eps), [(normalized_shape,)]),
        called(NORMS),
    ),
    "BCELoss": loss(losses.BinaryCrossentropy),
    "MSELoss": loss(losses.MeanSquaredError),
    "L1Loss": loss(losses.MeanAbsoluteError),
    "HuberLoss": loss(losses.Huber),
    "LeakyReLU": (
        lambda negative_slope=0.01: layers.Activation(activations.LeakyReLU(negative_slope)),
        called(ad.none()),
    ),
    "GELU": (lambda approximate: layers.Activation(activations.GELU()), called(ad.none())),  # noqa: ARG005 - it has one
    "Softmax": (lambda dim: layers.Activation(activations.Softmax()), called(ad.none())),  # noqa: ARG005 - the last axis
}
POOLS = {
    "MaxPool1d": "MaxPooling1D",
    "MaxPool2d": "MaxPooling2D",
    "AvgPool1d": "AveragePooling1D",
    "AvgPool2d": "AveragePooling2D",
}
TABLE |= {name: (pool(getattr(layers, own)), called(ad.none())) for name, own in POOLS.items()}
PLAIN = "ELU ReLU SELU Sigmoid Tanh".split()
TABLE |= {name: (partial(layers.Activation, name), called(ad.none())) for name in PLAIN}
ONE = {"kernel_size": int, "stride": int | None, "rank": (3,)}
ONLY = {"Conv1d": ONE, "MaxPool1d": ONE, "Conv2d": {"rank": (4,)}, "ConvTranspose2d": {"rank": (4,)}}
ONLY |= {"MaxPool2d": {"rank": (4,)}, "AvgPool2d": {"rank": (4,)}, "AvgPool1d": ONE}
ONLY |= {"Embedding": {"padding_idx": (0,)}, "LayerNorm": {"normalized_shape": int}, "GELU": {"approximate": ("tanh",)}}
ONLY |= {"BatchNorm1d": {"rank": (2,)}, "NearestUpsampling": {"scale_factor": int | tuple}, "Softmax": {"dim": (-1,)}}
subject = ad.Library("neuralnetlib", TABLE, called(PLACES), ONLY)
