"""The faults that strangers' libraries have, by name: the four tables of this folder."""

from tests.subjects.strangers.faults import of_numpy_layers, of_plain_functions, of_tiny_autograd, of_torch_pairs
from tests.subjects.strangers.faults.fault import StrangersFault

TABLES = (of_numpy_layers.FAULTS, of_torch_pairs.FAULTS, of_plain_functions.FAULTS, of_tiny_autograd.FAULTS)
FAULTS: dict[str, StrangersFault] = {name: one for table in TABLES for name, one in table.items()}
