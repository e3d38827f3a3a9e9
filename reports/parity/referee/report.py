"""The referee's report on one subject: what is right, what is wrong and why, what was not tested, how fast."""

from collections.abc import Sequence

from reports.parity.assessment import BUT, RIGHT, UNJUDGED, WRONG, Assessment, assessed
from reports.parity.referee import faults, merits, speed, untested
from reports.parity.referee.merits import but
from reports.parity.summary import display
from reports.perf.reading import Timed
from reports.reading import Recorded, grouped
from reports.text import counted, listed, safe


def render(recorded: Recorded, timed: Timed | None) -> str:
    """Return the report on the subject of the records, to its author; `timed` is what perf.json beside them holds."""
    modules = assessed(recorded.parity)
    offered = [module for module in modules if module.offered]
    if not offered:
        return "Nothing was compared, so there is nothing to report on."
    parts = {
        "Summary": summary(offered, len(modules)),
        "What is right": merits.render(offered, RIGHT),
        "What is right, but": merits.render(offered, BUT),
        "What is wrong, and why": faults.render(offered),
        "What was not tested": untested.render(recorded, modules),
        "What was let pass": let_pass(recorded),
        "How fast it is": speed.render(timed, recorded.runs),
    }
    return "\n\n".join(f"**{heading}.**{glue(text)}{text}" for heading, text in parts.items() if text)


def let_pass(recorded: Recorded) -> str:
    """Return an item for each convention that is no fault, and what is not judged for it; empty if none is."""
    return "\n".join(f"- {safe(said, most=1000)}" for run in recorded.runs for said in run.let_pass)


def glue(text: str) -> str:
    """Return what stands between a heading and its text: a list stands below it."""
    return "\n\n" if text.startswith("- ") else " "


def summary(offered: Sequence[Assessment], catalogue: int) -> str:
    """Return how much was compared, and what came of it."""
    values = sum(len(module.values) for module in offered)
    claims = sum(len(module.claims) for module in offered)
    wrong = sum(len(module.wrong_values) for module in offered)
    broken = sum(len(module.broken_claims) for module in offered)
    stopped = sum(len(module.stopped) for module in offered)
    sentences = [
        f"{len(offered)} of {counted(catalogue, 'module')} {'was' if len(offered) == 1 else 'were'} tested.",
        f"Of {values:,} outputs and gradients that were compared with the truth, {none_or(wrong)} wrong.",
    ]
    if claims:
        sentences.append(f"Of {claims:,} claims about behaviour, {none_or(broken)} broken{because(offered)}.")
    if stopped:
        sentences.append(f"{counted(stopped, 'cell')} stopped in an error.")
    return " ".join([*sentences, numbers(offered)])


def because(offered: Sequence[Assessment]) -> str:
    """Return how many claims fail because numbers are wrong, as a part of a sentence; empty where none does."""
    met = sum(len(module.met) for module in offered)
    return f", and {met:,} {'fails' if met == 1 else 'fail'} because numbers are wrong" if met else ""


def none_or(count: int) -> str:
    return "none is" if not count else f"{count:,} {'is' if count == 1 else 'are'}"


def numbers(offered: Sequence[Assessment]) -> str:
    """Name every module once: under right, wrong, or what lies between."""
    sorted_modules = grouped(offered, lambda module: module.verdict)
    lists = {
        "Right": [safe(module.module) for module in sorted_modules.get(RIGHT, [])],
        "Right, but": [f"{safe(module.module)} ({but(module)})" for module in sorted_modules.get(BUT, [])],
        "Wrong": [f"{safe(module.module)} ({accused(module)})" for module in sorted_modules.get(WRONG, [])],
        "Not judged": [f"{safe(module.module)} (void)" for module in sorted_modules.get(UNJUDGED, [])],
    }
    named = [f"{verdict}: {', '.join(names)}." for verdict, names in lists.items() if names]
    return " ".join(named if lists["Right"] else ["No module is right.", *named])


def accused(module: Assessment) -> str:
    """Return which quantities of a module are wrong, and how many checks fail because of it."""
    if not module.wrong_values:
        return f"nothing could be compared: {but(module)}"
    if module.through:
        return f"put together of {safe(listed(module.through, 4))}"
    is_wrong = "is wrong" if len(module.wrong_quantities) == 1 else "are wrong"
    checks = len(module.met_checks)
    follow = f" and so fails {counted(checks, 'check')}" if checks else ""
    names = listed([safe(display(quantity)) for quantity in module.wrong_quantities], 4)
    return f"{names} {is_wrong}{follow}{only_in(module)}" + (f"; {but(module)}" if but(module) else "")


def only_in(module: Assessment) -> str:
    """Return the regimes in which alone a module is wrong; empty if it is wrong on normal input."""
    regimes = sorted({record.regime for record in module.wrong_values})
    return "" if "normal" in regimes else f" on input of regime {safe(' and '.join(regimes))} alone"
