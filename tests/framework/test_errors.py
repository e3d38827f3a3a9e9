"""Messages: layer and argument, what it must be, what it was."""

import numpy
import pytest
import torch

import framework as fw

X = torch.zeros(2, 3, 5, 5)
ROWS = torch.zeros(2, 3)
CLASSES = torch.tensor([0, 2])
NAN = float("nan")

TABLE = [
    (lambda: fw.Linear(0, 2), ValueError, "Linear: in_features must be at least 1, was 0"),
    (lambda: fw.Linear(2.0, 2), TypeError, "Linear: in_features must be an int, was 2.0"),
    (lambda: fw.Linear(4, 2)(ROWS), ValueError, "Linear: x must have 4 features on its last axis, had shape (2, 3)"),
    (
        lambda: fw.Linear(3, 2)(ROWS.double()),
        TypeError,
        "Linear: x must be torch.float32 as weight is, was",
    ),
    (lambda: fw.Linear(3, 2)(ROWS.int()), TypeError, "Linear: x must be of a floating-point dtype, was torch.int32"),
    (lambda: fw.Linear(3, 2)(X.sum()), ValueError, "Linear: x must have 3 features on its last axis, had shape ()"),
    (lambda: fw.Linear(3, 2)(ROWS.to("meta")), ValueError, "x must be on cpu as weight is, was on meta"),
    (lambda: fw.MSELoss()(ROWS, ROWS.to("meta")), ValueError, "MSELoss: t must be on cpu as p is, was on meta"),
    (lambda: fw.Linear(3, 2)([1.0]), TypeError, "Linear: x must be a tensor, was list"),
    (lambda: fw.Linear(3, 2)(ROWS, ROWS), TypeError, "Linear: forward must be given x, was given 2 inputs"),
    (lambda: fw.Linear(3, 2).backward(ROWS), RuntimeError, "Linear: backward must follow a forward"),
    (lambda: fw.Conv2d(3, 4, 3, groups=2), ValueError, "Conv2d: in_channels must be divisible by groups 2, was 3"),
    (lambda: fw.Conv2d(4, 3, 3, groups=2), ValueError, "Conv2d: out_channels must be divisible by groups 2, was 3"),
    (lambda: fw.Conv2d(3, 4, 3, stride=0), ValueError, "Conv2d: stride must be at least 1, was 0"),
    (lambda: fw.Conv2d(3, 4, (3, 3, 3)), ValueError, "Conv2d: kernel_size must be an int or a pair of ints, was (3, 3"),
    (lambda: fw.Conv2d(3, 4, 3, padding=-1), ValueError, "Conv2d: padding must be at least 0, was -1"),
    (
        lambda: fw.Conv2d(3, 4, 3)(X[0, 0]),
        ValueError,
        "Conv2d: x must have 3 or 4 axes (C, H, W) or (N, C, H, W), had shape (5, 5)",
    ),
    (lambda: fw.Conv2d(2, 4, 3)(X[0]), ValueError, "Conv2d: x must have 2 channels on axis 0, had shape (3, 5, 5)"),
    (lambda: fw.Upsampling(3, 4, 3)(X[0]), ValueError, "Upsampling: x must have 4 axes (N, C, H, W), had shape (3, 5,"),
    (lambda: fw.Conv1d(3, 4, (1, 2)), ValueError, "kernel_size must be an int or a tuple of one int, was (1, 2)"),
    (lambda: fw.Conv3d(3, 4, (1, 2)), ValueError, "kernel_size must be an int or a triple of ints, was (1, 2)"),
    (lambda: fw.Conv2d(3, 4, 3, padding="full"), ValueError, "padding must be one of valid, same, was 'full'"),
    (
        lambda: fw.Conv2d(3, 4, 3, (1, 2), "same"),
        ValueError,
        "Conv2d: padding must not be 'same' unless stride is 1, was for stride (1, 2)",
    ),
    (
        lambda: fw.Conv2d(3, 4, 3, padding_mode="constant"),
        ValueError,
        "padding_mode must be one of zeros, reflect, replicate, circular, was 'constant'",
    ),
    (
        lambda: fw.Conv2d(3, 4, 3, padding=(4, 5), padding_mode="reflect")(X),
        ValueError,
        "Conv2d: x must be at least (5, 6) for padding (4, 5) and (4, 5) of mode reflect, was (5, 5)",
    ),
    (
        lambda: fw.Conv2d(3, 4, 3, padding=6, padding_mode="circular")(X),
        ValueError,
        "Conv2d: x must be at least (6, 6) for padding (6, 6) and (6, 6) of mode circular, was (5, 5)",
    ),
    (lambda: fw.ConvTranspose2d(3, 4, 3, padding="same"), TypeError, "padding must be an int, was 'same'"),
    (
        lambda: fw.ConvTranspose1d(3, 4, 3, padding_mode="reflect"),
        ValueError,
        "ConvTranspose1d: padding_mode must be one of zeros, was 'reflect'",
    ),
    (lambda: fw.Conv2d(2, 4, 3)(X), ValueError, "Conv2d: x must have 2 channels on axis 1, had shape (2, 3, 5, 5)"),
    (lambda: fw.Conv2d(3, 4, 3)(X.half()), TypeError, "was torch.float16"),
    (lambda: fw.Conv2d(3, 4, 3, dilation=3)(X), ValueError, "Conv2d: x must be at least (7, 7), the dilated kernel"),
    (
        lambda: fw.ConvTranspose2d(3, 4, 3, output_padding=1),
        ValueError,
        "output_padding must be smaller than stride (1, 1)",
    ),
    (lambda: fw.ConvTranspose2d(3, 4, 3, padding=4)(X), ValueError, "was (5, 5), for an output of (-1, -1)"),
    (lambda: fw.NearestUpsampling(0), ValueError, "NearestUpsampling: scale_factor must be at least 1, was 0"),
    (lambda: fw.NearestUpsampling(), ValueError, "scale_factor or size must be given, and not both, was given neither"),
    (
        lambda: fw.NearestUpsampling(2, 3),
        ValueError,
        "scale_factor or size must be given, and not both, was given both",
    ),
    (lambda: fw.NearestUpsampling(1.5), TypeError, "NearestUpsampling: scale_factor must be an int, was 1.5"),
    (lambda: fw.Upsampling(3, 4, 11)(X), ValueError, "Upsampling: x must be at least (11, 11), the dilated kernel, "),
    (
        lambda: fw.Upsampling(1, 1, 7)(torch.zeros(1, 1, 2, 2)),
        ValueError,
        "Upsampling: x must be at least (7, 7), the dilated kernel, once enlarged and padded by (0, 0), "
        "and not empty, was (2, 2), enlarged (4, 4)",
    ),
    (lambda: fw.Conv2d(3, 4, 3, padding=2)(X[:, :, :0]), ValueError, "padded by (2, 2), and not empty, was (0, 5)"),
    (lambda: fw.Upsampling(3, 4, 3, padding=2)(X[:, :, :0]), ValueError, "and not empty, was (0, 5), enlarged (0, 10)"),
    (lambda: fw.NearestUpsampling(2)(X[..., :0]), ValueError, "must have channels and pixels, had shape (2, 3, 5, 0)"),
    (lambda: fw.ReLU()(X.long()), TypeError, "ReLU: x must be of a floating-point dtype, was torch.int64"),
    (lambda: fw.LeakyReLU(NAN), ValueError, "LeakyReLU: negative_slope must be finite, was nan"),
    (lambda: fw.GELU("erf"), ValueError, "GELU: approximate must be one of none, tanh, was 'erf'"),
    (lambda: fw.GELU()(X.long()), TypeError, "GELU: x must be of a floating-point dtype, was torch.int64"),
    (lambda: fw.LeakyReLU(float("inf")), ValueError, "LeakyReLU: negative_slope must be finite, was inf"),
    (lambda: fw.LeakyReLU(True), TypeError, "LeakyReLU: negative_slope must be a number, was True"),
    (lambda: fw.ReLU()(X.clone().requires_grad_()), ValueError, "ReLU: x must be detached (no graph is kept here)"),
    (lambda: fw.LeakyReLU("1"), TypeError, "LeakyReLU: negative_slope must be a number, was '1'"),
    (lambda: fw.Softmax(None), TypeError, "Softmax: dim must be an int, was None"),
    (lambda: fw.Softmax(2)(ROWS), ValueError, "Softmax: dim must be in -2 ... 1 for x of 2 axes, was 2"),
    (lambda: fw.Flatten(2)(ROWS), ValueError, "Flatten: start_dim must be in -2 ... 1 for x of 2 axes, was 2"),
    (lambda: fw.Flatten(-1, 0)(ROWS), ValueError, "Flatten: start_dim must not come after end_dim, axis 0, was axis 1"),
    (lambda: fw.Sequential(torch.nn.ReLU()), TypeError, "Sequential: module 0 must be a Module, was ReLU"),
    (lambda: fw.Sequential(*[fw.ReLU()] * 2), ValueError, "Sequential: every module must occur once, but one occurred"),
    (lambda: fw.Sequential(fw.Tanh()).backward(X), RuntimeError, "Sequential: backward must follow a forward"),
    (lambda: fw.Sequential().backward(X), RuntimeError, "Sequential: backward must follow a forward"),
    (lambda: fw.Sequential()(X, X), TypeError, "Sequential: forward must be given x, was given 2 inputs"),
    (lambda: fw.Sequential()(3), TypeError, "Sequential: x must be a tensor, was int"),
    (lambda: fw.MSELoss("max"), ValueError, "MSELoss: reduction must be one of mean, sum, none, was 'max'"),
    (lambda: fw.MSELoss()(ROWS, ROWS[0]), ValueError, "MSELoss: t must have shape (2, 3), had (3,)"),
    (lambda: fw.MSELoss()(ROWS), TypeError, "MSELoss: forward must be given p and t, was given 1 inputs"),
    (lambda: fw.BCELoss()(ROWS - 0.5, ROWS), ValueError, "BCELoss: p must be in 0 ... 1, was -0.5"),
    (lambda: fw.BCELoss()(ROWS * NAN, ROWS), ValueError, "BCELoss: p must be in 0 ... 1, was nan"),
    (lambda: fw.BCELoss()(ROWS, ROWS + 2), ValueError, "BCELoss: t must be in 0 ... 1, was 2.0"),
    (
        lambda: fw.BCEWithLogitsLoss()(ROWS, ROWS.half()),
        TypeError,
        "t must be torch.float32 as p is, was",
    ),
    (lambda: fw.CrossEntropyLoss()(ROWS, torch.tensor([0, 3])), ValueError, "t must be in 0 ... 2, was 3"),
    (lambda: fw.CrossEntropyLoss()(X[0, 0, :4, :4], torch.tensor([0, 1, 2, 4])), ValueError, "in 0 ... 3, was 4"),
    (lambda: fw.CrossEntropyLoss()(ROWS, torch.tensor([0, -1])), ValueError, "t must be in 0 ... 2, was -1"),
    (lambda: fw.CrossEntropyLoss()(ROWS, torch.tensor([0, 1]).int()), TypeError, "t must be torch.int64 class indices"),
    (lambda: fw.CrossEntropyLoss()(ROWS, ROWS[0]), TypeError, "was torch.float32 of shape (3,)"),
    (lambda: fw.CrossEntropyLoss()(ROWS, torch.tensor([0])), ValueError, "t must have shape (2,), had (1,)"),
    (lambda: fw.CrossEntropyLoss()(ROWS[0, 0], torch.tensor(0)), ValueError, "p must have an axis of classes"),
    (lambda: fw.CrossEntropyLoss(label_smoothing=1.5), ValueError, "label_smoothing must be at most 1, was 1.5"),
    (lambda: fw.CrossEntropyLoss(ignore_index=0)(ROWS, ROWS), ValueError, "ignore_index must be negative beside proba"),
    (lambda: fw.CrossEntropyLoss(weight=[1.0]), TypeError, "CrossEntropyLoss: weight must be a tensor, was list"),
    (lambda: fw.NLLLoss(weight=ROWS), ValueError, "NLLLoss: weight must have shape (C,), had (2, 3)"),
    (
        lambda: fw.NLLLoss(weight=ROWS[0, :2])(ROWS, CLASSES),
        ValueError,
        "NLLLoss: weight must have shape (3,), had (2,)",
    ),
    (lambda: fw.NLLLoss(weight=ROWS[0].half())(ROWS, CLASSES), TypeError, "weight must be torch.float32 as p is, was"),
    (lambda: fw.NLLLoss()(ROWS, ROWS), TypeError, "NLLLoss: t must be torch.int64 class indices, was torch.float32"),
    (lambda: fw.NLLLoss(ignore_index=1.0), TypeError, "NLLLoss: ignore_index must be an int, was 1.0"),
    (
        lambda: fw.BCELoss(weight=ROWS[0, :2])(ROWS, ROWS),
        ValueError,
        "weight must broadcast to the shape of p, (2, 3), h",
    ),
    (lambda: fw.BCEWithLogitsLoss(pos_weight=X)(ROWS, ROWS), ValueError, "pos_weight must broadcast to the shape of p"),
    (lambda: fw.SmoothL1Loss(beta=-1), ValueError, "SmoothL1Loss: beta must be at least 0.0, was -1"),
    (lambda: fw.HuberLoss(delta=0), ValueError, "HuberLoss: delta must be above 0, was 0"),
    (lambda: fw.L1Loss()(ROWS, ROWS[:1]), ValueError, "L1Loss: t must have shape (2, 3), had (1, 3)"),
    (lambda: fw.L1Loss("batchmean"), ValueError, "L1Loss: reduction must be one of mean, sum, none, was 'batchmean'"),
    (lambda: fw.KLDivLoss("batchmean")(X.sum(), X.sum()), ValueError, "p must have an axis of samples for reduction"),
    (lambda: fw.KLDivLoss(log_target=1), TypeError, "KLDivLoss: log_target must be a bool, was 1"),
    (lambda: fw.PoissonNLLLoss(eps=-1.0), ValueError, "PoissonNLLLoss: eps must be at least 0.0, was -1.0"),
    (lambda: fw.HingeEmbeddingLoss()(ROWS, ROWS + 0.5), ValueError, "t must hold nothing but 1 and -1, held 0.5"),
    (
        lambda: fw.HingeEmbeddingLoss()(ROWS, ROWS.int()),
        TypeError,
        "t must be a tensor of torch.int64 or of torch.float32",
    ),
    (lambda: fw.SGD([], 0.1), ValueError, "SGD: parameters must hold at least one (value, grad), held none"),
    (lambda: fw.SGD(fw.Linear(3, 2), 0.1), TypeError, "SGD: parameters must be pairs (value, grad), such as those of"),
    (lambda: fw.SGD(X, 0.1), TypeError, "such as those of param(), was Tensor"),
    (lambda: fw.SGD([torch.zeros(2)], 0.1), TypeError, "SGD: parameter 0 must be a pair (value, grad), was Tensor"),
    (lambda: fw.SGD([(X, X), (X, None)], 0.1), TypeError, "SGD: grad 1 must be a tensor, was NoneType"),
    (lambda: fw.SGD([(X, ROWS)], 0.1), ValueError, "SGD: grad 0 must have shape (2, 3, 5, 5), had (2, 3)"),
    (lambda: fw.SGD([(X, X)], 0.1).load_state_dict(None), TypeError, "SGD: state must map names to tensors, was None"),
    (
        lambda: fw.SGD([(X, X)], 0.1).load_state_dict({"state": None, "groups": []}),
        TypeError,
        "SGD: state must be a sequence of mappings, was NoneType",
    ),
    (lambda: fw.SGD([(X, X)], -0.1), ValueError, "SGD: lr must be at least 0.0, was -0.1"),
    (lambda: fw.SGD([(X, X)], NAN), ValueError, "SGD: lr must be finite, was nan"),
    (lambda: fw.SGD([(X, X)], 0.1, -0.5), ValueError, "SGD: momentum must be at least 0.0, was -0.5"),
    (
        lambda: fw.Linear(3, 2).to(dtype=torch.int64),
        TypeError,
        "Linear: dtype must be one of torch.float16, torch.bfloat16, torch.float32, torch.float64, was torch.int64",
    ),
    (lambda: fw.Linear(3, 2).to(torch.int32), TypeError, "torch.float64, was torch.int32"),
    (lambda: fw.Linear(3, 2).to(dtype="float64"), TypeError, "torch.float64, was 'float64'"),
    (lambda: fw.Linear(3, 2).to("gpu"), ValueError, "Linear: device must be one that torch finds here, was 'gpu'"),
    (lambda: fw.ReLU().to("gpu"), ValueError, "ReLU: device must be one that torch finds here, was 'gpu'"),
    (lambda: fw.ReLU().to("cpu:99:1"), ValueError, "ReLU: device must be one that torch finds here, was 'cpu:99:1'"),
    (lambda: fw.ReLU().to([1]), TypeError, "ReLU: device must be a torch.device, its name or its index, was list"),
    (lambda: fw.ReLU().to(True), TypeError, "ReLU: device must be a torch.device, its name or its index, was bool"),
    (lambda: fw.ReLU().to(torch.float64, torch.float64), TypeError, "its name or its index, was dtype"),
    (lambda: fw.Linear(3, 2, dtype=torch.int32), TypeError, "torch.float64, was torch.int32"),
    (lambda: fw.Linear(3, 2, device="gpu"), ValueError, "Linear: device must be one that torch finds here, was 'gpu'"),
    (lambda: fw.Conv2d(3, 2, 1, dtype=torch.complex64), TypeError, "Conv2d: dtype must be one of torch.float16"),
    (lambda: fw.Conv2d(3, 2, 1, device="gpu"), ValueError, "Conv2d: device must be one that torch finds here"),
    (lambda: fw.ConvTranspose2d(3, 2, 1, dtype=float), TypeError, "was <class 'float'>"),
    (lambda: fw.Upsampling(3, 2, 1, device="gpu"), ValueError, "Upsampling: device must be one that torch finds here"),
    (lambda: fw.Linear(3, 2, bias="no"), TypeError, "Linear: bias must be a bool, was 'no'"),
    (lambda: fw.Conv2d(3, 2, 1, bias=None), TypeError, "Conv2d: bias must be a bool, was None"),
    (lambda: fw.ReLU().train("no"), TypeError, "ReLU: mode must be a bool, was 'no'"),
    (lambda: fw.Linear(numpy.float64(3), 2), TypeError, "Linear: in_features must be an int, was"),
    (lambda: fw.Linear(numpy.array([3]), 2), TypeError, "Linear: in_features must be an int, was array([3])"),
    (lambda: fw.Linear(True, 2), TypeError, "Linear: in_features must be an int, was True"),
    (lambda: fw.Linear(numpy.int64(0), 2), ValueError, "Linear: in_features must be at least 1, was 0"),
    (
        lambda: setattr(fw.Linear(3, 2), "weight", ROWS),
        TypeError,
        "Linear: weight must stay the tensor that was registered (copy values into it with weight.copy_), was assigned",
    ),
    (lambda: setattr(fw.Linear(3, 2), "bias", None), TypeError, "Linear: bias must stay the tensor"),
    (
        lambda: fw.Linear(3, 2).load_state_dict(None),
        TypeError,
        "Linear: state must map names to tensors, was NoneType",
    ),
    (lambda: fw.Linear(3, 2).load_state_dict([ROWS]), TypeError, "Linear: state must map names to tensors, was list"),
    (lambda: fw.ReLU().load_state_dict({1: X, "b": X}), KeyError, "ReLU: state must hold exactly [], held ['1', 'b']"),
    (lambda: fw.Linear(3, 2).load_state_dict({}), KeyError, "Linear: state must hold exactly ['bias', 'weight'], held"),
    (
        lambda: fw.ReLU().load_state_dict({"slope": ROWS}),
        KeyError,
        "ReLU: state must hold exactly [], held ['slope']",
    ),
]


@pytest.mark.parametrize(("offend", "kind", "words"), TABLE, ids=[words for _, _, words in TABLE])
def test_message(offend, kind, words):
    with pytest.raises(kind) as caught:
        offend()
    assert words in caught.value.args[0]


@pytest.mark.parametrize(
    ("dy", "kind", "words"),
    [
        (torch.zeros(2, 3), ValueError, "Linear: dy must have shape (2, 2), had (2, 3)"),
        (torch.zeros(2, 2).double(), TypeError, "Linear: dy must be torch.float32 on cpu as the output was"),
        (None, TypeError, "Linear: dy must be a tensor, was NoneType"),
        (torch.zeros(2, 2).int(), TypeError, "Linear: dy must be of a floating-point dtype, was torch.int32"),
    ],
)
def test_a_cotangent_must_fit_the_output(dy, kind, words):
    layer = fw.Linear(3, 2)
    layer(ROWS)
    with pytest.raises(kind) as caught:
        layer.backward(dy)
    assert words in caught.value.args[0]


def test_a_loss_without_reduction_needs_a_cotangent():
    loss = fw.MSELoss("none")
    loss(ROWS, ROWS)
    with pytest.raises(RuntimeError, match="MSELoss: dy must be given when reduction is 'none', was None"):
        loss.backward()


@pytest.mark.parametrize(
    ("base", "offend"),
    [
        (fw.Linear, lambda mine: mine(0, 2)),
        (fw.Linear, lambda mine: mine(4, 2)(ROWS)),
        (fw.Conv2d, lambda mine: mine(2, 4, 3)(X)),
        (fw.ConvTranspose2d, lambda mine: mine(3, 4, 3, padding=4)(X)),
        (fw.Upsampling, lambda mine: mine(3, 4, 11)(X)),
        (fw.NearestUpsampling, lambda mine: mine(2)(ROWS)),
        (fw.Flatten, lambda mine: mine(-1, 0)(ROWS)),
        (fw.Softmax, lambda mine: mine(2)(ROWS)),
        (fw.ReLU, lambda mine: mine()(X.long())),
        (fw.Sequential, lambda mine: mine(3)),
        (fw.MSELoss, lambda mine: mine()(ROWS, X)),
        (fw.BCELoss, lambda mine: mine()(ROWS - 1, ROWS)),
        (fw.SGD, lambda mine: mine(3, 0.1)),
        (fw.SGD, lambda mine: mine([(X, X)], 0.1).load_state_dict({"state": [ROWS], "groups": []})),
    ],
)
def test_a_message_names_the_class_that_refuses(base, offend):
    with pytest.raises((TypeError, ValueError)) as caught:
        offend(type("Mine", (base,), {}))
    assert caught.value.args[0].startswith("Mine: ")
