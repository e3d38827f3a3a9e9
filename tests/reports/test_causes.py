"""The causes of a red run: what fails it, told by what matters most."""

from dataclasses import asdict, replace

from reports.parity.gate.causes import causes, foremost
from reports.reading import gather
from reports.record import Parity
from tests.reports.test_parity_page import BAD, GOOD, REFUSES, RUN

WRONG = replace(BAD, aspect="numbers")
BROKEN = replace(REFUSES, verdict="fail", aspect="behaviour")


def told(*records: Parity, fail_on: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    recorded = gather(asdict(one) for one in (replace(RUN, fail_on=fail_on), *records))
    return [(cause.module, cause.names) for cause in foremost(causes(recorded))]


def test_nothing_wrong_has_no_cause() -> None:
    assert told(GOOD) == []


def test_quantities_of_a_module_that_look_alike_are_one_cause() -> None:
    other = replace(WRONG, quantity="dbias")
    assert told(WRONG, other) == [("Conv2d", ("dL/dX", "dL/db"))]
    assert told(WRONG, replace(other, diagnosis="negated")) == [("Conv2d", ("dL/dX",)), ("Conv2d", ("dL/db",))]


def test_values_come_before_behaviour_and_what_fails_often_before_what_fails_once() -> None:
    often = [replace(WRONG, module="Tanh", case=f"case {at}") for at in range(3)]
    found = told(BROKEN, WRONG, *often)
    assert found == [("Tanh", ("dL/dX",)), ("Conv2d", ("dL/dX",)), ("Conv2d", ("refuses",))]


def test_what_is_explained_in_part_comes_before_an_error() -> None:
    stopped = replace(WRONG, quantity="all", verdict="error", detail="it stopped")
    ended = [replace(stopped, case=f"shape {at}") for at in range(3)]
    explained = [replace(WRONG, case=f"case {at}") for at in range(4)]
    assert told(*ended, *explained, replace(WRONG, case="another", diagnosis=""))[0] == ("Conv2d", ("dL/dX",))
    assert told(*ended, *explained[:1])[0] == ("Conv2d", ("dL/dX",))


def test_every_module_is_told_before_any_is_told_again() -> None:
    twice = [replace(WRONG, case=f"case {at}", quantity=name, diagnosis=name) for at in range(3) for name in ("a", "b")]
    assert [module for module, _ in told(*twice, replace(WRONG, module="Tanh"))] == ["Conv2d", "Tanh", "Conv2d"]


def test_what_does_not_fail_the_run_is_no_cause_of_it() -> None:
    differs = replace(BROKEN, aspect="conventions")
    assert told(GOOD, differs, fail_on=("numbers", "behaviour")) == []
    assert told(GOOD, differs) == [("Conv2d", ("refuses",))]
    assert told(replace(GOOD, verdict="error", detail="it stopped"), fail_on=("numbers",)) == [("Conv2d", ("dL/dW",))]
