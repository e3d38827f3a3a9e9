"""Alternatives: right implementations other than torch's and the framework's. What accuses one is a false alarm.

Vocabulary  alternative, rule, pullback, false alarm
Imports     parity.subjects for the adapter contract; torch_turned the catalogue's references; never the framework

shifted-products  a matrix product for every kernel tap, block or moment, the last first; sums in blocks; first formulas
element-sums      products by broadcasting, summed without a matrix product; sums one by one; second formulas
in-float64        the rules of shifted-products in float64, rounded once
op-by-op          second formulas of activations, every operation rounded to the dtype asked for; pairwise sums
pairwise          first formulas of activations, second of losses; sums of halves
torch-turned      torch's own kernels and autograd on reversed and transposed data
"""

from parity.subjects.contract import Subject
from parity.trust.alternatives import (
    activations,
    attention,
    dropping,
    element_sums,
    losses,
    maxima,
    normalisations,
    recurrent,
    shifted_products,
    tables,
    torch_turned,
)
from parity.trust.alternatives.rule import AS_STORED, DOUBLED, WIDENED, Alternative
from parity.trust.alternatives.sums import blocked, pairwise, sequential

SHIFTED = {
    **shifted_products.RULES,
    **recurrent.RULES,
    **attention.RULES,
    **activations.first(blocked),
    **losses.first(blocked),
    **normalisations.first(blocked),
    **tables.PRODUCTS,
    **dropping.FIRST,
    **maxima.RULES,
}
ELEMENTS = (
    element_sums.RULES
    | activations.second(sequential)
    | losses.second(sequential)
    | normalisations.second(sequential)
    | tables.rules(sequential)
    | dropping.SECOND
    | maxima.RULES
)
PAIRWISE = (
    activations.first(pairwise) | losses.second(pairwise) | normalisations.first(pairwise) | tables.rules(pairwise)
)

SUBJECTS: tuple[Subject, ...] = (
    Alternative("shifted-products", SHIFTED, WIDENED),
    Alternative("element-sums", ELEMENTS, WIDENED),
    Alternative("in-float64", SHIFTED, DOUBLED),
    Alternative("op-by-op", activations.second(pairwise), AS_STORED),
    Alternative("pairwise", PAIRWISE, WIDENED),
    Alternative("torch-turned", torch_turned.RULES, AS_STORED, wraps_torch=True),
)
