"""The processes that do the work, and what they have brought in so far."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from parity.progress import progress
from parity.run.workers import shared
from parity.trust.work import Part, done
from reports.record import line
from reports.running import RunningFile


class ProcessPool:
    """Runs parts in processes. After an interruption `records` holds what was finished, `missed` what was not.

    What is finished is also written to the file `running` at once, so that a run that is killed loses none of it.
    """

    def __init__(self, jobs: int, running: RunningFile) -> None:
        self.jobs, self.running = jobs, running
        self.records: list[Any] = []
        self.missed: list[Part] = []
        self.failures: list[str] = []

    def run(self, work: Sequence[Part]) -> None:
        """Do all the parts; KeyboardInterrupt passes through, and loses nothing that was finished."""
        self.missed = list(work)
        with progress(len(work)) as advance, shared(done, work, self.jobs) as finished:
            for part, future in finished:
                self.take(part, future)
                advance(str(part))

    def take(self, part: Part, future: Future[list[Any]]) -> None:
        """Keep what a part brought in; one that ended in an error is a failure of the run, not of the others."""
        try:
            records = future.result()
        except Exception as error:
            self.failures.append(f"{part} ended in {type(error).__name__}: {error}")
            records = []
        self.records += records
        self.running.add(map(line, records))
        self.missed.remove(part)
