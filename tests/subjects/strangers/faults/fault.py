"""What a fault is: edits of a library's text, the module that they break, and the words that name the cause."""

import re
from dataclasses import dataclass

# Ways to name a cause that several faults have; each fault adds its own.
AVERAGED = r"mean|averag|divided by .*(batch|sample|\bN\b)|1 ?/ ?N|per sample"
OVERFLOW = r"overflow|max(imum)? .*(subtract|taken)|subtract.* max|(large|huge|big) (x|input|value|score|logit|number)"
IN_PLACE = r"in[- ]place|forward changed"
IN_PLACE += r"|(changed|modified|overwr\w+|written).*(input|argument|\bx\b|\bdy\b|cotangent|dout)"
NO_COTANGENT = r"(dy|cotangent|dout|upstream|incoming).*(ignor|missing|left out|not used|dropped|not linear)"
NO_COTANGENT += r"|(ignor|missing|without|lacks?|leaves out).*(dy|cotangent|dout|upstream|incoming)"
NO_COTANGENT += r"|not linear in dy|chain"
TARGET = r"target|\bt\b|label|one[- ]?hot|class"
SHAPE = r"shape must be"
OVERWRITTEN = r"overwr|not accumulat|replace[sd]|does not add"
TWICE = r"\btwice\b|doubl|\b2(\.0*)? times|factor (of )?2\b"
HALF = r"\bhalf\b|\b0?\.50*\b (times|of)|(divided by|too small by|factor of|factor) 2|2 times too small"
AT_X = r"(derivative|evaluated|formula).*(\bx\b|\bp\b|input|score)|\bx\b (in place|instead)|wrong tensor"
AT_X += r"|input.*(in place|instead)"


@dataclass(frozen=True)
class StrangersFault:
    """One fault of one library.

    library  the file that is edited
    module   the module of the catalogue in which it shows
    edits    (old, new) texts; old stands in the file just once
    words    regular expressions, any of which names the true cause
    wrong    patterns of the quantities whose numbers are wrong; none where only a promise is broken
    right    whether the edit makes nothing wrong: another choice where there are two, which must not be accused
    """

    library: str
    module: str
    edits: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    wrong: tuple[str, ...] = ()
    right: bool = False

    def named_by(self, said: str) -> bool:
        """Return whether these words name the cause."""
        return any(re.search(pattern, said, re.IGNORECASE) for pattern in self.words)
