"""Optimisers and clipping: what parity does not ask of them."""

import pytest
import torch

import framework
from framework import clip_grad_norm, clip_grad_value

OPTIMISERS = [getattr(framework, name) for name in "SGD Adam AdamW RMSprop Adagrad Adadelta NAdam".split()]
FULL = {
    framework.SGD: {"momentum": 0.9},
    framework.Adam: {"amsgrad": True},
    framework.RMSprop: {"momentum": 0.9, "centered": True},
}


def pairs(dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    shapes = (4, 3), (3,), ()
    return [tuple(torch.randn(shape, generator=generator, dtype=dtype) for _ in range(2)) for shape in shapes]


@pytest.mark.parametrize("made", OPTIMISERS)
def test_its_signature_is_torch_s_but_for_how_it_is_carried_out(made):
    theirs = getattr(torch.optim, made.__name__)([torch.nn.Parameter(torch.zeros(1))]).param_groups[0]
    left_out = {"params", "foreach", "capturable", "differentiable", "fused"}
    if made is framework.AdamW:
        left_out.add("decoupled_weight_decay")  # no option of its constructor
    assert made(pairs()).groups[0].options == {k: v for k, v in theirs.items() if k not in left_out}


@pytest.mark.parametrize("option", ["foreach", "fused", "differentiable"])
@pytest.mark.parametrize("made", OPTIMISERS)
def test_an_option_that_it_does_not_have_is_refused_by_name(made, option):
    with pytest.raises(TypeError, match=option):
        made(pairs(), **{option: True})
    with pytest.raises(TypeError, match=option):
        made([{"params": pairs(), option: True}])


@pytest.mark.parametrize(
    ("made", "options", "message"),
    [
        (framework.Adam, {"betas": (0.9, 1.0)}, "Adam: betas must be less than 1, was 1.0"),
        (framework.Adam, {"betas": 0.9}, "Adam: betas must be a pair of numbers, was 0.9"),
        (framework.Adam, {"amsgrad": 1}, "Adam: amsgrad must be a bool, was 1"),
        (framework.AdamW, {"weight_decay": -1.0}, "AdamW: weight_decay must be at least 0.0, was -1.0"),
        (framework.RMSprop, {"alpha": float("nan")}, "RMSprop: alpha must be finite, was nan"),
        (framework.Adadelta, {"rho": 1.5}, "Adadelta: rho must be at most 1, was 1.5"),
        (framework.Adagrad, {"eps": "small"}, "Adagrad: eps must be a number, was 'small'"),
        (framework.NAdam, {"momentum_decay": -0.1}, "NAdam: momentum_decay must be at least 0.0, was -0.1"),
        (framework.SGD, {"nesterov": True}, "SGD: nesterov must come with momentum and without dampening, had"),
        (
            framework.SGD,
            {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
            "SGD: nesterov must come with momentum and without dampening, had momentum 0.9 and dampening 0.1",
        ),
    ],
)
def test_an_option_without_sense_is_refused_by_name(made, options, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        made(pairs(), **options)
    assert str(caught.value).startswith(message)
    with pytest.raises((TypeError, ValueError)) as caught:
        made([{"params": pairs(), **options}])
    assert str(caught.value).startswith(message)


def test_a_group_must_hold_parameters_that_no_other_holds():
    one = pairs()
    with pytest.raises(TypeError, match='must hold "params"'):
        framework.Adam([{"lr": 0.1}])
    with pytest.raises(ValueError, match="must each be given once"):
        framework.Adam([{"params": one[:2]}, {"params": one[1:]}])
    with pytest.raises(ValueError, match="at least one"):
        framework.Adam([{"params": one}, {"params": []}])


def test_the_rate_of_all_groups_is_set_at_once_and_checked():
    optimiser = framework.Adam([{"params": pairs(), "lr": 0.5}, {"params": pairs()}], lr=0.1)
    assert [group.options["lr"] for group in optimiser.groups] == [0.5, 0.1]
    optimiser.lr = 0.2
    assert [group.options["lr"] for group in optimiser.groups] == [0.2, 0.2]
    with pytest.raises(ValueError, match="Adam: lr must be at least"):
        optimiser.lr = -1.0


@pytest.mark.parametrize("made", OPTIMISERS)
def test_a_step_leaves_the_gradients_and_the_identity_of_values(made):
    given = pairs()
    grads, memory = [grad.clone() for _, grad in given], [value.data_ptr() for value, _ in given]
    optimiser = made(given, weight_decay=0.1, maximize=True, **FULL.get(made, {}))
    optimiser.step()
    assert all(torch.equal(grad, before) for (_, grad), before in zip(given, grads, strict=True))
    assert [value.data_ptr() for value, _ in given] == memory
    optimiser.zero_grad()
    assert not any(grad.any() for _, grad in given)


@pytest.mark.parametrize("made", OPTIMISERS)
def test_a_state_is_a_copy_both_ways_and_holds_no_more_than_it_needs(made):
    given = pairs()
    optimiser = made(given, **FULL.get(made, {}))
    optimiser.step()
    taken = optimiser.state_dict()
    assert {name for kept in taken["state"] for name in kept} == set(optimiser.groups[0].state) <= set(made.states)
    held = [{name: tensor.clone() for name, tensor in kept.items()} for kept in taken["state"]]
    for _ in range(2):
        optimiser.step()
        for kept, before in zip(taken["state"], held, strict=True):
            assert all(torch.equal(kept[name], before[name]) for name in before)
        optimiser.load_state_dict(taken)
    for tensor in (tensor for kept in taken["state"] for tensor in kept.values()):
        tensor.fill_(7.0)
    assert not any((tensor == 7.0).any() for kept in optimiser.state_dict()["state"] for tensor in kept.values())


def test_a_state_without_sense_changes_nothing():
    optimiser = framework.NAdam(pairs())
    optimiser.step()
    good = optimiser.state_dict()
    for bad, error in (
        ({**good, "groups": [{**good["groups"][0], "step": -1}]}, ValueError),
        ({**good, "groups": [{**good["groups"][0], "lr": "fast"}]}, TypeError),
        ({**good, "groups": []}, ValueError),
        ({**good, "groups": [{"lr": 0.1}]}, KeyError),
        ({**good, "state": [{}, *good["state"][1:]]}, KeyError),
        ({**good, "state": [3, 3, 3]}, TypeError),
    ):
        with pytest.raises(error, match="NAdam"):
            optimiser.load_state_dict(bad)
    assert optimiser.groups[0].options["lr"] == 2e-3
    assert optimiser.groups[0].numbers["step"] == 1


@pytest.mark.parametrize("made", OPTIMISERS)
def test_the_state_follows_a_model_to_another_dtype(made):
    layer = framework.Linear(3, 2)
    optimiser = made(layer.param(), **FULL.get(made, {}))
    for dtype in (torch.float32, torch.float64):
        layer.to(dtype)
        layer(torch.ones(1, 3, dtype=dtype))
        layer.backward(torch.ones(1, 2, dtype=dtype))
        optimiser.step()
    assert all(t.dtype == torch.float64 for kept in optimiser.state_dict()["state"] for t in kept.values())


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, float("inf")])
@pytest.mark.parametrize("most", [0.1, 100.0])
def test_clipping_by_norm_is_torch_s(most, norm_type):
    given = pairs(torch.float64)
    parameters = [torch.nn.Parameter(value) for value, _ in given]
    for (_, grad), parameter in zip(given, parameters, strict=True):
        parameter.grad = grad.clone()
    wanted = torch.nn.utils.clip_grad_norm_(parameters, most, norm_type)
    torch.testing.assert_close(clip_grad_norm(given, most, norm_type), wanted)
    for (_, grad), parameter in zip(given, parameters, strict=True):
        torch.testing.assert_close(grad, parameter.grad)


def test_clipping_by_value_is_torch_s():
    given = pairs()
    given[0][1][0] = torch.tensor([torch.nan, torch.inf, -torch.inf])
    parameter = torch.nn.Parameter(given[0][0])
    parameter.grad = given[0][1].clone()
    torch.nn.utils.clip_grad_value_([parameter], 0.5)
    clip_grad_value(given, 0.5)
    torch.testing.assert_close(given[0][1], parameter.grad, equal_nan=True)


def test_clipping_at_the_extremes():
    zero, huge = [(torch.zeros(3), torch.zeros(3))], [(torch.zeros(2), torch.tensor([torch.inf, 1.0]))]
    assert clip_grad_norm(zero, 1.0) == 0
    assert not zero[0][1].any()
    assert clip_grad_norm([], 1.0) == 0
    with pytest.raises(RuntimeError, match="clip_grad_norm: the norm must be finite, was inf"):
        clip_grad_norm(huge, 1.0, error_if_nonfinite=True)
    assert torch.equal(huge[0][1], torch.tensor([torch.inf, 1.0]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clip_grad_norm(pairs(), -1.0), "clip_grad_norm: max_norm must be at least 0.0, was -1.0"),
        (lambda: clip_grad_norm(pairs(), 1.0, 0), "clip_grad_norm: norm_type must be a number above 0, was 0"),
        (lambda: clip_grad_norm(torch.ones(2), 1.0), "clip_grad_norm: parameters must be pairs"),
        (lambda: clip_grad_value(pairs(), float("nan")), "clip_grad_value: clip_value must be finite, was nan"),
    ],
)
def test_clipping_refuses_by_name(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
