"""What sweeps found wrong in the suite, in the framework, or in torch itself: each configuration is right since."""

import pytest
import torch

from parity.catalogue import pages, written
from parity.catalogue.page import Case
from parity.subjects import load
from parity.sweep.chunk import asked
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial


def cell(module: str, x: tuple[int, ...], dtype: str, regime: str, seed: int, /, name: str, **options: float) -> Cell:
    return Cell(written()[module], Case(name, x=x, options=options), dtype=dtype, regime=regime, seed=seed)


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
