"""The page of a trust run, in Markdown: whether the verdict of the parity harness can be trusted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.parity import audit_table
from reports.record import Run
from reports.text import counted, pairs, safe, table
from reports.trust import alarms as trust_alarms
from reports.trust import mutants as trust_mutants
from reports.trust import resolution as trust_resolution
from reports.trust.gate import complaints
from reports.trust.reading import Trust


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of the records of one run; raise ValueError that names a record which is not one."""
    held = list(records)
    found = Trust.of(held)
    sections = {
        "In five seconds": five_seconds(found, complaints(held)),
        "Planted faults": trust_mutants.section(found.mutants),
        "Survivors": trust_mutants.survivors(found.mutants),
        "Subjects that compute nothing": trust_alarms.nulls(found.nulls),
        "False alarms": trust_alarms.section(found.rates, found.alarms),
        "How small a defect is seen": trust_resolution.section(found.sensitivities),
        "One wrong element in a million": trust_resolution.places(found.localisations),
        "Independence": audit_table.render(found.audits),
        "What did not run and why": not_run(found),
    }
    body = (f"## {heading}\n\n{text}" for heading, text in sections.items())
    return "\n\n".join([title(found.runs), *body]) + "\n"


def title(runs: Sequence[Run]) -> str:
    heading = "# Can the verdict be trusted?"
    if not runs:
        return f"{heading}\n\nThere is no run record: the run ended before it had written one."
    run = runs[0]
    rows = [
        ("date", safe(run.started)),
        ("machine", pairs(run.machine)),
        ("versions", pairs(run.versions)),
        ("seed", str(run.seed)),
        ("settings", pairs(run.settings)),
        ("commit", safe(run.commit) or "none, outside a git checkout"),
        ("command", safe(run.command, most=1000)),
    ]
    return f"{heading}\n\n{table(('', ''), rows)}"


def five_seconds(found: Trust, wrong: Sequence[str]) -> str:
    """Return the verdict on the verdict, and the figures behind it."""
    verdict = (
        "**The verdict can be trusted.**" if not wrong else f"**NOT TRUSTED**: {safe('; '.join(wrong), most=2000)}."
    )
    kind = "The full run." if found.full else "A sample; the full run plants every mutant and draws more seeds."
    sentences = [verdict, trust_mutants.sentence(found.mutants), trust_alarms.sentence_of_nulls(found.nulls)]
    return " ".join([*sentences, trust_alarms.sentence(found.rates), kind, size(found)])


def size(found: Trust) -> str:
    return " ".join(
        f"{counted(scope.planted, 'mutant')} planted of {scope.catalogued:,} in the catalogue."
        for scope in found.scopes
    )


def not_run(found: Trust) -> str:
    reasons = [f"- {safe(reason)}" for run in found.runs for reason in run.not_run]
    return "\n".join(reasons) or "Everything that was asked for ran."
