"""What a trust run must show, and what is wrong with one that does not."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.trust.reading import Trust

LEAST_KILLED = 0.98  # of the mutants, at every cotangent scale
MOST_ALARMS = 0.001  # of the runs of correct implementations
MOST_ALARMS_BOUND = 0.003  # the upper end of its 95 % interval, in a full run
LEAST_RUNS = 3000  # of correct implementations, in a full run
LEAST_MUTANTS = 300  # in the catalogue
LEAST_A_MODULE = 10  # in the catalogue; of modules with parameters 15, which the catalogue's own test holds


def complaints(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one sentence for everything that keeps the verdict from being trusted; none if it can be."""
    found = Trust.of(records)
    return [*of_scope(found), *of_mutants(found), *of_nulls(found), *of_alarms(found), *of_resolution(found)]


def of_scope(found: Trust) -> Iterator[str]:
    if not found.complete:
        yield "the run is not complete"
    for scope in found.scopes:
        if scope.catalogued < LEAST_MUTANTS:
            yield f"the catalogue must hold {LEAST_MUTANTS} mutants, holds {scope.catalogued}"
        for module, count in scope.of_module.items():
            if count < LEAST_A_MODULE:
                yield f"the catalogue must hold {LEAST_A_MODULE} mutants of {module}, holds {count}"


def of_mutants(found: Trust) -> Iterator[str]:
    if not found.mutants:
        yield "no mutant was planted"
    for scale in found.scales():
        planted = [mutant for mutant in found.mutants if mutant.scale == scale]
        killed = sum(mutant.killed for mutant in planted)
        if killed < LEAST_KILLED * len(planted):
            yield f"{killed} of {len(planted)} mutants were killed at cotangent scale {scale:g}, must be 98 %"
    for identity in dict.fromkeys(m.id for m in found.mutants if not m.killed and not m.explanation):
        yield f"mutant {identity} survives, and nothing explains it"
    for identity in found.explained_in_vain:
        yield f"mutant {identity} is explained as a survivor, but is killed at every scale"


def of_nulls(found: Trust) -> Iterator[str]:
    if not found.nulls:
        yield "no null was run"
    for null in found.nulls:
        if null.passed:
            yield f"null {null.null} passes {null.passed} cells of {null.module}, first {null.first_passed}"


def of_alarms(found: Trust) -> Iterator[str]:
    """The bounds on the rate are asked of a full run alone; a sample is too small to show them."""
    whole = [rate for rate in found.rates if rate.regime == "all"]
    if not whole:
        yield "no correct implementation was run"
    for rate in whole:
        share = rate.alarms / rate.runs
        allowed = max(MOST_ALARMS, 0 if found.full else 1 / rate.runs)
        if share > allowed:
            yield f"{rate.alarms} of {rate.runs} runs of correct implementations were accused, may be 0.1 %"
        if found.full and rate.runs < LEAST_RUNS:
            yield f"{rate.runs} runs of correct implementations are too few, must be {LEAST_RUNS}"
        if found.full and rate.high > MOST_ALARMS_BOUND:
            yield f"the rate of false alarms may be up to {100 * rate.high:.2g} %, must be below 0.3 %"


def of_resolution(found: Trust) -> Iterator[str]:
    for place in found.localisations:
        if not place.caught:
            yield (
                f"one of {place.elements} elements of {place.module} {place.quantity}, wrong by {place.off:g} u·gauge "
                f"at {place.planted}, was not found there but at {place.found}"
            )
    for seen in found.sensitivities:
        if not math.isfinite(seen.median):
            yield f"the sensitivity to {seen.module} {seen.quantity} in {seen.dtype} is not finite"
    for row in found.audits:
        if row["verdict"] == "void":
            yield f"the audit voids {row['module']} of {row['subject']}: {row['detail']}"
