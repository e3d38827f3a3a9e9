"""How much work was done, as far as a machine that others use too lets one tell."""

import time

from parity.verdict import limits


class Effort:
    """Seconds of work of this process since this was made: of its cores; or a share of the time, where it waits."""

    def __init__(self) -> None:
        self.cores, self.clock = time.process_time(), time.monotonic()

    @property
    def seconds(self) -> float:
        return max(time.process_time() - self.cores, (time.monotonic() - self.clock) / limits.AUDIT_LOAD)
