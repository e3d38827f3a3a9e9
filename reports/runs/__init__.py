"""Where runs write: each into a folder of its own, so that none overwrites another.

Vocabulary  run folder, front, extent
Imports     the page in HTML and the kinds of files of records

    OUT/runs/SUBJECT/STARTED/   of one run: its records, pages, scripts and figures
    OUT/                        the front: what a reader finds first, of the last run that is not less than another
"""

from reports.runs.extent import Extent as Extent
from reports.runs.extent import extent as extent
from reports.runs.folder import RunFolder as RunFolder
from reports.runs.folder import claimed as claimed
from reports.runs.folder import unfinished_since as unfinished_since
from reports.runs.front import show as show
