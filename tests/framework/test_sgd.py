"""SGD beside torch.optim.SGD, and what it may and may not hold on to."""

import pytest
import torch

import framework


def noisy_pairs():
    torch.manual_seed(0)
    return [(torch.randn(4, 3), torch.zeros(4, 3)), (torch.randn(()), torch.zeros(()))]


def velocities(optimiser):
    return [kept["momentum_buffer"] for kept in optimiser.state_dict()["state"]]


def state_of(optimiser, *buffers):
    return optimiser.state_dict() | {"state": [{"momentum_buffer": buffer} for buffer in buffers]}


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_fifty_steps_are_torch_s_bit_for_bit(momentum):
    pairs = noisy_pairs()
    references = [torch.nn.Parameter(value.clone()) for value, _ in pairs]
    own = framework.SGD(pairs, 0.1, momentum)
    reference = torch.optim.SGD(references, 0.1, momentum)
    for step in range(50):
        own.lr = reference.param_groups[0]["lr"] = 0.1 / (1 + step)
        for (_, grad), parameter in zip(pairs, references, strict=True):
            grad.copy_(torch.randn_like(grad))
            parameter.grad = grad.clone()
        own.step()
        reference.step()
        for (value, _), parameter in zip(pairs, references, strict=True):
            assert torch.equal(value, parameter.detach())


def test_velocity_survives_zero_grad():
    layer = framework.Linear(2, 2)
    optimiser = framework.SGD(layer.param(), 1.0, 0.5)
    layer(torch.ones(1, 2))
    layer.backward(torch.ones(1, 2))
    gradient = layer.param()[0].grad.clone()
    optimiser.step()
    layer.zero_grad()
    assert torch.equal(velocities(optimiser)[0], gradient)
    before = layer.weight.clone()
    optimiser.step()
    torch.testing.assert_close(layer.weight, before - 0.5 * gradient)
    assert not layer.param()[0].grad.any()


def test_no_velocity_is_kept_without_momentum():
    optimiser = framework.SGD(noisy_pairs(), 0.1)
    optimiser.step()
    assert optimiser.state_dict()["state"] == [{}, {}]


def test_a_model_may_change_dtype_before_the_first_step():
    model = framework.Linear(3, 2)
    optimiser = framework.SGD(model.param(), 0.1, 0.9)
    model.to(dtype=torch.float64)
    before = model.weight.clone()
    model(torch.ones(1, 3, dtype=torch.float64))
    model.backward(torch.ones(1, 2, dtype=torch.float64))
    optimiser.step()
    torch.testing.assert_close(model.weight, before - 0.1)


def test_velocities_follow_a_model_to_another_dtype():
    torch.manual_seed(0)
    model, twin = framework.Linear(3, 2), framework.Linear(3, 2).to(torch.float64)
    twin.load_state_dict({name: value.double() for name, value in model.state_dict().items()})
    for late, one in enumerate((model, twin)):
        optimiser = framework.SGD(one.param(), 0.5, 0.5)
        for step in range(3):
            if step:
                one.to(torch.float64)
            kind = one.weight.dtype
            one(torch.ones(1, 3, dtype=kind))
            one.backward(torch.ones(1, 2, dtype=kind))
            optimiser.step()
        assert {v.dtype for v in velocities(optimiser)} == {torch.float64}, late
    torch.testing.assert_close(model.weight, twin.weight, rtol=1e-6, atol=1e-6)


def test_state_makes_a_twin():
    first, second = noisy_pairs(), noisy_pairs()
    one, two = framework.SGD(first, 0.1, 0.9), framework.SGD(second, 0.1, 0.9)
    for grad in (first[0][1], second[0][1]):
        grad.fill_(1.0)
    one.step()
    second[0][0].copy_(first[0][0])
    two.load_state_dict(one.state_dict())
    one.step()
    two.step()
    assert torch.equal(first[0][0], second[0][0])


def test_a_refused_state_changes_nothing():
    optimiser = framework.SGD(noisy_pairs(), 0.1, 0.9)
    optimiser.step()
    before = velocities(optimiser)
    with pytest.raises(ValueError, match="momentum_buffer must have shape"):
        optimiser.load_state_dict(state_of(optimiser, torch.ones(4, 3), torch.ones(2)))
    with pytest.raises(ValueError, match="state must hold 2"):
        optimiser.load_state_dict(state_of(optimiser, torch.ones(4, 3)))
    with pytest.raises(KeyError, match="groups"):
        optimiser.load_state_dict({})
    for kept, velocity in zip(velocities(optimiser), before, strict=True):
        assert torch.equal(kept, velocity)


def test_a_state_shares_no_memory_with_the_optimiser():
    pairs = noisy_pairs()
    optimiser = framework.SGD(pairs, 0.1, 0.9)
    for _, grad in pairs:
        grad.fill_(1.0)
    optimiser.step()
    taken = velocities(optimiser)
    optimiser.step()
    assert all(torch.equal(velocity, torch.ones_like(velocity)) for velocity in taken)
    taken[0].fill_(7.0)
    assert not (velocities(optimiser)[0] == 7.0).any()


def test_a_state_that_was_loaded_stays_the_caller_s():
    pairs = noisy_pairs()
    optimiser = framework.SGD(pairs, 0.1, 0.9)
    given = [torch.full_like(value, 2.0) for value, _ in pairs]
    optimiser.load_state_dict(state_of(optimiser, *given))
    optimiser.step()
    assert all(torch.equal(velocity, torch.full_like(velocity, 2.0)) for velocity in given)
    given[0].fill_(7.0)
    assert torch.equal(velocities(optimiser)[0], torch.full((4, 3), 2.0 * 0.9))


def test_a_step_between_forward_and_backward_is_noticed(device: str) -> None:
    module = framework.Linear(3, 2).to(device)
    y = module(torch.randn(4, 3, device=device))
    framework.SGD(module.param(), lr=0.1).step()
    with pytest.raises(RuntimeError, match="must be unchanged"):
        module.backward(torch.ones_like(y))


def test_a_write_that_torch_does_not_count_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a CUDA device, where one kernel writes many tensors."""
    monkeypatch.setattr(torch.Tensor, "is_cuda", True, raising=False)
    module = framework.Linear(3, 2)
    optimiser = framework.SGD(module.param(), lr=0.1)
    monkeypatch.setattr(optimiser, "update", lambda _: None)
    y = module(torch.randn(4, 3))
    optimiser.step()
    with pytest.raises(RuntimeError, match="must be unchanged"):
        module.backward(torch.ones_like(y))
