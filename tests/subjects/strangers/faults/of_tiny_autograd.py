"""The faults of tiny_autograd."""

from tests.subjects.strangers.faults import fault
from tests.subjects.strangers.faults.fault import StrangersFault


def planted(module, old, new, words, wrong=()):
    edits = ((old, new),) if isinstance(old, str) else tuple(zip(old, new, strict=True))
    return StrangersFault("tiny_autograd", module, edits, tuple(words), tuple(wrong))


UNDONE = "    while grad.ndim > len(shape):\n        grad = grad.sum(axis=0)\n    for axis"
ONE_ROW = "    if grad.ndim > len(shape):\n        return grad.reshape(-1, shape[-1]).sum(axis=0, keepdims=True)\n"
FAULTS = {
    "tape: broadcasting undone along one axis": planted(
        "Linear",
        UNDONE,
        "    if grad.ndim > len(shape):\n        grad = grad.sum(axis=0)\n    for axis",
        [r"ax[ei]s|rank|dimension|broadcast|shape"],
        ["dbias"],
    ),
    "tape: broadcasting undone by a mean": planted(
        "Linear",
        "        grad = grad.sum(axis=0)\n    for axis",
        "        grad = grad.mean(axis=0)\n    for axis",
        [fault.AVERAGED],
        ["dbias"],
    ),
    "tape: a bias of one row": planted(
        "Linear",
        UNDONE,
        ONE_ROW + "    for axis",
        [fault.SHAPE, r"\(1, ?n\)|axis of (1|one)|keepdims"],
        ["dbias"],
    ),
    "tape: gradients assigned": planted(
        "MSELoss",
        "self.grad = self.grad + unbroadcast(grad, self.data.shape)",
        "self.grad = unbroadcast(grad, self.data.shape)",
        [fault.HALF, fault.OVERWRITTEN, r"used (twice|more than once)"],
        ["dx"],
    ),
    "tape: a node visited twice": planted(
        "Softmax",
        "if id(tensor) not in seen:",
        "if True:",
        [fault.TWICE, r"\b3(\.0*)? times|visited|counted|more than once"],
        ["dx"],
    ),
    "tape: power without its factor": planted(
        "Softmax",
        "out.grad * n * self.data ** (n - 1)",
        "out.grad * self.data ** (n - 1)",
        [r"sign|-1|factor|sum .*(added|sign)|missing"],
        ["dx"],
    ),
    "tape: product with its own factor": planted(
        "Softmax",
        "self.receive(out.grad * other.data)",
        "self.receive(out.grad * self.data)",
        [r"(wrong|another|other) (tensor|factor|operand)|in place of|instead|swap"],
        ["dx"],
    ),
    "tape: exp derived at its input": planted(
        "CrossEntropyLoss",
        "out.push = lambda: self.receive(out.grad * out.data)\n        return out\n\n    def log",
        "out.push = lambda: self.receive(out.grad * self.data)\n        return out\n\n    def log",
        [fault.AT_X],
        ["dx"],
    ),
    "tape: logarithm's derivative without dy": planted(
        "CrossEntropyLoss",
        "self.receive(out.grad / self.data)",
        "self.receive(1 / self.data)",
        [fault.NO_COTANGENT, r"number of|divided by|mean|1 ?/ ?N|not divided"],
        ["dx"],
    ),
    "tape: mean without 1/N in its gradient": planted(
        "MSELoss",
        "return self.sum() / self.data.size",
        "out = self.sum()\n        out.data = out.data / self.data.size\n        return out",
        [r"number of (elements|values|numbers)|(missing|lacks?|without|not).*(1 ?/ ?N|divid|mean)|\bsum\b|size"],
        ["dx"],
    ),
    "matmul: W's gradient of the first block": planted(
        "Linear",
        "other.receive(rows.T @ dy_rows)",
        "other.receive(rows[:256].T @ dy_rows[:256])",
        [r"256|block|beyond|large|first .*(sample|row)|sample"],
        ["dweight"],
    ),
    "matmul: dX halved in float16": planted(
        "Linear",
        "self.receive(out.grad @ other.data.T)",
        "self.receive((out.grad.astype(np.float16) @ other.data.T.astype(np.float16)).astype(self.data.dtype))",
        [r"float16|half|rounded|too few digits|precision"],
        ["dx"],
    ),
    "relu: clips its input": planted(
        "ReLU",
        "out = Tensor(np.maximum(self.data, 0), (self,))",
        "out = Tensor(np.maximum(self.data, 0, out=self.data), (self,))",
        [fault.IN_PLACE],
    ),
    "relu: dy left out": planted(
        "ReLU", "self.receive(out.grad * (self.data > 0))", "self.receive(self.data > 0)", [fault.NO_COTANGENT], ["dx"]
    ),
    "leaky relu: slope not passed on": planted(
        "LeakyReLU",
        "slopes = np.where(self.data > 0, 1, slope)",
        "slopes = np.where(self.data > 0, 1, 0.01)",
        [r"slope|option|0\.01"],
        ["output", "dx"],
    ),
    "sigmoid: overflow": planted(
        "Sigmoid",
        "out = Tensor(np.where(self.data >= 0, 1, e) / (1 + e), (self,))",
        "out = Tensor(np.exp(self.data) / (1 + np.exp(self.data)), (self,))",
        [fault.OVERFLOW, r"\bexp\b"],
        ["output", "dx"],
    ),
    "softmax: the axis ignored": planted(
        "Softmax",
        "    def softmax(self, axis=-1):\n",
        "    def softmax(self, axis=-1):\n        axis = -1\n",
        [r"ax[ei]s|\bdim\b|option"],
        ["output", "dx"],
    ),
    "cross entropy: logarithm of a softmax": planted(
        "CrossEntropyLoss",
        "log_sums = shifted.exp().sum(axis=1).log()\n",
        "log_p = scores.softmax(axis=1).log()\n"
        "    chosen = np.eye(scores.data.shape[1], dtype=scores.data.dtype)[classes]\n"
        "    return -(log_p * chosen).sum() / len(classes)\n",
        [fault.OVERFLOW, r"underflow|log(arithm)?\b.*(0|zero|softmax)|small prob|log[- ]?(sum|softmax)"],
        ["output", "dx"],
    ),
    "cross entropy: sign": planted(
        "CrossEntropyLoss",
        "return (log_sums - (shifted * chosen).sum(axis=1)).sum() / len(classes)",
        "return -(log_sums - (shifted * chosen).sum(axis=1)).sum() / len(classes)",
        [r"sign|-1 times|negat"],
        ["output", "dx"],
    ),
}
