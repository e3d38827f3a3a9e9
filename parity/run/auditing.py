"""The audit of a module in a run: every cell that runs is listened to, and one of each kind is rehearsed."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf
from typing import Any

from parity.catalogue import offered, written
from parity.catalogue.page import Page
from parity.contract import CHECKS
from parity.independence import asked, audits
from parity.independence.auditor import ELSEWHERE, WRAPS
from parity.independence.audits import Audit, merged, not_run
from parity.independence.kinds import Kind, Sample, cover, in_words, kinds, roads
from parity.independence.listening import Heard
from parity.run.planning import plan
from parity.subjects.contract import Stopped, Subject, traits
from parity.subjects.process import Isolated
from parity.verdict import limits
from parity.verdict.cell import Cell
from parity.verdict.plan import cells
from reports.text import counted

OUT_OF_TIME = f"the audit had {limits.AUDIT_SECONDS:g} s of work"
REASONS = 2  # at most, of a kind that was not audited
GIVEN_UP = f"the subject's process was stopped {limits.AUDIT_STOPS} times"


class ModuleAudit:
    """The audit of one module of a subject, in the cells that are run of it."""

    def __init__(self, subject: Subject, page: Page, run: Iterable[Cell]) -> None:
        self.subject, self.page = subject, page
        samples = [Sample.of(cell, CHECKS[cell.check].run, CHECKS[cell.check].one_call) for cell in run]
        self.kinds = {sample: kinds(page, sample) for sample in samples}
        first = cover(list(self.kinds.items()))
        self.order = list(dict.fromkeys([*first, *samples]))
        self.heard: dict[Sample, Heard] = {}
        self.rows: list[Audit] = []
        self.rehearsed: set[Kind] = set()
        self.stops = 0
        self.left_for = ""  # why some samples were not listened to
        self.seconds_left = limits.AUDIT_SECONDS

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of the suite with the subject, where the subject is."""
        if not isinstance(self.subject, Isolated):
            return function(self.subject, *arguments)
        self.subject.begin()
        before = self.subject.overrun.copy()
        try:
            return self.subject.apply(self.page.module, function, *arguments)
        finally:
            self.subject.overrun = before  # its cells have their patience still

    def listen(self) -> None:
        """Listen to every sample: many at once, and after a crash or a hang one by one, to find whose it was."""
        together = limits.AUDIT_TOGETHER
        waiting = deque(self.order[at : at + together] for at in range(0, len(self.order), together))
        while waiting and self.listening_left > 0 and self.stops < limits.AUDIT_STOPS:
            samples = waiting.popleft()
            bounds = self.listening_left, self.patience
            try:
                heard = asked.heard(self.ask(asked.listened, self.page.module, samples, *bounds))
            except Stopped as stopped:
                if len(samples) > 1:
                    waiting.extendleft([sample] for sample in reversed(samples))
                    continue
                self.stops += 1
                heard = [Heard(ended=in_a_line(stopped))]  # a hang costs no other cell its audit
            self.seconds_left -= sum(one.seconds for one in heard)
            self.heard.update(zip(samples, heard, strict=False))
            if rest := samples[len(heard) :]:
                waiting.appendleft(rest)
        if waiting:
            self.left_for = GIVEN_UP if self.stops >= limits.AUDIT_STOPS else OUT_OF_TIME

    @property
    def listening_left(self) -> float:
        return self.seconds_left - limits.AUDIT_SECONDS / 2

    @property
    def patience(self) -> float:
        """How long to wait for one answer: of a process of its own, so that the last cell still ends in its time."""
        return self.subject.limits.cell_seconds / 2 if isinstance(self.subject, Isolated) else inf

    def rehearse(self) -> None:
        """Rehearse samples of one call until every kind was met that is short; the shortest if none is."""
        whole = {one: heard.seconds for one, heard in self.heard.items() if one.one_call and not heard.ended}
        short = [one for one, seconds in whole.items() if seconds <= limits.AUDIT_LONG / 10]
        if whole and not short:
            short = [min(whole, key=whole.__getitem__)]
        self.stops = 0
        for sample in cover([(sample, roads(self.kinds[sample])) for sample in short]):
            if self.seconds_left <= 0 or self.stops >= limits.AUDIT_STOPS:
                return
            try:
                row, seconds = asked.audited(self.ask(asked.rehearsed, self.page.module, sample))
            except Stopped as stopped:
                self.stops += 1
                row = not_run(self.subject.name, self.page.module, f"{audits.ENDED}{in_a_line(stopped)}")
            else:
                self.seconds_left -= seconds
                self.rehearsed |= self.kinds[sample]
            self.rows.append(replace(row, subject=self.subject.name))

    def row(self) -> Audit:
        """Return the audit as a row."""
        name, module = self.subject.name, self.page.module
        if self.ask(asked.wraps):
            return not_run(name, module, WRAPS)
        self.listen()
        against = dict.fromkeys(words for heard in self.heard.values() for words in heard.against)
        if against:
            void = Audit(name, module, operations={}, verdict="void", findings=tuple(against))
            return self.described(void)
        self.rehearse()
        if not self.rows:
            return self.described(not_run(name, module, self.nothing()))
        return self.described(merged([*self.rows, *self.other_processes()]))

    def other_processes(self) -> list[Audit]:
        """Return a row that says so, if a subject outside torch was heard to ask another process."""
        signs = dict.fromkeys(f"{ELSEWHERE}{sign}" for heard in self.heard.values() for sign in heard.unseen)
        outside = any(row.outside for row in self.rows)
        return [not_run(self.subject.name, self.page.module, *signs)] if signs and outside else []

    def nothing(self) -> str:
        """Return why nothing of the module was rehearsed."""
        if ends := self.ends():
            return f"{audits.ENDED}{ends[0]}"
        lacks = dict.fromkeys(heard.ended for heard in self.heard.values() if heard.lacking)
        return f"{audits.UNSUPPORTED}{'; '.join(list(lacks)[:REASONS])}" if lacks else self.left_for or OUT_OF_TIME

    def ends(self) -> list[str]:
        """Return the exceptions that ended a check, each once."""
        return list(dict.fromkeys(heard.ended for heard in self.heard.values() if heard.ended and not heard.lacking))

    def described(self, row: Audit) -> Audit:
        """Return the row with what was audited and what was not."""
        whole = [sample for sample, heard in self.heard.items() if not heard.ended]
        met = frozenset[Kind]().union(*(self.kinds[sample] for sample in whole))
        ran = [sample for sample in self.order if not (sample in self.heard and self.heard[sample].lacking)]
        missing = set[Kind]().union(*(self.kinds[sample] for sample in ran)) - met
        reasons = [*self.ends()[:REASONS], *filter(None, [self.left_for])]
        unrehearsed = (
            set[Kind]().union(*(roads(self.kinds[sample]) for sample in whole if sample.one_call)) - self.rehearsed
        )
        but = f" (of all kinds but {in_words(unrehearsed)})" if self.rows and unrehearsed else ""
        listened = (
            f"{'all' if len(whole) == len(ran) else f'{len(whole):,} of'} {counted(len(ran), 'cell')} listened to"
        )
        audited = f"{listened}, {len(self.rows)} rehearsed{but}: {in_words(roads(met))}"
        unaudited = f"{in_words(missing)} ({'; '.join(reasons)})" if missing else ""
        return replace(row, audited=audited if whole else "", unaudited=unaudited)


def in_a_line(stopped: Stopped) -> str:
    return " ".join(str(stopped).split())


def audited(subject: Subject, page: Page, run: Iterable[Cell]) -> Audit:
    """Return the audit of a module in the cells that are run of it; of an isolated subject, made in its process."""
    module_audit = ModuleAudit(subject, page, run)
    try:
        return module_audit.row()
    except Stopped as stopped:
        return not_run(subject.name, page.module, f"{audits.ENDED}{in_a_line(stopped)}")
    except Exception as error:
        if not isinstance(subject, Isolated):
            raise
        # A library may hide what the audit needs, such as a module named reports.
        said = f"the audit could not run in its process: {type(error).__name__}: {error}"
        return not_run(subject.name, page.module, said)


def audited_alone(subject: Subject, module: str, seed: int = 0) -> Audit:
    """Return the audit of a module in every cell that a whole run on the CPU would have of it."""
    page = plan(subject, written()[module], {}).page if module in written() else offered(True)[module]
    return audited(subject, page, cells(page, CHECKS.values(), ["cpu"], seed))


def audit_all(subject: Subject, modules: Iterable[str] | None = None) -> list[Audit]:
    """Return a row for each of the modules, or for every page."""
    asked_for = offered(traits(subject).operators) if modules is None else modules
    return [audited_alone(subject, module) for module in asked_for]
