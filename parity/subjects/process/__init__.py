"""A process for a subject: whatever the library under test does to its process, the harness goes on.

Vocabulary  isolated, worker, limits, stopped, mirror (the parent's copy of a tensor that lives in the worker)
Imports     parity.subjects.contract; the library itself is imported in the worker alone

Tensors cross by their memory, so that layouts arrive as they were sent; writes to an input, a cotangent or a live
parameter are carried back and forth, so that every check of the contract sees what it would see in one process. What
does not cross: that an output shares memory with an input, and a write to an input between forward and backward.
"""

from parity.subjects.process.isolated import Isolated
from parity.subjects.process.limits import Limits

__all__ = ["Isolated", "Limits"]
