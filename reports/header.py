"""The header of a page: what the run was that the page tells of."""

from collections.abc import Mapping, Sequence

from reports.columns import Column, table
from reports.record import Run
from reports.text import ABSENT, pairs, safe

NO_RUN = "There is no run record: the run ended before it had written one."
FACTS: Sequence[Column[tuple[str, str]]] = (
    Column("run", lambda fact: fact[0]),
    Column("", lambda fact: fact[1]),
)


def commit(run: Run) -> str:
    """Return the commit of the library, and that of the suite where it is another."""
    own = safe(run.commit) or "none, outside a git checkout"
    return own if run.suite in ("", run.commit) else f"{own}; of the suite {safe(run.suite)}"


def header(run: Run, names: Sequence[str], own: Mapping[str, str] | None = None) -> str:
    """Return a table of the facts named, among them those that the page has of its `own`."""
    return table(FACTS, facts(run, names, own))


def facts(run: Run, names: Sequence[str], own: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return the facts named, each with its name."""
    every = {
        "date": safe(run.started),
        "machine": pairs(run.machine),
        "versions": pairs(run.versions),
        "seed": str(run.seed),
        "settings": pairs(run.settings),
        "commit": commit(run),
        "command": safe(run.command, most=1000),
        "not run": safe("; ".join((*run.not_run, *run.faults))) or ABSENT,
    } | dict(own or {})
    return [(name, every[name]) for name in names]
