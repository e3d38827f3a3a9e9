"""A file of pages that is wrong ends a run before it starts, in one sentence with the file and the line."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parity.catalogue import added, pages, written
from parity.run.planning import add_pages


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test begins and ends with the catalogue of the suite alone."""
    monkeypatch.setenv(added.VARIABLE, "")
    yield
    monkeypatch.undo()
    for kept in (written, pages):
        kept.cache_clear()


HEAD = "import torch\nfrom parity.catalogue import page_of\n"
WRONG = {
    "no Python": ("PAGES = [\n", "line 3: it is no Python"),
    "an exception": ("1 / 0\n", "line 3: ZeroDivisionError: division by zero"),
    "it exits": ("raise SystemExit('no')\n", "line 3: SystemExit: no"),
    "a module that is not there": ("import nowhere_at_all\n", "line 3: ModuleNotFoundError: .*a file of pages imports"),
    "no pages": ("Pages = []\n", "must define PAGES, a list of pages, but does not; did you mean Pages?"),
    "none in it": ("PAGES = []\n", "PAGES must hold a page, but is empty"),
    "no page in it": (
        "PAGES = [torch.nn.Mish]\n",
        r"line 3: PAGES must hold pages, but holds Mish; page_of\(Mish\)",
    ),
    "a name that is taken": (
        "\nPAGES = [page_of(torch.nn.Mish)]\n",
        "line 4: the catalogue has a page of Mish",
    ),
    "twice": ("PAGES = 2 * [page_of(torch.sinh, 'Sinh')]\n", "line 3: another file, or this one, has a page of Sinh"),
    "no reference": ("PAGES = [page_of(3)]\n", "line 3: reference must be a function of tensors or a class .* was 3"),
    "an instance": ("PAGES = [page_of(torch.nn.Mish())]\n", "line 3: reference must be .*give the class"),
    "a name of an optimiser": ("PAGES = [page_of(torch.sinh, 'Adam')]\n", "line 3: the catalogue has a page of Adam"),
    "a word of the command line": ("PAGES = [page_of(torch.sinh, 'all')]\n", "one that Python may give, was 'all'"),
    "no name": ("PAGES = [page_of(lambda x: 2 * x)]\n", "line 3: the name of a module must be one that Python may"),
    "an option that it lacks": (
        "PAGES = [page_of(torch.nn.ELU, 'E', options={'alfa': (1.0,)})]\n",
        r"line 3: ELU: an option must be one of alpha, inplace, was 'alfa'; did you mean alpha\?",
    ),
    "a value alone": (
        "PAGES = [page_of(torch.nn.ELU, 'E', options={'alpha': 1.0})]\n",
        r"values .* \(1.0,\)",
    ),
    "an option that it needs": ("PAGES = [page_of(torch.nn.Linear, 'L')]\n", "Linear is not built without in_features"),
    "a shape that it does not take": (
        "PAGES = [page_of(torch.cross, 'Cross', x=(5, 4))]\n",
        r"line 3: the reference of Cross does not take an input of shape \(5, 4\)",
    ),
    "none of the shapes": ("PAGES = [page_of(torch.cholesky_inverse, 'C')]\n", r"does not take .*x=\(...\) says which"),
    "no shape": ("PAGES = [page_of(torch.sinh, 'Sinh', x=(5, 0))]\n", r"x must be a shape, such as \(5, 7\)"),
    "a target": ("PAGES = [page_of(torch.dot, 'D', target='lik')]\n", r"was 'lik'; did you mean like\?"),
    "a field": ("PAGES = [page_of(torch.sinh, 'Sinh', kink=True)]\n", "a page has no such field: .*'kink'"),
    "no gradient": ("PAGES = [page_of(lambda x: x.detach(), 'D')]\n", "no gradient flows from the output of D"),
    "no tensor": ("PAGES = [page_of(lambda x: x.tolist(), 'D')]\n", "must return output, a tensor each, returned list"),
    "a kernel that the gauge does not know": (
        "PAGES = [page_of(torch.special.i1e, 'Bessel')]\n",
        "line 3: nothing can be compared with the reference of Bessel: UnknownKernelError: .*; write the reference",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_wrong_is_one_sentence_with_its_line(name: str, tmp_path: Path) -> None:
    text, said = WRONG[name]
    source = tmp_path / "their_pages.py"
    source.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ValueError, match=said) as raised:
        add_pages([str(source)])
    assert str(raised.value).startswith("their_pages.py")
    assert "\n" not in str(raised.value)


NO_FILES: dict[str, Callable[[Path], tuple[str, str]]] = {
    "missing": lambda folder: (f"{folder}/mylib_page.py", "did you mean .*mylib_pages.py"),
    "a folder": lambda folder: (str(folder), "--pages must name Python files that exist"),
    "another kind": lambda folder: (str(folder / "pages.md"), "--pages must name Python files that exist"),
    "empty": lambda _: ("", "--pages must name a file of pages, was empty"),
    "a quote": lambda _: ("'a.py", "No closing quotation"),
}


@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_file_of_pages_is_one_sentence(name: str, tmp_path: Path) -> None:
    for file in ("pages.md", "mylib_pages.py"):
        (tmp_path / file).write_text(HEAD, encoding="utf-8")
    word, said = NO_FILES[name](tmp_path)
    with pytest.raises(ValueError, match=said):
        add_pages([word])


def test_a_path_that_the_variable_cannot_hold_is_told(tmp_path: Path) -> None:
    (tmp_path / "a:b").mkdir()
    file = tmp_path / "a:b" / "own_pages.py"
    file.write_text(f"{HEAD}PAGES = [page_of(torch.sinh, 'Sinh')]\n", encoding="utf-8")
    with pytest.raises(ValueError, match="--pages must name files in whose paths there is no ':', was"):
        add_pages([str(file)])


def test_a_variable_that_names_no_python_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(added.VARIABLE, str(tmp_path))
    with pytest.raises(ValueError, match="GRADPARITY_PAGES must name Python files, named "):
        add_pages(None)
