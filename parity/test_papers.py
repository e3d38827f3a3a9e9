"""The papers' tables of differences, run again."""

from dataclasses import replace
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
        wrong = {one.quantity: one.detail for one in judged(row, subject, device, seed) if one.verdict == "fail"}
        measured = tables(row, subject, device, seed, runs)
    except Unsupported as lacking:
        pytest.skip(f"unsupported: {lacking}")
    records = [replace(record, detail=wrong.get(record.quantity, "")) for record in measured]
    findings += records
    assert {(record.runs, record.quantity) for record in records} == {(runs, quantity) for quantity in row.printed}
    assert wrong == {}
