"""Every module beside torch.nn in float64, where agreement to 1e-10 leaves no room for a wrong formula."""

import copy
import itertools

import pytest
import torch
from torch import nn

import framework

torch.manual_seed(0)


def agree(got: torch.Tensor, wanted: torch.Tensor) -> None:
    torch.testing.assert_close(got, wanted, rtol=1e-10, atol=1e-10, equal_nan=True)


def compare(own: framework.Module, reference: nn.Module, x: torch.Tensor) -> None:
    """Compare output and every gradient, with the parameters of `reference` copied over by name."""
    own.load_state_dict({name: value.detach() for name, value in reference.state_dict().items()})
    watched = x.clone().requires_grad_()
    wanted = reference(watched)
    dy = torch.randn_like(wanted)
    wanted.backward(dy)
    unchanged = x.clone(), dy.clone()
    agree(own(x), wanted.detach())
    agree(own.backward(dy), watched.grad)
    own.backward(dy)
    for name, parameter in reference.named_parameters():
        agree(own.named_parameters()[name].grad, 2 * parameter.grad)
    assert torch.equal(x, unchanged[0])
    assert torch.equal(dy, unchanged[1])


class Enlarged(nn.Sequential):
    """Upsample, then a convolution, with the parameters' names unprefixed."""

    def __init__(self, *, scale_factor, **options):
        super().__init__(nn.Upsample(scale_factor=scale_factor), nn.Conv2d(**options))

    def state_dict(self, *args, **kwargs):
        return self[1].state_dict(*args, **kwargs)

    def named_parameters(self, *args, **kwargs):
        return self[1].named_parameters(*args, **kwargs)


DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, "kernel_size": 3}
CHOICES = {
    "stride": (2, (3, 1)),
    "padding": (1, (0, 2)),
    "dilation": (2, (1, 3)),
    "groups": (2,),
    "bias": (False,),
    "kernel_size": (1, (2, 3)),
}


def pairs_of_options():
    for first, second in itertools.combinations(CHOICES, 2):
        for one, other in itertools.product(CHOICES[first], CHOICES[second]):
            yield DEFAULTS | {first: one, second: other, "in_channels": 4, "out_channels": 6}


@pytest.mark.parametrize("options", list(pairs_of_options()), ids=str)
def test_convolutions_agree_for_options_in_pairs(options):
    x = torch.randn(2, 4, 9, 11, dtype=torch.float64)
    compare(framework.Conv2d(**options, dtype=x.dtype), nn.Conv2d(**options).double(), x)
    compare(framework.ConvTranspose2d(**options, dtype=x.dtype), nn.ConvTranspose2d(**options).double(), x)
    options = options | {"scale_factor": (1, 2)}
    compare(framework.Upsampling(**options, dtype=x.dtype), Enlarged(**options).double(), x)


BORDERS = [
    {"padding": padding, "padding_mode": mode, "kernel_size": kernel}
    for padding in (2, "same", "valid")
    for mode in ("zeros", "reflect", "replicate", "circular")
    for kernel in (2, 3)
]


@pytest.mark.filterwarnings("ignore:Using padding")  # torch pads "same" of an even kernel by a copy
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("options", BORDERS, ids=str)
def test_borders_agree_over_any_number_of_axes_and_for_one_image(axes, options):
    own, reference = (getattr(library, f"Conv{axes}d")(2, 3, **options) for library in (framework, nn))
    x = torch.randn(2, 2, *(4, 5, 3)[:axes], dtype=torch.float64)
    compare(own.to(x.dtype), reference.double(), x)
    own.zero_grad()
    reference.zero_grad()
    compare(own, reference, x[0])


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_transposed_convolutions_agree_over_any_number_of_axes(axes):
    options = {"stride": 2, "padding": 1, "output_padding": 1, "dilation": 2, "groups": 2}
    own, reference = (
        getattr(library, f"ConvTranspose{axes}d")(2, 4, (3, 2, 3)[:axes], **options) for library in (framework, nn)
    )
    x = torch.randn(2, 2, *(3, 4, 2)[:axes], dtype=torch.float64)
    compare(own.to(x.dtype), reference.double(), x)


@pytest.mark.parametrize("size", [(7, 9), (3, 2), (8, 15), (4, 5), (4, 11), 6])
def test_nearest_upsampling_agrees_for_every_size(size):
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    compare(framework.NearestUpsampling(size=size), nn.Upsample(size), x)


@pytest.mark.parametrize(
    "options",
    [
        {"stride": 3, "output_padding": (2, 1), "padding": 2},
        {"stride": 1, "dilation": 3, "output_padding": (2, 1), "padding": 1},
        {"stride": (2, 3), "dilation": (3, 1), "output_padding": (2, 0), "padding": (4, 0), "groups": 2},
    ],
    ids=str,
)
def test_output_padding_agrees(options):
    x = torch.randn(2, 4, 5, 7, dtype=torch.float64)
    compare(
        framework.ConvTranspose2d(4, 6, (3, 2), **options, dtype=x.dtype),
        nn.ConvTranspose2d(4, 6, (3, 2), **options).double(),
        x,
    )


LAYERS = {
    "Linear": (framework.Linear(5, 3), nn.Linear(5, 3), (2, 4, 5)),
    "Linear on one row": (framework.Linear(5, 3), nn.Linear(5, 3), (5,)),
    "Linear without bias": (framework.Linear(5, 3, bias=False), nn.Linear(5, 3, bias=False), (4, 5)),
    "Linear on no rows": (framework.Linear(5, 3), nn.Linear(5, 3), (0, 5)),
    "Conv2d on no images": (framework.Conv2d(2, 4, 3, groups=2), nn.Conv2d(2, 4, 3, groups=2), (0, 2, 5, 6)),
    "ConvTranspose2d on no images": (framework.ConvTranspose2d(2, 4, 3), nn.ConvTranspose2d(2, 4, 3), (0, 2, 5, 6)),
    "Conv2d depthwise": (framework.Conv2d(3, 6, 3, groups=3), nn.Conv2d(3, 6, 3, groups=3), (2, 3, 5, 6)),
    "Conv2d padded past the kernel": (framework.Conv2d(1, 2, 1, 2, 3), nn.Conv2d(1, 2, 1, 2, 3), (2, 1, 1, 2)),
    "NearestUpsampling": (framework.NearestUpsampling((2, 3)), nn.Upsample(scale_factor=(2, 3)), (2, 3, 4, 5)),
    "NearestUpsampling by more rows": (
        framework.NearestUpsampling((4, 1)),
        nn.Upsample(scale_factor=(4, 1)),
        (2, 3, 4, 5),
    ),
    "NearestUpsampling on no images": (framework.NearestUpsampling(2), None, (0, 3, 4, 5)),
    "Flatten": (framework.Flatten(), nn.Flatten(), (2, 3, 4)),
    "Flatten in the middle": (framework.Flatten(1, -2), nn.Flatten(1, -2), (2, 3, 4, 5)),
    "Flatten a scalar": (framework.Flatten(0), nn.Flatten(0), ()),
    "Softmax": (framework.Softmax(1), nn.Softmax(1), (2, 3, 4)),
    "Softmax from the back": (framework.Softmax(-3), nn.Softmax(-3), (2, 3, 4)),
    "Softmax of a scalar": (framework.Softmax(0), nn.Softmax(0), ()),
    "Softmax of nothing": (framework.Softmax(1), nn.Softmax(1), (3, 0)),
    "Sequential": (
        framework.Sequential(
            framework.Linear(5, 4), framework.Sequential(framework.Tanh(), framework.Linear(4, 3)), framework.ReLU()
        ),
        nn.Sequential(nn.Linear(5, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 3)), nn.ReLU()),
        (6, 5),
    ),
    "Sequential of nothing": (framework.Sequential(), nn.Sequential(), (2, 3)),
}
POINTWISE = {
    "ReLU": (framework.ReLU, nn.ReLU),
    "LeakyReLU": (framework.LeakyReLU, nn.LeakyReLU),
    "LeakyReLU steep": (lambda: framework.LeakyReLU(1.7), lambda: nn.LeakyReLU(1.7)),
    "LeakyReLU negative": (lambda: framework.LeakyReLU(-0.3), lambda: nn.LeakyReLU(-0.3)),
    "LeakyReLU flat": (lambda: framework.LeakyReLU(0), lambda: nn.LeakyReLU(0)),
    "GELU": (framework.GELU, nn.GELU),
    "GELU by tanh": (lambda: framework.GELU("tanh"), lambda: nn.GELU("tanh")),
    "Tanh": (framework.Tanh, nn.Tanh),
    "Sigmoid": (framework.Sigmoid, nn.Sigmoid),
    "Softmax": (lambda: framework.Softmax(-1), lambda: nn.Softmax(-1)),
}
SPECIAL = [0.0, -0.0, 1.0, -2.0, 50.0, -50.0, 1000.0, -1000.0, 1e-4, float("inf"), -float("inf"), float("nan")]


@pytest.mark.parametrize("name", [name for name, (_, reference, _) in LAYERS.items() if reference is not None])
def test_layers_agree(name):
    own, reference, shape = LAYERS[name]
    compare(copy.deepcopy(own).to(dtype=torch.float64), reference.double(), torch.randn(shape, dtype=torch.float64))


def test_an_empty_batch_is_enlarged_to_an_empty_batch():
    layer = framework.NearestUpsampling(2)  # torch.nn.Upsample refuses this
    assert layer(torch.zeros(0, 3, 4, 5)).shape == (0, 3, 8, 10)
    assert layer.backward(torch.zeros(0, 3, 8, 10)).shape == (0, 3, 4, 5)


@pytest.mark.parametrize("shape", [(), (0,), (3, 4), (2, 3, 4, 5)])
@pytest.mark.parametrize("name", POINTWISE)
def test_pointwise_layers_agree_on_any_shape(name, shape):
    own, reference = POINTWISE[name]
    compare(own(), reference(), torch.randn(shape, dtype=torch.float64))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", [name for name in POINTWISE if name != "GELU"])  # torch's of inf is nan in float32
def test_special_values_have_the_same_class(name, dtype):
    own, reference = (make() for make in POINTWISE[name])
    x = torch.tensor(SPECIAL, dtype=dtype)[:, None]
    dy = torch.tensor([1.0, -0.5, 0.0, float("inf"), float("nan")], dtype=dtype)
    x, dy = x.expand(-1, 5).contiguous(), dy.expand(len(SPECIAL), 5)
    watched = x.clone().requires_grad_()
    wanted = reference(watched)
    wanted.backward(dy)
    for got, expected in ((own(x), wanted.detach()), (own.backward(dy), watched.grad)):
        for claim in (torch.isnan, torch.isposinf, torch.isneginf):
            assert torch.equal(claim(got), claim(expected))
        torch.testing.assert_close(got, expected, equal_nan=True)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_slope_of_a_sure_sigmoid_keeps_its_digits(dtype):
    layer = framework.Sigmoid()
    y = layer(torch.linspace(4, 15, 100, dtype=dtype))
    wanted = ((1 - y.double()) * y.double()).to(dtype)
    torch.testing.assert_close(layer.backward(torch.ones_like(y)), wanted, rtol=4 * torch.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize(
    "layout",
    [
        lambda t: t.to(memory_format=torch.channels_last),
        lambda t: t.transpose(2, 3).contiguous().transpose(2, 3),
        lambda t: t[:1].expand(t.shape),
    ],
    ids=["channels last", "transposed", "expanded"],
)
@pytest.mark.parametrize(
    "make",
    [
        lambda: framework.Conv2d(2, 4, 3, padding=1, groups=2),
        lambda: framework.Conv2d(2, 4, 1),
        lambda: framework.ConvTranspose2d(2, 4, 3),
        lambda: framework.Upsampling(2, 4, 3),
        lambda: framework.NearestUpsampling(2),
        lambda: framework.Linear(6, 3),
        lambda: framework.ReLU(),
        lambda: framework.LeakyReLU(),
        lambda: framework.Softmax(1),
        lambda: framework.Flatten(1, 2),
    ],
)
def test_strides_do_not_matter(make, layout):
    layer = make()
    x = layout(torch.randn(3, 2, 5, 6))
    dy = torch.randn_like(layer(x), memory_format=torch.contiguous_format)
    dy = layout(dy) if dy.dim() == 4 else dy
    once = layer(x), layer.backward(dy)
    again = layer(x.contiguous()), layer.backward(dy.contiguous())
    torch.testing.assert_close(once, again)


def agree_as_losses(own, reference, p, t):
    for reduction in ("mean", "sum", "none"):
        ours, theirs = own(reduction), reference(reduction=reduction)
        watched = p.clone().requires_grad_()
        wanted = theirs(watched, t)
        dy = torch.randn_like(wanted)
        wanted.backward(dy)
        agree(ours(p, t), wanted.detach())
        agree(ours.backward(dy), watched.grad)


@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 4, 3), (0, 3), (1, 1)])
def test_cross_entropy_agrees(shape):
    p = 5 * torch.randn(shape, dtype=torch.float64)
    agree_as_losses(framework.CrossEntropyLoss, nn.CrossEntropyLoss, p, torch.randint(shape[1], shape[:1] + shape[2:]))
    agree_as_losses(framework.CrossEntropyLoss, nn.CrossEntropyLoss, p, torch.rand_like(p))


@pytest.mark.parametrize("shape", [(), (0,), (4, 3)])
def test_elementwise_losses_agree(shape):
    p, t = torch.randn(shape, dtype=torch.float64), torch.rand(shape, dtype=torch.float64)
    agree_as_losses(framework.MSELoss, nn.MSELoss, p, t)
    agree_as_losses(framework.BCELoss, nn.BCELoss, p.sigmoid(), t)
    agree_as_losses(framework.BCEWithLogitsLoss, nn.BCEWithLogitsLoss, 10 * p, t)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("loss", ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss"])
def test_losses_have_the_same_class_at_special_values(loss, target, dtype):
    special = [0.0, 1.0, 1e-4, 0.999] if loss == "BCELoss" else SPECIAL
    p = torch.tensor(special, dtype=dtype)
    t = torch.full_like(p, target)
    if loss == "CrossEntropyLoss":
        p, t = torch.stack((p, torch.ones_like(p)), 1), torch.stack((t, 1 - t), 1)
    watched = p.clone().requires_grad_()
    wanted = getattr(nn, loss)(reduction="none")(watched, t)
    wanted.backward(torch.ones_like(wanted))
    own = getattr(framework, loss)("none")
    for got, expected in ((own(p, t), wanted.detach()), (own.backward(torch.ones_like(wanted)), watched.grad)):
        for claim in (torch.isnan, torch.isposinf, torch.isneginf):
            assert torch.equal(claim(got), claim(expected)), (got, expected)
        eps = torch.finfo(dtype).eps
        torch.testing.assert_close(got, expected, rtol=4 * eps, atol=4 * eps, equal_nan=True)
