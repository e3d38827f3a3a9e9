"""Every row, once for each side: the measurement is shared, its verdict is the subject's."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from perf.bench.rows import Row
from perf.conftest import Measured
from perf.replay import CLOCK, replay
from perf.statistics.gate import RED, TIMED, UNSUPPORTED


@pytest.mark.benchmark(timer=CLOCK)
def test_time(row: Row, side: str, measured: Measured, benchmark: BenchmarkFixture) -> None:
    found, times = measured(row)
    if times is not None:
        benchmark.group = str(row)
        benchmark.extra_info.update(found.as_dict(), role=side)
        replay(benchmark, times.blocks[side == "torch"])
    if found.verdict == UNSUPPORTED:
        pytest.skip(found.detail)
    red = found.verdict in RED and (found.verdict not in TIMED or found.gate is not None)
    if side != "torch" and red:
        ratio = "" if found.ratio is None else f" ratio {found.ratio:.3f} [{found.low:.3f}, {found.high:.3f}],"
        pytest.fail(f"{row}: {found.verdict},{ratio} gate {found.gate} {found.detail} {found.confirmed}", pytrace=False)
