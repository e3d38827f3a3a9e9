"""What a run must have compared: modules that are required, and a floor of quantities."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.catalogue import operators, pages
from parity.catalogue.optimisers import optimisers
from parity.run.gate.aspects import aspects_of
from parity.run.session import names_in
from parity.run.tested import Tested
from reports.record import ASPECTS, NUMBERS
from reports.text import one_line

COMPARED = ("pass", "fail", "same-route")
ALL = "all"
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Gate:
    """What makes a run fail beside what a test says.

    fail_on   the aspects in which a failure is one of the run
    required  by subject, the modules of which a number must be compared
    at_least  how many quantities of each subject must be compared
    """

    fail_on: tuple[str, ...] = ASPECTS
    required: Mapping[str, Sequence[str]] = field(default_factory=dict)
    at_least: int = 0

    @classmethod
    def of(cls, fail_on: str, require: Sequence[str] | None, at_least: int, tested: Iterable[Tested]) -> "Gate":
        """Check what the command line demands; raise ValueError, in one sentence, for what cannot be met."""
        if at_least < 0:
            raise ValueError(f"--at-least must be at least 0, was {at_least}")
        required = {one.subject.name: required_of(require, one) for one in tested}
        return cls(aspects_of(fail_on), required, at_least)

    def faults(self, one: Tested, records: Sequence[Record]) -> list[str]:
        """Return a sentence for each demand that the records of a subject do not meet."""
        name = one.subject.name
        lacking = [module for module in self.required.get(name, ()) if not any(map(is_number, of(module, records)))]
        sentences = [
            f"{module} of {name} is required, but no number of it was compared: {why(module, one, records)}"
            for module in lacking
        ]
        compared = sum(record["kind"] == "parity" and record["verdict"] in COMPARED for record in records)
        if compared < self.at_least:
            sentences.append(
                f"{compared:,} quantities of {name} were compared, but --at-least asks for {self.at_least:,}"
            )
        return sentences


def required_of(given: Sequence[str] | None, one: Tested) -> list[str]:
    """Return the modules that --require names; `all` is those that the adapter names, as far as they are selected.

    Raises ValueError for a name that is none, for one that --module leaves out, and for `all` of a subject that does
    not say what it has.
    """
    if not given:
        return []
    everything, selected = [*pages(), *operators(), *optimisers()], one.selection.modules
    words = names_in("--require", given, [*everything, ALL])
    offers = one.told.offers
    if ALL in words and offers is None:
        raise ValueError(
            f"--require all: subject {one.subject.name} does not say what it has (offers); name the modules"
        )
    if left_out := [word for word in words if word != ALL and word not in selected and one.left_out(word)]:
        raise ValueError(f"--require names {', '.join(left_out)}, which --module leaves out")
    wanted = {*words, *(offers or () if ALL in words else ())} - {ALL}
    return [name for name in everything if name in words or (name in wanted and not one.left_out(name))]


def of(module: str, records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record["kind"] == "parity" and record["module"] == module]


def is_number(record: Record) -> bool:
    """Return whether a record compared an output, a gradient, or what comes of them."""
    return record["verdict"] in COMPARED and record["aspect"] == NUMBERS


def why(module: str, one: Tested, records: Iterable[Record]) -> str:
    """Return why no number of a module was compared: the reason that most of its records give."""
    if module in one.selection.mistaken:
        return "the adapter is wrong there"
    own = [record for record in of(module, records) if record["verdict"] not in COMPARED]
    if not own:
        return "no cell of its numbers ran"
    (verdict, detail), _ = Counter((record["verdict"], record["detail"]) for record in own).most_common(1)[0]
    return f"{verdict}: {one_line(detail) or 'no reason given'}"
