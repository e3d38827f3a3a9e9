"""What parts must have in common, so that joined they do not mislead; and how their run records become one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from reports.compare.cautions import pages_of
from reports.merge.parts import RunPart
from reports.record import Parity, Run

UNCOMMITTED = "uncommitted"
MODULE, DEVICE = "--module", "--device"  # options by which a run is shared out


class Term(NamedTuple):
    """Something that all runs of one subject must have in common."""

    what: str
    of: Callable[[Run], str]
    allowed_as: str = ""  # the word by which the user lets it differ; empty where nothing does


TERMS = (
    Term("commit of the library", lambda run: run.commit),
    Term("commit of the suite", lambda run: run.suite),
    Term("version of torch", lambda run: run.versions.get("torch", "").partition("+")[0], "torch"),
    Term("seed", lambda run: str(run.seed)),
    Term("TF32 setting", lambda run: run.settings.get("tf32", "")),
    Term("files of pages", pages_of),
    Term("aspects that fail a run", lambda run: ",".join(sorted(run.fail_on))),
)
ALLOWED = (*(term.allowed_as for term in TERMS if term.allowed_as), UNCOMMITTED)


class Joinable(Protocol):
    """A part of records or of times: how the user calls it, and its run records."""

    @property
    def named(self) -> str: ...
    @property
    def runs(self) -> list[Run]: ...


def held_to(parts: Sequence[Joinable], allowed: Collection[str]) -> None:
    """Raise ValueError, in one sentence, for the first thing that the parts should have in common and do not."""
    first, *others = parts
    subjects = {run.subject for run in first.runs}
    for other in others:
        if {run.subject for run in other.runs} != subjects:
            own = " and ".join(sorted({run.subject for run in other.runs}))
            raise ValueError(f"{first.named} is of {' and '.join(sorted(subjects))}, {other.named} of {own}")
        for term in TERMS:
            was, is_now = (sorted({term.of(run) for run in one.runs}) for one in (first, other))
            if was != is_now and (not term.allowed_as or term.allowed_as not in allowed):
                hint = f"; --allow {term.allowed_as} joins them all the same" if term.allowed_as else ""
                one, two = (" and ".join(values) or "unknown" for values in (was, is_now))
                raise ValueError(
                    f"{first.named} and {other.named} differ in their {term.what}: {one} in the one, {two} in the "
                    f"other{hint}"
                )
    for part in parts if UNCOMMITTED not in allowed else ():
        for run in part.runs:
            if "+" in (run.commit[-1:], run.suite[-1:]):
                raise ValueError(
                    f"{part.named} ran on a checkout with changes that were not committed ({run.commit or run.suite}), "
                    f"so nothing says that the others had them too; --allow {UNCOMMITTED} joins them all the same"
                )


def cells_apart(parts: Sequence[RunPart]) -> None:
    """Raise ValueError, in one sentence, where two parts say other things of one quantity of one cell."""
    known: dict[tuple[str, ...], tuple[int, RunPart]] = {}
    for one in parts:
        for name, said in one.cells.items():
            before, where = known.setdefault(name, (said, one))
            if before != said:
                _, module, case, check, quantity, device, dtype, regime, *_ = name
                raise ValueError(
                    f"{where.named} and {one.named} both hold {module}, case {case}, check {check}, {quantity} "
                    f"({dtype}, {regime}, {device}), with other figures: each cell may be measured once"
                )


def joined(parts: Sequence[RunPart], command: str) -> list[Run]:
    """Return one run record for each subject."""
    of_subject: dict[str, list[Run]] = {}
    for one in parts:
        for run in one.runs:
            of_subject.setdefault(run.subject, []).append(run)
    devices = {name[5] for one in parts for name in one.cells if name[0] == Parity.kind}
    return [as_one(runs, command, len(devices)) for runs in of_subject.values()]


def as_one(runs: Sequence[Run], command: str, devices: int = 1) -> Run:
    """Return the run records of one subject as one, of parts that ran on so many devices together.

    It is of a whole run if each of them is, or each chose a part of the modules, or of the devices, and all are here.
    It is of a quick one if one of them is.
    """
    common = [said for said in runs[0].not_run if all(said in run.not_run for run in runs)]
    others = [f"by {run.command!r}: {said}" for run in runs for said in run.not_run if said not in common]
    without = tuple(name for name in runs[0].without if all(name in run.without for run in runs))
    narrowed = {word for run in runs for word in run.narrowed_by}
    over_devices = devices > 1 and DEVICE in narrowed
    if ran_alike(runs) and not without and not over_devices:  # a module may be lacking on one device alone
        narrowed -= {MODULE}
    if devices > 1 and narrowed == {DEVICE}:
        narrowed.clear()
    return replace(
        runs[0],
        started=min(run.started for run in runs),
        command=command,
        machine=together([run.machine for run in runs]),
        versions=together([run.versions for run in runs]),
        settings=together([run.settings for run in runs]),
        not_run=(*common, *dict.fromkeys(others)),
        let_pass=tuple(dict.fromkeys(said for run in runs for said in run.let_pass)),
        faults=tuple(dict.fromkeys(said for run in runs for said in run.faults)),
        catalogue=tuple(dict.fromkeys(name for run in runs for name in run.catalogue)),
        unnamed=tuple(dict.fromkeys(name for run in runs for name in run.unnamed)),
        narrowed_by=tuple(sorted(narrowed)),
        without=without,
        quick=next((run.quick for run in runs if run.quick), ""),
        ends=True,
    )


def ran_alike(runs: Sequence[Run]) -> bool:
    """Return whether runs were narrowed by the same words, or by the modules that they chose alone."""
    return len({tuple(sorted({*run.narrowed_by} | {MODULE})) for run in runs}) == 1


def together(each: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return mappings as one: a name has every value that it has in one of them."""
    names = dict.fromkeys(name for one in each for name in one)
    return {name: " and ".join(dict.fromkeys(one[name] for one in each if name in one)) for name in names}
