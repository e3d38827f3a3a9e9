"""What a command writes into a page that people write: the text between two marks."""

from typing import NamedTuple


class Marks(NamedTuple):
    """The lines between which the text stands; comments of Markdown, each once in the page."""

    begin: str
    end: str

    def replaced(self, page: str, text: str) -> str:
        """Return a page with this text between its marks; raise ValueError where they are not there, once each."""
        if page.count(self.begin) != 1 or page.count(self.end) != 1 or page.index(self.begin) > page.index(self.end):
            raise ValueError(f"the page must hold one line {self.begin} and after it one line {self.end}")
        before, _, rest = page.partition(self.begin)
        return f"{before}{self.begin}\n{text}\n{self.end}{rest.partition(self.end)[2]}"
