"""What was checked once is not asked about again, and what may have changed is."""

import pytest
import torch

import framework as fw

ROWS = torch.linspace(-1, 1, 6).reshape(2, 3)


class Counting(fw.Linear):
    """Counts how often an input is asked about."""

    asked = 0

    def validate(self, x):
        self.note(asked=self.asked + 1)
        super().validate(x)


@pytest.mark.parametrize(
    "around", [lambda layer: layer, fw.Sequential, lambda layer: fw.Sequential(fw.Sequential(layer))]
)
def test_an_input_like_the_last_is_not_asked_about_again(around):
    layer = Counting(3, 2)
    model = around(layer)
    for _ in range(3):
        model(ROWS)
    assert layer.asked == 1
    model(ROWS[:1])
    assert layer.asked == 2


def changed_option(layer):
    layer.in_features = 4


def cast_by_hand(layer):
    layer.weight.data = layer.weight.data.double()


def cast(layer):
    layer.to(torch.float64)


@pytest.mark.parametrize(
    "around", [lambda layer: layer, fw.Sequential, lambda layer: fw.Sequential(fw.Sequential(layer))]
)
@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (changed_option, ValueError, "Linear: x must have 4 features on its last axis"),
        (cast_by_hand, TypeError, "Linear: x must be torch.float64 as weight is"),
        (cast, TypeError, "Linear: x must be torch.float64 as weight is"),
    ],
)
def test_a_layer_that_changed_asks_again(around, change, kind, words):
    layer = fw.Linear(3, 2)
    model = around(layer)
    model(ROWS)
    change(layer)
    for _ in range(2):
        with pytest.raises(kind, match=words):
            model(ROWS)


@pytest.mark.parametrize("around", [lambda layer: layer, fw.Sequential])
def test_another_kind_of_input_is_asked_about(around):
    model = around(fw.Linear(3, 2))
    model(ROWS)
    for bad in (ROWS.clone().requires_grad_(), ROWS.double(), ROWS.long(), ROWS[:, :2], ROWS.to("meta"), None, [1.0]):
        with pytest.raises((TypeError, ValueError), match="Linear: x must"):
            model(bad)
    with pytest.raises(TypeError, match="Linear: forward must be given x, was given 2 inputs"):
        model(ROWS, ROWS)


def test_one_row_is_refused_once_a_network_is_trained_again():
    model = fw.Sequential(fw.Linear(3, 2), fw.BatchNorm1d(2)).eval()
    model(ROWS[:1])
    model(ROWS[:1])
    with pytest.raises(ValueError, match="BatchNorm1d: x must have more than one value a channel"):
        model.train()(ROWS[:1])


def test_a_forward_that_was_put_around_a_layer_is_called():
    layer = fw.ReLU()
    model, seen = fw.Sequential(fw.Linear(3, 2), layer), []
    model(ROWS)
    forward = layer.forward
    layer.forward = lambda x: seen.append(x) or forward(x)
    for _ in range(3):
        model(ROWS)
    assert len(seen) == 3


class Doubled(fw.ReLU):
    def forward(self, *inputs):
        return 2 * super().forward(*inputs)


def test_a_forward_of_a_subclass_is_called():
    model = fw.Sequential(fw.Sequential(Doubled()))
    assert all(torch.equal(model(ROWS), 2 * ROWS.clamp(min=0)) for _ in range(3))


class Halving(fw.Sequential):
    def backward(self, dy):
        return super().backward(dy) / 2


def test_a_backward_of_a_subclass_is_called():
    model = fw.Sequential(Halving(fw.ReLU()))
    assert torch.equal(model.backward(torch.ones_like(model(ROWS))), (ROWS > 0) / 2)


@pytest.mark.parametrize(
    ("loss", "good", "bad", "words"),
    [
        (fw.CrossEntropyLoss(), [0, 2], [0, 3], "t must be in 0 ... 2, was 3"),
        (fw.CrossEntropyLoss(), [0, -100], [0, -1], "t must be in 0 ... 2, was -1"),
        (fw.CrossEntropyLoss(), [0, -100], [-100, 3], "t must be in 0 ... 2, was 3"),
        (fw.CrossEntropyLoss(ignore_index=1), [0, 1], [1, 4], "t must be in 0 ... 2, was 4"),
        (fw.NLLLoss(weight=torch.ones(3)), [0, 2], [5, 0], "t must be in 0 ... 2, was 5"),
    ],
)
def test_classes_are_looked_at_each_time(loss, good, bad, words):
    for _ in range(2):
        loss(ROWS, torch.tensor(good))
        dp = loss.backward()
        with pytest.raises(ValueError, match=words):
            loss(ROWS, torch.tensor(bad))
        assert torch.equal(loss.backward(), dp)


@pytest.mark.parametrize(
    ("loss", "good", "bad", "words"),
    [
        (fw.BCELoss(), 0.5, 1.5, "BCELoss: t must be in 0 ... 1, was 1.5"),
        (fw.HingeEmbeddingLoss(), 1.0, 0.5, "t must hold nothing but 1 and -1, held 0.5"),
    ],
)
def test_targets_are_looked_at_each_time(loss, good, bad, words):
    p = torch.full((2, 3), 0.5)
    for _ in range(2):
        loss(p, torch.full_like(p, good))
        with pytest.raises(ValueError, match=words):
            loss(p, torch.full_like(p, bad))


def test_a_weight_that_was_cast_by_hand_is_asked_about():
    weight = torch.ones(3)
    loss, classes = fw.NLLLoss(weight=weight), torch.tensor([0, 2])
    loss(ROWS, classes)
    weight.data = weight.data.double()
    with pytest.raises(TypeError, match=r"NLLLoss: weight must be torch\.float32 as p is"):
        loss(ROWS, classes)


class Growing(fw.Module):
    """Holds modules in a list that grows, and among its attributes."""

    def __init__(self):
        super().__init__()
        self.layers = []
        self.head = None

    def forward(self, *inputs):
        return inputs[0]

    def backward(self, dy):
        return dy


def test_modules_that_come_and_go_are_children():
    model = fw.Sequential(Growing())
    growing = model[0]
    assert model.param() == []
    growing.layers.append(fw.Linear(3, 2))
    assert list(model.state_dict()) == ["0.layers.0.weight", "0.layers.0.bias"]
    growing.head = fw.Linear(2, 1, bias=False)
    assert list(model.state_dict()) == ["0.layers.0.weight", "0.layers.0.bias", "0.head.weight"]
    growing.layers.clear()
    del growing.head
    assert model.param() == []


class Stateful(fw.Linear):
    """Keeps something of a call, as an attribute."""

    calls = 0

    def compute(self, x):
        self.calls += 1
        return super().compute(x)


def test_a_layer_that_keeps_something_of_a_call_is_asked_each_time():
    layer = Stateful(3, 2)
    model = fw.Sequential(layer)
    model(ROWS)
    layer.in_features = 4
    with pytest.raises(ValueError, match="x must have 4 features"):
        model(ROWS)


def test_parameters_that_were_laid_out_anew_by_hand_are_asked_about():
    layer = fw.Linear(3, 2)
    model = fw.Sequential(layer, fw.LayerNorm(2))
    model(ROWS)
    layer.weight.data, layer.bias.data = torch.randn(1, 3), torch.randn(1)
    with pytest.raises(ValueError, match="LayerNorm: x must end in the extents"):
        model(ROWS)


class Scaled(fw.Layer):
    """Has its parameter when somebody gives it one."""

    def validate(self, x):
        if x.dtype != self.scale.dtype:
            raise TypeError("x must be as scale is")

    def compute(self, x):
        return x * self.scale, (x, self.scale)

    def differentiate(self, dy, saved):
        x, scale = saved
        return dy * scale, (dy * x).sum(0)


def test_a_parameter_that_came_later_is_asked_about():
    layer = Scaled()
    model = fw.Sequential(layer)
    layer.scale = layer.register("scale", torch.ones(3))
    model(ROWS)
    layer.scale.data = layer.scale.data.double()
    with pytest.raises(TypeError, match="x must be as scale is"):
        model(ROWS)


class Frozen(fw.Linear):
    """Learns no weight."""

    def differentiate(self, dy, saved):
        dx, dweight, dbias = super().differentiate(dy, saved)
        return 2 * dx, torch.zeros_like(dweight), dbias


def test_a_derivative_of_a_subclass_of_linear_is_its_own():
    layer, dy = Frozen(3, 2), torch.ones(2, 2)
    layer(ROWS)
    gradients = layer.gradients(dy)
    assert torch.equal(layer.backward(dy), gradients[0])
    assert not layer.param()[0].grad.any()
