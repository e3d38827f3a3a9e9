"""What a log says of a long work: a line a minute, with the time that is left."""

import pytest

from parity.progress import Lines


def test_a_log_tells_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter(range(0, 1000, 25))  # seconds: one piece of work takes 25
    log = Lines(total=13, clock=lambda: next(times))
    for number in range(1, 7):
        log.advance(f"part {number}")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "3 of 13 done, about 4 min left: part 3",
        "6 of 13 done, about 3 min left: part 6",
    ]
