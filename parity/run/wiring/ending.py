"""The last lines of a run: what is wrong with it and why, how much it covers, and where its page is."""

from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from parity.catalogue import pages
from parity.run.gate.demands import is_number
from parity.run.quick.questions import sentence
from parity.run.reporter import Reporter, of_subject
from parity.run.tested import Tested
from reports import again
from reports.html import index
from reports.html.words import inline
from reports.parity.consequences import Consequences
from reports.parity.gate.causes import FailureCause, causes, foremost
from reports.parity.gate.coverage import coverage
from reports.reading import Recorded
from reports.record import ASPECTS, printable
from reports.text import counted, listed, one_line

MOST_CAUSES = 5
MOST_WORDS = 300  # of what one cause looks like


class LastLines:
    """Writes below everything that pytest writes, so that it is what the user still sees."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Write when the records are kept and pytest has told its failures."""
        yield
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None and not session.config.option.collectonly:
            terminal.ensure_newline()
            for line in self.lines():
                terminal.write_line(printable(line), **({"red": True} if line.startswith("FAILED") else {}))

    def lines(self) -> Iterator[str]:
        reporter, recorded = self.reporter, self.reporter.recorded
        for fault in dict.fromkeys((*reporter.faults, *reporter.troubles)):
            yield f"FAILED {fault}"
        yield from failing(recorded)
        for one in reporter.tested:
            yield from self.summary(one, recorded)
        if reporter.records and not reporter.troubles:
            path, front = reporter.path, reporter.path.with_name(index.NAME)
            yield f"{len(reporter.records)} records in {path}, report in {front} and {path.with_suffix('.md')}"
            if path.parent != reporter.out and reporter.running:
                kept = f"{reporter.out} still shows a run of more than this one"
                yield f"{kept}; a finished run of everything replaces it"

    def summary(self, one: Tested, recorded: Recorded) -> list[str]:
        """Return what of a subject differs in what --fail-on does not name, and how much of the catalogue it covers."""
        own = [entry for entry in of_subject(self.reporter.records, one) if entry["kind"] == "parity"]
        if not own:
            return []
        name = f"{one.subject.name}: " if len(self.reporter.tested) > 1 else ""
        failed = [entry for entry in recorded.parity if entry.verdict == "fail" and entry.subject == one.subject.name]
        consequences, fail_on = Consequences(failed), self.reporter.gate.fail_on
        apart = Counter(
            f"{entry.module} {entry.check}"
            for entry in failed
            if entry.aspect not in fail_on and entry not in consequences
        )
        met = {entry["module"] for entry in own if is_number(entry)}
        said = [coverage(met, [*pages()], one.told.library.get("unnamed", ()))]
        if one.selection.quick:
            left_out = "; ".join(words for words in one.selection.left_out() if "--quick" in words)
            said = [f"QUICK, no whole run: it asked {sentence()}. Not asked: {left_out}.", *said]
        if apart:
            aspects = " and ".join(aspect for aspect in ASPECTS if aspect not in fail_on)
            verb = "differs" if apart.total() == 1 else "differ"
            said.append(
                f"{counted(apart.total(), 'quantity')} {verb} in {aspects} alone, which --fail-on does not name: "
                f"{listed(list(apart), 12)}"
            )
        return [f"{name}{words}" for words in said]


def failing(recorded: Recorded) -> Iterator[str]:
    """Yield a line for each of the causes that matter most, and one on the others."""
    every = foremost(causes(recorded))
    if every:
        yield "What matters most:" if len(every) > 1 else "What is wrong:"
    several = len({run.subject for run in recorded.runs}) > 1
    runs = {run.subject: run for run in recorded.runs}
    for cause in every[:MOST_CAUSES]:
        of = f"{cause.subject}, " if several else ""
        yield f"  {of}{cause.module} {', '.join(cause.names)}: {looks(cause)}  again: {asked_again(cause, runs)}"
    if len(every) > MOST_CAUSES:
        yield f"  and {counted(len(every) - MOST_CAUSES, 'more cause')} on the page"


def looks(cause: FailureCause) -> str:
    """Return what a cause looks like as a terminal shows it: the words alone, on one line."""
    return one_line(str(inline(cause.said).striptags()).removeprefix("It looks like this: "), MOST_WORDS)


def asked_again(cause: FailureCause, runs: dict[str, Any]) -> str:
    """Return the command that asks the simplest failing case again: few options, then few numbers."""
    simplest = min(cause.wrong, key=lambda record: (len(record.options), record.elements))
    return again.of_case(simplest, runs.get(cause.subject))
