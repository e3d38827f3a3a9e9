"""What docs/sweep.md shows does run, with fewer configurations."""

import re
import subprocess
from pathlib import Path

import pytest

from parity.__main__ import main
from parity.sweep import command
from tests.started import ROOT
from tests.sweep.test_sweep_command import one_by_one

DOCUMENT = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")
FEW = "40"


def test_the_jobs_of_a_service_share_a_sweep_out_and_join_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADPARITY_COMMIT", "abc")
    monkeypatch.setattr(command, "CHUNK", 10)
    monkeypatch.setattr(command, "locally", one_by_one)
    shared, joined = re.findall(r"- run: gradparity (.+)", DOCUMENT)
    shards = re.search(r"shard: \[(.*)\]", DOCUMENT)
    assert shards is not None
    for shard in shards[1].split(", "):
        words = shared.replace("${{ matrix.shard }}", shard).replace("100000", FEW).split()
        assert main([*words, "--module", "Linear"]) == 0
    assert main(joined.split()) == 0
    assert "4 parts joined: 4 chunks" in capsys.readouterr().out
    assert "of 40 compared" in Path("whole/sweep.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", re.findall(r"^make sweep .*$", DOCUMENT, re.MULTILINE))
def test_make_hands_its_words_on(line: str) -> None:
    words = line.partition("#")[0].strip().replace('MODULE="Conv2d Linear"', "MODULE=Conv2d,Linear").split()
    said = subprocess.run([*words, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for word in words[2:]:
        name, _, value = word.partition("=")
        option = "--resume" if name == "RESUME" else f"--{name.lower()} '{value}'"
        assert option in said, word
