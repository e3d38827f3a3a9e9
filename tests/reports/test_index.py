"""The one page of a folder: what it shows of runs that passed, failed, go on, or whose files came to harm."""

import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from parity.__main__ import main
from reports.html import index
from reports.reading import gather
from reports.record import Parity, write
from tests.reports.damage import files
from tests.reports.test_parity_page import BAD, GOOD, LACKING, REFUSES, RUN

VOID = {"meta", "link", "input", "br", "hr", "path", "circle", "img"}
HOSTILE = (
    "<script>alert(1)</script>",
    "a|b\n| c | d |",
    "```\ncode`",
    "</style></script><b>",
    "<details><summary>x</summary>\n\n</details>",
    '"><img src=x onerror=alert(1)>',
    "[a](javascript:alert(1)) ![b](http://x)",
    "&lt;b&gt; &amp; {{ 7 * 7 }} {% raw %}",
    "# heading\n- item\n> quotation",
    "'; alert(1); //",
    "**bold** _em_ ~~gone~~ $x$",
)


class Reader(HTMLParser):
    """The page as a browser reads it: its tags, its text, its names and what its links point at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.names: list[str] = []
        self.links: list[str] = []
        self.others: list[tuple[str, str]] = []  # attributes that run scripts or fetch things
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("td", "th", "dt", "dd", "li"):
            self.text.append(" ")
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.names.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name.startswith("on") or name in ("src", "srcset", "action", "style"):
                self.others.append((name, value or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def html(folder: Path, *records: Any) -> str:
    return index.render(folder, {"parity.jsonl": gather([asdict(record) for record in records])})


def page(folder: Path, *records: Any) -> Reader:
    return Reader(html(folder, *records))


def test_the_verdict_is_the_first_sentence(tmp_path: Path) -> None:
    assert "✓All 1 compared quantities of 1 module pass." in page(tmp_path, RUN, GOOD).words
    assert "✗1 of 2 quantities FAIL in: Conv2d dL/dX." in page(tmp_path, RUN, GOOD, BAD).words


def test_an_unfinished_run_says_so_first(tmp_path: Path) -> None:
    words = page(tmp_path, replace(RUN, complete=False), GOOD).words
    assert "✗INCOMPLETE: the run was stopped" in words
    assert "compared quantities of 1 module pass" not in words


def test_squares_say_the_gravest_in_sign_and_word(tmp_path: Path) -> None:
    followed = replace(BAD, check="accumulates", detail=BAD.detail)
    words = page(tmp_path, RUN, GOOD, BAD, followed, LACKING, replace(GOOD, module="ReLU", verdict="same-route")).words
    assert "Conv2d not asked ✗ FAIL ✓ pass not asked not asked ↳ follows" in words
    assert "1 module of the catalogue that it does not have GRU." in words
    assert "ReLU not asked not asked ≡ same" in words
    assert words.index("Conv2d not asked") < words.index("ReLU not asked")  # what is wrong stands first


def test_what_a_subject_has_in_part_stands_in_the_grid(tmp_path: Path) -> None:
    words = page(tmp_path, RUN, GOOD, replace(LACKING, module="Conv2d", quantity="dbias")).words
    assert "Conv2d not asked not asked ✓ pass ○ none" in words
    assert "of the catalogue that it" not in words


def test_another_convention_is_no_failure(tmp_path: Path) -> None:
    other = replace(GOOD, check="refuses", quantity="integers", verdict="fail", aspect="conventions")
    words = page(tmp_path, replace(RUN, fail_on=("numbers", "behaviour")), GOOD, other).words
    assert "✓ pass not asked not asked not asked ≠ differs" in words
    assert "Conv2d ✗ FAIL" not in words
    assert "Conv2d ≠ differs" in words


def test_a_failing_record_is_shown_in_full(tmp_path: Path) -> None:
    bad = replace(BAD, fits=("cause: transposed", "right if: stride=1"), script="minimal/a.py", options={"stride": "2"})
    words = page(tmp_path, replace(RUN, source="my lib.py"), GOOD, bad).words
    for said in ("3 are wrong", "812", "transposed", "right if: stride=1", "stride=2", "python minimal/a.py", "(1, 2)"):
        assert said in words
    again = (
        "--subject 'my lib.py' --module Conv2d --case 'stride 2' --check values --dtype float32 --device cpu --seed 7"
    )
    assert f"python -m parity parity {again}" in words


def test_of_many_like_failures_some_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    bad = [replace(BAD, case=f"c{place}", subject_error=9.0 + place) for place in range(40)]
    words = page(tmp_path, RUN, *bad).words
    assert words.count("found 3 are wrong") == 4
    assert "3 more like this, of 39; the rest is in parity.jsonl" in words


def test_every_link_within_the_page_resolves_and_no_name_stands_twice(tmp_path: Path) -> None:
    twins = [replace(GOOD, module=module) for module in ("a b", "a-b", "A B", "a b output", "---", "###")]
    read = page(tmp_path, RUN, GOOD, BAD, REFUSES, LACKING, *twins, *(replace(one, quantity="output") for one in twins))
    assert len(set(read.names)) == len(read.names)
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.names)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_shown_as_they_are(tmp_path: Path, words: str) -> None:
    run = replace(RUN, subject=words, source=words, command=words, machine={words: words}, not_run=(words,))
    bad = replace(
        BAD, subject=words, module=words, case=words, check="values", quantity=words, regime=words, dtype=words,
        device=words, detail=words, diagnosis=words, fits=(f"{words}: {words}",), script=words, options={words: words},
    )  # fmt: skip
    plain = page(tmp_path, RUN, BAD, REFUSES, replace(LACKING, check="other"))
    read = page(tmp_path, run, bad, replace(bad, check=words, verdict="unsupported"), replace(bad, verdict="error"))
    shown = " ".join(words.split())
    assert read.words.count(shown) > 10
    assert read.tags.count("script") == plain.tags.count("script") == 1
    assert set(read.tags) <= set(plain.tags) | {"code", "em", "li", "ul", "pre", "details", "summary", "strong"}
    assert {name for name, _ in read.others} <= {"style"}
    assert all(re.fullmatch(r"flex-grow:\d+", value) for _, value in read.others)
    assert all(re.fullmatch(r"#[A-Za-z0-9-]+|data:,", link) for link in read.links)


def test_the_same_records_make_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    records = [replace(one, case=f"c{place}") for place in range(9) for one in (GOOD, BAD, LACKING, REFUSES)]
    shown = [
        index.render(tmp_path, {"parity.jsonl": gather(map(asdict, [RUN, *some]))}) for some in (records, records[::-1])
    ]
    assert shown[0] == shown[1]


def test_everything_that_a_folder_holds_is_shown(tmp_path: Path) -> None:
    files(tmp_path)
    read = Reader(index.render(tmp_path))
    for heading in ("Module by module", "Times beside torch.nn", "Can the verdict be trusted?", "The five papers"):
        assert heading in read.words
    assert "Not shown" not in read.words
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.names)


@pytest.mark.parametrize("name", ["parity.jsonl", "perf.json", "papers.jsonl", "trust.jsonl"])
@pytest.mark.parametrize("harm", [b"", b"{", b"[]", b"\xff"])
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, name: str, harm: bytes) -> None:
    files(tmp_path)
    (tmp_path / name).write_bytes(harm)
    read = Reader(index.write(tmp_path).read_text(encoding="utf-8"))
    assert read.words.count("Not shown") == 1
    assert str(tmp_path / name) in read.words
    assert ("No parity run is shown here" in read.words) is (name == "parity.jsonl")


def test_a_file_cut_short_is_incomplete(tmp_path: Path) -> None:
    for path in files(tmp_path)[:3]:
        path.write_bytes(path.read_bytes()[:-20])
    words = Reader(index.render(tmp_path)).words
    assert words.count("INCOMPLETE") >= 3


def test_several_subjects_stand_on_one_page(tmp_path: Path) -> None:
    other = replace(RUN, subject="other")
    read = page(
        tmp_path, RUN, other, GOOD, BAD, replace(GOOD, subject="other"), replace(BAD, subject="other", verdict="pass")
    )
    assert "✗framework. 1 of 2 quantities FAIL" in read.words
    assert "✓other. All 2 compared quantities" in read.words
    assert "Side by side" in read.words
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.names)


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "parity.jsonl", [RUN, GOOD])
    assert main(["report", "--out", str(tmp_path)]) == 0
    assert str(tmp_path / "index.html") in capsys.readouterr().out
    assert not list(tmp_path.glob("*.partial"))


def test_the_command_tells_of_a_file_it_cannot_read_and_never_leaves_the_old_verdict(tmp_path: Path) -> None:
    write(tmp_path / "parity.jsonl", [RUN, GOOD])
    main(["report", "--out", str(tmp_path)])
    (tmp_path / "parity.jsonl").write_bytes(b"")
    assert main(["report", "--out", str(tmp_path)]) == 2
    words = Reader((tmp_path / "index.html").read_text(encoding="utf-8")).words
    assert "Not shown" in words
    assert "compared quantities" not in words


def many(count: int) -> list[Parity]:
    return [
        replace(GOOD, module=f"M{place % 60}", case=f"case {place // 900}", check=f"check {place % 7}", seed=place)
        for place in range(count)
    ]


def test_the_size_of_the_page_follows_modules_and_cases_and_not_records(tmp_path: Path) -> None:
    sizes = [
        len(index.render(tmp_path, {"parity.jsonl": gather(map(asdict, [RUN, *some]))}))
        for some in (many(900), many(900) * 4)
    ]
    assert sizes[1] < 1.1 * sizes[0]


@pytest.mark.parametrize("wrong", [{"verdict": "error"}, {"verdict": "void"}, {"verdict": "fail"}])
def test_only_a_run_that_nothing_fails_is_marked_as_right(tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert "✓All 1 compared" in page(tmp_path, RUN, GOOD).words
    assert "✓All 1 compared" not in page(tmp_path, RUN, GOOD, replace(GOOD, module="Tanh", **wrong)).words
    assert "✓" not in page(tmp_path, replace(RUN, faults=("Tanh is required",)), GOOD).words.partition("verdict any")[0]
