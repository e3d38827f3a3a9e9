"""README's road of five minutes, walked as it is written, where the wheel is installed."""

import re

from tests.road.conftest import ROOT, Installed

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROAD = README.partition("## Your own library")[2].partition("\n## ")[0]


def block(kind: str) -> str:
    (text,) = re.findall(rf"```{kind}\n(.*?)```", ROAD, re.DOTALL)
    return str(text)


def test_the_road_of_five_minutes_ends_at_the_fault_and_then_green(installed: Installed) -> None:
    folder = installed.place.parent / "reader"
    folder.mkdir()
    library = block("python")
    (folder / "mylib.py").write_text(library, encoding="utf-8")
    *before, parity = block("sh").splitlines()
    for command in before:
        done = installed.shell(folder, command)
        assert done.returncode == 0, done.stdout + done.stderr
    red = installed.shell(folder, parity)
    assert red.returncode == 1
    assert block("text").strip() in red.stdout
    assert (folder / "gradparity-out" / "index.html").is_file()
    wrong, right = re.findall(r"`(d\.\w+\(0\))`", ROAD)
    assert library.count(wrong) == 1
    (folder / "mylib.py").write_text(library.replace(wrong, right), encoding="utf-8")
    green = installed.shell(folder, parity)
    assert green.returncode == 0, green.stdout
    assert "QUICK, no whole run" in green.stdout
