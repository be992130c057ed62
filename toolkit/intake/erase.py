"""Delete a school's forms; name every other file that holds, or may hold, its answers."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from toolkit.core.errors import SelectionError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import read_school
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.file_result import FileResult
from toolkit.intake.folder import read_results
from toolkit.intake.form_cache import FOLDER
from toolkit.schools.school_names import name_key

LOG = "handvat-verwijderd.log"
_PSEUDONYM = re.compile("s-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class SchoolFiles:
    """The files in a folder that hold, or may hold, answers of one school.

    Attributes
    ----------
    deletable
        Forms, zips and exports with this school and no other.
    shared
        Zips and exports with other schools too: these can't be deleted.
    by_name
        Forms that name no code but a name that forms of this school carry.
    unread
        Files that could not be read, or name no school or only its pseudonym, so that nobody knows whose they are.
    """

    deletable: list[Path]
    shared: list[Path]
    by_name: list[Path]
    unread: list[Path]

    @property
    def remaining(self) -> list[Path]:
        """The files that a person has to look at."""
        return [*self.shared, *self.by_name, *self.unread]


def files_of(folder: str | Path, school: str, checklist: Instrument | None = None) -> SchoolFiles:
    """Find the files with answers of a school, by their content; older versions too."""
    code = read_school(str(school or ""))
    if not code:  # forms that name no school are of any school
        raise SelectionError(load_text().say("forget.no_code"))
    results, root = read_results(folder, checklist or load_instrument()), Path(folder)
    names = _names_of(code, results)
    files = SchoolFiles([], [], [], [])
    for file, per_file in results.items():
        schools = {_school(result) for result in per_file if result.form is not None}
        schools = {code if name_key(name) == name_key(code) else name for name in schools}
        similar_names = {name for name in schools if name != code and name_key(name) in names}
        if code in schools:
            (files.deletable if len(schools) == 1 and not _refused(per_file) else files.shared).append(root / file)
        elif similar_names:
            files.by_name.append(root / file)
        elif _refused(per_file) or any(not name or _PSEUDONYM.fullmatch(name) for name in schools):
            files.unread.append(root / file)
    return files


@explained
def forget(
    folder: str | Path, school: str, checklist: Instrument | None = None, *, log: str | Path | None = None
) -> list[Path]:
    """Delete every file of a school from a folder, and the cache of reading it.

    Parameters
    ----------
    folder
        Where the returned forms are.
    school
        The school's code.
    log
        The file that gets a line with the moment, the school and the number of files; `handvat-verwijderd.log` next to
        the folder where none is given.

    Returns
    -------
    The files that were deleted. Zips and exports with other schools in them, forms under the school's name and files
    that can't be read stay: `toolkit.intake.erase.files_of` names them. Exports, reports and copies elsewhere are not
    found here: these are deleted by hand.

    Raises
    ------
    SelectionError
        No file in the folder is of this school only.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> deleted = tk.forget(folder, planted["school"][0])
    >>> len(deleted) == len(planted)
    True
    """
    files, root, code = files_of(folder, school, checklist), Path(folder), read_school(school)
    if not files.deletable:
        raise SelectionError(load_text().say("forget.nothing", school=code, folder=root))
    for path in files.deletable:
        path.unlink()
        _remove_empty(path.parent, root)
    _remove_cache(root / FOLDER)
    target = Path(log) if log is not None else root.resolve().parent / LOG
    with target.open("a", encoding="utf-8") as lines:
        lines.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\t{code}\t{len(files.deletable)}\n")
    return files.deletable


def _names_of(school: str, results: dict[str, list[FileResult]]) -> set[str]:
    """The keys of the names that forms with the school's code carry."""
    forms = [result.form for per_file in results.values() for result in per_file if result.form is not None]
    return {name_key(form.school_name) for form in forms if form.school == school} - {""}


def _school(result: FileResult) -> str:
    return (result.form.school if result.form is not None else None) or ""


def _refused(per_file: list[FileResult]) -> bool:
    return any(result.status == "refused" for result in per_file)


def _remove_cache(cache: Path) -> None:
    """Remove the cache; of a link only the link, not its target."""
    if os.path.islink(cache):
        cache.unlink()
    else:
        shutil.rmtree(cache, ignore_errors=True)


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove the folders that a deletion left empty: their names may be the school's."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
