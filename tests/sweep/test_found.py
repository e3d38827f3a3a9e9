"""What sweeps found wrong in the suite, in the framework, or in torch itself: each configuration is right since."""

from collections.abc import Mapping

import pytest
import torch

from parity.catalogue import pages, written
from parity.catalogue.page import Case
from parity.subjects import load
from parity.sweep.chunk import asked
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial


def cell(
    module: str,
    x: tuple[int, ...],
    dtype: str,
    regime: str,
    seed: int,
    /,
    name: str,
    cotangent: float = 1.0,
    others: Mapping[str, tuple[int, ...]] | None = None,
    **options: object,
) -> Cell:
    case = Case(name, x=x, options=options, others=others or {})
    return Cell(written()[module], case, dtype=dtype, regime=regime, seed=seed, cotangent=cotangent)


def listed(module: str, name: str, dtype: str, regime: str, seed: int, cotangent: float = 1.0) -> Cell:
    """Return a cell of a case that the catalogue lists."""
    page = pages()[module]
    case = next(case for case in page.cases if case.name == name)
    return Cell(page, case, dtype=dtype, regime=regime, seed=seed, cotangent=cotangent)


BOUND, ALPHA = 1.7980797460545814, 0.799969875307216
FOUND = {
    "a bound that bfloat16 does not hold was rounded to it": cell(
        "Hardtanh",
        (5, 8, 9, 10),
        "bfloat16",
        "heavy-tailed",
        1143282201,
        name=f"max_val {BOUND}",
        max_val=BOUND,
    ),
    "torch's own derivative has 1 / alpha in float32": cell(
        "CELU", (2, 3, 4), "float64", "special", 1264367829, name=f"alpha {ALPHA}, x 2x3x4", alpha=ALPHA
    ),
    "beside an infinity the gauge was no more than the value, where digits cancel": cell(
        "LocalResponseNorm",
        (3, 7, 5, 1, 7),
        "float64",
        "not-finite",
        572945533,
        name="beta 2.0, x 3x7x5x1x7",
        size=3,
        alpha=0.5,
        beta=2.0,
    ),
    "where torch is off by more than the limit, another order of sums is off by a little more": cell(
        "UNetDenoiser", (3, 1, 6, 2), "float16", "tiny", 1684193275, name="grey", channels=1, width=2, depth=3
    ),
    "a perturbed place lay beyond the edge of the image": listed(
        "BilinearUpsampling", "photographs", "bfloat16", "ties", 1348106219
    ),
    "torch hands nothing back for an output on which nothing depends, where 0 times nan is nan": listed(
        "MultiheadAttention", "attention-alone", "float32", "not-finite", 909697892, 1000.0
    ),
    "a quotient overflowed before it was divided by the number of elements": listed(
        "GaussianNLLLoss", "photographs", "float16", "huge", 1420888072, 1000.0
    ),
    "a small slope divided by the number of elements vanished before dy, which is large, came to it": listed(
        "SmoothL1Loss", "photographs", "float16", "special", 875154733, 1000.0
    ),
    "the same, of another loss": listed("PoissonNLLLoss", "photographs", "float16", "huge", 76804079, 1000.0),
    "torch's own float64 has lost two digits of the variance of a photograph": listed(
        "InstanceNorm2d", "photographs", "float64", "photograph", 1466221959
    ),
    "a channel of one colour has no value without eps, and torch gives one of rounding": listed(
        "InstanceNorm2d", "no-eps", "float64", "photograph", 2088604730
    ),
    "torch's softshrink takes one side at nan in a vector, and the other in what is left over of one": cell(
        "Softshrink", (3,), "bfloat16", "not-finite", 1794173996, name="lambd 0.5, x 3", cotangent=1e-4, lambd=0.5
    ),
    "torch gives another number of rounding than others to a channel of one colour": listed(
        "InstanceNorm2d", "no-eps", "float32", "photograph", 1646933006, 1000.0
    ),
    "a rounding decides whether what is below a root is negative": cell(
        "LPPool2d",
        (2, 3, 9, 8),
        "float16",
        "special",
        248630220,
        name="norm_type 3.0, stride 1, ceil_mode True",
        norm_type=3.0,
        kernel_size=3,
        stride=1,
        ceil_mode=True,
    ),
    "a rounding makes what is below a root negative, where it was not": cell(
        "LPPool2d",
        (5, 3, 10, 8),
        "float32",
        "special",
        759115495,
        name="norm_type 5, stride 2x1, x 5x3x10x8",
        norm_type=5,
        kernel_size=3,
        stride=(2, 1),
    ),
    "a product of two of three factors lost its digits below the least normal number": cell(
        "Bilinear",
        (5, 1, 6, 4),
        "float16",
        "offset",
        891804631,
        name="out_features 1, batch 5x1x6",
        cotangent=1e-4,
        others={"input2": (5, 1, 6, 3)},
        in1_features=4,
        in2_features=3,
        out_features=1,
    ),
    "torch overflows on the way to a number, and so may others": listed(
        "MultiheadAttention", "plain", "float16", "special", 1541963765
    ),
    "torch overflows to no number where the truth is beyond all": cell(
        "RNN",
        (3, 6, 4),
        "float16",
        "offset",
        681022285,
        name="num_layers 2, nonlinearity relu, hidden_size 6",
        cotangent=1000.0,
        num_layers=2,
        nonlinearity="relu",
        input_size=4,
        hidden_size=6,
    ),
    "a rounding decides between the largest number and infinity": listed(
        "Sequential", "convolutional", "float16", "huge", 1001572576, 1000.0
    ),
    "torch overflows where others do not": listed("Sequential", "photographs", "float16", "huge", 573430827, 1000.0),
    "an interpolation that goes back from infinity is nan": cell(
        "BatchNorm2d",
        (5, 3, 1, 1),
        "bfloat16",
        "not-finite",
        37537073,
        name="momentum 0.5690387339860716, image 1x1",
        momentum=0.5690387339860716,
        num_features=3,
    ),
    "sixteen runs missed a kink": listed("ResidualBlock", "same-shape", "bfloat16", "normal", 2059040895),
}


@pytest.mark.parametrize("what", FOUND)
@pytest.mark.parametrize("subject", ["framework", "torch_nn"])
def test_a_configuration_that_was_wrong_is_right(what: str, subject: str) -> None:
    found = asked(Trial(FOUND[what], load(subject)))
    assert found
    assert [one.record for one in found if one.record.verdict not in ("pass", "same-route")] == []


def test_torchs_own_derivative_of_celu_has_seven_digits_in_float64() -> None:
    """Why its page has another truth: where this fails, torch has mended it, and the page can do without."""
    x = torch.tensor([-1.0], dtype=torch.float64, requires_grad=True)
    torch.nn.functional.celu(x, 0.7).backward(torch.ones(1, dtype=torch.float64))
    exact = torch.tensor([-1 / 0.7], dtype=torch.float64).exp()
    assert x.grad is not None
    assert 1e-9 < ((x.grad - exact) / exact).abs().item() < 1e-6
    y = x.detach().requires_grad_()
    pages()["CELU"].exact.reference(alpha=0.7)(y).sum().backward()
    assert y.grad is not None
    assert torch.allclose(y.grad, exact, rtol=1e-15)
