"""What is compiled gives what the module gives, has its parameters, and refuses what it refuses."""

import copy
import pickle

import pytest
import torch

import framework


def network() -> framework.Sequential:
    torch.manual_seed(3)
    return framework.Sequential(
        framework.Linear(3, 5), framework.Sequential(framework.Tanh(), framework.LayerNorm(5)), framework.Linear(5, 2)
    )


def near(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether two results differ by rounding alone: code that fuses operations rounds elsewhere."""
    return torch.allclose(one, other, rtol=1e-12, atol=1e-13)


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64)


def test_a_network_compiled_is_the_network() -> None:
    plain, inside = network().to(torch.float64), network().to(torch.float64)
    compiled = framework.compile(inside)
    assert list(compiled.state_dict()) == list(plain.state_dict())
    for batch in (4, 4, 7, 4):
        x, dy = drawn(batch, 3), drawn(batch, 2)
        assert near(compiled(x), plain(x))
        assert near(compiled.backward(dy), plain.backward(dy))
    assert all(near(one.grad, other.grad) for one, other in zip(compiled.param(), plain.param(), strict=True))
    assert all(one.grad is other.grad for one, other in zip(compiled.param(), inside.param(), strict=True))


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_a_loss_compiled_is_the_loss(reduction: str) -> None:
    plain, compiled = framework.HuberLoss(reduction), framework.compile(framework.HuberLoss(reduction))
    p, t = drawn(4, 3), drawn(4, 3)
    dy = None if reduction == "mean" else drawn(4, 3)
    for _ in range(2):
        assert near(compiled(p, t), plain(p, t))
        assert near(compiled.backward(dy), plain.backward(dy))


def test_code_is_made_once_a_signature_and_shared_with_what_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(torch, "compile", lambda function, **_: made.append(function.__name__) or function)
    compiled = framework.compile(framework.Linear(3, 2))
    for x, wanted in ((torch.randn(4, 3), 0), (torch.randn(4, 3), 2), (torch.randn(3, 4).t(), 2)):
        compiled.backward(torch.ones_like(compiled(x)))
        assert len(made) == wanted  # the first of a signature is the module's own
    assert made == ["compute", "pull_back"]
    alike = framework.Compiled(framework.Linear(3, 2), compiled)
    alike(torch.randn(4, 3))
    assert made == ["compute", "pull_back"]
    for _ in range(2):
        alike.to(torch.float64)(drawn(4, 3))
    assert made == ["compute", "pull_back", "compute"]
    for _ in range(2):
        compiled(torch.randn(5, 3))
    assert len(made) == 4


def test_a_mode_is_part_of_the_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    compiled, x = framework.compile(framework.Sequential(framework.Dropout(0.5))), torch.ones(4, 50)
    assert all((compiled(x) == 0).any() for _ in range(2))
    assert all(torch.equal(compiled.eval()(x), x) for _ in range(2))


def test_what_the_module_refuses_is_refused_in_its_words() -> None:
    compiled = framework.compile(framework.Linear(3, 2))
    with pytest.raises(ValueError, match="Linear: x must have 3 features on its last axis"):
        compiled(torch.randn(4, 5))
    with pytest.raises(TypeError, match="compiled Linear: x must be of a floating-point dtype"):
        compiled(torch.ones(4, 3, dtype=torch.int64))
    with pytest.raises(RuntimeError, match="compiled Linear: backward must follow a forward"):
        compiled.backward(torch.ones(4, 2))


def test_a_write_between_forward_and_backward_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    compiled, x = framework.compile(framework.Linear(3, 2)), torch.randn(4, 3)
    for _ in range(2):
        y = compiled(x)
    x.add_(1)
    with pytest.raises(RuntimeError, match="compiled Linear: the tensors of forward must be unchanged"):
        compiled.backward(torch.ones_like(y))


@pytest.mark.parametrize("module", [framework.LSTM(2, 2), framework.Sequential(framework.MSELoss())])
def test_what_is_no_layer_is_refused(module: framework.Module) -> None:
    with pytest.raises(TypeError, match="compile: module must be a Layer, a Sequential of such, or a Loss, held"):
        framework.compile(module)


def test_where_torch_cannot_compile_it_says_so_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(*_: object, **__: object) -> object:
        def call(*_: object) -> None:
            raise OSError("no C++ compiler was found\n\nand much\nmore")

        return call

    monkeypatch.setattr(torch, "compile", lacks)
    module = framework.compile(framework.Tanh())
    module(torch.ones(2))
    with pytest.raises(RuntimeError, match=r"compiled Tanh: .* but stopped: OSError: no C\+\+ compiler was found$"):
        module(torch.ones(2))


def test_copies_are_made_of_values_and_not_of_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, **_: lambda *given: function(*given))
    compiled, x = framework.compile(network()), torch.randn(4, 3)
    y = [compiled(x) for _ in range(2)][-1]
    for other in (copy.deepcopy(compiled), pickle.loads(pickle.dumps(compiled))):
        assert torch.equal(other(x), y)
        assert other.param()[0].value is not compiled.param()[0].value


def test_tensors_that_are_one_are_not_so_for_ever() -> None:
    x, y = drawn(4, 3), drawn(4, 3)
    loss = framework.compile(framework.MSELoss())
    for other in (x, x, y, y):
        assert near(loss(x, other), framework.MSELoss()(x, other))
    plain, compiled = framework.Tanh(), framework.compile(framework.Tanh())
    for own in (True, True, False, False):
        output = compiled(x)
        plain(x)
        dy = output if own else drawn(4, 3)
        assert near(compiled.backward(dy), plain.backward(dy))


def test_what_is_refused_once_is_refused_again() -> None:
    compiled = framework.compile(framework.BatchNorm1d(3))
    for _ in range(3):
        with pytest.raises(ValueError, match="BatchNorm1d"):
            compiled(torch.randn(1, 3))
    assert torch.equal(compiled.state_dict()["running_var"], torch.ones(3))


@pytest.mark.parametrize("calls", [1, 2])
def test_a_module_that_was_called_in_between_is_noticed(calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    module = framework.Sequential(framework.Flatten())
    compiled, x = framework.compile(module), torch.randn(2, 3, 4)
    for _ in range(calls):
        y = compiled(x)
    module(torch.randn(2, 4, 3))
    with pytest.raises(RuntimeError, match="the module inside must be left alone between forward and backward"):
        compiled.backward(torch.ones_like(y))
    assert compiled.backward(torch.ones_like(compiled(x))).shape == x.shape


def test_large_tensors_are_compiled_whole() -> None:
    compiled, x = framework.compile(framework.Softmax(1)), torch.randn(600, 1000)
    for _ in range(2):
        y = compiled(x)
        compiled.backward(y)
    assert torch.allclose(y, x.softmax(1))


def test_a_cast_takes_what_a_loss_holds_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    compiled = framework.compile(framework.BCEWithLogitsLoss(weight=torch.ones(3))).to(torch.float64)
    assert compiled(drawn(4, 3), drawn(4, 3).sigmoid()).dtype == torch.float64
