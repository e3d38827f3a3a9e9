"""Every row, once for each side: the measurement is shared, its verdict is the subject's."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from perf.bench.rows import Row
from perf.conftest import Measured
from perf.replay import CLOCK, replay
from perf.statistics.gate import RED, TIMED, UNSUPPORTED


@pytest.mark.benchmark(timer=CLOCK)
def test_time(row: Row, side: str, measured: Measured, gate: float | None, benchmark: BenchmarkFixture) -> None:
    finding, times = measured(row)
    if times is not None:
        benchmark.group = str(row)
        benchmark.extra_info.update(finding.as_dict(), role=side)
        replay(benchmark, times.blocks[side == "torch"])
    if finding.verdict == UNSUPPORTED:
        pytest.skip(finding.detail)
    red = finding.verdict in RED and (finding.verdict not in TIMED or gate is not None)
    if side != "torch" and red:
        at = finding.time
        ratio = f" ratio {at.ratio:.3f} [{at.low:.3f}, {at.high:.3f}]," if at else ""
        said = " ".join(filter(None, (finding.detail, finding.confirmed)))
        pytest.fail(f"{row}: {finding.verdict},{ratio} gate {gate} {said}", pytrace=False)
