"""The papers' tables of differences, run again."""

from typing import Any

import pytest

from parity.papers.experiments.paper_004 import ROWS, TableRow, judged, tables
from parity.subjects.contract import Subject, Unsupported
from parity.subjects.process import Isolated


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.module)
def test_paper_004(row: TableRow, subject: Subject, device: str, seed: int, runs: int, findings: list[Any]) -> None:
    if isinstance(subject, Isolated):
        subject.begin()
    try:
        records = tables(row, subject, device, seed, runs)
    except Unsupported as lacking:
        pytest.skip(f"unsupported: {lacking}")
    findings += records
    assert {(record.runs, record.quantity) for record in records} == {(runs, quantity) for quantity in row.printed}
    assert [record.detail for record in judged(row, subject, device, seed) if record.verdict == "fail"] == []
