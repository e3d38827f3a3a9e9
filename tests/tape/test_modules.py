"""Modules on the tape: parameters that are found, layers and tape inside one another."""

import pickle

import pytest
import torch

import framework
from framework import tape
from framework.tape import AsLayer, Module, Variable


class Inner(Module):
    def __init__(self, weight):
        self.weight = weight

    def forward(self, *inputs):
        return inputs[0] * self.weight


class Outer(Module):
    def __init__(self):
        self.shared = Variable(torch.full((3,), 2.0))
        self.list = [Inner(Variable(torch.ones(3))), Variable(torch.ones(1))]
        self.tuple = (Inner(self.shared),)
        self.dict = {"a": Inner(Variable(torch.ones(3))), "deep": [Variable(torch.ones(3))]}
        self.constant = Variable(torch.ones(3), constant=True)
        self.number = 4
        self.itself = self

    def forward(self, *inputs):
        (x,) = inputs
        return self.dict["a"](self.tuple[0](self.list[0](x))) + self.shared


def test_parameters_are_found_once_each_wherever_they_are():
    names = list(Outer().named_params())
    assert names == ["shared", "list.0.weight", "list.1", "dict.a.weight", "dict.deep.0"]


def test_a_module_that_defines_forward_alone_trains():
    model = Outer()
    sgd = framework.SGD(model.param(), 0.1)
    x = torch.ones(3)
    losses = []
    for _ in range(20):
        model.zero_grad()
        loss = (model(x) - 1.0).pow(2).sum()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    assert losses[-1] < 1e-2 * losses[0]


def layers():
    torch.manual_seed(3)
    kwargs = {"dtype": torch.float64}
    return framework.Linear(3, 4, **kwargs), framework.Tanh(), framework.Linear(4, 2, **kwargs)


def gradients_of(model, x, dy):
    model.zero_grad()
    y = model(x)
    return [y, model.backward(dy), *(grad.clone() for _, grad in model.param())]


@pytest.mark.parametrize("road", [tape.on_tape, tape.composed])
def test_tape_inside_layers_and_layers_inside_tape_agree_with_layers_alone(road):
    x, dy = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 2, dtype=torch.float64)
    first, middle, last = layers()
    wanted = gradients_of(framework.Sequential(first, middle, last), x, dy)
    mixed = framework.Sequential(first, AsLayer(road(middle)), AsLayer(road(last)))
    whole = AsLayer(tape.Sequential(first, AsLayer(road(middle)), road(last)))
    for model in (mixed, whole):
        for got, value in zip(gradients_of(model, x, dy), wanted, strict=True):
            torch.testing.assert_close(got, value, rtol=1e-12, atol=1e-12)
    assert list(whole.named_parameters()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_one_layer_called_twice_adds_both_gradients():
    layer = framework.Linear(3, 3, dtype=torch.float64)
    fused, composed = tape.on_tape(layer), tape.composed(layer)
    x, grads = torch.randn(2, 3, dtype=torch.float64), []
    for model in (fused, composed):
        model.zero_grad()
        model(model(x).tanh()).sum().backward()
        grads.append([grad.clone() for _, grad in layer.param()])
    torch.testing.assert_close(grads[0], grads[1], rtol=1e-12, atol=1e-12)


def test_one_flatten_may_see_two_shapes():
    flatten = tape.on_tape(framework.Flatten())
    a, b = Variable(torch.ones(2, 3, 4)), Variable(torch.ones(2, 2, 2))
    (flatten(a).sum() * flatten(b).sum()).backward()
    assert a.grad.shape == a.shape
    assert b.grad.shape == b.shape


class Composite(framework.Module):
    """Modules among the attributes, in a list, a tuple and a dict, one of them in two places."""

    def __init__(self):
        super().__init__()
        self.first, *rest = layers()
        self.list, self.tuple, self.dict = [rest[0]], (rest[1],), {"first": self.first, "last": framework.Sigmoid()}

    def row(self):
        return self.dict["first"], self.list[0], self.tuple[0], self.dict["last"]

    def forward(self, *inputs):
        (y,) = inputs
        for module in self.row():
            y = module(y)
        return y

    def backward(self, dy):
        assert self.first is self.dict["first"]
        for module in reversed(self.row()):
            dy = module.backward(dy)
        return dy


class Around(framework.Module):
    """A module around one other, of one parameter."""

    def __init__(self):
        super().__init__()
        self.inner = framework.Linear(3, 2, bias=False, dtype=torch.float64)

    def forward(self, *inputs):
        return self.inner(*inputs)

    def backward(self, dy):
        return self.inner.backward(dy)


def test_a_module_of_one_parameter_is_called_with_its_input_alone():
    model, x = Around(), Variable(torch.randn(4, 3, dtype=torch.float64))
    tape.on_tape(model)(x).sum().backward()
    torch.testing.assert_close(x.grad, model.inner.weight.sum(0).expand(4, 3), rtol=1e-12, atol=1e-12)


def test_a_call_of_a_composite_on_the_tape_leaves_its_own_memory_alone():
    model = Composite()
    x, dy = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 2, dtype=torch.float64)
    wanted = gradients_of(model, x, dy)
    model.zero_grad()
    model(x)
    on_tape = tape.on_tape(model)
    leaf, other = Variable(x), Variable(2 * x)
    y, z = on_tape(leaf), on_tape(other)  # two calls, each with a memory of its own
    y.backward(dy)
    assert torch.equal(leaf.grad, wanted[1])
    z.backward(dy)
    assert not torch.equal(other.grad, wanted[1])
    model.zero_grad()
    assert torch.equal(model.backward(dy), wanted[1])
    for (_, grad), value in zip(model.param(), wanted[2:], strict=True):
        assert torch.equal(grad, value)


@pytest.mark.parametrize("road", [tape.on_tape, tape.composed])
def test_a_second_backward_returns_the_same_and_adds_the_same(road):
    model = AsLayer(road(framework.Sequential(*layers())))
    x, dy = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 2, dtype=torch.float64)
    _, first, *once = gradients_of(model, x, dy)
    kept = first.clone()
    assert torch.equal(model.backward(dy), kept)
    assert torch.equal(first, kept)
    for (_, grad), value in zip(model.param(), once, strict=True):
        assert torch.equal(grad, 2 * value)


@pytest.mark.parametrize("road", [tape.on_tape, tape.composed])
def test_a_module_on_the_tape_can_be_pickled_without_its_graph(road):
    model = AsLayer(road(framework.Sequential(*layers())))
    fresh = len(pickle.dumps(model))
    x = torch.randn(500, 3, dtype=torch.float64)
    model(x)
    assert len(pickle.dumps(model)) < fresh + 1000
    twin = pickle.loads(pickle.dumps(model))
    with pytest.raises(RuntimeError, match="backward must follow a forward"):
        twin.backward(torch.ones(500, 2, dtype=torch.float64))
    assert torch.equal(twin(x), model(x))
    model.forget()
    with pytest.raises(RuntimeError, match="backward must follow a forward"):
        model.backward(torch.ones(500, 2, dtype=torch.float64))


def test_a_loss_on_the_fused_road_refuses_to_derive_its_target():
    p, t = Variable(torch.rand(3)), Variable(torch.rand(3))
    with pytest.raises(ValueError, match="MSELoss: input 2 must be a constant"):
        tape.on_tape(framework.MSELoss())(p, t)
    tape.composed(framework.MSELoss())(p, t).backward()
    torch.testing.assert_close(t.grad, -p.grad)


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match="must be a module of the framework or of the tape, was int"):
        tape.on_tape(3)
    with pytest.raises(TypeError, match=r"composed: module must be .* that .*/table\.py lists, .*, was AsLayer"):
        tape.composed(AsLayer(Outer()))


def test_what_a_graph_keeps_is_what_backward_reads():
    layer = framework.Linear(3, 4)
    x = torch.randn(5, 3)
    for road in (tape.on_tape, tape.composed):
        model = AsLayer(road(layer))
        assert model.saved == ()
        model(x)
        assert {value.data_ptr() for value in model.saved} == {x.data_ptr(), layer.weight.data_ptr()}
        model.forget()
        assert model.saved == ()
    for loss in (AsLayer(tape.on_tape(framework.MSELoss())), AsLayer(tape.composed(framework.MSELoss()))):
        loss(x, 2 * x)
        assert loss.saved


class Both(Module):
    """Two outputs, the second of which may stay unused."""

    def __init__(self):
        self.inside = {"norm": [tape.composed(framework.BatchNorm1d(3, dtype=torch.float64))]}

    def forward(self, *inputs):
        y = self.inside["norm"][0](inputs[0])
        return y, (y * 2).exp()


def test_several_outputs_have_a_cotangent_each_or_none():
    model, x = AsLayer(Both()), torch.randn(4, 3, dtype=torch.float64)
    dy, dz = torch.randn(2, 4, 3, dtype=torch.float64)
    z = model(x)[1]
    both, first, second = (model.backward(*pair) for pair in ((dy, dz), (dy, None), (None, dz)))
    torch.testing.assert_close(both, first + second, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(model.backward(dy + 2 * z * dz, None), both, rtol=1e-10, atol=1e-12)
    assert not model.backward(None, None).any()
    assert model.saved
    with pytest.raises(TypeError, match="Both: backward must be given 2 cotangents, was given 1"):
        model.backward(dy)
    with pytest.raises(ValueError, match="dy must have shape"):
        model.backward(dy, dz[:1])


def test_a_module_below_is_switched_and_shows_what_it_keeps():
    model = AsLayer(Both())
    assert list(model.named_buffers()) == [
        f"inside.norm.0.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")
    ]
    x = torch.randn(4, 3, dtype=torch.float64)
    model(x)
    kept = model.named_buffers()["inside.norm.0.running_mean"].clone()
    assert kept.any()
    model.eval()(2 * x)
    assert torch.equal(model.named_buffers()["inside.norm.0.running_mean"], kept)
    model.train()(2 * x)
    assert not torch.equal(model.named_buffers()["inside.norm.0.running_mean"], kept)


@pytest.mark.parametrize("road", [tape.on_tape, tape.composed])
def test_numbers_begin_a_row_of_modules_too(road):
    row = framework.Embedding(5, 3, dtype=torch.float64), framework.Tanh()
    model = AsLayer(tape.Sequential(*map(road, row)))
    y = model(torch.tensor([4, 0, 4]))
    assert model.backward(torch.ones_like(y)) is None
    torch.testing.assert_close(model.param()[0].grad[4], 2 * (1 - y[0] ** 2), rtol=1e-12, atol=1e-12)


def test_a_layer_of_several_is_no_single_operator():
    with pytest.raises(TypeError, match=r"but LSTM has others; use framework\.tape\.composed"):
        tape.on_tape(framework.LSTM(2, 3))
