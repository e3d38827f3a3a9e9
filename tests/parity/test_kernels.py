"""The gauge knows every kernel that torch's modules call, or says which it does not know."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from parity.verdict import arithmetic
from parity.verdict.gauge import root_mean_square
from parity.verdict.perturbed import kernels
from parity.verdict.perturbed.operations import MonteCarloArithmetic, sum_size

VECTOR, IMAGE, LINE, STEPS = (3, 6), (2, 4, 6, 6), (3, 4, 6), (3, 2, 4)
MODULES: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    **{
        name: (getattr(nn, name)(), VECTOR)
        for name in (
            "GELU SiLU ELU SELU CELU Softplus LogSigmoid Hardtanh ReLU6 Hardsigmoid Hardswish Mish Softsign Tanhshrink "
            "GLU Softshrink Hardshrink PReLU LeakyReLU Sigmoid Tanh Identity"
        ).split()
    },
    "GELU tanh": (nn.GELU("tanh"), VECTOR),
    "LogSoftmax": (nn.LogSoftmax(1), VECTOR),
    "Softmin": (nn.Softmin(1), VECTOR),
    "LayerNorm": (nn.LayerNorm(6), VECTOR),
    "RMSNorm": (nn.RMSNorm(6), VECTOR),
    "BatchNorm1d": (nn.BatchNorm1d(6), VECTOR),
    "BatchNorm2d eval": (nn.BatchNorm2d(4).eval(), IMAGE),
    "GroupNorm": (nn.GroupNorm(2, 4), IMAGE),
    "InstanceNorm2d": (nn.InstanceNorm2d(4), IMAGE),
    "LocalResponseNorm": (nn.LocalResponseNorm(3), IMAGE),
    "MaxPool1d": (nn.MaxPool1d(2), LINE),
    "MaxPool2d": (nn.MaxPool2d(2), IMAGE),
    "AvgPool1d": (nn.AvgPool1d(2), LINE),
    "AvgPool2d": (nn.AvgPool2d(2), IMAGE),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d((2, 3)), IMAGE),
    "AdaptiveMaxPool2d": (nn.AdaptiveMaxPool2d((2, 3)), IMAGE),
    "LPPool2d": (nn.LPPool2d(2, 2), IMAGE),
    "Conv1d": (nn.Conv1d(4, 5, 3), LINE),
    "Conv2d reflect": (nn.Conv2d(4, 5, 3, padding="same", padding_mode="reflect"), IMAGE),
    "ConvTranspose1d": (nn.ConvTranspose1d(4, 5, 3), LINE),
    "ReplicationPad2d": (nn.ReplicationPad2d(1), IMAGE),
    "Upsample bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), IMAGE),
    "PixelShuffle": (nn.PixelShuffle(2), IMAGE),
    "RNN": (nn.RNN(4, 5), STEPS),
    "LSTM": (nn.LSTM(4, 5, 2, bidirectional=True), STEPS),
    "GRU": (nn.GRU(4, 5), STEPS),
}
LOSSES = (
    "L1Loss SmoothL1Loss HuberLoss PoissonNLLLoss SoftMarginLoss HingeEmbeddingLoss MSELoss BCEWithLogitsLoss".split()
)
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "embedding": lambda w: functional.embedding(torch.tensor([0, 2, 2]), w),
    "attention": lambda q: functional.scaled_dot_product_attention(q, q, q, is_causal=True),
    "bilinear": lambda x: functional.bilinear(x, x, torch.ones(2, 6, 6, dtype=x.dtype)),
    "in place": lambda x: x.clone().mul_(2).exp_(),
}


def perturbed(function: Callable[[Tensor], Tensor], x: Tensor, step: float) -> list[Tensor]:
    """Return output and dx, with every elementary operation perturbed by `step`."""
    x = x.detach().clone().requires_grad_()
    asked = arithmetic.of(torch.float32, "cpu")
    with MonteCarloArithmetic(asked, torch.Generator().manual_seed(0), step):
        y = function(x)
        y = y[0] if isinstance(y, tuple) else y
        (dx,) = torch.autograd.grad(y.sum(), [x])
    return [y.detach(), dx]


def moves(function: Callable[[Tensor], Tensor], x: Tensor) -> bool:
    """Return whether the perturbed run stays near the other, and whether anything moved."""
    still, moved = (perturbed(function, x, step) for step in (0.0, 2.0**-24))
    assert all(torch.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in zip(still, moved, strict=True))
    return not all(map(torch.equal, still, moved))


COPIES = ("Identity", "ReLU6", "Hardtanh", "MaxPool1d", "MaxPool2d", "AdaptiveMaxPool2d", "PixelShuffle", "Hardshrink")


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_made_of_kernels_that_are_known(name: str) -> None:
    module, shape = MODULES[name]
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.manual_seed(0)
    assert moves(module.double(), x) or name in COPIES


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_made_of_kernels_that_are_known(name: str) -> None:
    t = torch.rand(VECTOR, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    loss = getattr(nn, name)()
    assert moves(lambda p: loss(p, t), t + 0.5)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_made_of_kernels_that_are_known(name: str) -> None:
    x = torch.randn(3, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert moves(FUNCTIONS[name], x) or name == "embedding"


def test_a_kernel_that_nobody_knows_is_named() -> None:
    with pytest.raises(kernels.UnknownKernelError, match=r"bessel_i1.*parity/verdict/perturbed/kernels\.py"):
        perturbed(torch.special.i1, torch.rand(3, dtype=torch.float64), 2.0**-24)


ELEMENTARY = {  # the kernels that no page of the catalogue calls, and where they are asked
    "exp2 log2 log10 atan sinh asinh": (0.5, 3.0),
    "tan asin acos atanh": (0.1, 0.9),
    "acosh": (1.5, 3.0),
}


@pytest.mark.parametrize(
    ("name", "ends"), [(name, ends) for names, ends in ELEMENTARY.items() for name in names.split()]
)
def test_an_elementary_kernel_rounds_about_once(name: str, ends: tuple[float, float]) -> None:
    x = torch.linspace(*ends, 10_000, dtype=torch.float32)
    wanted = getattr(torch, name)(x.double())
    off = (getattr(torch, name)(x).double() - wanted).abs() / wanted.abs().clamp_min(0.1) * 2.0**24
    assert name in kernels.ELEMENTARY
    assert off.max() < 4


def test_no_kernel_is_on_two_lists() -> None:
    assert not kernels.ELEMENTARY & kernels.LINEAR
    assert not (kernels.ELEMENTARY | kernels.LINEAR) & kernels.EXACT


@pytest.mark.parametrize("exponent", [-1070, -1000, -600, -540, 0, 500, 1000])
def test_a_root_mean_square_is_the_same_at_every_exponent(exponent: int) -> None:
    values = torch.tensor([[3.0, 0.0], [4.0, 0.0]], dtype=torch.float64)
    scaled = root_mean_square(torch.ldexp(values, torch.tensor(exponent)))
    wanted = torch.ldexp(torch.tensor([12.5**0.5, 0.0], dtype=torch.float64), torch.tensor(exponent))
    assert torch.allclose(scaled, wanted, rtol=0.05 if exponent < -1022 else 1e-12, atol=0)


def size_of_sum(scale: float) -> float:
    asked, terms = arithmetic.of(torch.float32, "cpu"), torch.tensor([3.0, -4.0], dtype=torch.float64) * scale
    number = torch.tensor(2.0, dtype=torch.float64)
    return float(sum_size(asked, terms.sum(), terms.abs().sum(), terms.square().sum(), number)) / scale


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_the_size_of_a_sum_scales_with_its_terms(scale: float) -> None:
    assert size_of_sum(scale) == pytest.approx(size_of_sum(1.0), rel=0.2)


@pytest.mark.parametrize(
    ("kernel", "bounds", "sides"),
    [
        ("hardsigmoid_backward", (), (0.0, 1 / 6, 0.0, 0.0)),
        ("hardtanh_backward", (1.0, 2.0), (0.0, 1.0, 0.0, 0.0)),
        ("threshold_backward", (0.5,), (0.0, 0.0, 1.0, 0.0)),
        ("softshrink_backward", (0.5,), (1.0, 0.0, 1.0, 0.0)),
    ],
)
def test_at_nan_a_derivative_is_that_of_one_side_or_of_none(
    kernel: str, bounds: tuple[float, ...], sides: tuple[float, ...]
) -> None:
    dy, x = torch.ones(1, dtype=torch.float64), torch.tensor([torch.nan], dtype=torch.float64)
    found = []
    for side in kernels.SIDES:
        with kernels.EitherAtNan(side, torch.Generator()):
            found.append(float(getattr(torch.ops.aten, kernel)(dy, x, *bounds)))
    assert found == pytest.approx(sides)
