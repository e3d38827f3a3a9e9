"""PaddlePaddle: pooling, padding and resizing by paddle.nn.functional."""

from functools import partial

from paddle.nn import functional as F  # noqa: N812 - as its own documentation calls it

from examples.adapters.frameworks.paddle_functions import ARRAYS, vjp
from parity.subjects.adapters import Autodiff, of_x


def avg_pool2d(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, not count_include_pad, divisor_override)


def pad(mode):
    return of_x(lambda x, padding: F.pad(x, [padding] * 4 if isinstance(padding, int) else list(padding), mode))


LIKE_TORCH = """AdaptiveAvgPool2d:adaptive_avg_pool2d AdaptiveMaxPool2d:adaptive_max_pool2d LPPool2d:lp_pool2d
    MaxPool1d:max_pool1d MaxPool2d:max_pool2d PixelShuffle:pixel_shuffle PixelUnshuffle:pixel_unshuffle
    LocalResponseNorm:local_response_norm"""
PAIRS = [word.split(":") for word in LIKE_TORCH.split()]
PADS = {"Zero": "constant", "Reflection": "reflect", "Replication": "replicate"}
FUNCTIONS = {name: of_x(getattr(F, own)) for name, own in PAIRS}
FUNCTIONS |= {f"{name}Pad2d": pad(mode) for name, mode in PADS.items()}
FUNCTIONS |= {"AvgPool2d": of_x(avg_pool2d), "BilinearUpsampling": of_x(partial(F.interpolate, mode="bilinear"))}
ONLY = {name: {"rank": (4,)} for name in FUNCTIONS if name[-2:] == "2d" or name.startswith("Pixel")}
subject = Autodiff("paddle_images", FUNCTIONS, vjp, ARRAYS, ONLY | {"MaxPool1d": {"rank": (3,)}})
