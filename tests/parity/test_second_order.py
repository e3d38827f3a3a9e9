"""The truth and the gauge of second derivatives: torch itself is not accused, nor is the tape."""

from dataclasses import replace

import pytest
import torch

from parity.catalogue import operators, pages
from parity.catalogue.page import Page
from parity.catalogue.pairing import parted, second_order
from parity.contract.numbers.second_order import CHECK
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from parity.verdict.reference import quantities
from parity.verdict.trial import Trial, evidence

# Of one input and several, with buffers, several outputs, kernels that are decomposed, a truth of its own.
MODULES = ["BatchNorm2d", "BCELoss", "Bilinear", "GELU", "LPPool2d", "LSTM", "MultiheadAttention", "ReLU", "Softsign"]
OF_TAPE = [
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BilinearUpsampling",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "LPPool2d",
    "Linear",
    "LocalResponseNorm",
    "Softmax",
    "Tensor.div",
    "Tensor.pow",
    "Tensor.tanh",
    "Tensor.unfold",
]


def planned(page: Page, seed: int = 0) -> list[Cell]:
    return [cell for cell in cells(page, [CHECK], ["cpu"], seed) if cell.case.widely or not page.space]


@pytest.mark.parametrize("module", MODULES)
def test_torch_is_not_accused(module: str) -> None:
    found = [one.record for cell in planned(pages()[module]) for one in CHECK.run(Trial(cell, load("torch_nn")))]
    assert {record.verdict for record in found} <= {"pass", "same-route"}
    assert found


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("module", OF_TAPE)
def test_the_tape_is_not_accused(module: str, seed: int) -> None:
    every = planned((pages() | operators())[module], seed)
    judged = [one for cell in every for one in CHECK.judged(Trial(cell, load("tape")))[0]]
    assert {one.record.verdict for one in judged} <= {"pass", "same-route"}
    assert judged


def test_the_quantities_are_the_derivatives_of_the_pairing() -> None:
    page, (cell, *_) = pages()["Tanh"], planned(pages()["Tanh"])
    at = evidence(replace(cell, dtype="float64"))
    (x,), (dy,), (v,) = parted(page.signature, at.drawn.inputs)
    y = x.tanh()
    torch.testing.assert_close(at.truth["d²x"], -2 * y * (1 - y * y) * dy * v)
    torch.testing.assert_close(at.truth["d²dy"], (1 - y * y) * v)
    assert at.truth.keys() == {"d²x", "d²dy"}


def test_every_page_is_asked_but_where_torch_has_no_second_derivative() -> None:
    asked = {page.module for page in pages().values() if planned(page)}
    assert pages().keys() - asked == {"Embedding", "EmbeddingBag", "Hardsigmoid"}
    assert {page.module for page in pages().values() if page.once} == {"EmbeddingBag", "Hardsigmoid"}
    case, page = pages()["Hardsigmoid"].cases[0], second_order(pages()["Hardsigmoid"])
    with pytest.raises(RuntimeError, match="is not implemented"):
        quantities(page, case, Trial(Cell(page, case), load("torch_nn")).drawn, torch.float64)


def test_torch_s_own_second_derivative_of_a_loss_of_probabilities_is_off_in_float64() -> None:
    (cell, *_) = (one for one in planned(pages()["BCELoss"]) if one.dtype == "float64")
    at = evidence(cell)
    assert not torch.allclose(at.reference["d²x"], at.truth["d²x"], rtol=1e-14, atol=0)
    assert torch.allclose(at.reference["d²x"], at.truth["d²x"], rtol=1e-8, atol=0)


def test_none_is_drawn_at_a_kink_or_in_sixteen_bits() -> None:
    every = [cell for page in pages().values() for cell in cells(page, [CHECK], ["cpu"], 0)]
    assert {cell.dtype for cell in every} == {"float32", "float64"}
    assert {cell.regime for cell in every} <= {"normal", "positive"}
    assert not any(cell.case.large or cell.page.kinks for cell in every)
