"""The independence audit: does a subject compute by itself, or does it agree because it calls what it is compared with?

Vocabulary  witness (what watches one way of computing), stranger (a tensor that no operation of the run made), label
            (which of the tensors given a tensor was computed from), finding (one sentence that voids the row)
Imports     subjects and verdict; nothing imports this room but what makes reports of it
"""

from parity.independence.auditor import audit
from parity.independence.audits import Audit, records

__all__ = ["Audit", "audit", "records"]
