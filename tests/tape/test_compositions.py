"""Every composition beside the layer that it composes, at kinks and far out too."""

import pytest
import torch

import framework
from framework.tape import AsLayer, composed
from framework.tape.compositions.table import COMPOSITIONS

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
    "Conv1d": (
        lambda: framework.Conv1d(4, 6, 3, 2, 2, 2, 2, padding_mode="circular", **DOUBLE),
        IMAGES.flatten(2),
    ),
    "Conv3d of one": (
        lambda: framework.Conv3d(2, 3, (1, 2, 3), 1, (0, 1, 2), (1, 2, 1), **DOUBLE),
        IMAGES,
    ),
    "ConvTranspose1d of one": (
        lambda: framework.ConvTranspose1d(4, 6, 3, 2, 1, 1, 2, True, 2, **DOUBLE),
        IMAGES[0].flatten(1),
    ),
    "ConvTranspose3d": (
        lambda: framework.ConvTranspose3d(2, 3, (1, 2, 3), (1, 2, 1), (0, 1, 2), **DOUBLE),
        IMAGES[None],
    ),
    "ConvTranspose2d": (
        lambda: framework.ConvTranspose2d(4, 6, (2, 3), (2, 1), (2, 1), (1, 0), 2, True, (1, 2), **DOUBLE),
        IMAGES,
    ),
    "Upsampling": (lambda: framework.Upsampling(4, 6, 3, (2, 1), padding=1, **DOUBLE), IMAGES),
    "ZeroPad2d": (lambda: framework.ZeroPad2d((1, -2, 0, 2)), IMAGES),
    "ReflectionPad2d": (lambda: framework.ReflectionPad2d((1, 2, 0, 3)), IMAGES),
    "ReplicationPad2d of one": (lambda: framework.ReplicationPad2d((1, 2, 0, 3)), IMAGES[0]),
    "PixelShuffle": (lambda: framework.PixelShuffle(2), IMAGES),
    "PixelUnshuffle": (lambda: framework.PixelUnshuffle(2), IMAGES[:, :, 1:]),
    "NearestUpsampling": (lambda: framework.NearestUpsampling((3, 2)), IMAGES),
    "BilinearUpsampling": (lambda: framework.BilinearUpsampling((1.7, 0.6)), IMAGES),
    "BilinearUpsampling with corners": (lambda: framework.BilinearUpsampling(size=(2, 13), align_corners=True), IMAGES),
    "BilinearUpsampling to one pixel": (lambda: framework.BilinearUpsampling(size=1, align_corners=True), IMAGES),
    "BilinearUpsampling recomputed": (
        lambda: framework.BilinearUpsampling(1.7, recompute_scale_factor=True),
        IMAGES,
    ),
    **{
        make.__name__: (make, FAR)
        for make in (
            *(framework.ELU, framework.SELU, framework.CELU, framework.GELU, framework.SiLU, framework.Mish),
            *(framework.Softplus, framework.LogSigmoid, framework.Softsign, framework.Tanhshrink, framework.Softshrink),
            *(framework.Hardtanh, framework.ReLU6, framework.Hardsigmoid, framework.Hardswish, framework.Identity),
        )
    },
    "GELU by tanh": (lambda: framework.GELU("tanh"), FAR),
    "ELU of a slope": (lambda: framework.ELU(0.3), FAR),
    "CELU of a slope": (lambda: framework.CELU(0.3), FAR),
    "Softplus steep": (lambda: framework.Softplus(3.0, 2.0), FAR),
    "Softplus of a negative beta": (lambda: framework.Softplus(-1.0), FAR),
    "Hardtanh between": (lambda: framework.Hardtanh(-2.0, 1.0), FAR),
    "PReLU": (lambda: framework.PReLU(**DOUBLE), FAR),
    "PReLU a channel": (lambda: framework.PReLU(4, **DOUBLE), IMAGES),
    "GLU": (lambda: framework.GLU(1), IMAGES),
    "LogSoftmax": (lambda: framework.LogSoftmax(1), FAR),
    "LayerNorm": (lambda: framework.LayerNorm((5, 6), **DOUBLE), IMAGES),
    "LayerNorm plain": (lambda: framework.LayerNorm(6, 0.1, elementwise_affine=False), IMAGES),
    "RMSNorm": (lambda: framework.RMSNorm((5, 6), **DOUBLE), IMAGES),
    "RMSNorm of an eps": (lambda: framework.RMSNorm(6, 0.1, **DOUBLE), IMAGES),
    "GroupNorm": (lambda: framework.GroupNorm(2, 4, **DOUBLE), IMAGES),
    "InstanceNorm2d": (lambda: framework.InstanceNorm2d(4, affine=True, **DOUBLE), IMAGES),
    "BatchNorm2d": (lambda: framework.BatchNorm2d(4, **DOUBLE), IMAGES),
    "BatchNorm2d in evaluation": (lambda: framework.BatchNorm2d(4, **DOUBLE).eval(), IMAGES),
    "LocalResponseNorm": (lambda: framework.LocalResponseNorm(3, 2.0, 0.5, 0.3), IMAGES),
    "LocalResponseNorm of two": (lambda: framework.LocalResponseNorm(2, 0.5), IMAGES.flatten(2)),
    "LocalResponseNorm of more than all": (lambda: framework.LocalResponseNorm(11, 0.5), IMAGES[0][None, :, None]),
    "MaxPool1d": (lambda: framework.MaxPool1d(3, 2, 1, 2, ceil_mode=True), IMAGES.flatten(2)),
    "MaxPool2d": (lambda: framework.MaxPool2d((3, 2), (2, 1), 1, (1, 2), ceil_mode=True), IMAGES),
    "MaxPool2d of equals": (lambda: framework.MaxPool2d(3, 1, 1), (IMAGES * 2).round()),
    "MaxPool2d of one": (lambda: framework.MaxPool2d(2), IMAGES[0]),
    "AdaptiveMaxPool2d": (lambda: framework.AdaptiveMaxPool2d((3, None)), IMAGES),
    "AdaptiveMaxPool2d of equals, larger": (lambda: framework.AdaptiveMaxPool2d((7, 4)), (IMAGES * 2).round()),
    "AvgPool1d of one": (lambda: framework.AvgPool1d(4, 3, 2, True, False), IMAGES[0].flatten(1)),
    "AvgPool2d": (lambda: framework.AvgPool2d((3, 2), (3, 4), 1, True), IMAGES),
    "AvgPool2d of pixels alone": (lambda: framework.AvgPool2d(3, 2, 1, True, False), IMAGES),
    "AvgPool2d with a divisor": (lambda: framework.AvgPool2d(3, 2, 1, True, divisor_override=-2), IMAGES),
    "AdaptiveAvgPool2d": (lambda: framework.AdaptiveAvgPool2d((3, 4)), IMAGES),
    "AdaptiveAvgPool2d of one, larger": (lambda: framework.AdaptiveAvgPool2d((7, None)), IMAGES[0]),
    "LPPool2d": (lambda: framework.LPPool2d(4, (2, 3), 2, True), IMAGES),
    "LPPool2d, one window of zeros": (lambda: framework.LPPool2d(2, 2, (2, 3)), IMAGES.masked_fill(IMAGES < 0.5, 0)),
    "BatchNorm1d": (lambda: framework.BatchNorm1d(5, affine=False, **DOUBLE), FAR),
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


@pytest.mark.parametrize("value", [float("nan"), -float("inf")])
@pytest.mark.parametrize(
    "make",
    [lambda: framework.MaxPool2d(3, 2, 1, 2), lambda: framework.AdaptiveMaxPool2d((3, 4))],
    ids=["windows", "shares"],
)
def test_a_maximum_of_nan_is_the_last_and_of_minus_infinity_the_first_within_the_image(make, value):
    x = IMAGES.masked_fill(IMAGES.square() < 0.8, value)
    x[0] = value
    layer = make()
    model = AsLayer(composed(layer))
    y = layer(x)
    torch.testing.assert_close(model(x), y, rtol=0, atol=0, equal_nan=True)
    dy = torch.linspace(1, 2, y.numel(), dtype=torch.float64).reshape(y.shape)
    torch.testing.assert_close(model.backward(dy), layer.backward(dy), rtol=1e-14, atol=0)


DROPPING = framework.Dropout, framework.Dropout2d


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kind", DROPPING)
def test_what_drops_draws_what_the_layer_draws_and_takes_it_back_through_the_same_draw(kind, dtype):
    layer, x, dy = kind(0.75), IMAGES.to(dtype), IMAGES.cos().to(dtype)  # 1 / (1 - p) is exact in every format
    model = AsLayer(composed(layer))
    torch.manual_seed(3)
    y, dx = layer(x), layer.backward(dy)
    torch.manual_seed(3)
    assert torch.equal(model(x), y)
    assert torch.equal(model.backward(dy), dx)
    assert 0 < (y == 0).sum() < y.numel()
    assert not torch.equal(model(x), y)  # each call draws anew


@pytest.mark.parametrize("kind", DROPPING)
@pytest.mark.parametrize("own", ["evaluation", "p of 0", "p of 1"])
def test_what_drops_nothing_passes_all_on_and_what_drops_all_nothing(kind, own):
    model = AsLayer(composed(kind(float(own[-1]) if own[0] == "p" else 0.5)))
    model.train(own != "evaluation")
    scale, before = 0.0 if own == "p of 1" else 1.0, torch.get_rng_state()
    assert torch.equal(model(IMAGES), scale * IMAGES)
    assert torch.equal(torch.get_rng_state(), before) == (scale == 1)  # what is not needed is not drawn
    assert torch.equal(model.backward(IMAGES + 2), scale * (IMAGES + 2))


NUMBERS = torch.tensor([[3, 0, 3], [1, 3, 2]])
SEQUENCE = IMAGES.reshape(4, 10, 6)
STATES = IMAGES.reshape(4, 10, 6)[..., :3].clone()
MASK = torch.arange(40).reshape(4, 10) % 3 == 0
SEVERAL = {
    "Bilinear": (lambda: framework.Bilinear(6, 6, 3, **DOUBLE), (IMAGES, IMAGES.flip(0))),
    "Embedding": (lambda: framework.Embedding(4, 3, **DOUBLE), (NUMBERS,)),
    "Embedding with padding": (lambda: framework.Embedding(4, 3, 3, **DOUBLE), (NUMBERS,)),
    "EmbeddingBag": (lambda: framework.EmbeddingBag(4, 3, **DOUBLE), (NUMBERS,)),
    "EmbeddingBag with padding": (
        lambda: framework.EmbeddingBag(4, 3, mode="sum", padding_idx=3, **DOUBLE),
        (NUMBERS.reshape(-1), torch.tensor([0, 4, 4]), IMAGES.reshape(-1)[:6]),
    ),
    "LSTM": (lambda: framework.LSTM(6, 3, 2, bidirectional=True, **DOUBLE), (SEQUENCE, STATES, -STATES)),
    "LSTM without states": (lambda: framework.LSTM(6, 3, batch_first=True, **DOUBLE), (SEQUENCE,)),
    "GRU": (lambda: framework.GRU(6, 3, 2, bidirectional=True, **DOUBLE), (SEQUENCE, STATES)),
    "GRU of one sample": (lambda: framework.GRU(6, 3, 4, bias=False, **DOUBLE), (SEQUENCE[:, 0], STATES[:, 0])),
    "RNN": (lambda: framework.RNN(6, 3, 2, bidirectional=True, **DOUBLE), (SEQUENCE, STATES)),
    "RNN of relu": (lambda: framework.RNN(6, 3, nonlinearity="relu", **DOUBLE), (SEQUENCE,)),
    "ScaledDotProductAttention": (
        framework.ScaledDotProductAttention,
        (SEQUENCE[0, :4], SEQUENCE[1], SEQUENCE[2], MASK),
    ),
    "a query that sees no key": (
        framework.ScaledDotProductAttention,
        (SEQUENCE[0, :4], SEQUENCE[1], SEQUENCE[2], MASK & torch.tensor([True, False, True, True])[:, None]),
    ),
    "no key": (lambda: framework.MultiheadAttention(6, 2, **DOUBLE), (SEQUENCE, SEQUENCE[:0], SEQUENCE[:0])),
    "no moment": (lambda: framework.MultiheadAttention(6, 2, **DOUBLE), (SEQUENCE[:0],) * 3),
    "causal": (lambda: framework.ScaledDotProductAttention(is_causal=True), (SEQUENCE, SEQUENCE + 1, -SEQUENCE)),
    "MultiheadAttention": (
        lambda: framework.MultiheadAttention(6, 2, batch_first=True, **DOUBLE),
        (SEQUENCE[:, :4], SEQUENCE, SEQUENCE.flip(1), MASK, None),
    ),
    "MultiheadAttention of one sample": (
        lambda: framework.MultiheadAttention(6, 3, kdim=5, vdim=4, **DOUBLE),
        (SEQUENCE[0], SEQUENCE[1, :, :5], SEQUENCE[2, :, :4]),
    ),
}


def tupled(value):
    return value if isinstance(value, tuple) else () if value is None else (value,)


def test_every_composition_of_a_layer_is_compared_here():
    compared = {type(make()) for make, _ in (*LAYERS.values(), *SEVERAL.values())} | set(DROPPING)
    assert compared == {kind for kind in COMPOSITIONS if not issubclass(kind, framework.Loss)}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_layer_of_several_and_its_composition_agree(name):
    torch.manual_seed(0)
    make, inputs = SEVERAL[name]
    layer = make()
    model = AsLayer(composed(layer))
    outputs = tupled(layer(*inputs))
    dys = tuple(torch.randn_like(y) for y in outputs)
    torch.testing.assert_close(tupled(model(*inputs)), outputs, rtol=1e-12, atol=1e-14)
    gradients = tupled(layer.backward(*dys))
    own = [grad.clone() for _, grad in layer.param()]
    torch.testing.assert_close(tupled(model.backward(*dys)), gradients, rtol=1e-11, atol=1e-13)
    for (_, grad), once in zip(layer.param(), own, strict=True):
        torch.testing.assert_close(grad, 2 * once, rtol=1e-11, atol=1e-12)


def test_a_batch_moves_the_statistics_once_and_evaluation_reads_them():
    layer, twin = (framework.BatchNorm2d(4, momentum=None, **DOUBLE) for _ in range(2))
    model = AsLayer(composed(twin))
    for x in (IMAGES, IMAGES.square() + 3):
        layer(x)
        model(x)
    assert {*model.named_buffers()} == {*layer.named_buffers()}
    for name, value in layer.named_buffers().items():
        torch.testing.assert_close(model.named_buffers()[name], value, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(model.eval()(IMAGES), layer.eval()(IMAGES), rtol=1e-12, atol=1e-14)
    assert not twin.training


def test_sixteen_bits_are_computed_in_float32_and_rounded_once():
    layer = framework.LayerNorm(6)
    x = (IMAGES * 300 + 60_000).half()  # the square of what is off the mean is beyond float16
    y = AsLayer(composed(layer.to(torch.float16)))(x)
    wanted = framework.LayerNorm(6)(x.float())
    assert y.dtype == torch.float16
    torch.testing.assert_close(y.float(), wanted, rtol=1e-3, atol=1e-3)
