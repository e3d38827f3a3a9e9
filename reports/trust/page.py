"""The page of a trust run, in Markdown: whether the verdict of the parity harness can be trusted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.header import NO_RUN, header
from reports.parity import audit_table
from reports.record import Run
from reports.text import counted, folded, safe
from reports.trust import alarms, mutants, nulls, resolution
from reports.trust.gate import complaints_of
from reports.trust.reading import Trust

HEADING = "# Can the verdict be trusted?"
SCREEN = 60  # lines
FACTS = ("date", "machine", "versions", "seed", "settings", "commit", "command")


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of the records of one run; raise ValueError that names a record which is not one."""
    return page_of(Trust.of(list(records)))


def page_of(trust: Trust) -> str:
    """Return the page of records that are sorted by kind already."""
    shown = {"In five seconds": five_seconds(trust, complaints_of(trust))} | sections(trust)
    body = (f"## {heading}\n\n{short(text)}" for heading, text in shown.items())
    return "\n\n".join([title(trust.runs), *body]) + "\n"


def short(text: str) -> str:
    """Return a section as it is, or, of more than a screen, folded away under its count of lines."""
    lines = text.count("\n") + 1
    return folded(f"{lines} lines", text) if lines > SCREEN else text


def sections(trust: Trust) -> dict[str, str]:
    """Return what stands behind the verdict on the verdict, by heading."""
    return {
        "Planted faults": mutants.section(trust.mutants, trust.scopes),
        "Survivors": mutants.survivors(trust.mutants),
        "Subjects that compute nothing": nulls.section(trust.nulls),
        "False alarms": alarms.section(trust.rates, trust.alarms),
        "How small a defect is seen": resolution.section(trust.sensitivities),
        "One wrong element in a million": resolution.places(trust.localisations),
        "Independence": audit_table.render(trust.audits),
        "What did not run and why": not_run(trust),
    }


def title(runs: Sequence[Run]) -> str:
    return f"{HEADING}\n\n{header(runs[0], FACTS) if runs else NO_RUN}"


def five_seconds(trust: Trust, wrong: Sequence[str]) -> str:
    """Return the verdict on the verdict, and the figures behind it."""
    return " ".join(sentences(trust, wrong))


def sentences(trust: Trust, wrong: Sequence[str]) -> list[str]:
    """Return the verdict on the verdict, then each figure behind it."""
    verdict = (
        "**The verdict can be trusted.**" if not wrong else f"**NOT TRUSTED**: {safe('; '.join(wrong), most=2000)}."
    )
    kind = "The full run." if trust.full else "A sample; the full run plants every mutant and draws more seeds."
    figures = [mutants.sentence(trust.mutants), nulls.sentence(trust.nulls), alarms.sentence(trust.rates)]
    return [verdict, *figures, kind, size(trust)]


def size(trust: Trust) -> str:
    return " ".join(
        f"{counted(scope.planted, 'mutant')} planted of {scope.catalogued:,} in the catalogue."
        for scope in trust.scopes
    )


def not_run(trust: Trust) -> str:
    reasons = [f"- {safe(reason)}" for run in trust.runs for reason in run.not_run]
    return "\n".join(reasons) or "Everything that was asked for ran."
