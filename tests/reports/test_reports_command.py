import subprocess
import sys
from pathlib import Path

import pytest

from parity.__main__ import main
from reports.record import Parity, Run, write

RECORDS = [
    Run(
        subject="s",
        seed=0,
        started="2026-01-01T00:00:00Z",
        command="make parity",
        commit="",
        machine={},
        versions={},
        settings={},
    ),
    Parity(
        subject="s",
        module="ReLU",
        case="c",
        check="values",
        quantity="dx",
        device="cpu",
        dtype="float32",
        regime="normal",
        cotangent=1.0,
        seed=0,
        verdict="pass",
        elements=3,
    ),
]


def test_renders_the_page_beside_its_records(tmp_path: Path) -> None:
    write(tmp_path / "parity.jsonl", RECORDS)
    assert main(["report", "--out", str(tmp_path)]) == 0
    first = (tmp_path / "parity.md").read_bytes()
    assert b"All 1 compared quantities of 1 module pass." in first
    assert main(["report", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "parity.md").read_bytes() == first


def test_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--out", str(tmp_path / "absent")]) == 2
    assert capsys.readouterr().err.startswith("report: there is no folder")


def test_folder_without_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--out", str(tmp_path)]) == 2
    assert "holds no records" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "place"),
    [('{"kind": "parity", "sche', "parity.jsonl, line 4"), ('{"kind": "run", "schema": 1}', "parity.jsonl, record 3")],
)
def test_malformed_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, place: str) -> None:
    path = tmp_path / "parity.jsonl"
    write(path, RECORDS)
    path.write_text(path.read_text() + line + "\n")
    assert main(["report", "--out", str(tmp_path)]) == 2
    (message,) = capsys.readouterr().err.splitlines()
    assert place in message
    assert not (tmp_path / "parity.md").exists()


def test_command_needs_neither_torch_nor_numpy(tmp_path: Path) -> None:
    write(tmp_path / "parity.jsonl", RECORDS)
    program = (
        "import sys; from parity.__main__ import main; assert main(['report', '--out', sys.argv[1]]) == 0; "
        "assert not {'torch', 'numpy', 'framework', 'perf'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
