"""Names of the command line: of modules, checks, dtypes, devices."""

import difflib
from collections.abc import Iterable, Sequence

import torch

from reports.text import listed

MOST_LISTED = 12  # names that an error lists where none is near
# What others call it; by letters alone another name may be nearer.
ALSO_CALLED = {
    "gpu": "cuda",
    "nvidia": "cuda",
    "float": "float32",
    "single": "float32",
    "fp32": "float32",
    "f32": "float32",
    "double": "float64",
    "fp64": "float64",
    "f64": "float64",
    "half": "float16",
    "fp16": "float16",
    "bf16": "bfloat16",
}


def one_of(option: str, value: str, allowed: Iterable[str]) -> str:
    """Return `value` if it is allowed; raise ValueError, with the nearest allowed word, otherwise."""
    return all_of(option, [value], allowed)[0]


def all_of(option: str, values: Sequence[str], allowed: Iterable[str]) -> list[str]:
    """Return the values if all are allowed; raise ValueError that names every other with the nearest allowed word."""
    names = list(allowed)
    strange = [value for value in dict.fromkeys(values) if value not in names]
    if not strange:
        return list(values)
    hints = {value: nearest_name(value, names) for value in strange}
    near = [f"{value!r}; did you mean {hint}?" if hint else repr(value) for value, hint in hints.items()]
    lists = len(names) <= MOST_LISTED or not all(hints.values())
    raise ValueError(
        f"{option} must be one of {listed(names, len(names) if lists else MOST_LISTED)}, was {' and '.join(near)}"
    )


def nearest_name(value: str, names: Sequence[str]) -> str:
    """Return the name that is nearest to a word, whatever its capitals; empty where none is near."""
    small = {name.lower(): name for name in reversed(names)}
    called = ALSO_CALLED.get(value.lower().removeprefix("torch."), "")
    if called in names:
        return called
    near = [value] if value in names else difflib.get_close_matches(value.lower(), small, 1, 0.4)
    return small.get(near[0], "") if near else ""


def names_in(option: str, given: Sequence[str], allowed: Iterable[str]) -> list[str]:
    """Return the names in the words of an option, with commas or blanks between them.

    Raises ValueError where there is none, and with the nearest name for each that is not allowed.
    """
    words = [word for one in given for word in one.replace(",", " ").split()]
    if not words:
        raise ValueError(f"{option} must name a module, was {','.join(given)!r}")
    return all_of(option, words, allowed)


def chosen_of(given: Sequence[str] | None, allowed: Iterable[str]) -> list[str]:
    """Return the modules that the words of every --module name, in the order of `allowed`; all of them without a word.

    A word is a name, or several with commas or blanks between them; "all" is every module. Raises ValueError, with
    the nearest name, for one that is not allowed.
    """
    names = list(allowed)
    wanted = set(names_in("--module", given, [*names, "all"])) if given else set()
    return [name for name in names if not wanted or wanted & {name, "all"}]


def devices_for(asked: str) -> tuple[list[str], list[str]]:
    """Return the devices to run on and, one sentence each, what does not run; raise ValueError for an unknown one."""
    one_of("--device", asked, ("auto", "cpu", "cuda"))
    if asked == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda: torch sees no CUDA device on this machine; use --device cpu")
    if asked == "auto" and not torch.cuda.is_available():
        return ["cpu"], ["CUDA: every cell, because torch sees no CUDA device on this machine"]
    if asked == "cpu":
        return ["cpu"], ["CUDA: every cell, because --device cpu was asked for"]
    return (["cpu", "cuda"] if asked == "auto" else ["cuda"]), []
