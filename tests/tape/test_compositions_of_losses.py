"""Every composition beside the loss that it composes, at kinks and far out too."""

import pytest
import torch

import framework
from framework.tape import AsLayer, composed
from framework.tape.compositions.table import COMPOSITIONS

FAR = torch.tensor([[0.0, -0.0, 1.0, -2.0, 30.0], [-30.0, 700.0, -700.0, 1e-4, -1e-9]], dtype=torch.float64)
P = torch.tensor([[0.0, 1.0, 0.3, 1e-9], [0.5, 1.0, 0.0, 0.7]], dtype=torch.float64)
T = torch.tensor([[0.0, 0.0, 1.0, 0.25], [0.5, 1.0, 1.0, 0.0]], dtype=torch.float64)
WEIGHT = torch.tensor([0.5, 2.0, 1.5, 1.0], dtype=torch.float64)
CLASSES = torch.tensor([3, 1])
SIGNS = torch.tensor([[1.0, -1.0, -1.0, 1.0], [-1.0, 1.0, 1.0, -1.0]], dtype=torch.float64)
LOSSES = {
    "MSELoss": (framework.MSELoss, P, T),
    "BCELoss": (framework.BCELoss, P, T),
    "BCEWithLogitsLoss": (framework.BCEWithLogitsLoss, FAR[:, :4], T),
    "CrossEntropyLoss": (framework.CrossEntropyLoss, FAR[:, :4], T),
    "CrossEntropyLoss of classes": (framework.CrossEntropyLoss, FAR, torch.tensor([4, 0])),
    "BCELoss weighted": (lambda reduction: framework.BCELoss(reduction, WEIGHT), P, T),
    "BCEWithLogitsLoss weighted": (
        lambda reduction: framework.BCEWithLogitsLoss(reduction, WEIGHT, WEIGHT + 1),
        FAR[:, :4],
        T,
    ),
    "CrossEntropyLoss smoothed": (
        lambda reduction: framework.CrossEntropyLoss(reduction, WEIGHT, label_smoothing=0.2),
        P * 5,
        CLASSES,
    ),
    "CrossEntropyLoss of shares": (
        lambda reduction: framework.CrossEntropyLoss(reduction, WEIGHT, label_smoothing=0.2),
        P * 5,
        T,
    ),
    "CrossEntropyLoss, one ignored": (
        lambda reduction: framework.CrossEntropyLoss(reduction, WEIGHT, 3, 0.2),
        P * 5,
        CLASSES,
    ),
    "NLLLoss": (lambda reduction: framework.NLLLoss(reduction, WEIGHT), P, CLASSES),
    "L1Loss": (framework.L1Loss, P, T),
    "SmoothL1Loss": (lambda reduction: framework.SmoothL1Loss(reduction, 0.3), P, T),
    "SmoothL1Loss of no beta": (lambda reduction: framework.SmoothL1Loss(reduction, 0), P, T),
    "HuberLoss": (lambda reduction: framework.HuberLoss(reduction, 0.3), P, T),
    "KLDivLoss": (framework.KLDivLoss, P, T),
    "KLDivLoss of logarithms": (lambda reduction: framework.KLDivLoss(reduction, True), P, T),
    "PoissonNLLLoss": (lambda reduction: framework.PoissonNLLLoss(reduction, full=True), P, 3 * T),
    "PoissonNLLLoss of rates": (lambda reduction: framework.PoissonNLLLoss(reduction, False), P + 0.1, T),
    "HingeEmbeddingLoss": (framework.HingeEmbeddingLoss, P, SIGNS),
}
OF_THREE = {
    "GaussianNLLLoss": (framework.GaussianNLLLoss, (P, T, T.mean(1))),
    "GaussianNLLLoss below the bound": (
        lambda reduction: framework.GaussianNLLLoss(reduction=reduction, full=True),
        (P, T, T),
    ),
    "CosineEmbeddingLoss": (framework.CosineEmbeddingLoss, (P, T, SIGNS[0, :2])),
    "MarginRankingLoss": (framework.MarginRankingLoss, (P, T, SIGNS)),
    "TripletMarginLoss of two that are as far": (
        lambda reduction: framework.TripletMarginLoss(9.0, eps=0.0, swap=True, reduction=reduction),
        (P, P, T),
    ),
    **{
        f"TripletMarginLoss of norm {p}": (
            lambda reduction, p=p: framework.TripletMarginLoss(0.5, p, swap=True, reduction=reduction),
            (P, T, T.flip(0) * 2),
        )
        for p in (1, 2, 3, float("inf"))
    },
}


def test_every_composition_of_a_loss_is_compared_here():
    compared = {type(make(reduction="sum")) for make, *_ in (*LOSSES.values(), *OF_THREE.values())}
    assert compared == {kind for kind in COMPOSITIONS if issubclass(kind, framework.Loss)}


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_its_composition_agree(name, reduction):
    make, p, t = LOSSES[name]
    loss = make(reduction)
    model = AsLayer(composed(loss))
    y = loss(p, t)
    dy = torch.full_like(y, -0.7)
    torch.testing.assert_close(model(p, t), y, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(model.backward(dy), loss.backward(dy), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", OF_THREE)
def test_a_loss_of_three_and_its_composition_agree(name, reduction):
    make, inputs = OF_THREE[name]
    loss = make(reduction=reduction)
    model = AsLayer(composed(loss))
    y = loss(*inputs)
    dy = torch.full_like(y, -0.7)
    torch.testing.assert_close(model(*inputs), y, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(model.backward(dy), loss.backward(dy), rtol=1e-9, atol=1e-14)
