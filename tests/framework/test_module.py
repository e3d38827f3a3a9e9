"""Names, state, memory and identity: what a module is beside its formula."""

import copy
import io
import pickle

import numpy
import pytest
import torch
from torch import nn

import framework as fw


def network() -> fw.Sequential:
    return fw.Sequential(
        fw.Conv2d(2, 3, 3, padding=1),
        fw.ReLU(),
        fw.Sequential(fw.Upsampling(3, 2, 3), fw.Tanh(), fw.Flatten()),
        fw.Linear(2 * 8 * 8, 4),
    )


IMAGES = torch.linspace(-1, 1, 3 * 2 * 5 * 5).reshape(3, 2, 5, 5)
EVERY = [
    (lambda: fw.Linear(5, 2), IMAGES),
    (lambda: fw.Conv2d(2, 3, 3), IMAGES),
    (lambda: fw.ConvTranspose2d(2, 3, 3), IMAGES),
    (lambda: fw.Upsampling(2, 3, 3), IMAGES),
    (lambda: fw.NearestUpsampling(2), IMAGES),
    (fw.ReLU, IMAGES),
    (fw.LeakyReLU, IMAGES),
    (fw.GELU, IMAGES),
    (fw.Tanh, IMAGES),
    (fw.Sigmoid, IMAGES),
    (lambda: fw.Softmax(1), IMAGES),
    (fw.Flatten, IMAGES),
    (network, IMAGES),
]


def test_parameters_bear_torch_s_names():
    reference = nn.Sequential(
        nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Conv2d(2, 4, 1)), nn.ConvTranspose2d(2, 4, 1)
    )
    own = fw.Sequential(fw.Linear(2, 3), fw.Sequential(fw.ReLU(), fw.Conv2d(2, 4, 1)), fw.ConvTranspose2d(2, 4, 1))
    assert {name: value.shape for name, value in own.state_dict().items()} == {
        name: value.shape for name, value in reference.state_dict().items()
    }
    assert list(own.named_parameters()) == list(reference.state_dict())


def test_sequential_is_a_row_of_modules():
    model = network()
    assert len(model) == 4
    assert isinstance(model[1], fw.ReLU)
    assert model[-1] is model[3]
    assert fw.Sequential()(IMAGES) is IMAGES


@pytest.mark.parametrize("number", [numpy.int64, numpy.uint8, torch.tensor])
def test_any_integer_counts_as_an_int(number):
    made = [
        (fw.Linear(number(4), number(2)), fw.Linear(4, 2)),
        (fw.Conv2d(number(4), number(2), number(3), groups=number(2)), fw.Conv2d(4, 2, 3, groups=2)),
        (fw.Upsampling(1, 1, (number(3), 1), number(2)), fw.Upsampling(1, 1, (3, 1), 2)),
        (fw.Softmax(number(1)), fw.Softmax(1)),
    ]
    for one, two in made:
        assert repr(one) == repr(two)
        assert [value.shape for value, _ in one.param()] == [value.shape for value, _ in two.param()]


def test_repr_tells_what_was_built():
    assert repr(fw.Sequential(fw.Linear(2, 3, bias=False), fw.Sequential(fw.ReLU()))) == (
        "Sequential(\n"
        "  (0): Linear(in_features=2, out_features=3, bias=False)\n"
        "  (1): Sequential(\n"
        "    (0): ReLU()\n"
        "  )\n"
        ")"
    )
    assert "stride=(2, 1)" in repr(fw.Conv2d(1, 2, 3, stride=(2, 1)))
    assert repr(fw.Softmax(1)) == "Softmax(dim=1)"
    assert "stride=(2, 2), padding=(0, 0)" in repr(fw.ConvTranspose2d(1, 2, 3, stride=2, output_padding=1))
    assert repr(fw.ConvTranspose2d(1, 2, 3, stride=2, output_padding=1)).endswith("output_padding=(1, 1))")
    assert repr(fw.MSELoss()) == "MSELoss(reduction='mean')"
    assert repr(fw.NLLLoss("sum", torch.tensor([0.5]))) == "NLLLoss(reduction='sum', weight=[0.5], ignore_index=-100)"


@pytest.mark.parametrize(
    ("layer", "saved"),
    [
        (fw.ReLU(), 1),
        (fw.Tanh(), 1),
        (fw.Sigmoid(), 1),
        (fw.Softmax(1), 1),
        (fw.Flatten(), 0),
        (fw.NearestUpsampling(2), 0),
        (fw.LeakyReLU(), 1),
        (fw.GELU(), 1),
    ],
)
def test_saved_is_no_more_than_backward_reads(layer, saved):
    assert layer.saved == ()
    layer(IMAGES)
    assert len(layer.saved) == saved
    assert sum(tensor.nbytes for tensor in layer.saved) == saved * IMAGES.nbytes


def test_upsampling_saves_the_small_image():
    layer = fw.Upsampling(2, 3, 3, scale_factor=4)
    layer(IMAGES)
    assert [tensor.shape for tensor in layer.saved] == [IMAGES.shape, layer.weight.shape]


def test_sequential_saves_what_its_modules_save():
    model = fw.Sequential(fw.ReLU(), fw.Sequential(fw.Tanh()))
    model(IMAGES)
    assert len(model.saved) == 2


@pytest.mark.parametrize("layer", [fw.ReLU(), fw.Tanh(), fw.Sigmoid(), fw.Softmax(1)])
def test_a_changed_output_is_noticed(layer):
    y = layer(IMAGES)
    y.add_(1)
    with pytest.raises(RuntimeError, match="unchanged until backward"):
        layer.backward(torch.ones_like(y))


def test_a_changed_input_or_weight_is_noticed():
    layer, x = fw.Linear(5, 2), IMAGES.clone()
    for changed in (x, layer.weight):
        y = layer(x)
        changed.mul_(2)
        with pytest.raises(RuntimeError, match="unchanged until backward"):
            layer.backward(torch.ones_like(y))


def test_a_changed_view_of_the_output_is_noticed():
    model = fw.Sequential(fw.ReLU(), fw.Flatten())
    model(IMAGES).zero_()
    with pytest.raises(RuntimeError, match="ReLU"):
        model.backward(torch.ones(3, 50))


@pytest.mark.parametrize(("make", "x"), EVERY[:-1])
def test_a_refused_input_leaves_the_earlier_memory(make, x):
    model = make()
    y = model(x)
    dx = model.backward(torch.ones_like(y))
    for bad in (x.long(), x[:2, :, :4].long(), None):
        with pytest.raises(TypeError):
            model(bad)
    assert torch.equal(model.backward(torch.ones_like(y)), dx)


@pytest.mark.parametrize(
    ("make", "bad"),
    [
        (lambda: fw.Linear(5, 2), torch.ones(2, 7)),
        (lambda: fw.Conv2d(2, 3, 3), torch.ones(1, 2, 2, 9)),
        (lambda: fw.ConvTranspose2d(2, 3, 3, padding=3), torch.ones(1, 2, 2, 9)),
        (lambda: fw.Upsampling(2, 3, 3), torch.ones(1, 2, 1, 9)),
        (lambda: fw.NearestUpsampling(2), torch.ones(1, 2, 0, 9)),
        (lambda: fw.Softmax(1), torch.ones(4)),
        (fw.Flatten, torch.ones(4)),
        (lambda: fw.Flatten(-2, -2), torch.ones(4)),
        (lambda: fw.Flatten(-3, 2), torch.ones(4, 1)),
    ],
)
def test_a_refused_shape_leaves_the_earlier_memory(make, bad):
    model = make()
    y = model(IMAGES)
    dy = torch.randn(y.shape)
    dx, saved = model.backward(dy), model.saved
    with pytest.raises(ValueError, match="must"):
        model(bad)
    assert all(one is two for one, two in zip(model.saved, saved, strict=True))
    assert torch.equal(model.backward(dy), dx)


@pytest.mark.parametrize(("make", "x"), EVERY)
def test_backward_writes_to_nothing_that_it_will_read_again(make, x):
    model = make()
    dy = torch.randn(model(x).shape)
    kept = [tensor.clone() for tensor in model.saved]
    first = model.backward(dy)
    once = [grad.clone() for _, grad in model.param()]
    assert all(torch.equal(one, two) for one, two in zip(model.saved, kept, strict=True))
    assert torch.equal(model.backward(dy), first)
    torch.testing.assert_close([grad for _, grad in model.param()], [2 * one for one in once])  # added term by term


def test_state_makes_a_twin():
    one, two = network(), network()
    two.load_state_dict(one.state_dict())
    assert torch.equal(one(IMAGES), two(IMAGES))
    assert two[0].weight is not one[0].weight
    before = two(IMAGES)
    for value in one.state_dict().values():
        value.add_(1)
    assert torch.equal(two(IMAGES), before)


@pytest.mark.parametrize(
    "spoil", [lambda state: state.pop("bias"), lambda state: state.update(bias=torch.ones(7)), lambda s: s.update(b=1)]
)
def test_a_refused_state_changes_nothing(spoil):
    layer = fw.Linear(3, 2)
    before = copy.deepcopy(layer.state_dict())
    state = {name: torch.ones_like(value) for name, value in before.items()}
    spoil(state)
    with pytest.raises((KeyError, ValueError)):
        layer.load_state_dict(state)
    for name, value in layer.state_dict().items():
        assert torch.equal(value, before[name])


def test_an_early_list_of_parameters_stays_true():
    model = network()
    early = model.param()
    model.to(dtype=torch.float64)
    x = IMAGES.double()
    model.backward(torch.ones_like(model(x)))
    for (value, grad), (early_value, early_grad) in zip(model.param(), early, strict=True):
        assert value is early_value
        assert grad is early_grad
        assert grad.dtype == torch.float64
        assert grad.any()
    model.zero_grad()
    assert not any(grad.any() for _, grad in early)


def pickled(module):
    return pickle.loads(pickle.dumps(module))


def saved_by_torch(module):
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=False)


@pytest.mark.parametrize("duplicate", [pickled, copy.deepcopy, saved_by_torch])
@pytest.mark.parametrize(("make", "x"), EVERY)
def test_a_copy_is_a_twin_that_shares_nothing(make, x, duplicate):
    model = make()
    y = model(x)
    model.backward(torch.ones_like(y))
    twin = duplicate(model)
    assert getattr(twin, "saved", ()) == ()
    with pytest.raises(RuntimeError, match="backward must follow a forward"):
        twin.backward(torch.ones_like(y))
    assert torch.equal(twin(x), y)
    for one, two in zip(model.param(), twin.param(), strict=True):
        assert torch.equal(one.grad, two.grad)
    fw.Sequential(twin).zero_grad()
    assert all(grad.any() for _, grad in model.param())
    if twin.param():
        twin.param()[0].value.add_(1)
        assert not torch.equal(twin(x), y)


def test_training_reaches_every_child():
    model = network()
    assert model.training
    assert model.eval() is model
    assert not model[2][0].training
    assert model.train()[2][0].training


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sixteen_bits_stay_near_the_truth(dtype):
    torch.manual_seed(0)
    truth = network().to(dtype=dtype)
    model = copy.deepcopy(truth)
    truth.to(dtype=torch.float64)
    x = IMAGES.to(dtype)
    y, wanted = model(x), truth(x.double())
    dx, dwanted = model.backward(torch.ones_like(y)), truth.backward(torch.ones_like(wanted))
    bound = 16 * torch.finfo(dtype).eps
    assert (y.double() - wanted).abs().max() < bound * wanted.abs().max()
    assert (dx.double() - dwanted).abs().max() < bound * dwanted.abs().max()
    for one, two in zip(model.param(), truth.param(), strict=True):
        assert (one.grad.double() - two.grad).abs().max() < bound * two.grad.abs().max()


def test_the_taps_of_a_kernel_are_summed_in_more_than_sixteen_bits():
    taps = 512  # a sum of ones in bfloat16 itself ends at 256
    ones = torch.ones(1, 1, 1, taps, dtype=torch.bfloat16)
    layer = fw.ConvTranspose2d(1, 1, (1, taps), bias=False, dtype=ones.dtype)
    layer.weight.fill_(1)
    assert layer(ones).max() == taps
    conv = fw.Conv2d(1, 1, (1, taps), padding=(0, taps - 1), bias=False, dtype=ones.dtype)
    conv.weight.fill_(1)
    assert conv.backward(torch.ones_like(conv(ones[..., :1]))).tolist() == [[[[taps]]]]
