"""A comparison that is lost shows."""

import json

import pytest

from parity.catalogue import pages
from parity.run import manifest
from parity.run.manifest import shortfall


def test_the_manifest_is_that_of_the_plan() -> None:
    assert not manifest.forgotten(), (
        f"the plan has changed; look at what it now counts, and write it: {manifest.REWRITE}"
    )


def complete() -> list[dict[str, object]]:
    """Return records of a run that compares, for every module, just what the manifest asks for."""
    found = []
    for module, counts in json.loads(manifest.PATH.read_text(encoding="utf-8")).items():
        for number in range(counts["cells"]):
            record = {"kind": "parity", "module": module, "device": "cpu", "check": "values", "dtype": "float32"}
            elements = counts["elements"] if number == 0 else 0
            record |= {"case": number, "regime": "normal", "cotangent": 1.0, "verdict": "pass", "elements": elements}
            found.append(record)
    return found


def test_a_complete_run_falls_short_of_nothing() -> None:
    assert shortfall(complete(), ["cpu"]) == []


@pytest.mark.parametrize("lost", [0, -1])
def test_a_lost_cell_is_named(lost: int) -> None:
    records = complete()
    module = records.pop(lost)["module"]
    assert any(str(module) in sentence and "cells" in sentence for sentence in shortfall(records, ["cpu"]))


def test_lost_elements_are_named_unless_a_cell_is_unsupported() -> None:
    records = complete()
    records[0]["elements"] = 1
    assert any("elements" in sentence for sentence in shortfall(records, ["cpu"]))
    records[1]["verdict"] = "unsupported"
    assert not any("elements" in sentence and "BCELoss" in sentence for sentence in shortfall(records, ["cpu"]))


def test_a_device_that_was_asked_for_must_have_run() -> None:
    assert any("on cuda" in sentence for sentence in shortfall(complete(), ["cpu", "cuda"]))


def test_a_subject_without_operators_is_not_asked_for_them() -> None:
    records = [record for record in complete() if record["module"] in pages()]
    assert shortfall(records, ["cpu"], pages()) == []
    assert any(sentence.startswith("Tensor.add on cpu: 0 cells") for sentence in shortfall(records, ["cpu"]))


def test_a_quantity_of_another_dtype_failed_and_was_not_lost() -> None:
    records = complete()
    records[0] |= {"elements": 0, "verdict": "fail"}
    assert shortfall(records, ["cpu"]) == []
    records[0]["verdict"] = "pass"
    assert any("elements" in sentence for sentence in shortfall(records, ["cpu"]))
