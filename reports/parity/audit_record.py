"""The record of an independence audit: one line a module."""

from dataclasses import dataclass
from typing import ClassVar

from reports.record import SCHEMA

VERDICTS = ("independent", "void", "not audited")


@dataclass(frozen=True, kw_only=True)
class AuditRecord:
    """What a subject's module computed with, and whether it did so by itself."""

    ALLOWED: ClassVar[tuple[str, ...]] = VERDICTS

    subject: str
    module: str
    operations: str  # e.g. "mm x3, add x2": ATen operations of build, forward and backward, most frequent first
    verdict: str  # one of VERDICTS
    detail: str = ""  # the findings of a void row, the reason of one not audited; else a remark, if there is one
    audited: str = ""  # how many cells, how, and of which kinds
    unaudited: str = ""  # kinds of cells that ran and were not audited, with the reason
    schema: int = SCHEMA
    kind: str = "audit"
