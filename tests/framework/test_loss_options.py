"""Options of losses: what is ignored, what is weighed, and what neither a page nor a neighbour shows."""

import copy
import pickle
from math import inf, nan

import pytest
import torch
from torch import nn

import framework as fw

P = torch.tensor([[0.2, 0.7, 0.4], [0.9, 0.1, 0.5]])
WEIGHT = torch.tensor([0.5, 2.0, 1.0])
CLASSES = {
    "nll": (fw.NLLLoss, nn.NLLLoss, {}),
    "nll weighed": (fw.NLLLoss, nn.NLLLoss, {"weight": WEIGHT}),
    "cross-entropy": (fw.CrossEntropyLoss, nn.CrossEntropyLoss, {}),
    "cross-entropy weighed": (fw.CrossEntropyLoss, nn.CrossEntropyLoss, {"weight": WEIGHT}),
    "cross-entropy smoothed": (fw.CrossEntropyLoss, nn.CrossEntropyLoss, {"label_smoothing": 0.1}),
    "cross-entropy of both": (
        fw.CrossEntropyLoss,
        nn.CrossEntropyLoss,
        {"label_smoothing": 0.1, "weight": torch.tensor([0.0, 2.0, 1.0])},
    ),
}


def both(own, reference, p, t):
    """Return output and dp of the framework, and those of torch."""
    watched = p.clone().requires_grad_()
    wanted = reference(watched, t)
    wanted.backward(torch.ones_like(wanted))
    y = own(p, t)
    return (y, own.backward(torch.ones_like(y))), (wanted.detach(), watched.grad)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("t", [[-100, -100], [-100, 1], [0, 2], [0, -100]])
@pytest.mark.parametrize("name", CLASSES)
def test_ignored_classes_are_torch_s(name, t, reduction):
    own, reference, options = CLASSES[name]
    t = torch.tensor(t)
    got, wanted = both(own(reduction, **options), reference(reduction=reduction, **options), P, t)
    torch.testing.assert_close(got, wanted, equal_nan=True)
    if (t == -100).all():
        assert got[0].isnan().all() if reduction == "mean" else not got[0].any()
        assert not got[1].any()


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_ignored_may_be_anything(name):
    own, reference, options = CLASSES[name]
    p = torch.tensor([[0.2, 0.7, 0.4], [-inf, 0.1, 0.5], [nan, 0.1, 0.5]])
    for t in ([2, 7, 7], [1, 7, 7]):
        got, wanted = both(own(**options, ignore_index=7), reference(**options, ignore_index=7), p, torch.tensor(t))
        torch.testing.assert_close(got, wanted, equal_nan=True)
        assert got[0].isfinite()


def test_a_class_that_weighs_nothing_is_not_ignored():
    options = {"weight": torch.tensor([0.0, 1.0, 1.0])}
    p = torch.tensor([[-inf, 0.0, 0.0], [0.0, 1.0, 2.0]])
    got, wanted = both(fw.NLLLoss(**options), nn.NLLLoss(**options), p, torch.tensor([0, 1]))
    torch.testing.assert_close(got, wanted, equal_nan=True)
    assert got[0].isnan()


@pytest.mark.parametrize(
    ("loss", "constants"),
    [
        (fw.BCELoss(weight=WEIGHT), {"weight"}),
        (fw.BCEWithLogitsLoss(weight=WEIGHT, pos_weight=WEIGHT), {"weight", "pos_weight"}),
        (fw.NLLLoss(weight=WEIGHT), {"weight"}),
        (fw.CrossEntropyLoss(weight=WEIGHT), {"weight"}),
    ],
    ids=["bce", "bce with logits", "nll", "cross-entropy"],
)
def test_weights_move_with_their_loss_and_are_no_parameters(loss, constants):
    loss = copy.deepcopy(loss)
    assert loss.param() == []
    assert loss.state_dict() == {}
    assert loss.to(torch.float64) is loss
    for name in constants:
        assert getattr(loss, name).dtype == torch.float64
        assert torch.equal(getattr(pickle.loads(pickle.dumps(loss)), name), getattr(loss, name))
    assert WEIGHT.dtype == torch.float32
    loss.to("meta")
    assert all(getattr(loss, name).is_meta for name in constants)


def test_no_weight_stays_none():
    assert fw.BCELoss().to(torch.float64).weight is None


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (2, 3)])
def test_weights_of_elements_broadcast_as_torch_s(shape):
    weight, t = torch.rand(shape), torch.rand(2, 3)
    for own, reference in ((fw.BCELoss, nn.BCELoss), (fw.BCEWithLogitsLoss, nn.BCEWithLogitsLoss)):
        got, wanted = both(own(weight=weight), reference(weight=weight), P, t)
        torch.testing.assert_close(got, wanted)


def test_every_option_of_logits_at_once():
    options = {"weight": torch.rand(2, 1), "pos_weight": WEIGHT}
    p, t = torch.tensor([[80.0, -90.0, 0.5], [inf, 2.0, -1.0]]), torch.tensor([[1.0, 0.0, 0.3], [0.5, 1.0, 0.0]])
    got, wanted = both(fw.BCEWithLogitsLoss(**options), nn.BCEWithLogitsLoss(**options), p, t)
    torch.testing.assert_close(got, wanted)


@pytest.mark.parametrize("count", [0.0, 1.0, 2.0, 7.0])
def test_stirling_begins_above_one(count):
    t = torch.tensor([count, 3.0])
    for log_input in (True, False):
        options = {"full": True, "log_input": log_input}
        got, wanted = both(fw.PoissonNLLLoss(**options), nn.PoissonNLLLoss(**options), torch.tensor([0.5, 2.0]), t)
        torch.testing.assert_close(got, wanted)


def test_signs_may_be_integers_or_of_the_dtype_of_p():
    p, t = torch.tensor([0.3, 0.4, 1.0, 2.0]), torch.tensor([1, -1, -1, -1])
    loss = fw.HingeEmbeddingLoss("none")
    assert torch.equal(loss(p, t), loss(p, t.float()))
    got, wanted = both(loss, nn.HingeEmbeddingLoss(reduction="none"), p, t)
    torch.testing.assert_close(got, wanted)


@pytest.mark.parametrize("beta", [0.0, 1e-30, 1e30])
def test_smoothing_of_distances_neither_overflows_nor_divides_by_zero(beta):
    p, t = torch.tensor([0.0, 1e-3, -2.0, 1e20, inf]), torch.zeros(5)
    got, wanted = both(
        fw.SmoothL1Loss("none", beta), nn.SmoothL1Loss(reduction="none", beta=beta), p.double(), t.double()
    )
    torch.testing.assert_close(got, wanted)


def test_a_divergence_of_no_probability_is_zero():
    p, t = torch.tensor([-1.0, -2.0]), torch.tensor([0.0, 1.0])
    got, wanted = both(fw.KLDivLoss("none"), nn.KLDivLoss(reduction="none"), p, t)
    torch.testing.assert_close(got, wanted)
    assert got[0][0] == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_mean_of_many_losses_does_not_overflow(dtype):
    p, t = torch.full((70_000, 2), 3.0, dtype=dtype), torch.zeros(70_000, dtype=torch.int64)
    t[0] = -100
    assert fw.NLLLoss()(p, t).item() == -3
    assert fw.KLDivLoss("batchmean")(p, torch.ones_like(p)).item() == -6
    assert fw.HuberLoss()(p, torch.zeros_like(p)).item() == 2.5


@pytest.mark.parametrize("name", ["size_average", "reduce"])
@pytest.mark.parametrize(
    "loss", [fw.L1Loss, fw.SmoothL1Loss, fw.KLDivLoss, fw.NLLLoss, fw.PoissonNLLLoss, fw.CrossEntropyLoss, fw.BCELoss]
)
def test_deprecated_options_are_not_taken(loss, name):
    with pytest.raises(TypeError, match=f"Loss.__init__.* unexpected keyword argument '{name}'"):
        loss(**{name: True})


PAIR = torch.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, -0.5]])
SEVERAL = {
    "ranking": (fw.MarginRankingLoss, (PAIR, PAIR.flip(0), torch.tensor([[1, -1, 1], [-1, 1, 1]]))),
    "cosine": (fw.CosineEmbeddingLoss, (PAIR, PAIR.flip(0), torch.tensor([1, -1]))),
    "triplet": (fw.TripletMarginLoss, (PAIR, PAIR.flip(0), PAIR + 1)),
    "gaussian": (fw.GaussianNLLLoss, (PAIR, PAIR.flip(0), PAIR.abs())),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_loss_of_several_inputs_writes_to_none_of_them_and_is_differentiated_again(name):
    make, inputs = SEVERAL[name]
    loss, given = make(reduction="none"), [value.clone() for value in inputs]
    dy = torch.ones_like(loss(*inputs))
    once, twice = loss.backward(dy), loss.backward(dy)
    assert all(torch.equal(one, two) for one, two in zip(once, twice, strict=True))
    assert all(torch.equal(one, two) for one, two in zip(inputs, given, strict=True))
    with pytest.raises(TypeError, match="forward must be given"):
        loss(*inputs[:-1])


@pytest.mark.parametrize("shape", [(2, 3), (2,), (2, 1), (1, 3)])
def test_variances_may_be_shared(shape):
    var = (torch.rand(shape) + 0.1).requires_grad_()
    nn.GaussianNLLLoss()(PAIR, PAIR.flip(0), var).backward()
    loss = fw.GaussianNLLLoss()
    loss(PAIR, PAIR.flip(0), var.detach())
    torch.testing.assert_close(loss.backward()[2], var.grad)


def test_a_vector_of_nothing_has_torch_s_slope():
    a, b = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True), PAIR[:1].double()
    nn.CosineEmbeddingLoss()(a, b, torch.tensor([1])).backward()
    loss = fw.CosineEmbeddingLoss()
    loss(a.detach(), b, torch.tensor([1]))
    torch.testing.assert_close(loss.backward()[0], a.grad, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: fw.TripletMarginLoss(margin=0.0), "TripletMarginLoss: margin must be above 0, was 0.0"),
        (lambda: fw.TripletMarginLoss(p=-1), "TripletMarginLoss: p must be above 0, was -1"),
        (lambda: fw.TripletMarginLoss()(PAIR[None], PAIR, PAIR), "anchor must have 1 ... 2 axes, had shape"),
        (lambda: fw.GaussianNLLLoss()(PAIR, PAIR, -PAIR.abs()), "var must hold no negative number, held -2.0"),
        (lambda: fw.GaussianNLLLoss()(PAIR, PAIR, PAIR.abs()[:, :2]), "var must have the shape of input"),
        (lambda: fw.MarginRankingLoss()(PAIR, PAIR, PAIR), "target must hold nothing but 1 and -1, held 0.5"),
    ],
)
def test_losses_of_several_inputs_say_what_is_wrong(attempt, message):
    with pytest.raises(ValueError, match=message):
        attempt()
