"""The contract: one check a file, each a function from a trial to records.

Vocabulary  check, trial, record
Imports     parity.verdict; never a subject, never the catalogue's pages
"""

from parity.contract.behaviour import (
    accumulates,
    deterministic,
    guards,
    leaves_alone,
    needs_forward,
    pickles,
    refuses,
    remembers_last,
    state,
)
from parity.contract.numbers import batches, exact, kinks, layouts, values
from parity.verdict.trial import Check

# In order of cost: the cheapest that can fail comes first.
CHECKS: dict[str, Check] = {
    "values": values.check,
    "exact": exact.check,
    "leaves-alone": leaves_alone.check,
    "accumulates": accumulates.check,
    "deterministic": deterministic.check,
    "remembers-last": remembers_last.check,
    "guards": guards.check,
    "kinks": kinks.check,
    "needs-forward": needs_forward.check,
    "batches": batches.check,
    "layouts": layouts.check,
    "state": state.check,
    "pickles": pickles.check,
    "refuses": refuses.check,
}
