"""A process for a subject: whatever the library under test does to its process, the harness goes on.

Vocabulary  isolated, child (the process as the harness holds it), worker (the same from within), message, shared (a
            tensor that both sides have under one number), limits, stopped, mark (by which its processes are known)
Imports     parity.subjects.contract; the library itself is imported in the worker alone

What the worker sends is data, and nothing of it is executed here. Tensors cross by their memory, and what either side
writes to one that both have is carried to the other at the next call, so that every check of the contract sees what it
would see in one process, and knows nothing of two.
"""

from parity.subjects.process.isolated import Isolated
from parity.subjects.process.limits import Limits

__all__ = ["Isolated", "Limits"]
