"""The time of an audit is the work that was done: a machine that others use too takes no library's audit away."""

from types import SimpleNamespace

import pytest

from parity.independence import effort
from parity.run.auditing import OUT_OF_TIME, audited_alone
from parity.verdict import limits
from tests.subjects.restricted import LIBRARIES, Restricted

LIBRARY = Restricted(next(iter(LIBRARIES.values())))


def seconds(monkeypatch: pytest.MonkeyPatch, of_cores: float, by_the_clock: float) -> float:
    """Return the work of a process that had its cores for so long, in so much time."""
    clock = SimpleNamespace(process_time=iter((0.0, of_cores)).__next__, monotonic=iter((0.0, by_the_clock)).__next__)
    monkeypatch.setattr(effort, "time", clock)
    return effort.Effort().seconds


def test_who_waits_for_a_core_did_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds(monkeypatch, of_cores=0.5, by_the_clock=0.5 * limits.AUDIT_LOAD) == 0.5


def test_who_waits_for_ever_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds(monkeypatch, of_cores=0.0, by_the_clock=limits.AUDIT_SECONDS * limits.AUDIT_LOAD) == (
        limits.AUDIT_SECONDS
    )


def test_what_there_was_no_time_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AUDIT_SECONDS", 1e-6)
    row = audited_alone(LIBRARY, "Linear")
    assert row.verdict == "not audited"
    assert OUT_OF_TIME in f"{row.findings} {row.unaudited}"
