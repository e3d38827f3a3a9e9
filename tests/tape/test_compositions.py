"""Every composition beside the layer or loss that it composes, at kinks and far out too."""

import pytest
import torch

import framework
from framework.tape import AsLayer, composed

FAR = torch.tensor([[0.0, -0.0, 1.0, -2.0, 30.0], [-30.0, 700.0, -700.0, 1e-4, -1e-9]], dtype=torch.float64)
IMAGES = torch.linspace(-1, 1, 2 * 4 * 5 * 6, dtype=torch.float64).sin().reshape(2, 4, 5, 6)
DOUBLE = {"dtype": torch.float64}
LAYERS = {
    "ReLU": (framework.ReLU, FAR),
    "LeakyReLU": (lambda: framework.LeakyReLU(0.3), FAR),
    "Sigmoid": (framework.Sigmoid, FAR),
    "Tanh": (framework.Tanh, FAR),
    "Softmax": (lambda: framework.Softmax(0), FAR),
    "Flatten": (lambda: framework.Flatten(1, 2), IMAGES),
    "Linear": (lambda: framework.Linear(6, 3, **DOUBLE), IMAGES),
    "Linear without bias": (lambda: framework.Linear(6, 3, bias=False, **DOUBLE), IMAGES),
    "Conv2d": (lambda: framework.Conv2d(4, 6, (2, 3), (2, 1), (1, 2), (1, 2), 2, **DOUBLE), IMAGES),
    "ConvTranspose2d": (
        lambda: framework.ConvTranspose2d(4, 6, (2, 3), (2, 1), (2, 1), (1, 0), 2, True, (1, 2), **DOUBLE),
        IMAGES,
    ),
    "Upsampling": (lambda: framework.Upsampling(4, 6, 3, (2, 1), padding=1, **DOUBLE), IMAGES),
    "NearestUpsampling": (lambda: framework.NearestUpsampling((3, 2)), IMAGES),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_and_its_composition_agree(name):
    torch.manual_seed(0)
    make, x = LAYERS[name]
    layer = make()
    model = AsLayer(composed(layer))
    y = layer(x)
    dy = torch.randn_like(y)
    torch.testing.assert_close(model(x), y, rtol=1e-12, atol=1e-14)
    dx = layer.backward(dy)
    own = [grad.clone() for _, grad in layer.param()]
    torch.testing.assert_close(model.backward(dy), dx, rtol=1e-12, atol=1e-14)
    for (_, grad), once in zip(layer.param(), own, strict=True):  # the composition adds to the same tensors
        torch.testing.assert_close(grad, 2 * once, rtol=1e-12, atol=1e-12)


P = torch.tensor([[0.0, 1.0, 0.3, 1e-9], [0.5, 1.0, 0.0, 0.7]], dtype=torch.float64)
T = torch.tensor([[0.0, 0.0, 1.0, 0.25], [0.5, 1.0, 1.0, 0.0]], dtype=torch.float64)
LOSSES = {
    "MSELoss": (framework.MSELoss, P, T),
    "BCELoss": (framework.BCELoss, P, T),
    "BCEWithLogitsLoss": (framework.BCEWithLogitsLoss, FAR[:, :4], T),
    "CrossEntropyLoss": (framework.CrossEntropyLoss, FAR[:, :4], T),
    "CrossEntropyLoss of classes": (framework.CrossEntropyLoss, FAR, torch.tensor([4, 0])),
}


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
