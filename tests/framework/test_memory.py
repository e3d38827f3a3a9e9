"""What is remembered between forward and backward, and when it is not."""

import pickle
import weakref

import pytest
import torch

import framework as fw

ROWS = torch.linspace(-1, 1, 6).reshape(2, 3)
ONES = torch.ones(2, 2)


class Probe(fw.Module):
    """The identity, which calls a function on the way."""

    def __init__(self, on_forward):
        super().__init__()
        self.on_forward = on_forward

    def forward(self, *inputs):
        self.on_forward()
        return inputs[0]

    def backward(self, dy):
        return dy


class Composite(fw.Module):
    """Two modules among the attributes, and two in a list."""

    def __init__(self):
        super().__init__()
        self.first = fw.Linear(3, 4)
        self.act = fw.Tanh()
        self.rest = [fw.Linear(4, 2), self.first]

    def forward(self, *inputs):
        return self.rest[0](self.act(self.first(*inputs)))

    def backward(self, dy):
        return self.first.backward(self.act.backward(self.rest[0].backward(dy)))


def interrupt():
    raise KeyboardInterrupt


def refuse():
    raise ValueError("no")


@pytest.mark.parametrize(
    ("stop", "kind"), [(interrupt, KeyboardInterrupt), (refuse, ValueError)], ids=["interrupted", "refused"]
)
def test_a_forward_that_did_not_end_leaves_no_memory(stop, kind):
    probe = Probe(lambda: None)
    model = fw.Sequential(fw.Tanh(), fw.Sequential(fw.Linear(3, 2), probe), fw.Sigmoid())
    model.backward(torch.ones_like(model(ROWS)))
    wanted = model.backward(ONES)
    probe.on_forward = stop
    with pytest.raises(kind):
        model(2 * ROWS)
    model.zero_grad()
    with pytest.raises(RuntimeError, match="Sequential: backward must follow a forward that ended well"):
        model.backward(ONES)
    assert not any(grad.any() for _, grad in model.param())
    probe.on_forward = lambda: None
    model(ROWS)
    assert torch.equal(model.backward(ONES), wanted)


@pytest.mark.parametrize("make", [lambda: fw.Linear(3, 2), lambda: fw.Sequential(fw.Linear(3, 4), fw.Linear(4, 2))])
def test_a_second_backward_adds_the_same_bits_to_cleared_gradients(make):
    model = make()
    model(ROWS)
    model.backward(ONES)
    once = [grad.clone() for _, grad in model.param()]
    model.zero_grad()
    model.backward(ONES)
    assert all(torch.equal(grad, one) for (_, grad), one in zip(model.param(), once, strict=True))


class Interrupted(fw.ReLU):
    def compute(self, x):
        y, saved = super().compute(x)
        if x.shape[0] == 1:
            raise KeyboardInterrupt
        return y, saved


def test_an_interrupted_layer_forgets():
    layer = Interrupted()
    layer(ROWS)
    with pytest.raises(KeyboardInterrupt):
        layer(ROWS[:1])
    with pytest.raises(RuntimeError, match="Interrupted: backward must follow a forward that ended well"):
        layer.backward(ROWS)


def test_a_forward_lets_the_earlier_activations_go():
    seen = []
    probe = Probe(lambda: seen.append([memory() is None for memory in earlier]))
    earlier = []
    model = fw.Sequential(fw.Tanh(), probe, fw.Sequential(fw.Sigmoid()), fw.ReLU())
    model(ROWS)
    earlier += [weakref.ref(tensor) for tensor in model.saved]
    assert len(earlier) == 3
    model(ROWS)
    assert seen == [[], [True] * 3]


def changed_weight(model):
    model[0].weight.mul_(2)


def changed_deep_weight(model):
    model[1][0].first.weight.mul_(2)


def called_inside(model):
    model[2](ONES)


def moved_inside(model):
    model[0].to(torch.float32)


def moved(model):
    model.to(torch.float64)


@pytest.mark.parametrize(
    ("disturb", "words"),
    [
        (changed_weight, "Linear: the tensors of forward must be unchanged until backward"),
        (changed_deep_weight, "Linear: the tensors of forward must be unchanged until backward"),
        (called_inside, "Sequential: the modules inside must be left alone between forward and backward"),
        (moved_inside, "Sequential: the modules inside must be left alone between forward and backward"),
        (moved, "Sequential: backward must follow a forward that ended well"),
    ],
)
def test_a_refused_backward_adds_no_gradient(disturb, words):
    model = fw.Sequential(fw.Linear(3, 3), fw.Sequential(Composite()), fw.Linear(2, 2))
    model(ROWS)
    disturb(model)
    with pytest.raises(RuntimeError, match=words):
        model.backward(ONES)
    assert not any(grad.any() for _, grad in model.param())


@pytest.mark.parametrize("dy", [None, torch.ones(2, 3), torch.ones(2, 2).double()])
def test_a_refused_cotangent_adds_no_gradient(dy):
    model = fw.Sequential(fw.Linear(3, 2), fw.Sequential(fw.Tanh()))
    model(ROWS)
    with pytest.raises((TypeError, ValueError), match="Sequential: dy must"):
        model.backward(dy)
    assert not any(grad.any() for _, grad in model.param())


@pytest.mark.parametrize("make", [lambda: fw.Linear(3, 2), fw.Tanh, fw.MSELoss, lambda: fw.Sequential(fw.ReLU())])
def test_a_module_that_was_moved_forgets(make):
    module = make()
    y = module(*([ROWS, ROWS] if isinstance(module, fw.Loss) else [ROWS]))
    module.to(torch.float64)
    with pytest.raises(RuntimeError, match=r"\w+: backward must follow a forward"):
        module.backward(torch.ones_like(y))
    assert module.saved == ()


@pytest.mark.parametrize("asked", [(torch.float64,), ("cpu", torch.float64), (torch.device("cpu"), torch.float64)])
def test_a_module_moves_as_torch_s_does(asked):
    model = fw.Sequential(fw.Linear(3, 2))
    assert model.to(*asked) is model
    assert {tensor.dtype for pair in model.param() for tensor in pair} == {torch.float64}
    assert model(ROWS.double()).dtype == torch.float64


def test_a_composite_finds_its_children():
    model = Composite()
    assert list(model.children()) == ["first", "act", "rest.0"]
    assert list(model.state_dict()) == ["first.weight", "first.bias", "rest.0.weight", "rest.0.bias"]
    assert next(iter(fw.Sequential(model).state_dict())) == "0.first.weight"
    model(ROWS)
    model.backward(ONES)
    assert all(grad.any() for _, grad in model.param())
    model.eval()
    assert not model.rest[0].training


class Nested(fw.Module):
    """Modules in a tuple, in a list and in a dict, beside what is none."""

    def __init__(self):
        super().__init__()
        self.pair = ("no module", fw.Linear(3, 4))
        self.list = [fw.Tanh(), None, fw.Linear(4, 4)]
        self.named = {"head": fw.Linear(4, 2), "size": 4, 7: fw.ReLU()}

    def forward(self, *inputs):
        y = self.list[2](self.list[0](self.pair[1](*inputs)))
        return self.named["head"](self.named[7](y))

    def backward(self, dy):
        dy = self.named[7].backward(self.named["head"].backward(dy))
        return self.pair[1].backward(self.list[0].backward(self.list[2].backward(dy)))


def test_modules_in_tuples_lists_and_dicts_are_children():
    model = Nested()
    assert list(model.children()) == ["pair.1", "list.0", "list.2", "named.head", "named.7"]
    linear = ("pair.1", "list.2", "named.head")
    assert list(model.state_dict()) == [f"{name}.{parameter}" for name in linear for parameter in ("weight", "bias")]
    model.eval()
    assert not any(child.training for child in model.children().values())
    model.to(torch.float64)
    model.backward(torch.ones_like(model(ROWS.double())))
    assert all(grad.any() and grad.dtype == torch.float64 for _, grad in model.param())
    model.zero_grad()
    assert not any(grad.any() for _, grad in model.param())
    model.forget()
    assert not any(child.saved for child in model.children().values())


@pytest.mark.parametrize("make", [lambda: fw.Linear(300, 300), lambda: fw.Sequential(fw.Tanh(), fw.Tanh()), fw.ReLU])
def test_what_is_pickled_holds_nothing_of_the_last_forward(make):
    module = make()
    fresh = len(pickle.dumps(module))
    module(torch.ones(500, 300))
    assert len(pickle.dumps(module)) < fresh + 1000


def test_a_refused_assignment_changes_nothing():
    layer = fw.Linear(3, 2)
    weight = layer.weight
    with pytest.raises(TypeError, match="weight must stay"):
        layer.weight = torch.zeros(2, 3)
    assert layer.weight is weight
    layer.weight *= 2
    layer.weight.copy_(torch.ones(2, 3))
    assert layer.param()[0].value is layer.weight


@pytest.mark.parametrize(
    ("make", "x"),
    [
        (lambda: fw.NearestUpsampling(1), ROWS[None, None]),
        (lambda: fw.NearestUpsampling((2, 1)), ROWS[None, None]),
        (lambda: fw.Upsampling(1, 1, 1, scale_factor=1), ROWS[None, None]),
        (lambda: fw.Conv2d(1, 1, 1), ROWS[None, None]),
        (lambda: fw.ConvTranspose2d(1, 1, 1), ROWS[None, None]),
        (lambda: fw.Linear(3, 3), ROWS),
        (fw.ReLU, ROWS),
        (lambda: fw.LeakyReLU(1.0), ROWS),
        (fw.GELU, ROWS),
        (fw.Tanh, ROWS),
        (fw.Sigmoid, ROWS),
        (lambda: fw.Softmax(1), ROWS),
    ],
)
def test_what_is_returned_shares_no_memory_with_what_was_given(make, x):
    layer = make()
    y = layer(x)
    dy = torch.ones_like(y)
    dx = layer.backward(dy)
    taken = {value.untyped_storage().data_ptr() for value in (x, dy, *layer.state_dict().values())}
    assert not taken & {value.untyped_storage().data_ptr() for value in (y, dx)}
