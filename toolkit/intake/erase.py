"""Delete what is kept of a school; a line in a log says when, and how much."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

from toolkit.core.errors import SelectionError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import read_school
from toolkit.instrument.model import Instrument
from toolkit.intake.folder import read_folder
from toolkit.intake.form_cache import FOLDER

LOG = "handvat-verwijderd.log"


def files_of(folder: str | Path, school: str, checklist: Instrument | None = None) -> list[Path]:
    """Find the files in a folder that hold answers of a school, by what stands in them; copies of these too."""
    root = Path(folder)
    files = read_folder(root, checklist, cache=False).files
    own = {root / file for file in files.loc[files["school"] == read_school(school), "file"]}
    digests = {_digest(path) for path in own}
    same = {root / file for file in files["file"] if (root / file).is_file() and _digest(root / file) in digests}
    return sorted(own | same)


def forget(
    folder: str | Path, school: str, checklist: Instrument | None = None, *, log: str | Path | None = None
) -> list[Path]:
    """Delete every form of a school from a folder, and what was kept of reading it.

    Parameters
    ----------
    folder
        Where the returned forms are.
    school
        The school's code.
    log
        The file that gets a line with the moment, the school and the number of files; `handvat-verwijderd.log` beside
        the folder where none is given.

    Returns
    -------
    The files that were deleted. Exports, reports and copies elsewhere are not found here: these are deleted by hand.

    Raises
    ------
    SelectionError
        No form in the folder is of this school.
    """
    root, code = Path(folder), read_school(school)
    found = files_of(root, code, checklist)
    if not found:
        raise SelectionError(load_text().say("forget.nothing", school=code, folder=root))
    for path in found:
        path.unlink()
        _remove_empty(path.parent, root)
    shutil.rmtree(root / FOLDER, ignore_errors=True)
    target = Path(log) if log is not None else root.resolve().parent / LOG
    with target.open("a", encoding="utf-8") as lines:
        lines.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\t{code}\t{len(found)}\n")
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove the folders that a deletion left empty: their names may be the school's."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
