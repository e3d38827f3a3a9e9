"""Products of matrices."""

from torch import Tensor

from framework.tape.operators.broadcasting import summed_to
from framework.tape.operators.operator import Gradients, GradOperator


class Matmul(GradOperator):
    """The matrix product, over batches of matrices that broadcast; a vector counts as one row or one column.

    Shapes    a (*, I, K) or (K,);  b (*, K, J) or (K,);  y (*, I, J), without I or J for a vector
    Forward   y  = a b
    Backward  da = dy bᵀ;  db = aᵀ dy, each summed over the batches along which its operand was repeated
    Source    Giles 2008, "Collected matrix derivative results", §2.2.1.
    """

    __slots__ = ()
    keeps = (0, 1)
    name = "@"

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        self.save(a, b)
        return a @ b

    def pass_grad(self, dy: Tensor) -> Gradients:
        a, b = self.recall()
        rows = a[None] if a.dim() == 1 else a
        columns = b[:, None] if b.dim() == 1 else b
        dy = dy[..., None] if b.dim() == 1 else dy
        dy = dy[..., None, :] if a.dim() == 1 else dy
        da = summed_to(dy @ columns.transpose(-1, -2), rows.shape).reshape(a.shape) if self.wants(0) else None
        return da, factor_gradient(rows, dy, columns).reshape(b.shape) if self.wants(1) else None


def factor_gradient(a: Tensor, dy: Tensor, b: Tensor) -> Tensor:
    """Return aᵀ dy in the shape of `b`; one product over all rows where b is a single matrix."""
    if b.dim() == 2:
        return a.reshape(-1, a.shape[-1]).transpose(0, 1) @ dy.reshape(-1, dy.shape[-1])
    return summed_to(a.transpose(-1, -2) @ dy, b.shape)
