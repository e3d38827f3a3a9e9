"""Which of torch's kernels a subject may not use, and why: those that are a layer, a loss, or a derivative.

Allowed are creation, views, copies, indexing, pointwise mathematics (exp, tanh, sigmoid, erf, clamp, where),
reductions, matrix products (mm, addmm, bmm, baddbmm, einsum) and their in-place and foreach forms.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Operators of these namespaces are torch's own; those of any other are the subject's, and what they call is seen too.
ATEN = frozenset(("aten", "prim", "prims"))
VENDOR = frozenset("mkldnn mkldnn_prepacked mkl onednn quantized quantization _quantized xnnpack fbgemm".split())


@dataclass(frozen=True)
class Family:
    """Kernels that are forbidden for one reason."""

    name: str
    pattern: str  # searched in the operator's name, without namespace and overload
    reason: str


FAMILIES = (
    Family("derivative", r"backward|_jvp", "is the derivative itself, as torch wrote it"),
    Family("convolution", r"conv(?!ert)", "is the convolution itself"),
    Family("linear", r"linear(?!_combination)", "is the linear layer itself; mm and addmm are allowed"),
    Family("softmax", r"softmax", "is the softmax itself"),
    Family(
        "activation",
        r"relu|(^|_)[cs]?elu|gelu|glu|silu|mish|hard(tanh|sigmoid|swish|shrink)|softshrink|softplus|log_sigmoid"
        r"|^threshold|_activation",
        "is the activation itself; clamp, where, exp, tanh and sigmoid are allowed",
    ),
    Family("loss", r"_loss|cross_entropy|kl_div", "is the loss itself"),
    Family("pooling", r"pool", "is the pooling itself"),
    Family(
        "normalisation",
        r"(batch|layer|group|instance|rms|weight)_norm|response_norm|renorm",
        "is the normalisation itself; mean and var are allowed",
    ),
    Family("resampling", r"upsample|grid_sampl|affine_grid|(pixel|channel)_(un)?shuffle", "is the resampling itself"),
    Family("attention", r"attention|scaled_dot|multi_head|transformer", "is the attention itself"),
    Family("recurrence", r"(^|_)(lstm|gru|rnn)", "is the recurrent cell itself"),
    Family("embedding", r"embedding", "is the embedding itself; indexing is allowed"),
    Family("dropout", r"dropout", "is the dropout itself"),
    Family("forward mode", r"^_(make|unpack)_dual", "is torch's own differentiation"),
)  # fmt: skip

# The engine evaluates nodes. Those of torch's own operators end in a number (ExpBackward0) or lie in a namespace; one
# that the subject wrote as a torch.autograd.Function is called <its name>Backward, and is the subject's own derivative.
NODE = re.compile(r"autograd::engine::evaluate_function: (.+)")
HARMLESS_NODE = re.compile(r"torch::autograd::(AccumulateGrad|GraphRoot)|\w+Backward")


def family(operator: str) -> str:
    """Return the reason against an operator without its name: one for all operators of a family, or all nodes."""
    return fault(operator).replace(operator.rpartition(": ")[2], "")


def split(operator: str) -> tuple[str, str]:
    """Return namespace and name of an operator, as in aten::mul_; ("", name) of anything else."""
    namespace, separator, name = operator.rpartition("::")
    return (namespace, name.split(".")[0]) if separator else ("", operator)


def fault(operator: str) -> str:
    """Return why a subject may not use `operator` (namespace::name); empty if it may."""
    if node := NODE.fullmatch(operator):
        return "" if HARMLESS_NODE.fullmatch(node[1]) else f"torch's autograd engine differentiated ({node[1]})"
    namespace, name = split(operator)
    if namespace in VENDOR:
        return f"{operator} is a kernel of a vendor's neural-network library"
    if namespace not in ATEN:
        return ""
    for family in FAMILIES:
        if re.search(family.pattern, name):
            return f"{operator} {family.reason}"
    return ""


def faults(operators: Iterable[str]) -> tuple[str, ...]:
    """Return every reason against `operators`, each once, in alphabetical order."""
    return tuple(sorted({reason for operator in operators if (reason := fault(operator))}))
