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


def forward(layer, x):
    modal = isinstance(layer, layers.BatchNormalization)
    return layer.forward_pass(x, getattr(layer, "told", True)) if modal else layer.forward_pass(x)


PLACES = ad.attributes(weight=("weights", "d_weights"), bias=("bias", "d_bias"))
LAYOUTS = {"Linear.weight": ad.TRANSPOSED, "Conv1d.weight": ad.permuted(2, 1, 0), "Conv2d.weight": ad.HWIO}
LAYOUTS |= {"ConvTranspose2d.weight": ad.HWOI, "ConvTranspose2d.bias": ad.ROW * 3}
LAYOUTS |= {f"{name}.bias": ad.ROW for name in ("Linear", "Conv1d", "Conv2d")}
LAYOUTS |= {f"{name}1d.{t}": ad.permuted(0, 2, 1) for name in ("Conv", "MaxPool", "AvgPool") for t in "xy"}
IMAGES = ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d", "NearestUpsampling")
LAYOUTS |= {f"{name}.{t}": ad.NHWC for name in IMAGES for t in "xy"}


def layer_norm(normalized_shape, eps=1e-5):
    return shaped(layers.LayerNormalization(eps), [(normalized_shape,)])


def batch_norm(num_features, eps=1e-5):
    return shaped(layers.BatchNormalization(0, eps), [(num_features,)])


CALLS = {"clear": "", "arrays": ad.FLOAT64_NUMPY, "layouts": LAYOUTS, "accumulates": False}
CALLS["mode"] = lambda layer, training: setattr(layer, "told", training)
called = partial(ad.Convention, forward, lambda layer, dy, *_: layer.backward_pass(dy), **CALLS)
NORM = called(places=ad.attributes(weight=("gamma", "d_gamma"), bias=("beta", "d_beta")))
PLAIN = called(places=ad.none())
LOSSES = {"BCE": losses.BinaryCrossentropy, "MSE": losses.MeanSquaredError, "L1": losses.MeanAbsoluteError}
POOLS = {f"{name}Pool{n}d": f"{own}Pooling{n}D" for name, own in (("Max", "Max"), ("Avg", "Average")) for n in (1, 2)}
TABLE = {f"{name}Loss": loss(own) for name, own in LOSSES.items()} | {"HuberLoss": loss(losses.Huber)}
TABLE |= {name: (pool(getattr(layers, own)), PLAIN) for name, own in POOLS.items()}
TABLE |= dict.fromkeys(("BatchNorm1d", "BatchNorm2d"), (batch_norm, NORM)) | {"LayerNorm": (layer_norm, NORM)}
TABLE |= {name: (partial(layers.Activation, name), PLAIN) for name in "ELU ReLU SELU Sigmoid Tanh".split()} | {
    "Linear": lambda in_features, out_features: shaped(layers.Dense(out_features), [in_features]),
    "Conv1d": conv(layers.Conv1D, 2),
    "Conv2d": conv(layers.Conv2D, 3),
    "ConvTranspose2d": conv(layers.Conv2DTranspose, 3),
    "NearestUpsampling": lambda scale_factor: layers.UpSampling2D(scale_factor),
    "Embedding": lambda num_embeddings, embedding_dim: shaped(layers.Embedding(num_embeddings, embedding_dim)),
    "LeakyReLU": (lambda negative_slope=0.01: layers.Activation(activations.LeakyReLU(negative_slope)), PLAIN),
    "GELU": (lambda: layers.Activation(activations.GELU()), PLAIN),
    "Softmax": (lambda: layers.Activation(activations.Softmax()), PLAIN),
}
ONE = {"kernel_size": int, "stride": int | None, "rank": (3,)}
ONLY = dict.fromkeys(("Conv1d", "MaxPool1d", "AvgPool1d"), ONE) | {name: {"rank": (4,)} for name in IMAGES[:4]}
ONLY |= {"Embedding": {"padding_idx": (0,)}, "LayerNorm": {"normalized_shape": int}, "GELU": {"approximate": ("tanh",)}}
ONLY |= {"BatchNorm1d": {"rank": (2,)}, "NearestUpsampling": {"scale_factor": int | tuple}, "Softmax": {"dim": (-1,)}}
subject = ad.Library("neuralnetlib", TABLE, called(places=PLACES), ONLY)
