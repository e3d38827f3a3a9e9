"""Ready-made adapters: an adapter says how a library's modules are built and called, the rest is here.

    from parity.subjects.adapters import Library
    subject = Library("mylib", {"Linear": mylib.Linear, "ReLU": mylib.ReLU})

Library     layers with forward and backward; its Convention says how they are called and where parameters lie
Autodiff    functions of parameters and inputs, and a way to get their vector-Jacobian product
Modules     torch.nn.Modules, differentiated by autograd: custom kernels and custom autograd functions
functions/  entries that are functions: a torch.autograd.Function of Modules, a pair forward and backward of Library
Vocabulary  convention, places (where parameters and gradients lie), layout, arrays
Imports     parity.subjects.contract, parity.catalogue
"""

from parity.subjects.adapters.arrays import FLOAT64_NUMPY, FLOAT64_TORCH, NUMPY, TORCH, Arrays, boxed, from_numpy
from parity.subjects.adapters.autodiff import Autodiff, taped
from parity.subjects.adapters.functions import of_function, of_layer, of_named, of_pair, of_x
from parity.subjects.adapters.lacking import output_alone
from parity.subjects.adapters.layouts import (
    COLUMN,
    FLIPPED,
    HWIO,
    HWOI,
    IOHW,
    NHWC,
    OHWI,
    ROW,
    SAME,
    TRANSPOSED,
    Layout,
    permuted,
)
from parity.subjects.adapters.library import Convention, Library
from parity.subjects.adapters.losses import Loss, loss_functions, loss_layer, loss_with_gradient
from parity.subjects.adapters.modules import Modules
from parity.subjects.adapters.nested import nested
from parity.subjects.adapters.optimisers import Stepping
from parity.subjects.adapters.places import Finder, Place, attributes, none, objects, pairs
from parity.subjects.contract import Unsupported
from parity.subjects.mistakes import Miswritten

__all__ = [
    "COLUMN",
    "FLIPPED",
    "FLOAT64_NUMPY",
    "FLOAT64_TORCH",
    "HWIO",
    "HWOI",
    "IOHW",
    "NHWC",
    "NUMPY",
    "OHWI",
    "ROW",
    "SAME",
    "TORCH",
    "TRANSPOSED",
    "Arrays",
    "Autodiff",
    "Convention",
    "Finder",
    "Layout",
    "Library",
    "Loss",
    "Miswritten",
    "Modules",
    "Place",
    "Stepping",
    "Unsupported",
    "attributes",
    "boxed",
    "from_numpy",
    "loss_functions",
    "loss_layer",
    "loss_with_gradient",
    "nested",
    "none",
    "objects",
    "of_function",
    "of_layer",
    "of_named",
    "of_pair",
    "of_x",
    "output_alone",
    "pairs",
    "permuted",
    "taped",
]
