"""The page in a browser: it loads in silence, fits its window, can be filtered, sorted, linked to and read aloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.browser import Browser
from tests.pages.conftest import AXE, FULL, MODULES

WIDTHS, SCHEMES = (1280, 380), ("light", "dark")
VISIBLE = "return [...document.querySelectorAll(arguments[0])].filter(one => one.checkVisibility()).length"
FILTER = """
const field = document.getElementById("filters").elements[arguments[0]];
const words = arguments[1];
field.value = field.options ? [...field.options].find(one => one.text === words).value : words;
field.dispatchEvent(new Event("input", { bubbles: true }));
"""
SORT = """
const table = document.querySelector("#m-Module00 table");
table.closest("details").open = true;
const heads = [...table.tHead.rows[0].cells];
const at = heads.findIndex(one => one.textContent.trim() === arguments[0]);
heads[at].querySelector("button").click();
return [heads[at].getAttribute("aria-sort"), [...table.tBodies[0].rows].map(row => row.cells[at].textContent.trim())];
"""
BROKEN = """
const answers = [...document.querySelectorAll("a[href]")].map(one => one.getAttribute("href"));
return answers.filter(one => one.startsWith("#") && !document.getElementById(decodeURIComponent(one.slice(1))));
"""
ACCESSIBLE = """
const done = arguments[arguments.length - 1];
for (const one of document.querySelectorAll("details")) one.open = true;
axe.run(document, { resultTypes: ["violations"] }).then(found => done(found.violations.map(
  one => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(" / ")}`)));
"""


@pytest.fixture(params=["page", "unfinished", "several"])
def any_page(request: pytest.FixtureRequest) -> Path:
    shown: Path = request.getfixturevalue(request.param)
    return shown


@pytest.fixture
def opened(browser: Browser, page: Path) -> Iterator[Browser]:
    browser.show(1280)
    browser.open(page)
    yield browser
    assert browser.console() == []


def words(browser: Browser, selector: str) -> str:
    return str(browser.run("return document.querySelector(arguments[0]).textContent", selector))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_loads_in_silence_and_fits_the_window(browser: Browser, any_page: Path, width: int, scheme: str) -> None:
    browser.show(width, scheme)
    browser.open(any_page)
    assert browser.console() == []
    assert browser.run("return document.documentElement.scrollWidth") == width
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.run("return document.documentElement.scrollWidth") == width


def test_it_fetches_nothing(opened: Browser) -> None:
    assert opened.run("return performance.getEntriesByType('resource').map(one => one.name)") == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(browser: Browser, any_page: Path, width: int, scheme: str) -> None:
    browser.show(width, scheme)
    browser.open(any_page)
    browser.run(AXE.read_text(encoding="utf-8") + "; window.axe = axe;")
    assert browser.wait_for(ACCESSIBLE) == []


def test_links_resolve(browser: Browser, any_page: Path) -> None:
    browser.open(any_page)
    assert browser.run(BROKEN) == []
    files = browser.run(
        "return [...document.links].map(one => one.getAttribute('href')).filter(one => !one.startsWith('#'))"
    )
    assert all((any_page.parent / file).is_file() for file in files)


def test_a_square_leads_to_its_records(opened: Browser) -> None:
    opened.run("document.querySelector('.grid td.fail a').click()")
    opened.run("return new Promise(done => setTimeout(done, 50))")
    assert opened.run("return document.querySelector(':target').checkVisibility()")
    assert "dL/dX" in words(opened, ":target")


def test_what_is_wrong_stands_first_in_the_grid(opened: Browser) -> None:
    assert words(opened, ".grid tbody th") == "Wrong"


@pytest.mark.parametrize(
    ("field", "value", "modules"),
    [
        ("module", "module0", MODULES),
        ("verdict", "✗ FAIL", 1),
        ("dtype", "bfloat16", MODULES),
        ("check", "refuses", MODULES),
    ],
)
def test_filters_keep_what_fits(opened: Browser, field: str, value: str, modules: int) -> None:
    every = opened.run(VISIBLE, ".module")
    opened.run(FILTER, field, value)
    assert opened.run(VISIBLE, ".module") == modules
    assert opened.run(VISIBLE, ".grid tbody tr") == modules
    assert words(opened, "#shown") == f"{modules} of {every} modules"
    opened.run("document.querySelector('#filters button').click()")
    opened.run("return new Promise(done => setTimeout(done, 50))")
    assert opened.run(VISIBLE, ".module") == every


def test_filters_work_together_and_say_when_nothing_is_left(opened: Browser) -> None:
    opened.run(FILTER, "verdict", "✗ FAIL")
    opened.run(FILTER, "module", "module0")
    assert opened.run(VISIBLE, ".module") == 0
    assert opened.run(VISIBLE, "#none") == 1


def test_rows_of_a_table_are_filtered(opened: Browser) -> None:
    opened.run("for (const one of document.querySelectorAll('#m-Module00 details')) one.open = true")
    opened.run(FILTER, "dtype", "bfloat16")
    rows = opened.run(
        "return [...document.querySelector('#m-Module00 table').tBodies[0].rows].filter(one => one.checkVisibility())"
        ".map(one => one.cells[2].textContent)"
    )
    assert rows == ["bfloat16"] * 4


def test_tables_are_sorted_by_number_and_by_word(opened: Browser) -> None:
    assert opened.run(SORT, "cells")[0] == "ascending"
    way, names = opened.run(SORT, "dtype")
    assert (way, names) == ("ascending", sorted(names))
    assert opened.run(SORT, "dtype") == ["descending", sorted(names, reverse=True)]


def test_numbers_are_sorted_as_numbers(opened: Browser) -> None:
    opened.run("document.querySelectorAll('#m-Module00 table')[2].closest('details').open = true")
    script = SORT.replace('querySelector("#m-Module00 table")', 'querySelectorAll("#m-Module00 table")[2]')
    _, shown = opened.run(script, "worst error")
    known = [float(one) for one in shown if one != "–"]
    assert known == sorted(known)
    assert known[0] < 0.2 < 0.5 < known[-1]
    assert set(shown[len(known) :]) == {"–"}


def test_it_can_be_read_without_scripts(browser: Browser, page: Path) -> None:
    browser.scripts(allowed=False)
    try:
        browser.show(1280)
        browser.open(page)
        nodes = browser.devtools("Accessibility.getFullAXTree")["nodes"]
        read = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
        assert any("quantities FAIL" in name for _, name in read)
        assert any("python -m parity parity" in name for _, name in read)
        assert "searchbox" not in dict(read)  # what only scripts could do is not offered
    finally:
        browser.scripts(allowed=True)


def test_the_skip_link_is_the_first_thing_that_the_keyboard_meets(opened: Browser) -> None:
    assert opened.run("return document.querySelector('a, button, input, summary').textContent") == "Skip to the verdict"
    opened.run("document.querySelector('.skip').focus()")
    assert opened.run("return document.activeElement.getBoundingClientRect().left") >= 0


def test_a_page_of_sixty_modules_is_small_and_fits(browser: Browser, full: Path) -> None:
    assert full.stat().st_size < 3_000_000
    for width in WIDTHS:
        browser.show(width)
        browser.open(full)
        assert browser.console() == []
        assert browser.run(VISIBLE, ".module") == FULL + 3
        assert browser.run("return document.documentElement.scrollWidth") == width
