"""The faults of numpy_layers."""

from tests.subjects.strangers.faults import fault
from tests.subjects.strangers.faults.fault import StrangersFault


def planted(module, old, new, words, wrong=()):
    edits = ((old, new),) if isinstance(old, str) else tuple(zip(old, new, strict=True))
    return StrangersFault("numpy_layers", module, edits, tuple(words), tuple(wrong))


FAULTS = {
    "dense: db is the mean over the samples": planted(
        "Linear", "+= dy.sum(axis=0)", "+= dy.mean(axis=0)", [fault.AVERAGED], ["dbias"]
    ),
    "dense: dW divided by N once more": planted(
        "Linear", "+= self.x.T @ dy", "+= self.x.T @ dy / len(dy)", [fault.AVERAGED], ["dweight"]
    ),
    "dense: gradients overwritten": planted(
        "Linear",
        ["+= self.x.T @ dy", "+= dy.sum(axis=0)"],
        ["= self.x.T @ dy", "= dy.sum(axis=0)"],
        [fault.OVERWRITTEN],
    ),
    "dense: gradients from np.empty": planted(
        "Linear",
        "self.grads[name] = np.zeros_like(value)",
        "self.grads[name] = np.empty_like(value)",
        [r"(un|never |not )(initiali|cleared|zero)|memory|np\.empty|fresh|new module's gradient"],
        ["dweight", "dbias"],
    ),
    "dense: output buffer reused": planted(
        "Linear",
        'y = x @ self.params["W"]\n',
        'if len(getattr(self, "y", ())) != len(x):\n'
        '            self.y = np.empty((len(x), self.params["W"].shape[1]))\n'
        '        y = np.matmul(x, self.params["W"], out=self.y)\n',
        [r"buffer|later call changed|shared?|reused?|same memory|overwr"],
    ),
    "dense: first forward kept": planted(
        "Linear",
        "self.x = x\n        y =",
        'if not hasattr(self, "x") or self.x.shape != x.shape:\n            self.x = x\n        y =',
        [r"stale|earlier|first forward|(previous|another|older) (forward|call|input)|first call|last forward"],
        ["dweight"],
    ),
    "conv: padding on one side": planted(
        "Conv2d",
        "(p, p), (p, p), (0, 0)",
        "(0, 2 * p), (0, 2 * p), (0, 0)",
        [r"pad.*(one side|end|side|shift|start|ignor|only)|(one side|shift|offset).*pad|shifted"],
        ["output", "dx", "dweight"],
    ),
    "conv: dX cut at stride x padding": planted(
        "Conv2d",
        "p, (h, w) = self.pad, self.shape[1:3]",
        "p, (h, w) = self.pad * self.stride, self.shape[1:3]",
        [r"stride.*pad|pad.*stride"],
        ["dx"],
    ),
    "conv: remainder of the stride dropped": planted(
        "Conv2d",
        "x = np.zeros(shape)",
        "x = np.zeros((n, (p - 1) * stride + k, (q - 1) * stride + k, shape[3]))",
        [r"remainder|divid|divisib|left ?over|(last|trailing) (row|column|pixel)|does not fit|end of the image"],
        ["dx"],
    ),
    "conv: width taken for height": planted(
        "Conv2d",
        "(h - k) // stride + 1, (w - k) // stride + 1",
        "(h - k) // stride + 1, (h - k) // stride + 1",
        [r"square|width|height|\bH\b.*\bW\b|image.*(8x8|5x5)|swap|axes"],
        ["output", "dx", "dweight", "dbias"],
    ),
    "conv: last sample dropped from dW": planted(
        "Conv2d",
        "rows, dy_rows = self.cols.reshape(-1, self.cols.shape[-1]), dy.reshape(-1, dy.shape[-1])\n"
        '        self.grads["W"] += (rows.T @ dy_rows)',
        "rows, dy_rows = self.cols[:-1].reshape(-1, self.cols.shape[-1]), dy.reshape(-1, dy.shape[-1])\n"
        '        self.grads["W"] += (rows.T @ dy_rows[: len(rows)])',
        [r"last sample|sample.*(missing|dropped|left out)|missing.*sample"],
        ["dweight"],
    ),
    "conv: float32 buffer": planted(
        "Conv2d",
        "cols = np.empty((n, p, q, k, k, c))",
        "cols = np.empty((n, p, q, k, k, c), dtype=np.float32)",
        [r"float32|single|rounded|too few digits|precision"],
        ["output", "dweight"],
    ),
    "relu: writes into its input": planted(
        "ReLU", "return np.maximum(x, 0)", "return np.maximum(x, 0, out=x)", [fault.IN_PLACE]
    ),
    "leaky relu: slope on the wrong side": planted(
        "LeakyReLU",
        "return dy * self.slopes",
        "return dy * np.where(self.slopes == 1.0, self.slope, 1.0)",
        [r"slope.*(swap|exchang|wrong|other|revers|positive)|(swap|exchang|revers|wrong side|condition)|where x"],
        ["dx"],
    ),
    "sigmoid: derivative at x": planted(
        "Sigmoid",
        "dy * self.y * (1.0 - self.y)",
        "dy * self.x * (1.0 - self.x)",
        [fault.AT_X],
        ["dx"],
    ),
    "sigmoid: nan where exp overflows": planted(
        "Sigmoid",
        "self.y = np.where(x >= 0, 1.0, e) / (1.0 + e)",
        "self.y = np.exp(x) / (1.0 + np.exp(x)) + 0 * e",
        [fault.OVERFLOW, r"exp"],
        ["output", "dx"],
    ),
    "tanh: dy left out": planted("Tanh", "dy * (1.0 - self.y**2)", "1.0 - self.y**2", [fault.NO_COTANGENT], ["dx"]),
    "softmax: backward element by element": planted(
        "Softmax",
        "self.y * (dy - (dy * self.y).sum(axis=-1, keepdims=True))",
        "dy * self.y * (1.0 - self.y)",
        [r"element|diagonal|jacobian|y ?\(1 ?[-−–] ?y\)|sigmoid|sum .*(missing|left out|omitted)|cross"],
        ["dx"],
    ),
    "cross entropy: target off by one": planted(
        "CrossEntropyLoss",
        "dp[np.arange(n), self.t] -= 1.0",
        "dp[np.arange(n), self.t - 1] -= 1.0",
        [r"(target|class|label|\bt\b).*(shift|off|next|previous|other|one|neighbou?r)|shift.*(target|class)"],
        ["dx"],
    ),
    "mse: gradient not divided": planted(
        "MSELoss",
        "2.0 * self.difference / self.difference.size",
        "2.0 * self.difference",
        [r"number of (elements|values|numbers)|(missing|lacks?|without|not).*(1 ?/ ?N|divid|mean)|\bsum\b|size"],
        ["dx"],
    ),
    "right too: relu with a derivative of one at zero": StrangersFault(
        "numpy_layers", "ReLU", (("self.positive = x > 0", "self.positive = x >= 0"),), (), right=True
    ),
}
