"""Pages that users add: of modules that the catalogue lacks, each in a file of their own.

    PAGES = [page_of(swish, options={"slope": (1.0, 0.5)}), page_of(Scale, x=(5, 7), options={"features": (7,)})]

Vocabulary  added page; files of pages (named by --pages, and by a variable for the processes of a run)
Imports     parity.catalogue.page, planning's questions to torch
"""

from parity.catalogue.added.files import VARIABLE, chosen, files, loaded
from parity.catalogue.added.making import page_of

__all__ = ["VARIABLE", "chosen", "files", "loaded", "page_of"]
