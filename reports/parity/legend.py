"""How to read a parity page."""

from reports.columns import readings
from reports.parity.module_tables import VALUES

LEGEND = f"""\
**Units.** The *truth* is torch.nn in float64 on the same rounded inputs; u is the unit roundoff of the dtype, and the \
gauge the size that honest rounding errors may have at an element. {readings(*VALUES)}

**Cells and quantities.** A *cell* is one check of one case with its device, dtype, regime (how the input is drawn), \
cotangent scale (of dy, the gradient that comes in) and seed. A *quantity* is what one cell compares: the output, \
dL/dX, dL/dW, dL/db, another parameter's gradient by name, or what a contract check establishes.

**✓ pass.** The worst error is within the limit, or the contract holds.

**✗ FAIL.** The worst error is beyond the limit, the structure is wrong, or the contract does not hold.

**○ unsupported.** The subject declares that it does not have this. It is counted neither as right nor as wrong.

**≡ same route.** Subject and torch.nn agree in every bit, rounding errors and all. That is right, but no independent \
proof, because both computed it in the same way. The table of operations says which ones the subject used.

**∅ void.** The row says nothing: the subject calls the reference, or no element was compared.

**! error.** The subject or the harness stopped before anything could be compared.

**–** stands where there is no figure."""
