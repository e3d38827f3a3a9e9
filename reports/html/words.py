"""Words that were written for a page of Markdown, in HTML.

The sentences, lists and tables of the Markdown pages are shown here too, so that nothing is computed or told twice. A
parser of CommonMark reads them back; it knows no link, no picture and no HTML of its own, so that whatever the words of
a record hold, what comes out are their letters.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from reports.text import folded

KNOWN = ("table",)
UNKNOWN = ("link", "image", "autolink", "html_inline", "html_block", "reference")
MARKED = re.compile(r"[\\`*_&\[\]<>!~#]")
FOLD = re.compile(r"^<details><summary>(.*)</summary>$|^</details>$", re.MULTILINE)  # as `folded` writes them
SCROLLS = '<div class="scroll" tabindex="0" role="group" aria-label="Table, scrolls sideways">'
assert FOLD.search(folded("a", "b"))


@cache
def parser() -> MarkdownIt:
    """Return the parser, whose tables scroll by themselves and say what their heads head."""
    made = MarkdownIt("commonmark", {"html": False}).enable(KNOWN).disable(UNKNOWN, ignoreInvalid=True)
    made.add_render_rule("table_open", lambda *_: f'{SCROLLS}<table class="sortable">')
    made.add_render_rule("table_close", lambda *_: "</table></div>")
    made.add_render_rule("th_open", lambda _, tokens, place, *__: f'<th scope="col"{aligned(tokens, place)}>')
    made.add_render_rule("td_open", lambda _, tokens, place, *__: f"<td{aligned(tokens, place)}>")
    return made


def aligned(tokens: Sequence[Token], place: int) -> str:
    """Return the class of a cell of figures; empty for one of words."""
    return ' class="r"' if "right" in str(tokens[place].attrs.get("style", "")) else ""


@lru_cache(maxsize=4096)
def inline(words: str) -> Markup:
    """Return a sentence, or what stands in a cell of a table."""
    return Markup(parser().renderInline(words)) if MARKED.search(words) else escape(words)


def prose(text: str) -> Markup:
    """Return paragraphs, lists, tables and what is folded."""
    made, at = [], 0
    for fold in FOLD.finditer(text):
        summary = fold[1]
        made.append(parser().render(text[at : fold.start()]))
        made.append("</details>" if summary is None else f"<details><summary>{inline(summary)}</summary>")
        at = fold.end()
    return Markup("".join([*made, parser().render(text[at:])]))
