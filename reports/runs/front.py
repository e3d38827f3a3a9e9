"""The front: the pages and the records of one run, where a reader looks first.

A run is shown there with its first record and at its end, unless what is shown is more than it: a part of a run never
replaces a whole one, and a run that goes on, was stopped or killed replaces nothing that was finished. The records of a
run that has ended are the same file in both folders, or a copy of it where the system has no two names for a file: the
front is whole without the folders of runs. Those of a run that goes on are found by a symbolic link.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from reports.html import index
from reports.papers import page as papers_page
from reports.record import write_text
from reports.runs.extent import extent
from reports.runs.folder import EVERYTHING, IGNORED, RUNS, RunFolder
from reports.sources import SOURCES

SCRIPTS, FIGURES = "minimal", "figures"  # what else a run leaves beside its records
OF_SCRIPTS = "parity.jsonl"  # the one kind of records whose runs write scripts
NOTES = ".run"  # the file by which a folder of scripts is known as one that a run wrote


def show(folder: RunFolder, kind: str, gathered: Any, goes_on: bool = False) -> bool:
    """Show a run in front, unless there is more; return whether it is shown. Raises OSError where it cannot be.

    kind      the usual name of its file of records, which lies in the folder with the pages
    gathered  its records
    """
    with alone(folder.out):
        if extent(folder.own / kind) < extent(folder.out / kind):
            return False
        if (folder.own / FIGURES).is_dir():
            shutil.copytree(folder.own / FIGURES, folder.out / FIGURES, dirs_exist_ok=True)
        show_pages(folder, kind, gathered, goes_on)
        show_records(folder.own / kind, folder.out / kind, goes_on)
        if kind == OF_SCRIPTS:
            show_scripts(folder.own / SCRIPTS, folder.out / SCRIPTS)
    return True


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Let one run at a time change the front."""
    held = os.open(out / RUNS, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks: two runs that end in one moment could mix
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def show_pages(folder: RunFolder, kind: str, gathered: Any, goes_on: bool) -> None:
    """Write the pages of the front: the larger one first, so that a full disk leaves both as they were."""
    page, others = Path(kind).with_suffix(".md").name, [name for name in SOURCES if name != kind]
    alike = not any((folder.out / name).exists() for name in (*others, papers_page.TIMES))
    if alike or goes_on:  # those of the run itself say all that there is to say
        for name in (index.NAME, page):
            write_text(folder.out / name, (folder.own / name).read_text(encoding="utf-8"))
        return
    index.write(folder.out, {kind: gathered})
    write_text(folder.out / page, SOURCES[kind].markdown(gathered, folder.out))


def show_records(records: Path, shown: Path, goes_on: bool) -> None:
    """Put the records of a run in front, all at once."""
    partial = shown.with_name(f"{shown.name}.partial")
    partial.unlink(missing_ok=True)
    if goes_on:
        with suppress(OSError):  # of a system without symbolic links: the page says where the records are
            partial.symlink_to(os.path.relpath(records, shown.parent))
            partial.replace(shown)
        return
    try:
        partial.hardlink_to(records)
    except OSError:
        shutil.copyfile(records, partial)
    if shown.is_file() and shown.samefile(partial) and not shown.is_symlink():
        partial.unlink()  # to rename a file to another name of its own does nothing
    else:
        partial.replace(shown)


def show_scripts(scripts: Path, shown: Path) -> None:
    """Put the scripts of a run in front, in place of those that another run wrote; other files stay."""
    for notes in [*shown.glob(NOTES), *shown.glob(f"*/{NOTES}")]:
        for left in [*notes.parent.glob("*.py"), *notes.parent.glob(".*.json"), notes]:
            left.unlink()
    if scripts.is_dir():
        shutil.copytree(scripts, shown, dirs_exist_ok=True)
        (shown / IGNORED).write_text(EVERYTHING, encoding="utf-8")
