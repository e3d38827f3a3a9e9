"""torch_pairs as a subject: param() lists of [value, gradient], nested in a network, float32 alone."""

from itertools import chain

from variant import variant

from parity.subjects.adapters import TORCH, Convention, Library, Unsupported, loss_layer, pairs

lib = variant("torch_pairs")
FLOAT32 = TORCH.only("float32")


class Network(lib.Sequential):
    """The pairs of all layers in one list."""

    def flat(self):
        return list(chain.from_iterable(self.param()))


def without_dx(network, dy, *_inputs):
    if network.backward(dy) is None:
        raise Unsupported("the first layer of a network gives no gradient of its input")


subject = Library(
    "torch_pairs",
    {
        "Linear": lambda in_features, out_features: lib.Linear(in_features, out_features),
        "ReLU": lib.ReLU,
        "LeakyReLU": lambda negative_slope: lib.LeakyReLU(negative_slope),
        "Tanh": lib.Tanh,
        "Sigmoid": lib.Sigmoid,
        "Conv2d": lambda in_channels, out_channels, kernel_size, stride, padding, dilation: lib.Conv2d(
            in_channels, out_channels, kernel_size, stride, padding, dilation
        ),
        "ConvTranspose2d": lambda in_channels, out_channels, kernel_size, stride, padding, output_padding: (
            lib.ConvTranspose2d(in_channels, out_channels, kernel_size, stride, padding, output_padding)
        ),
        "NearestUpsampling": lambda scale_factor: lib.NearestUpsampling(scale_factor),
        "Sequential": (
            lambda layers: Network(*layers),
            Convention(places=pairs("flat"), arrays=FLOAT32, backward=without_dx),
        ),
        "MSELoss": loss_layer(lib.LossMSE),
        "BCELoss": loss_layer(lib.LossBCE),
    },
    Convention(arrays=FLOAT32),
    only={
        "Conv2d": {"kernel_size": int, "stride": int, "padding": int, "dilation": int, "rank": (4,)},
        "ConvTranspose2d": {"kernel_size": int, "stride": int, "padding": int, "output_padding": int, "rank": (4,)},
        "NearestUpsampling": {"scale_factor": int},
    },
)
