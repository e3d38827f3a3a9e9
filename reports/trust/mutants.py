"""The planted faults on the page: killed and planted, by us and by assert_close, and those that survive."""

from collections import Counter
from collections.abc import Sequence

from reports.parity.summary import display
from reports.text import ABSENT, counted, percent, safe, table
from reports.trust.record import Mutant

EXPLANATION = (
    "Killed / planted, at each scale of the cotangent (dy). A mutant is killed by the first record of a value or "
    "contract check that fails with it and does not without it. In the columns of assert_close the same values of the "
    "same cells are judged by `torch.testing.assert_close` with its default tolerances against torch.nn in the same "
    "dtype (nan beside nan let pass); it compares values only, so faults of the contract are mostly out of its reach."
)


def scales(mutants: Sequence[Mutant]) -> list[float]:
    return sorted({mutant.scale for mutant in mutants})


def killed(mutants: Sequence[Mutant]) -> int:
    return sum(mutant.killed for mutant in mutants)


def by_assert_close(mutants: Sequence[Mutant]) -> int:
    return sum(mutant.killed_by_assert_close for mutant in mutants)


def sentence(mutants: Sequence[Mutant]) -> str:
    """Return how many are killed at each scale, and how many of assert_close."""
    if not mutants:
        return "No mutant was planted."
    ours, theirs, whole = killed(mutants), by_assert_close(mutants), len(mutants)
    values = [mutant for mutant in mutants if mutant.quantity != "contract"]
    parts = [
        f"{killed(here):,} of {len(here):,} at scale {scale:g} ({100 * killed(here) / len(here):.1f} %)"
        for scale in scales(mutants)
        for here in [[mutant for mutant in mutants if mutant.scale == scale]]
    ]
    return (
        f"Planted faults killed: {', '.join(parts)}; in all {100 * ours / whole:.1f} %, by assert_close "
        f"{100 * theirs / whole:.1f} % ({percent(by_assert_close(values), max(1, len(values)))} % of the faults "
        "in values)."
    )


def section(mutants: Sequence[Mutant]) -> str:
    """Return one row a module and quantity, and one a cause."""
    if not mutants:
        return "No mutant was planted."
    by_quantity = rows(mutants, lambda mutant: (safe(mutant.module), safe(display(mutant.quantity))))
    by_cause = rows(mutants, lambda mutant: (safe(mutant.cause),))
    return "\n\n".join(
        [
            EXPLANATION,
            table(["module", "quantity", *columns(mutants)], by_quantity, "ll" + "r" * 2 * len(scales(mutants))),
            "The same, by what is wrong:",
            table(["cause", *columns(mutants)], by_cause, "l" + "r" * 2 * len(scales(mutants))),
        ]
    )


def columns(mutants: Sequence[Mutant]) -> list[str]:
    return [f"{who}dy × {scale:g}" for scale in scales(mutants) for who in ("", "assert_close, ")]


def rows(mutants: Sequence[Mutant], key: "object") -> list[list[str]]:
    """Return a row for every key, and one for all."""
    assert callable(key)
    groups: dict[tuple[str, ...], list[Mutant]] = {}
    for mutant in mutants:
        groups.setdefault(key(mutant), []).append(mutant)
    width = len(next(iter(groups)))
    total = ("**all**", *[""] * (width - 1))
    every = [*sorted(groups.items()), (total, list(mutants))]
    return [[*names, *cells(found, scales(mutants))] for names, found in every]


def cells(mutants: Sequence[Mutant], wanted: Sequence[float]) -> list[str]:
    shown = []
    for scale in wanted:
        here = [mutant for mutant in mutants if mutant.scale == scale]
        counts = (killed(here), by_assert_close(here))
        shown += [f"{count:,} / {len(here):,}" if here else ABSENT for count in counts]
    return shown


def survivors(mutants: Sequence[Mutant]) -> str:
    """Return the mutants that survive at some scale, each with its reason."""
    alive: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        if not mutant.killed:
            alive.setdefault(mutant.id, []).append(mutant)
    if not alive:
        return "None."
    shown = [
        [
            safe(identity),
            safe(found[0].cause),
            ", ".join(f"{mutant.scale:g}" for mutant in found),
            safe(found[0].explanation, most=1000) or "**nothing explains it**",
        ]
        for identity, found in sorted(alive.items())
    ]
    count = Counter(bool(found[0].explanation) for found in alive.values())
    head = f"{counted(len(alive), 'mutant')}, {count[True]:,} explained."
    return f"{head}\n\n{table(('mutant', 'cause', 'survives at dy ×', 'why'), shown)}"
