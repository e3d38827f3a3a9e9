"""The work of a trust run, in parts that can be done in any order, in any process."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from parity.independence import records
from parity.run.auditing import audit_all
from parity.trust.false_alarms import false_alarms
from parity.trust.kill import SCALES, kills
from parity.trust.null_run import null_run
from parity.trust.optimisers.mutants import step_alarms, step_kills, step_nulls
from parity.trust.planted import host
from parity.trust.sensitivity import HAYSTACKS, localisation, sensitivity

SAMPLE_STRIDE = 21  # of the mutants, one in this many is planted in a sample, at one scale of the cotangent
SAMPLE_CELLS = 6  # of the cells that nulls and right implementations run in, a sample has one in this many
FULL_SEEDS, SAMPLE_SEEDS = 8, 1  # draws of every cell behind the false alarms


@dataclass(frozen=True)
class Part:
    """One part: a function named in PARTS, and its arguments."""

    what: str
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.what} {' '.join(map(str, self.arguments))}"


def one_localisation(number: int, seed: int) -> Iterator[Any]:
    yield localisation(number, seed)


def audit(module: str) -> Iterator[Any]:
    """Yield the row of the framework's independence audit of a module."""
    yield from records(audit_all(host(), [module]))


PARTS: dict[str, Callable[..., Iterable[Any]]] = {
    "mutants": kills,
    "false alarms": false_alarms,
    "nulls": null_run,
    "sensitivity": sensitivity,
    "localisation": one_localisation,
    "audit": audit,
    "step mutants": step_kills,
    "step false alarms": step_alarms,
    "step nulls": step_nulls,
}


def parts(
    modules: Iterable[str], full: bool, seed: int, operators: Iterable[str] = (), steppers: Iterable[str] = ()
) -> list[Part]:
    """Return the parts of a run, those of the longest kinds first.

    operators  have mutants and nulls alone
    steppers   optimisers
    """
    names, small, optimisers = list(modules), list(operators), list(steppers)
    stride, seeds, apart = (1, FULL_SEEDS, 1) if full else (SAMPLE_STRIDE, SAMPLE_SEEDS, SAMPLE_CELLS)
    return [
        *(
            Part("mutants", (module, scale, seed, stride))
            for number, module in enumerate((*names, *small))
            for scale in (SCALES if full else [SCALES[number % len(SCALES)]])
        ),
        *(Part("false alarms", (module, (draw,), apart)) for draw in range(seed, seed + seeds) for module in names),
        *(Part("step mutants", (name, seed, stride)) for name in optimisers),
        *(
            Part("step false alarms", (name, (draw,), apart))
            for draw in range(seed, seed + seeds)
            for name in optimisers
        ),
        *(Part("nulls", (module, seed, apart)) for module in (*names, *small)),
        *(Part("step nulls", (name, seed)) for name in optimisers),
        *(Part("localisation", (i, seed)) for i, hay in enumerate(HAYSTACKS) if hay.module in names),
        *(Part("audit", (module,)) for module in names),
        *(Part("sensitivity", (module, seed)) for module in names),
    ]


def done(part: Part) -> list[Any]:
    """Do one part; return its records."""
    return list(PARTS[part.what](*part.arguments))
