"""The independence audit: does a subject compute by itself, or does it agree because it calls what it is compared with?

Every cell that is run is listened to (listening.py): which operators does it ask for, in which call, in which line? A
cell of each kind (kinds.py) is rehearsed on two draws under all witnesses (auditor.py), which also see what is computed
out of torch's sight. parity/run/auditing.py chooses the cells and makes one row of a module.

Vocabulary  witness (what watches one way of computing), kind (what may decide which road a library takes), stranger (a
            tensor that no operation of the run made), label (which of the tensors given a tensor was computed from),
            finding (one sentence that voids a row, or says what was not seen)
Imports     subjects and verdict; nothing imports this room but what makes reports of it
"""

from parity.independence.auditor import audit
from parity.independence.audits import Audit, records

__all__ = ["Audit", "audit", "records"]
