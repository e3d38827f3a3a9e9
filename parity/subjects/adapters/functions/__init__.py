"""Entries of a table that are functions, without a class around them: the parameters and options are their arguments.

    Modules("mylib", {"Mish": of_function(Mish)})              # a torch.autograd.Function
    Library("mylib", {"Mish": of_pair(mish, mish_backward)})   # forward and backward, of tensors or of arrays
    Autodiff("mylib", {"Mish": of_x(mish)}, vjp)               # what the library differentiates; named.py, layer.py

Vocabulary  function, pair, argument (of a function: an input, a parameter, an option, the mode)
Imports     parity.catalogue, parity.subjects; of the adapters only arrays, entries and lacking
"""

from parity.subjects.adapters.functions.applied import AppliedFunction, OfFunction, is_function, of_function
from parity.subjects.adapters.functions.arguments import Configured
from parity.subjects.adapters.functions.layer import FunctionOfLayer, of_layer
from parity.subjects.adapters.functions.named import FunctionOfInputs, of_named, of_x
from parity.subjects.adapters.functions.pair import OfPair, of_pair

__all__ = [
    "AppliedFunction",
    "Configured",
    "FunctionOfInputs",
    "FunctionOfLayer",
    "OfFunction",
    "OfPair",
    "is_function",
    "of_function",
    "of_layer",
    "of_named",
    "of_pair",
    "of_x",
]
