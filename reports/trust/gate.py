"""What a trust run must show, and what is wrong with one that does not."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.trust.reading import Trust
from reports.trust.record import TrustDemands


def complaints(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one sentence for everything that keeps the verdict from being trusted; none if it can be."""
    return complaints_of(Trust.of(records))


def complaints_of(trust: Trust) -> list[str]:
    """Return the complaints of records that are sorted by kind already."""
    found = [f"INCOMPLETE: {trust.unfinished.rstrip('.')}"] if trust.unfinished else []
    if not trust.demands:
        found.append("the records do not say what the run must show")
    for must in trust.demands:
        found += [*of_scope(trust, must), *of_mutants(trust, must), *of_alarms(trust, must)]
    return [*found, *of_nulls(trust), *of_resolution(trust)]


def of_scope(trust: Trust, must: TrustDemands) -> Iterator[str]:
    for scope in trust.scopes:
        if scope.catalogued < must.least_mutants:
            yield f"the catalogue must hold {must.least_mutants} mutants, holds {scope.catalogued}"
        for module, count in scope.of_module.items():
            if count < must.least_of_module:
                yield f"the catalogue must hold {must.least_of_module} mutants of {module}, holds {count}"


def of_mutants(trust: Trust, must: TrustDemands) -> Iterator[str]:
    if not trust.mutants:
        yield "no mutant was planted"
    for scale in trust.scales():
        planted = [mutant for mutant in trust.mutants if mutant.scale == scale]
        killed = sum(mutant.killed for mutant in planted)
        if killed < must.least_killed * len(planted):
            of = f"{killed} of {len(planted)} mutants"
            yield f"{of} were killed at cotangent scale {scale:g}, must be {must.least_killed:.0%}"
    for identity in dict.fromkeys(m.id for m in trust.mutants if not m.killed and not m.explanation):
        yield f"mutant {identity} survives, and nothing explains it"
    for identity in trust.explained_in_vain:
        yield f"mutant {identity} is explained as a survivor, but is killed at every scale"


def of_nulls(trust: Trust) -> Iterator[str]:
    if not trust.nulls:
        yield "no null was run"
    for null in trust.nulls:
        if null.passed:
            yield f"null {null.null} passes {null.passed} cells of {null.module}, first {null.first_passed}"


def of_alarms(trust: Trust, must: TrustDemands) -> Iterator[str]:
    """Complain of false alarms; of the bounds on their rate in a full run alone, as a sample is too small for them."""
    whole = [rate for rate in trust.rates if rate.regime == "all"]
    if not whole:
        yield "no correct implementation was run"
    for rate in whole:
        share = rate.alarms / rate.runs
        allowed = max(must.most_alarms, 0 if trust.full else 1 / rate.runs)
        if share > allowed:
            accused = f"{rate.alarms} of {rate.runs} runs of correct implementations were accused"
            yield f"{accused}, may be {must.most_alarms:.1%}"
        if trust.full and rate.runs < must.least_runs:
            yield f"{rate.runs} runs of correct implementations are too few, must be {must.least_runs}"
        if trust.full and rate.high > must.most_alarms_bound:
            bound = f"{100 * rate.high:.2g} %, must be below {must.most_alarms_bound:.1%}"
            yield f"the rate of false alarms may be up to {bound}"


def of_resolution(trust: Trust) -> Iterator[str]:
    for place in trust.localisations:
        if not place.caught:
            yield (
                f"one of {place.elements} elements of {place.module} {place.quantity}, wrong by {place.off:g} u·gauge "
                f"at {place.planted}, was not found there but at {place.found}"
            )
    for seen in trust.sensitivities:
        if not math.isfinite(seen.median):
            yield f"the sensitivity to {seen.module} {seen.quantity} in {seen.dtype} is not finite"
    for row in trust.audits:
        if row["verdict"] == "void":
            yield f"the audit voids {row['module']} of {row['subject']}: {row['detail']}"
