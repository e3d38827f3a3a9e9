"""Whatever the words of a record hold, a page of Markdown keeps its form, as a parser of CommonMark reads it."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reports.html.words import FOLD, inline, prose
from reports.lines import read
from reports.record import line, write_text
from reports.render import rendered
from reports.text import code, one_line, safe
from tests.reports.damage import document, files
from tests.reports.test_index import HOSTILE

NAMES = ("parity.jsonl", "papers.jsonl", "trust.jsonl", "perf.json")
KEPT = {"kind", "verdict", "mode", "role", "paper"}  # words that a program looks up; any other may be anything
PLAIN = "word"
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def put(held: Any, words: str, name: str = "") -> Any:
    """Return a record with these words in place of every string, but of those that a program looks up."""
    if isinstance(held, Mapping):
        return {key: put(value, words, key) for key, value in held.items()}
    if isinstance(held, list):
        return [put(value, words, name) for value in held]
    return words if isinstance(held, str) and name not in KEPT else held


def form(page: str) -> Counter[str]:
    """Return the parts that a page consists of, apart from its letters and from what it folds by itself."""
    kinds: Counter[str] = Counter()
    count(PARSER.parse(FOLD.sub("", page)), kinds)
    return kinds


def count(tokens: list[Token], kinds: Counter[str]) -> None:
    for token in tokens:
        if token.children:
            count(token.children, kinds)
        elif token.type not in ("text", "inline"):
            kinds[token.type] += 1


def page_of(folder: Path, name: str, words: str) -> str:
    """Return the page of a file whose records hold these words wherever they may hold any."""
    path = folder / name
    if name == "perf.json":
        write_text(path, json.dumps(put(document(), words)))
    else:
        files(folder)
        records = [record | {"ends": False} if record["kind"] == "run" else record for record in read(path)]
        write_text(path, "".join(f"{line(put(record, words))}\n" for record in records))
    return rendered(path).page.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_keeps_its_form(tmp_path: Path, name: str, words: str) -> None:
    assert form(page_of(tmp_path, name, words)) == form(page_of(tmp_path, name, PLAIN))


@pytest.mark.parametrize(
    "words", [*HOSTILE, "1. first", "12) x", "-", "---", "> a", "+ a", "=== a", "###", "#", "2.5", "-1"]
)
@pytest.mark.parametrize("around", ["{}", "- {}", "| {} | a |\n|---|---|\n| b | {} |"])
def test_safe_words_are_shown_letter_by_letter(words: str, around: str) -> None:
    shown = PARSER.parse(around.replace("{}", safe(words)))
    assert form(around.replace("{}", safe(words))) == form(around.replace("{}", PLAIN))
    letters = ["".join(child.content for child in token.children or ()) for token in shown if token.type == "inline"]
    assert one_line(words) in letters


@pytest.mark.parametrize("words", [*HOSTILE, "`", "a``b`", "plain"])
def test_code_is_shown_letter_by_letter(words: str) -> None:
    (shown,) = [token for token in PARSER.parse(f"see {code(words)} there") if token.type == "inline"]
    assert [child.content for child in shown.children or ()] == ["see ", one_line(words), " there"]


@pytest.mark.parametrize("shown", [inline, prose])
def test_words_that_nobody_escaped_are_letters_too(shown: Callable[[str], str]) -> None:
    made = shown("<script>x</script> [a](http://b) ![c](http://d) <http://e> & <b>f</b>")
    assert "<a" not in made
    assert "<img" not in made
    assert "&lt;script&gt;x&lt;/script&gt; [a](http://b) ![c](http://d) &lt;http://e&gt; &amp; &lt;b&gt;f" in made
