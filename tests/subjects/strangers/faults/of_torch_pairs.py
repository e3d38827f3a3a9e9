"""The faults of torch_pairs."""

from tests.subjects.strangers.faults import fault
from tests.subjects.strangers.faults.fault import StrangersFault


def planted(module, old, new, words, wrong=()):
    edits = ((old, new),) if isinstance(old, str) else tuple(zip(old, new, strict=True))
    return StrangersFault("torch_pairs", module, edits, tuple(words), tuple(wrong))


FAULTS = {
    "linear: db over axis 0 alone": planted(
        "Linear",
        "self.db += dy_rows.sum(0)",
        "self.db += dy.sum(0)",
        [r"axis|axes|rank|dimension|2-?D|broadcast|shape"],
        ["dbias"],
    ),
    "linear: dX flattened": planted(
        "Linear",
        "return dy.matmul(self.w)\n\n    def param",
        "return dy_rows.matmul(self.w)\n\n    def param",
        [fault.SHAPE, r"flat|axes|rank"],
        ["dx"],
    ),
    "linear: zero_grad makes new tensors": planted(
        "Linear",
        "        return dy.matmul(self.w)\n\n    def param(self):",
        "        return dy.matmul(self.w)\n\n    def zero_grad(self):\n"
        "        self.dw, self.db = torch.zeros_like(self.w), torch.zeros_like(self.b)\n\n    def param(self):",
        [r"stale|rebind|rebound|new (tensor|list|array|memory)|no longer|another tensor|zero_grad (replaces|makes)"],
    ),
    "linear: db added twice": planted(
        "Linear",
        "self.db += dy_rows.sum(0)",
        "self.db += dy_rows.sum(0)\n        self.db += dy_rows.sum(0)",
        [fault.TWICE],
        ["dbias"],
    ),
    "linear: momentum in the gradient's memory": planted(
        "Linear",
        "self.dw += dy_rows.t().mm(rows)",
        "self.dw.mul_(0.9).add_(dy_rows.t().mm(rows))",
        [r"momentum|decay|\b0?\.90* times"],
    ),
    "linear: gradients made when they are read": planted(
        "Linear",
        [
            "self.dw += dy_rows.t().mm(rows)",
            "return [[self.w, self.dw], [self.b, self.db]]\n\n\nclass ReLU",
        ],
        [
            "self.rows = dy_rows",
            'if hasattr(self, "rows"):\n'
            "            rows = self.x.reshape(-1, self.w.shape[1])\n"
            "            self.dw.copy_(self.rows.t().mm(rows[: len(self.rows)]))\n"
            "        return [[self.w, self.dw], [self.b, self.db]]\n\n\nclass ReLU",
        ],
        [r"(further|later|next|another) forward|lazily|when (it is|they are) read|not accumulat|overwr"],
    ),
    "linear: every sample gets the first one's dy": planted(
        "Linear",
        "return dy.matmul(self.w)\n\n    def param",
        "return dy[:1].expand_as(dy).matmul(self.w)\n\n    def param",
        [r"first sample|sample 0|right if batch|batch of (1|one)|(same|every|all) sample|samples?.*(first|one)"],
        ["dx"],
    ),
    "relu: backward returns None": planted(
        "ReLU", "return dy * (self.x > 0)", "dx = dy * (self.x > 0)", [r"\bNone(Type)?\b|returns nothing"], ["dx"]
    ),
    "leaky relu: slope cut to an integer": planted(
        "LeakyReLU",
        "self.slope = slope",
        "self.slope = int(slope)",
        [r"\bint|trunc|slope|zero (where|for|in region)|0 where|negative"],
        ["output", "dx"],
    ),
    "tanh: derivative at x": planted(
        "Tanh",
        ["self.y = x.tanh()", "dy * (1 - self.y.pow(2))"],
        ["self.x, self.y = x, x.tanh()", "dy * (1 - self.x.pow(2))"],
        [fault.AT_X],
        ["dx"],
    ),
    "sigmoid: computed in float16": planted(
        "Sigmoid",
        "self.y = x.sigmoid()",
        "self.y = x.half().sigmoid().float()",
        [r"float16|half|rounded|too few digits|precision"],
        ["output", "dx"],
    ),
    "conv: dilation left out of backward": planted(
        "Conv2d",
        ["def taps(self, image, rows, columns):", "s, d = self.stride, self.dilation", "self.taps(dx, *dy.shape[2:])"],
        [
            "def taps(self, image, rows, columns, dilation=None):",
            "s, d = self.stride, dilation or self.dilation",
            "self.taps(dx, *dy.shape[2:], 1)",
        ],
        [r"dilation"],
        ["dx"],
    ),
    "conv: padding left in dX": planted(
        "Conv2d",
        "return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]",
        "return dx",
        [r"pad"],
        ["dx"],
    ),
    "conv: dW with height and width swapped": planted(
        "Conv2d",
        'self.dw[:, :, i, j] += torch.einsum("nohw,nchw->oc", dy, pixels)',
        'self.dw[:, :, j, i] += torch.einsum("nohw,nchw->oc", dy, pixels)',
        [r"transpos|swap|height|width|(kernel|last).*ax[ei]s|permut"],
        ["dweight"],
    ),
    "conv transpose: output padding ignored": planted(
        "ConvTranspose2d",
        "(side - 1) * self.stride + self.k + self.output_padding for",
        "(side - 1) * self.stride + self.k for",
        [r"output[_ ]padding"],
        ["output", "dx", "dweight", "dbias"],
    ),
    "conv transpose: dW of one sample": planted(
        "ConvTranspose2d",
        'torch.einsum("nchw,nohw->co", self.x, pixels)',
        'torch.einsum("nchw,nohw->co", self.x[:1], pixels[:1])',
        [r"first sample|sample 0|right if batch|batch of (1|one)|one sample|sample.*(missing|dropped|left out)"],
        ["dweight"],
    ),
    "upsampling: mean for sum": planted(
        "NearestUpsampling",
        ".sum((3, 5))",
        ".mean((3, 5))",
        [r"\bmean\b|averag|divided by the number of (pixels|copies)|divided by .*scale|square of the scale"],
        ["dx"],
    ),
    "sequential: db of every layer averaged": planted(
        "Sequential", "self.db += dy_rows.sum(0)", "self.db += dy_rows.mean(0)", [fault.AVERAGED], ["d*.bias"]
    ),
    "mse: factor 2 missing": planted(
        "MSELoss", "return 2 * (self.p - self.t)", "return (self.p - self.t)", [fault.HALF], ["dx"]
    ),
    "bce: sign of the target": planted(
        "BCELoss",
        "return (p - t) / (p * (1 - p))",
        "return (p + t) / (p * (1 - p))",
        [r"sign.*(\bt\b|target)|(\bt\b|target).*sign|p \+ t"],
        ["dx"],
    ),
    "bce: 1e-3 added in the logarithm": planted(
        "BCELoss",
        "logs = t * p.log().clamp(min=-100) + (1 - t) * (1 - p).log().clamp(min=-100)",
        "logs = t * (p + 1e-3).log() + (1 - t) * (1 - p + 1e-3).log()",
        [r"eps|clamp|1e-0?3|0\.001|added|log|offset"],
        ["output"],
    ),
    "right too: leaky relu with a derivative of one at zero": StrangersFault(
        "torch_pairs", "LeakyReLU", (("torch.where(self.x > 0", "torch.where(self.x >= 0"),), (), right=True
    ),
}
