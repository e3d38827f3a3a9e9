"""Products of matrices, by batches that broadcast."""

from parity.catalogue.operators.method import case, page

PAGES = (
    page(
        case("matrices", "matmul", (5, 4), other=(4, 3), widely=True),
        case("batch-by-matrix", "matmul", (2, 5, 4), other=(4, 3)),
        case("matrix-by-batch", "matmul", (5, 4), other=(2, 4, 3)),
        case("batches", "matmul", (2, 1, 5, 4), other=(3, 4, 6)),
        case("vector-by-matrix", "matmul", (4,), other=(4, 3)),
        case("matrix-by-vector", "matmul", (5, 4), other=(4,)),
        case("batch-by-vector", "matmul", (2, 5, 4), other=(4,)),
        case("vector-by-batch", "matmul", (4,), other=(2, 4, 3)),
        case("vectors", "matmul", (7,), other=(7,)),
        multilinear=True,
    ),
    page(case("reversed", "__rmatmul__", (4, 3), other=(5, 4)), multilinear=True, refused=False),
    page(case("plain", "t", (5, 4)), multilinear=True),
)
