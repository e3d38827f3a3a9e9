"""How to read a parity page."""

LEGEND = """\
**Units.** The *truth* is torch.nn in float64 on the same rounded inputs. An *error* is the largest distance to the \
truth over the elements, divided by u·gauge: u is the unit roundoff of the dtype, gauge the size that rounding errors \
may honestly have at that element. So an error of 1 is about one honest rounding, and the *limit* is the error at \
which a quantity fails. *Differences* are to torch.nn in the subject's own dtype, in the units of the quantity; \
*scale* is the root mean square of the truth. Means and scales of several cells are weighted by their elements. \
Errors do not depend on the size of the numbers; differences do, so read them beside the scale. The *share of \
bound* is the largest error as a share of the rigorous bound γₙ|A||B|, which no order of summation can exceed; only \
linear maps have one.

**Cells and quantities.** A *cell* is one check of one case with its device, dtype, regime (how the input is drawn), \
cotangent scale (of dy, the gradient that comes in) and seed. A *quantity* is what one cell compares: the output, \
dL/dX, dL/dW, dL/db, another parameter's gradient by name, or what a contract check establishes.

**✓ pass.** The worst error is within the limit, or the contract holds.

**✗ FAIL.** The worst error is beyond the limit, the structure is wrong, or the contract does not hold.

**○ unsupported.** The subject declares that it does not have this. It is counted neither as right nor as wrong.

**≡ same route.** Subject and torch.nn agree in every bit, rounding errors and all. That is right, yet no independent \
proof: both took the same way. The table of operations says which ones the subject used.

**∅ void.** The row says nothing: the subject calls the reference, or no element was compared.

**! error.** The subject or the harness stopped before anything could be compared.

**–** stands where there is no figure."""
