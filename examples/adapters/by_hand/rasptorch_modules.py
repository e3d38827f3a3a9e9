"""rasptorch: modules and functions on its CPU backend, float32 alone; each operation carries its own backward."""

from rasptorch import Tensor, nn
from rasptorch import functional as F  # noqa: N812 - as its own documentation calls it

from parity.subjects.adapters import Autodiff, boxed, of_layer, of_x, taped


def array(tensor):
    return tensor.numpy().reshape(() if tensor.shape == (1,) else tensor.shape)  # its losses have one axis


def held(make):
    return of_layer(make, weight="weight", bias="bias")


def linear(in_features, out_features, bias=True):
    return nn.Linear(in_features, out_features, bias=bias)


def conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
    return nn.Conv2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=bias)


def batch_norm(kind):
    return held(lambda num_features, eps=1e-5, affine=True: kind(num_features, eps=eps, affine=affine))


def layer_norm(normalized_shape, eps=1e-5, elementwise_affine=True):
    return nn.LayerNorm(normalized_shape, eps=eps, elementwise_affine=elementwise_affine)


def pool(kind):
    return of_layer(lambda kernel_size, stride=None, padding=0: kind(kernel_size, stride, padding))


FUNCTIONS = {name: of_x(getattr(F, name.lower())) for name in ("ReLU", "Sigmoid", "Tanh", "SiLU", "ELU")}
FUNCTIONS |= {
    "GELU": of_x(lambda x, approximate: F.gelu(x)),  # noqa: ARG005 - it has the one of tanh
    "LeakyReLU": of_x(F.leaky_relu, negative_slope="alpha"),
    "Softmax": of_x(F.softmax),
    "LogSoftmax": of_x(F.log_softmax),
    "Linear": held(linear),
    "Conv2d": held(conv2d),
    "MaxPool2d": pool(nn.MaxPool2d),
    "AvgPool2d": pool(nn.AvgPool2d),
    "LayerNorm": held(layer_norm),
    "BatchNorm1d": batch_norm(nn.BatchNorm1d),
    "BatchNorm2d": batch_norm(nn.BatchNorm2d),
    "Embedding": of_layer(lambda num_embeddings, embedding_dim: nn.Embedding(num_embeddings, embedding_dim), "weight"),
    "MSELoss": of_x(F.mse_loss),
    "BCELoss": of_x(F.binary_cross_entropy),
    "BCEWithLogitsLoss": of_x(F.binary_cross_entropy_with_logits),
    "CrossEntropyLoss": of_x(F.cross_entropy),
    "NLLLoss": of_x(F.nll_loss),
    "SmoothL1Loss": of_x(F.smooth_l1_loss),
}
VJP = taped(lambda y, dy: y.backward(dy.data.reshape(y.shape)))
ONLY = {
    "CrossEntropyLoss": {"rank": (2,), "targets": ("probabilities", "weights")},
    "NLLLoss": {"rank": (2,), "targets": ("classes",)},
}
ONLY |= {
    "GELU": {"approximate": ("tanh",)},
    "BatchNorm1d": {"rank": (2, 3)},
    "SmoothL1Loss": {"beta": (0.25, 1.0, 3.0)},
}
ONLY |= {name: {"rank": (4,), "padding": int | tuple} for name in ("Conv2d", "MaxPool2d", "AvgPool2d")}
ARRAYS = boxed(lambda values, floating: Tensor(values, requires_grad=floating), array, "float32")
subject = Autodiff("rasptorch", FUNCTIONS, VJP, ARRAYS, ONLY)
