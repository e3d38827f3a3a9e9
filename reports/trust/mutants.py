"""The planted faults on the page: killed and planted, by us and by assert_close, and those that survive."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.columns import RIGHT, Column, readings, table
from reports.parity.summary import display
from reports.reading import grouped
from reports.text import ABSENT, counted, percent, safe
from reports.trust.record import MutantRecord, TrustScope

Faults = Sequence[MutantRecord]
KILLED = (
    "Killed / planted, at each scale of the cotangent (dy). A mutant is killed by the first record of a value or "
    "contract check that fails with it and does not without it."
)
ASSERT_CLOSE = (
    "In the columns of assert_close the same values of the same cells are judged by `torch.testing.assert_close` with "
    "its default tolerances against torch.nn in the same dtype (nan beside nan passes); it compares values only, so "
    "faults of the contract are mostly out of its reach."
)
OWN = "Most faults are planted in every module alike; own faults are those that only this module can have:"


@dataclass(frozen=True)
class FaultGroup:
    """Faults that stand in one row; a name is empty where the row is of all."""

    names: tuple[str, ...]
    faults: Faults


@dataclass(frozen=True)
class Survivor:
    """A mutant that is not killed, at the scales at which it survives."""

    id: str
    faults: Faults


@dataclass(frozen=True)
class Catalogued:
    """A module with its mutants in the catalogue, and how many of them are its own."""

    module: str
    mutants: int
    own: int


CATALOGUED: Sequence[Column[Catalogued]] = (
    Column("module", lambda one: safe(one.module)),
    Column("faults in the catalogue", lambda one: f"{one.mutants:,}", RIGHT),
    Column("own faults", lambda one: f"{one.own:,}", RIGHT),
)
SURVIVORS: Sequence[Column[Survivor]] = (
    Column("mutant", lambda one: safe(one.id)),
    Column("cause", lambda one: safe(one.faults[0].cause)),
    Column("survives at dy ×", lambda one: ", ".join(f"{fault.scale:g}" for fault in one.faults)),
    Column("why", lambda one: safe(one.faults[0].explanation, most=1000) or "**nothing explains it**"),
)


def scales(mutants: Faults) -> list[float]:
    return sorted({mutant.scale for mutant in mutants})


def killed(mutants: Faults) -> int:
    return sum(mutant.killed for mutant in mutants)


def by_assert_close(mutants: Faults) -> int:
    return sum(mutant.killed_by_assert_close for mutant in mutants)


def sentence(mutants: Faults) -> str:
    """Return how many are killed at each scale, and how many of assert_close."""
    if not mutants:
        return "No mutant was planted."
    ours, theirs, whole = killed(mutants), by_assert_close(mutants), len(mutants)
    values = [mutant for mutant in mutants if mutant.quantity != "contract"]
    parts = []
    for scale in scales(mutants):
        here = [mutant for mutant in mutants if mutant.scale == scale]
        share = 100 * killed(here) / len(here)
        parts.append(f"{killed(here):,} of {len(here):,} at scale {scale:g} ({share:.1f} %)")
    return (
        f"Planted faults killed: {', '.join(parts)}; in all {100 * ours / whole:.1f} %, by assert_close "
        f"{100 * theirs / whole:.1f} % ({percent(by_assert_close(values), max(1, len(values)))} % of the faults "
        "in values)."
    )


def section(mutants: Faults, scopes: Sequence[TrustScope] = ()) -> str:
    """Return one row a module and quantity, one a cause, and the faults that each module has of its own."""
    if not mutants:
        return "No mutant was planted."
    counts = [column for scale in scales(mutants) for column in at_scale(scale)]
    by_quantity = groups(mutants, lambda mutant: (safe(mutant.module), safe(display(mutant.quantity))))
    by_cause = groups(mutants, lambda mutant: (safe(mutant.cause),))
    return "\n\n".join(
        [
            readings(*counts),
            table([name(0, "module"), name(1, "quantity"), *counts], by_quantity),
            "The same, by what is wrong:",
            table([name(0, "cause"), *counts], by_cause),
            *own_faults(scopes),
        ]
    )


def own_faults(scopes: Sequence[TrustScope]) -> list[str]:
    """Return one row a module, also for one without any; nothing where the records do not say, as old ones do not."""
    rows = [
        Catalogued(module, scope.of_module.get(module, own), own)
        for scope in scopes
        for module, own in sorted(scope.specific_of_module.items())
    ]
    return [OWN, table(CATALOGUED, rows)] if rows else []


def name(place: int, title: str) -> Column[FaultGroup]:
    """Return a column of names."""
    return Column(title, lambda group: group.names[place])


def at_scale(scale: float) -> tuple[Column[FaultGroup], Column[FaultGroup]]:
    """Return the columns of one scale of the cotangent: killed by us, and by assert_close."""
    return (
        Column(f"dy × {scale:g}", lambda group: share(group, scale, killed), RIGHT, KILLED),
        Column(
            f"assert_close, dy × {scale:g}", lambda group: share(group, scale, by_assert_close), RIGHT, ASSERT_CLOSE
        ),
    )


def share(group: FaultGroup, scale: float, count: Callable[[Faults], int]) -> str:
    here = [fault for fault in group.faults if fault.scale == scale]
    return f"{count(here):,} / {len(here):,}" if here else ABSENT


def groups(mutants: Faults, key: Callable[[MutantRecord], tuple[str, ...]]) -> list[FaultGroup]:
    """Return a group for every key, and one for all."""
    placed = grouped(mutants, key)
    width = len(next(iter(placed)))
    whole = FaultGroup(("**all**", *[""] * (width - 1)), mutants)
    return [*(FaultGroup(names, alike) for names, alike in sorted(placed.items())), whole]


def survivors(mutants: Faults) -> str:
    """Return the mutants that survive at some scale, each with its reason."""
    alive = grouped((mutant for mutant in mutants if not mutant.killed), lambda mutant: mutant.id)
    if not alive:
        return "None."
    count = Counter(bool(faults[0].explanation) for faults in alive.values())
    head = f"{counted(len(alive), 'mutant')}, {count[True]:,} explained."
    return f"{head}\n\n{table(SURVIVORS, [Survivor(*entry) for entry in sorted(alive.items())])}"
