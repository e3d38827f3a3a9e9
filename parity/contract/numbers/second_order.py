"""Second derivatives: the gradients of Σ <dx, v>, of the inputs' gradients with drawn directions v, beside torch's.

They are asked where inputs are drawn without ties, in dtypes of many digits: there the places without a derivative have
measure zero, and one that rounding can reach the gauge allows for. So pieces that are smooth are asked of every module.
"""

from parity.catalogue.page import Case, Page
from parity.catalogue.pairing import second_order
from parity.contract.numbers import values
from parity.verdict.check import NUMBERS, Check

SMOOTH = ("normal", "positive")  # regimes in which no number is drawn twice, and none at a kink


def concerns(page: Page, case: Case) -> bool:
    """Return whether some input gets a gradient, torch.nn differentiates it, and the draw decides nothing."""
    first, *further = page.signature.inputs
    has_gradient = first.gradient or any(entry.gradient and entry.name in case.others for entry in further)
    asked = not page.once and not page.draws(case) and not case.large and case.regime in SMOOTH
    return asked and has_gradient


CHECK = Check(
    "second-order",
    values.run,
    NUMBERS,
    concerns=concerns,
    dtypes=("float64", "float32"),
    derived=second_order,
    trait="differentiates_twice",
    one_call=True,
)
