"""The faults of plain_functions."""

from tests.subjects.strangers.faults import fault
from tests.subjects.strangers.faults.fault import StrangersFault


def planted(module, old, new, words, wrong=()):
    edits = ((old, new),) if isinstance(old, str) else tuple(zip(old, new, strict=True))
    return StrangersFault("plain_functions", module, edits, tuple(words), tuple(wrong))


AFFINE = "return dout @ w.T, x.T @ dout, dout.sum(axis=0, keepdims=True)"
ROWS = [
    "e = np.exp(x - np.max(x, axis=1, keepdims=True))",
    "np.sum(e, axis=1, keepdims=True)",
    "np.sum(dout * y, axis=1",
]
FAULTS = {
    "affine: dX by the weight untransposed": planted(
        "Linear",
        AFFINE,
        AFFINE.replace("dout @ w.T", "dout @ w if w.shape[0] == w.shape[1] else dout @ w.T"),
        [r"transpos"],
        ["dx"],
    ),
    "affine: dW transposed": planted(
        "Linear",
        AFFINE,
        AFFINE.replace("x.T @ dout", "dout.T @ x"),
        [r"transpos|axes.*swap"],
        ["dweight"],
    ),
    "affine: db of the first sample": planted(
        "Linear",
        AFFINE,
        AFFINE.replace("dout.sum(axis=0, keepdims=True)", "dout[:1]"),
        [r"first sample|sample 0|right if batch|batch of (1|one)|one sample|not summed|sum over.*sample"],
        ["dbias"],
    ),
    "affine: db of one number": planted(
        "Linear",
        AFFINE,
        AFFINE.replace("dout.sum(axis=0, keepdims=True)", "dout.sum().reshape(1, 1)"),
        [fault.SHAPE, r"sum over.*(all|every)|all (axes|elements)"],
        ["dbias"],
    ),
    "relu: where dy is positive": planted(
        "ReLU",
        "np.where(x > 0, dout, 0)",
        "np.where(dout > 0, dout, 0)",
        [r"sign of (dy|the cotangent|dout)|(dy|dout|cotangent).*(in place|instead|where|condition)|where (dy|dout)"],
        ["dx"],
    ),
    "relu: dX where x is below one too": planted(
        "ReLU",
        "np.where(x > 0, dout, 0)",
        "np.where((x > 0) & (x < 1), dout, 0)",
        [r"(where|for) x|(above|beyond|over|greater).*\b1|large x|zero in|zero where|clip|region"],
        ["dx"],
    ),
    "tanh: a block of 4096 alone": planted(
        "Tanh",
        "y = np.tanh(x)\n    return y, y",
        "y = x.copy()\n    y.reshape(-1)[:4096] = np.tanh(x).reshape(-1)[:4096]\n    return y, y",
        [r"4,?09[56]|block|beyond|after the first|large"],
        ["output", "dx"],
    ),
    "sigmoid: writes into dy": planted(
        "Sigmoid", "dx = dout * y\n", "dx = dout\n    dx *= y\n", [fault.IN_PLACE, r"dy is changed|backward changed"]
    ),
    "sigmoid: derivative without 1 - y": planted(
        "Sigmoid",
        "    dx *= 1 - y\n",
        "",
        [r"1 ?[-−–] ?(y|s|σ)|(factor|term).*(missing|left out|lack)|missing|chain"],
        ["dx"],
    ),
    "softmax: over the columns": planted(
        "Softmax",
        ROWS,
        [text.replace("axis=1", "axis=0") for text in ROWS],
        [r"ax[ei]s|column|\bdim\b|dim ?="],
        ["output", "dx"],
    ),
    "softmax: temperature of two": planted(
        "Softmax",
        "e = np.exp(x - np.max(x, axis=1, keepdims=True))",
        "e = np.exp((x - np.max(x, axis=1, keepdims=True)) / 2)",
        [r"temperature|(x|input|score|logit)s? .*(half|halved|divided|scaled|0\.5|/ ?2)|of x ?/ ?2"],
        ["output", "dx"],
    ),
    "softmax: no maximum subtracted": planted(
        "Softmax",
        "e = np.exp(x - np.max(x, axis=1, keepdims=True))",
        "e = np.exp(x)",
        [fault.OVERFLOW, r"exp\b"],
        ["output", "dx"],
    ),
    "conv: kernel not turned in dX": planted(
        "Conv2d", "w_part[:, :, ::-1, ::-1].transpose", "w_part.transpose", [r"flip|turn|rotat|mirror|revers"], ["dx"]
    ),
    "conv: remainder of the stride forgotten": planted(
        "Conv2d",
        "extra = (h - k) % stride, (width - k) % stride",
        "extra = 0, 0",
        [r"remainder|divid|divisib|left ?over|(last|trailing) (row|column|pixel)|does not fit|end of the image"],
        ["dx", "dweight"],
    ),
    "conv: every group reads the first": planted(
        "Conv2d",
        "dws.append(kernel_gradient(x_part, dout_part, k))",
        "dws.append(kernel_gradient(np.split(padded, groups, 1)[0], dout_part, k))",
        [r"group"],
        ["dweight"],
    ),
    "conv: pad:-pad": planted(
        "Conv2d",
        "dx = dx[:, :, pad : h - pad, pad : width - pad]",
        "dx = dx[:, :, pad:-pad, pad:-pad]",
        [r"pad"],
        ["dx"],
    ),
    "conv: nothing left of a kernel of one": planted(
        "Conv2d",
        "wide = np.pad(dout_part, ((0, 0), (0, 0), (k - 1, k - 1), (k - 1, k - 1)))",
        "wide = np.zeros((*dout_part.shape[:2], *(side + 2 * (k - 1) for side in dout_part.shape[2:])), dout.dtype)\n"
        "        wide[:, :, k - 1 : -(k - 1), k - 1 : -(k - 1)] = dout_part",
        [r"kernel[_ ]size.*\b1\b|kernel of (1|one)|k ?= ?1|1 ?[x×] ?1|right if kernel"],
        ["dx"],
    ),
    "conv: stops at a batch of none": planted(
        "Conv2d",
        "padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))",
        "padded = np.stack([np.pad(image, ((0, 0), (pad, pad), (pad, pad))) for image in x])",
        [r"(batch|sample|image)s?.*(\b0\b|none|no\b|empty)|empty|at least one|no (sample|image)"],
    ),
    "conv: dW sees one channel": planted(
        "Conv2d",
        'np.einsum("nchwij,nohw->ocij", windows, dout, optimize=True)',
        'np.einsum("nchwij,nohw->ocij", windows[:, :1].repeat(x.shape[1], axis=1), dout, optimize=True)',
        [r"channel"],
        ["dweight"],
    ),
    "cross entropy: 1/N twice": planted(
        "CrossEntropyLoss",
        "dscores = (np.exp(log_probs) - onehot) / n\n",
        "dscores = (np.exp(log_probs) - onehot) / n / n\n",
        [fault.AVERAGED, fault.TWICE, r"divided by"],
        ["dx"],
    ),
    "cross entropy: target not subtracted": planted(
        "CrossEntropyLoss",
        "dscores = (np.exp(log_probs) - onehot) / n\n",
        "dscores = np.exp(log_probs) / n\n",
        [fault.TARGET],
        ["dx"],
    ),
    "cross entropy: 1e-8 in the logarithm": planted(
        "CrossEntropyLoss",
        "log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))",
        "log_probs = np.log(np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True) + 1e-8)",
        [r"eps|clamp|1e-0?8|added|\blog\b|logarithm|cut|underflow|small prob"],
        ["output", "dx"],
    ),
    "mse: divided by the samples alone": planted(
        "MSELoss",
        "2 * difference / difference.size",
        "2 * difference / len(difference)",
        [r"batch|sample|\bN\b|number of (elements|features|columns|values)|divided|size of"],
        ["dx"],
    ),
    "right too: relu with a derivative of one half at zero": StrangersFault(
        "plain_functions",
        "ReLU",
        (("return (np.where(x > 0, dout, 0),)", "return (np.where(x > 0, dout, np.where(x == 0, dout / 2, 0)),)"),),
        (),
        right=True,
    ),
}
