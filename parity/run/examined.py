"""What the doctor sees of one module, or of one optimiser: each case run once, its values compared in one dtype."""

from collections import Counter
from dataclasses import dataclass, field, replace

from parity import stepping
from parity.catalogue.optimisers.page import OptimiserPage
from parity.run.first_try import DTYPES_TRIED
from parity.stepping import StepTrial
from parity.stepping.checks import cells
from parity.stepping.course import StepCell
from parity.stepping.fitted import fitted
from parity.subjects.contract import Unsupported
from parity.subjects.process import Isolated

VALUES = "values"  # the check that is run


@dataclass
class Examination:
    """What the doctor sees of one module, of which each case is run once, its values compared in one dtype."""

    module: str
    planned: int  # cells of a run
    dtypes: tuple[str, ...] = ()  # those that it takes
    mistake: str = ""  # of the adapter
    trouble: str = ""  # what went wrong in the first case that did not run
    ran: int = 0  # cells in which something was compared
    stopped: int = 0  # cells that ended before that
    failing: list[str] = field(default_factory=list)  # of the cells that ran, what is wrong in each
    wrong: dict[str, None] = field(default_factory=dict)  # the quantities that differ somewhere
    lacking: Counter[str] = field(default_factory=Counter)  # reason -> cells
    notes: tuple[str, ...] = ()  # what is let pass
    beside: str = "torch.nn"  # what it is compared with

    @property
    def offered(self) -> bool:
        return bool(self.dtypes)

    @property
    def runs(self) -> bool:
        return bool(self.ran) and not self.mistake


def look_at_optimiser(subject: Isolated, page: OptimiserPage) -> Examination:
    """Run every case of an optimiser that is not large, in the first dtype that it takes."""
    examined = Examination(page.module, len(list(cells(page, stepping.CHECKS, ["cpu"], 0))), beside="torch.optim")
    for case in page.cases:
        if not case.large:
            run_case(StepCell(page, case, VALUES), subject, examined)
    return examined


def run_case(cell: StepCell, subject: Isolated, examined: Examination) -> None:
    """Run a case in float32, or in float64 where the optimiser has that alone; note what came of it."""
    said = ""
    for dtype in examined.dtypes[:1] or DTYPES_TRIED:
        subject.begin()
        try:
            asked = fitted(replace(cell, dtype=dtype), subject)
            records = list(stepping.CHECKS[VALUES].run(StepTrial(asked, subject)))
        except Unsupported as lacking:
            said = str(lacking)
            continue
        except Exception as error:
            examined.dtypes, examined.stopped = (dtype,), examined.stopped + 1
            words = f"{type(error).__name__}: {' '.join(str(error).split())}"
            examined.trouble = examined.trouble or f"in case {cell.case.name} ({dtype}), it raised {words}"
            return
        examined.dtypes, examined.ran = (dtype,), examined.ran + 1
        wrong = [record for record in records if record.verdict in ("fail", "error")]
        examined.wrong |= dict.fromkeys(record.quantity for record in wrong)
        examined.failing += [f"in case {cell.case.name}, {one.quantity}: {one.detail}" for one in wrong[:1]]
        return
    examined.lacking[said] += 1
