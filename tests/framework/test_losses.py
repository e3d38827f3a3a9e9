"""Losses: what they keep, what they add up to, and their digits where the prediction is sure and right."""

from functools import partial
from math import exp, log1p

import pytest
import torch

import framework as fw

P = torch.tensor([[0.2, 0.7, 0.4], [0.9, 0.1, 0.5]])
T = torch.tensor([[0.0, 1.0, 0.3], [1.0, 0.0, 0.5]])
WEIGHT = torch.tensor([0.5, 2.0, 1.0])
smoothed = partial(fw.CrossEntropyLoss, weight=WEIGHT, label_smoothing=0.1)
EVERY = [
    (fw.MSELoss, P, T),
    (fw.BCELoss, P, T),
    (fw.BCEWithLogitsLoss, 4 * P - 2, T),
    (fw.CrossEntropyLoss, P, T),
    (fw.CrossEntropyLoss, P, torch.tensor([2, 0])),
    (fw.L1Loss, P, T),
    (fw.SmoothL1Loss, P, T),
    (fw.HuberLoss, P, T),
    (fw.KLDivLoss, P, T),
    (fw.PoissonNLLLoss, P, T),
    (fw.HingeEmbeddingLoss, P, 1 - 2 * (T > 0.4).to(T)),
    (fw.NLLLoss, P, torch.tensor([2, -100])),
    (smoothed, P, torch.tensor([2, -100])),
    (partial(fw.BCEWithLogitsLoss, weight=WEIGHT, pos_weight=WEIGHT), P, T),
]
IDS = (
    "mse;bce;bce with logits;cross-entropy;cross-entropy of classes;l1;smooth l1;huber;kl div;poisson;hinge;nll;"
    "smoothed;weighed logits"
).split(";")


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("make", "p", "t"), EVERY, ids=IDS)
def test_backward_writes_to_nothing_that_it_will_read_again(make, p, t, reduction):
    loss = make(reduction)
    dy = 1 + torch.rand(loss(p, t).shape)
    given = p.clone(), t.clone()
    kept = [tensor.clone() for tensor in loss.saved]
    assert torch.equal(loss.backward(dy), loss.backward(dy))
    if reduction != "none":
        assert torch.equal(loss.backward(), loss.backward())
    assert all(torch.equal(one, two) for one, two in zip(loss.saved, kept, strict=True))
    assert all(torch.equal(one, two) for one, two in zip((p, t), given, strict=True))


@pytest.mark.parametrize(("make", "p", "t"), EVERY, ids=IDS)
def test_a_refused_target_leaves_the_earlier_memory(make, p, t):
    loss = make()
    loss(p, t)
    dp = loss.backward()
    for bad in (None, torch.ones(4, 5, dtype=torch.float64)):
        with pytest.raises((TypeError, ValueError)):
            loss(torch.ones(4, 5), bad)
    assert torch.equal(loss.backward(), dp)


class Interrupted(fw.MSELoss):
    def compute(self, p, t):
        if len(p) == 1:
            raise KeyboardInterrupt
        return super().compute(p, t)


@pytest.mark.parametrize("dy", [None, torch.ones(())])
def test_an_interrupted_loss_forgets(dy):
    loss = Interrupted()
    loss(P, T)
    with pytest.raises(KeyboardInterrupt):
        loss(P[:1], T[:1])
    with pytest.raises(RuntimeError, match="Interrupted: backward must follow a forward that ended well"):
        loss.backward(dy)


@pytest.mark.parametrize("dy", [None, torch.ones(())])
@pytest.mark.parametrize(("make", "p", "t"), EVERY, ids=IDS)
def test_backward_needs_a_forward_whose_tensors_are_unchanged(make, p, t, dy):
    loss = make()
    with pytest.raises(RuntimeError, match="backward must follow a forward"):
        loss.backward(dy)
    loss(p, t)
    loss.saved[0][:0].mul_(1)  # counts as a write, and is allowed where all elements share one place
    with pytest.raises(RuntimeError, match="unchanged until backward"):
        loss.backward(dy)


@pytest.mark.parametrize("logit", [8.0, 20.0, 40.0, 80.0])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_a_sure_and_right_logit_keeps_the_digits_of_its_loss(logit, dtype):
    wanted = log1p(exp(-logit))  # 2e-9 for 20: lost beside any larger loss, so it stands alone here
    for p, t in ((logit, 1.0), (-logit, 0.0)):
        p, t = torch.tensor([p], dtype=dtype), torch.tensor([t], dtype=dtype)
        for reduction in ("mean", "sum", "none"):
            loss = fw.BCEWithLogitsLoss(reduction)(p, t).item()
            assert loss == pytest.approx(wanted, rel=4 * torch.finfo(dtype).eps, abs=0)


@pytest.mark.parametrize("chance", [1e-3, 1e-9, 1e-30])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_sure_and_right_probability_keeps_the_digits_of_its_loss(chance, dtype):
    p = torch.tensor([chance], dtype=dtype)
    loss = fw.BCELoss()(p, torch.zeros_like(p)).item()
    assert loss == pytest.approx(-log1p(-p.item()), rel=4 * torch.finfo(dtype).eps, abs=0)


@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("chance", [1e-6, 1e-10, 1e-13, 0.0])
def test_the_slope_at_a_sure_probability_is_torch_s(chance, target):
    p = torch.tensor([chance, 1 - chance], dtype=torch.float64, requires_grad=True)
    t = torch.full_like(p, target).detach()
    torch.nn.BCELoss()(p, t).backward()
    loss = fw.BCELoss()
    loss(p.detach(), t)
    torch.testing.assert_close(loss.backward(), p.grad, rtol=1e-12, atol=0)


@pytest.mark.parametrize("shape", [(2, 0), (0, 0), (2, 0, 3)])
def test_no_class_has_no_entropy(shape):
    p = torch.zeros(shape)
    assert fw.CrossEntropyLoss(reduction="sum")(p, p).item() == 0
