"""Which cases are made of a page's space: what a subject has, alone, in pairs, and combined."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, islice, product
from typing import Any

import torch

from parity.catalogue.page import Case, Page, Space
from parity.catalogue.taken import TORCH_REFUSES, by_torch, parameters_of, refused_by_torch, takes_any

MOST_CASES = 40  # that are made of a space
MOST_TRIES = 6  # of values for one pair of options
MOST_BASES = 250  # combinations that are looked at for one that the subject has

Refused = Callable[[Case], str]  # why a subject does not have a case; empty if it has it
Chosen = dict[str, int]  # the place of every value among those of its name
Value = tuple[str, int]


def told(value: Any) -> str:
    """Return a value as the name of a case has it."""
    return "x".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def named(space: Space, chosen: Mapping[str, int]) -> str:
    """Return the name of a case: what in it is not plain."""
    unusual = [f"{name} {told(space.values[name][at])}" for name, at in chosen.items() if at]
    return ", ".join(unusual) or space.plain


def made(page: Page, space: Space, chosen: Chosen) -> Case:
    """Return the case of the values in these places."""
    return case_of(page, space, {name: space.values[name][at] for name, at in chosen.items()}, named(space, chosen))


def case_of(page: Page, space: Space, values: Mapping[str, Any], name: str) -> Case:
    """Return the case of these values, by this name; an option that has torch's default is left out, and so is a plain
    one that this torch is too old for.
    """
    defaults, known = by_torch(page.reference), parameters_of(page.reference)
    options = {
        option: value
        for option, value in values.items()
        if option not in space.shapes
        and (option not in defaults or value != defaults[option])
        and (option in known or value != space.values[option][0] or takes_any(page.reference))
    }
    return Case(
        name,
        space.x(values),
        options,
        values.get("target", ""),
        space.others(values),
        unused=values.get("unused", ()),
        training=values.get("training", True),
    )


@cache
def of_torch(page: Page, space: Space, key: tuple[int, ...]) -> tuple[Case, str]:
    """Return the case of the values in these places, and why torch does not have it: every subject's plan asks."""
    case = made(page, space, dict(zip(space.values, key, strict=True)))
    return case, refused_by_torch(page, case)


@dataclass(frozen=True)
class PagePlan:
    """A page with the cases that a subject has, and the values that it met in none of them, each with the reason."""

    page: Page
    unmet: Mapping[str, str]


class Planner:
    """Makes cases of a page's space for a subject that says what it does not have."""

    def __init__(self, page: Page, space: Space, refused: Refused) -> None:
        self.page, self.space, self.refused = page, space, refused
        self.values = space.values
        self.plain = dict.fromkeys(self.values, 0)
        self.base = self.plain
        self.tried: dict[tuple[int, ...], tuple[Case, str]] = {}
        self.taken: dict[tuple[int, ...], Case] = {}

    def asked(self, chosen: Chosen) -> tuple[Case, str]:
        """Return the case of these values, and why there is none: torch is asked first, then the subject."""
        key = tuple(chosen.values())
        if key not in self.tried:
            case, refused = of_torch(self.page, self.space, key)
            self.tried[key] = case, refused or self.refused(case)
        return self.tried[key]

    def has(self, chosen: Chosen) -> bool:
        return not self.asked(chosen)[1]

    def take(self, chosen: Chosen, widely: bool = False) -> bool:
        """Take a case, unless it is taken or the subject does not have it; return whether the subject has it."""
        key, has = tuple(chosen.values()), self.has(chosen)
        if has and key not in self.taken:
            self.taken[key] = replace(self.tried[key][0], widely=widely)
        return has

    def others(self, name: str) -> list[int]:
        """Return the places of the values of a name that the base does not have."""
        return [at for at in range(len(self.values[name])) if at != self.base[name]]

    def bases(self) -> Iterator[Chosen]:
        """Yield the plain values, what differs in one, and, where the subject's reasons differ, in two."""
        yield self.plain
        changes = [{name: at} for name, values in self.values.items() for at in range(1, len(values))]
        yield from ({**self.plain, **change} for change in changes)
        if len({reason for _, reason in self.tried.values() if not reason.startswith(TORCH_REFUSES)}) > 1:
            yield from (
                {**self.plain, **one, **other} for one, other in combinations(changes, 2) if not one.keys() & other
            )

    def find_base(self) -> bool:
        """Find the plainest values that the subject has; return whether there are any."""
        for chosen in islice(self.bases(), MOST_BASES):
            if self.take(chosen, widely=True):
                self.base = chosen
                return True
        return False

    def plan(self) -> PagePlan:
        """Return the cases about the base that was found, and those written by hand."""
        self.everything()
        self.alone()
        self.together()
        self.pairs()
        self.combined()
        self.cross()
        return PagePlan(
            replace(self.page, cases=(*self.taken.values(), *map(self.at_base, self.page.cases))), self.unmet()
        )

    def everything(self) -> None:
        """Take as much of what the space calls everything as the subject has, at once."""
        chosen, wished = self.base, {**self.plain, **self.places(self.space.everything)}
        for name in self.space.everything:
            for at in sorted(self.others(name), key=lambda place: place != wished[name]):
                if self.has({**chosen, name: at}):
                    chosen = {**chosen, name: at}
                    break
        if chosen != self.base and self.take(chosen, widely=True) and chosen == wished:
            key = tuple(chosen.values())
            self.taken[key] = replace(self.taken[key], name="everything")

    def places(self, wanted: Mapping[str, Any]) -> Chosen:
        """Return the places of values that the page itself names."""
        return {name: list(self.values[name]).index(value) for name, value in wanted.items()}

    def alone(self) -> None:
        for name in self.values:
            for at in self.others(name):
                self.take({**self.base, name: at})

    def together(self) -> None:
        for wanted in self.space.together:
            self.take({**self.base, **self.places(wanted)})

    def unusual(self, key: tuple[int, ...]) -> list[Value]:
        """Return the values of a case that the base does not have."""
        return [(name, at) for name, at in zip(self.values, key, strict=True) if at != self.base[name]]

    def pairs(self) -> None:
        """Take, for every two options, a case that has all else of the base; values that were met least go first."""
        met = {frozenset(name for name, _ in self.unusual(key)) for key in self.taken}
        uses: Counter[Value] = Counter()
        for one, other in combinations(self.space.options, 2):
            if {one, other} in met:
                continue
            both = product(self.others(one), self.others(other))
            for i, j in sorted(both, key=lambda at: uses[one, at[0]] + uses[other, at[1]])[:MOST_TRIES]:
                if len(self.taken) < MOST_CASES and self.take({**self.base, one: i, other: j}):
                    uses.update([(one, i), (other, j)])
                    break

    def combined(self) -> None:
        """Take combinations until every two values have met that can, or there are enough."""
        wanted = {
            frozenset(((one, i), (other, j))): None
            for one, other in combinations(self.values, 2)
            for i, j in product(self.others(one), self.others(other))
        }
        for key in self.taken:
            self.strike(wanted, key)
        while wanted and len(self.taken) < MOST_CASES:
            seed = next(iter(wanted))
            del wanted[seed]
            first = {**self.base, **dict(seed)}
            chosen = self.filled(first, wanted)
            if not self.has(chosen):
                if not self.has(first):
                    continue
                chosen = self.filled(first, wanted, carefully=True)
            self.take(chosen)
            self.strike(wanted, tuple(chosen.values()))

    def cross(self) -> None:
        """Mark the case with most that is unusual, of those not drawn widely: it meets every dtype and layout.

        Of several the largest: in a case of one element no axis can be taken for another.
        """
        narrow = [key for key, case in self.taken.items() if not case.widely]
        if narrow:
            chosen = max(reversed(narrow), key=lambda key: (len(self.unusual(key)), math.prod(self.taken[key].x)))
            self.taken[chosen] = replace(self.taken[chosen], crossed=True)

    def strike(self, wanted: dict[frozenset[Value], None], key: tuple[int, ...]) -> None:
        for pair in combinations(self.unusual(key), 2):
            wanted.pop(frozenset(pair), None)

    def filled(self, chosen: Chosen, wanted: Mapping[frozenset[Value], None], carefully: bool = False) -> Chosen:
        """Return the values with others added by which most pairs meet; carefully: only such as the subject has."""
        for name in self.values:
            if chosen[name] != self.base[name]:
                continue
            kept = self.unusual(tuple(chosen.values()))
            gains = {at: sum(frozenset(((name, at), other)) in wanted for other in kept) for at in self.others(name)}
            at = max(gains, key=lambda place: gains[place], default=None)
            if at is not None and gains[at] and (not carefully or self.has({**chosen, name: at})):
                chosen = {**chosen, name: at}
        return chosen

    def at_base(self, case: Case) -> Case:
        """Return a case written by hand; where the subject does not have it, with what of the base is not plain."""
        changed = [name for name, at in self.base.items() if at and name not in self.space.shapes]
        if not changed or not self.refused(case):
            return case
        options = {name: self.values[name][self.base[name]] for name in changed}
        name = f"{case.name}, {named(self.space, self.base)}"
        other = replace(case, name=name, options={**case.options, **options})
        return case if refused_by_torch(self.page, other) or self.refused(other) else other

    def unmet(self) -> dict[str, str]:
        """Return the values that no case has, each with the reason against the case that has it alone."""
        met = {value for key in self.taken for value in zip(self.values, key, strict=True)}
        return {
            f"{name} {told(value)}": self.asked({**self.base, name: at})[1]
            for name, values in self.values.items()
            for at, value in enumerate(values)
            if (name, at) not in met
        }


def planned(page: Page, refused: Refused) -> PagePlan:
    """Return the plan of a page; where the subject has nothing of its space, that for one which has everything.

    Of the latter, cases written by hand that set an option beside the space come first if the subject has them: what is
    asked of the first case alone, whether the module is there at all among it, is not asked of one that it lacks.
    """
    if page.space is None:
        return PagePlan(page, {})
    planner = Planner(page, page.space, refused)
    if planner.find_base():
        return planner.plan()
    every, names = whole(page), page.space.values.keys()
    had = [case for case in page.cases if case.options.keys() - names and not refused(case)]
    return PagePlan(replace(every, cases=(*had, *(one for one in every.cases if one not in had))) if had else every, {})


@cache
def whole(page: Page) -> Page:
    """Return a page with the cases for a subject that has everything; raise RuntimeError if torch has none of them."""
    if page.space is None:
        return page
    planner = Planner(page, page.space, lambda _: "")
    if planner.find_base():
        return planner.plan().page
    reasons = dict.fromkeys(reason for _, reason in planner.tried.values())
    raise RuntimeError(f"torch {torch.__version__} has no case of {page.module}: {'; '.join(list(reasons)[:3])}")
