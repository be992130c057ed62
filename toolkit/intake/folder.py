"""Read a folder of returned forms, exports and zips, or one export."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from errno import EEXIST
from functools import partial
from pathlib import Path

import pandas as pd

from toolkit.core.errors import FolderError, Problem, ProblemCode, RefusedError, ToolkitError
from toolkit.core.i18n import Text, load_text
from toolkit.core.normalize import read_school, read_wave
from toolkit.core.parallel_map import parallel_map
from toolkit.core.progress import bar, track
from toolkit.forms.form import Form
from toolkit.forms.form_reader import read_form
from toolkit.forms.vocabulary import Vocabulary
from toolkit.instrument.arguments import as_checklist, as_whole, check_type, explained
from toolkit.instrument.lookup import read_role, role_words
from toolkit.instrument.model import Instrument
from toolkit.intake.archive import MAX_ARCHIVE, is_archive, members
from toolkit.intake.export_table import MAX_EXPORT
from toolkit.intake.file_kind import (
    TABLE_SUFFIXES,
    ZIP_SUFFIX,
    is_system_file,
    problem_of_bytes,
    problem_of_name,
    suffix_of,
)
from toolkit.intake.file_result import FileResult, FormCompactor, result_of_form
from toolkit.intake.form_cache import FOLDER, FormCache
from toolkit.intake.identify_schools import apply_defaults
from toolkit.intake.intake import STATUSES, Intake, make_intake
from toolkit.intake.survey_export import Defaults, ExportOptions, is_export, read_survey_export
from toolkit.schools.school_register import make_register
from toolkit.spreadsheets.guard import MAX_FILE, read_regular_file

__all__ = ["STATUSES", "Intake", "read_export", "read_folder"]

PROGRESS_BAR_FROM = 500
"""Files from which reading takes long enough to show a bar in a notebook and keep a cache."""

OWN_FILES = (".handvat-shown.json", ".handvat-reports.json")
"""Files that this package writes in a folder: no forms that came back."""

CHUNK_SIZE = 50
"""Files that go to a worker process at once."""

MAX_ANSWERS_OF_EXPORT = 3
"""Answers that an export, read as one form, can give; below it a look is taken whether the file is an export."""


@explained
def read_folder(
    folder: str | Path,
    checklist: Instrument | None = None,
    *,
    school: str | None = None,
    wave: str | None = None,
    role: str | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    cache: str | Path | bool | None = None,
    progress: bool = True,
    language: str = "nl",
    register: pd.DataFrame | str | Path | None = None,
) -> Intake:
    """Read the forms in a folder and the folders in it; exports and zips among them too.

    Parameters
    ----------
    folder
        The folder; or one zip or export by itself.
    checklist
        The checklist the forms were made from; the built-in one where none is given.
    school, wave, role
        Of every form and respondent that says nothing else; a role by its id or by a word for it.
    workers
        Processes to read with; 1 or None reads in this process.
    executor
        Any `concurrent.futures.Executor` to read with instead.
    cache
        A folder for the cache of parsed forms, so that reading the same files again is fast. None decides by
        itself: for 500 files or more the cache is a hidden folder next to the forms, where the same answers are anyway.
        False reads everything afresh and keeps nothing.
    progress
        Show a bar on long work: in a terminal, and in a notebook from 500 files.
    language
        Of the messages in `problems` and `files`.
    register
        The schools that take part, and where it says so their school years and names (see
        `toolkit.schools.school_register`); forms of others are read and reported.

    Raises
    ------
    FolderError
        The folder is not there, or is a file.
    ToolkitError
        The school year or role that was given is none.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> len(tk.read_folder(folder).responses) == len(planted)
    True
    """
    checklist = as_checklist(checklist, load_text(language))
    workers = None if workers is None else as_whole(workers, "workers", 1, load_text(language))
    root, files = _files_in(_path(folder, language), checklist, language)
    schools = make_register(register) if register is not None else None
    defaults = _defaults(school, wave, role, checklist, load_text(language))
    form_cache = FormCache(_cache_folder(cache, root, len(files)), checklist)
    reading = _FolderReading(root, checklist, defaults, form_cache, progress, language)
    results = _without_own_exports(reading.read(files, workers, executor))
    with_defaults = [apply_defaults(result, defaults) for result in results]
    return make_intake(with_defaults, checklist, schools, language, root.resolve().name)


@explained
def read_export(
    path: str | Path,
    checklist: Instrument | None = None,
    *,
    school: str | None = None,
    wave: str | None = None,
    role: str | None = None,
    columns: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    language: str = "nl",
    register: pd.DataFrame | str | Path | None = None,
    progress: bool = True,
) -> Intake:
    r"""Read an export of a survey tool: one row per respondent.

    Parameters
    ----------
    school, wave, role
        Of every respondent who says nothing else; a role by its id or by a word for it.
    columns
        What columns are that are not recognised, by their heading: an item (`1.1`), `school`, `wave`, `role`,
        `action_1` …, or "" for nothing. `handvat read-export --show-columns` tells how each is understood.
    answers
        What the texts in the answer columns mean, where they are no Ja, Beetje or Nee: `{"A1": "Ja"}`.
    language
        Of the messages.
    register
        As in `read_folder`.
    progress
        As in `read_folder`.

    Returns
    -------
    The same `Intake`; `files` has one row, for the file, with the usable answers of all its respondents.

    Raises
    ------
    FolderError
        The file is not there.
    ToolkitError
        The school year or role that was given is none, or `columns` or `answers` point at nothing.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> import toolkit as tk
    >>> path = f"{tempfile.mkdtemp()}/export.csv"
    >>> statements = [item.statement["nl"] for item in tk.load_instrument().items]
    >>> answers = pd.DataFrame([["99AA00", "leraar", *["Ja"] * 33]], columns=["School", "Rol", *statements])
    >>> answers.to_csv(path, index=False)
    >>> len(tk.read_export(path, wave="2025-2026").responses)
    1
    """
    path, checklist = _path(path, language), as_checklist(checklist, load_text(language))
    schools = make_register(register) if register is not None else None
    defaults = _defaults(school, wave, role, checklist, load_text(language))
    options = ExportOptions(defaults, columns or {}, answers or {})
    try:
        data = read_export_file(path, language)
        results = _read_export(path.name, data, checklist, options, progress)
    except RefusedError as refused:
        results = [FileResult(path.name, "refused", problem=refused.problem, kind="export")]
    return make_intake(results, checklist, schools, language)


def read_export_file(path: Path, language: str = "nl") -> bytes:
    """Return the bytes of an export; of a zip with one file in it, the bytes of that.

    Raises `FolderError` when the file is not there, `RefusedError` when it can't be read safely.
    """
    if not path.exists() or path.is_dir():
        key = "folder.export_is_folder" if path.is_dir() else "folder.no_export"
        raise FolderError(load_text(language).say(key, file=path))
    data = read_regular_file(path, MAX_EXPORT)
    if not is_archive(data):
        return data
    inside = [content for name, content in members(data, MAX_EXPORT) if not is_system_file(name)]
    if len(inside) != 1:
        raise RefusedError(Problem(ProblemCode.NOT_AN_EXPORT))
    if isinstance(inside[0], Problem):
        raise RefusedError(inside[0])
    return inside[0]


def _path(folder: str | Path, language: str) -> Path:
    """Return the path of a folder; raises `FolderError` for anything that is none."""
    text = load_text(language)
    if not isinstance(folder, (str, Path)) or not str(folder).strip():
        raise FolderError(text.say("folder.no_path"))
    if set(str(folder)) & set("\t\n\r\f\v\a\b"):  # r"C:\teruggekregen" without its r
        raise FolderError(text.say("folder.without_r", folder=ascii(str(folder))[1:-1]))
    return Path(folder)


def check_folder(root: Path, language: str = "nl") -> None:
    """Raise `FolderError` for a path that is no folder."""
    text = load_text(language)
    if not root.exists():
        parents = [parent for parent in root.absolute().parents if parent.is_dir()]
        raise FolderError(text.say("folder.missing", folder=root, parent=parents[0] if parents else root.anchor))
    if not root.is_dir():
        raise FolderError(text.say("folder.not_a_folder", folder=root))


def _without_own_exports(per_file: Sequence[list[FileResult]]) -> list[FileResult]:
    """Refuse this project's own exports next to forms: the same answers would count twice."""
    forms = any(result.form is not None and result.kind == "form" for results in per_file for result in results)
    accepted = []
    for results in per_file:
        export = results[-1] if results else None
        if forms and export is not None and export.detail[0] == "detail.own_export":
            accepted.append(FileResult(export.file, "refused", problem=Problem(ProblemCode.OWN_EXPORT), kind="export"))
        else:
            accepted += results
    return accepted


def _files_in(folder: Path, checklist: Instrument, language: str) -> tuple[Path, list[str]]:
    """Return the folder and its files; of one zip or export its folder and its name."""
    if folder.is_file() and (
        suffix_of(folder.name) in (ZIP_SUFFIX, *TABLE_SUFFIXES) or _is_export_file(folder, checklist)
    ):
        return folder.parent, [folder.name]
    check_folder(folder, language)
    return folder, sorted(_walk(folder))


def _is_export_file(path: Path, checklist: Instrument) -> bool:
    with contextlib.suppress(RefusedError):
        return is_export(read_regular_file(path), checklist)
    return False


def read_results(folder: str | Path, checklist: Instrument) -> dict[str, list[FileResult]]:
    """Return what became of each file by its path, before files are compared."""
    root = _path(folder, "nl")  # an empty path would be the folder that Python happens to work in
    check_folder(root)
    files = sorted(_walk(root))
    reading = _FolderReading(root, checklist, Defaults(), FormCache(None, checklist), False, "nl")
    return dict(zip(files, reading.read(files, None, None), strict=True))


def _defaults(school: str | None, wave: str | None, role: str | None, checklist: Instrument, text: Text) -> Defaults:
    year, role_id = (
        read_wave(str(wave)) if wave else None,
        read_role(str(role), role_words(checklist)) if role else None,
    )
    if wave and year is None:
        raise ToolkitError(text.say("many.no_wave", wave=wave))
    if role and role_id is None:
        raise ToolkitError(text.say("folder.no_role", role=role, roles=", ".join(checklist.role_ids)))
    return Defaults(read_school(str(school)) if school else None, year, role_id)


def _cache_folder(cache: str | Path | bool | None, root: Path, files: int) -> Path | None:
    check_type(cache, "cache", (str, Path, bool, type(None)), "False")
    if cache is None or cache is True:
        return root / FOLDER if cache or files >= PROGRESS_BAR_FROM else None
    if cache is False:
        return None
    if Path(cache).is_file():
        raise FileExistsError(EEXIST, "", str(cache))
    return Path(cache)


class _FolderReading:
    """One reading of a folder: cached forms are looked up, other files are read."""

    def __init__(
        self,
        root: Path,
        checklist: Instrument,
        defaults: Defaults,
        cache: FormCache,
        progress: bool,
        language: str,
    ) -> None:
        self._root, self._cache = str(root), cache
        self._compact = FormCompactor(tuple(checklist.item_ids))
        self._read_file = partial(
            _read_file, root=self._root, vocabulary=Vocabulary(checklist), options=ExportOptions(defaults)
        )
        self._progress, self._say = progress, load_text(language).say

    def read(self, files: Sequence[str], workers: int | None, executor: Executor | None) -> list[list[FileResult]]:
        """Return the results of each file, in order; forms are cached while reading."""
        results = self._cached(files) if self._cache.has_entries else {}
        remaining = [file for file in files if file not in results]
        read = parallel_map(
            self._read_file,
            remaining,
            _crashed,
            workers,
            executor,
            result_type=list[FileResult],
            chunk_size=CHUNK_SIZE,
        )
        problems = 0
        with bar(len(remaining), "", self._progress, PROGRESS_BAR_FROM) as progress_bar:
            for file, per_file in zip(remaining, read, strict=True):
                if len(per_file) == 1 and per_file[0].form is not None and per_file[0].kind == "form":
                    self._cache.put(per_file[0].digest, per_file[0].form)
                results[file] = [self._compact(result) for result in per_file]
                if len(results) % PROGRESS_BAR_FROM == 0:
                    self._cache.save()
                if not progress_bar.disable:
                    problems += sum(len(result.problems) for result in per_file)
                    progress_bar.set_postfix_str(self._say("cli.problems", n=problems), refresh=False)
                progress_bar.update()
        self._cache.save()
        return [results[file] for file in files]

    def _cached(self, files: Sequence[str]) -> dict[str, list[FileResult]]:
        """Return forms that were read before from the same bytes, under a name that is read."""
        results = {}
        for file in files:
            if not is_system_file(file) and suffix_of(file) != ZIP_SUFFIX:
                with contextlib.suppress(RefusedError):
                    digest = hashlib.sha256(_bytes(file, self._root)).hexdigest()
                    if form := self._cache.get(digest):
                        results[file] = [self._compact(result_of_form(shown_name(file), digest, form))]
        return results


def _crashed(file: str, error: BaseException) -> list[FileResult]:
    problem = Problem(ProblemCode.BROKEN_OFF, found=type(error).__name__)
    return [FileResult(shown_name(file), "refused", problem=problem)]


def shown_name(file: str) -> str:
    """Return a file's name as shown, with a mark where it can't be decoded."""
    shown = file.replace(os.sep, "/")
    return shown if shown.isascii() else os.fsencode(shown).decode("utf-8", "replace")


def _walk(root: Path) -> Iterator[str]:
    """Yield every file below the folder, and folders that are links or can't be opened."""
    start, closed = len(os.path.join(root, "")), list[str]()
    for parent, folders, files in os.walk(root, onerror=lambda error: closed.append(str(error.filename))):
        folders[:] = [name for name in folders if name != FOLDER]
        linked = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        met = (name for name in (*files, *linked) if name not in (FOLDER, *OWN_FILES))
        yield from (os.path.join(parent, name)[start:] for name in met)
    yield from (folder[start:] for folder in closed)


def _read_file(file: str, root: str, vocabulary: Vocabulary, options: ExportOptions) -> list[FileResult]:
    """Return the results of one file: one of a form, several of an export or a zip."""
    name = shown_name(file)
    if is_system_file(file):
        return [FileResult(name, "ignored", detail=("detail.lock_file", ""))]
    try:
        data = _bytes(file, root)
        results = _read_bytes(name, data, vocabulary, options) if suffix_of(file) != ZIP_SUFFIX else []
        if (not results or results[0].problem is not None) and is_archive(data):  # whatever its name
            return list(_read_members(name, data, vocabulary, options))
        results = results or _read_bytes(name, data, vocabulary, options)
        refused_as = results[0].problem.code if results[0].problem else None
        if suffix_of(file) == ZIP_SUFFIX and refused_as == ProblemCode.NOT_A_WORKBOOK:
            return [FileResult(name, "refused", problem=Problem(ProblemCode.BROKEN_ARCHIVE))]
        return results
    except RefusedError as refused:
        path = f"{root}{os.sep}{file}"
        if os.path.islink(path) and os.path.isdir(path):  # its files are met where they really are
            return [FileResult(name, "ignored", detail=("detail.linked_folder", ""))]
        return [FileResult(name, "refused", problem=refused.problem)]


_UNFORESEEN = (ValueError, ArithmeticError, LookupError, struct.error, MemoryError, RecursionError)
"""What odd bytes may make of code that reads them; anything else is a mistake of ours, and is not passed over."""


def _read_members(name: str, data: bytes, vocabulary: Vocabulary, options: ExportOptions) -> Iterator[FileResult]:
    """Read a zip as a folder: each member is accounted for."""
    for member, content in members(data, MAX_EXPORT):
        shown = f"{name}/{member}"
        if is_system_file(member):
            yield FileResult(shown, "ignored", detail=("detail.lock_file", ""))
            continue
        problem = content if isinstance(content, Problem) else _problem_of_member(member, content)
        if problem is not None:
            yield FileResult(shown, "refused", problem=problem)
        else:
            yield from _read_bytes(shown, bytes(content), vocabulary, options)  # type: ignore[arg-type]


def _problem_of_member(member: str, content: bytes) -> Problem | None:
    if suffix_of(member) == ZIP_SUFFIX:
        return Problem(ProblemCode.NESTED_ARCHIVE)
    if len(content) > MAX_FILE and suffix_of(member) not in TABLE_SUFFIXES:
        return Problem(ProblemCode.TOO_LARGE)
    return problem_of_name(member)


def _read_bytes(name: str, data: bytes, vocabulary: Vocabulary, options: ExportOptions) -> list[FileResult]:
    """Read a form; where it is none, look whether it is an export."""
    if problem := problem_of_bytes(data):
        return [FileResult(name, "refused", problem=problem)]
    kind = "export" if suffix_of(name) in TABLE_SUFFIXES else "form"
    try:
        if kind == "form":
            form, refused = _read_form(data, vocabulary)
            if (form is None or len(form.answers) <= MAX_ANSWERS_OF_EXPORT) and is_export(data, vocabulary.checklist):
                kind = "export"
            elif form is None or _is_of_several(form, vocabulary):
                return [FileResult(name, "refused", problem=refused or Problem(ProblemCode.STATEMENTS_IN_ROWS))]
            else:
                return [result_of_form(name, hashlib.sha256(data).hexdigest(), form)]
        return _read_export(name, data, vocabulary.checklist, options)
    except RefusedError as error:
        return [FileResult(name, "refused", problem=error.problem, kind=kind)]
    except _UNFORESEEN as error:  # whatever one file does, the others are read
        return [FileResult(name, "refused", problem=Problem(ProblemCode.BROKEN_OFF, found=type(error).__name__))]


def _is_of_several(form: Form, vocabulary: Vocabulary) -> bool:
    """Whether it is a table with a column per respondent instead of a form: each row has several answers."""
    beside = [problem.found for problem in form.problems if problem.code == ProblemCode.BESIDE]
    if len(beside) < max(1, len(form.answers)):
        return False
    n_answers = sum(vocabulary.meaning(text).answer is not None for text in beside)
    return (form.wave is None and form.role is None) or n_answers >= 2 * max(1, len(form.answers))


_MAY_BE_EXPORT = (ProblemCode.NOT_A_FORM, ProblemCode.CLASS_LIST, ProblemCode.NOT_A_WORKBOOK)


def _read_form(data: bytes, vocabulary: Vocabulary) -> tuple[Form | None, Problem | None]:
    """Return the form, or the problem where the file may be an export; else raise."""
    try:
        return read_form(data, vocabulary), None
    except RefusedError as refused:
        if refused.problem.code not in _MAY_BE_EXPORT:
            raise
        return None, refused.problem


def _read_export(
    name: str, data: bytes, checklist: Instrument, options: ExportOptions, progress: bool = False
) -> list[FileResult]:
    """The results of an export: one of each respondent, then one of the file."""
    respondents, problems = read_survey_export(
        data, checklist, options, partial(track, unit="", shown=progress, long=PROGRESS_BAR_FROM)
    )
    results = [result_of_form(name, respondent.digest, respondent.form, "respondent") for respondent in respondents]
    digest = hashlib.sha256(data).hexdigest()
    is_own = any(problem.code == ProblemCode.OWN_EXPORT for problem in problems)
    detail = ("detail.own_export", "") if is_own else ("", "")
    problems = [problem for problem in problems if problem.code != ProblemCode.OWN_EXPORT]
    return [*results, FileResult(name, "read", digest, detail=detail, file_problems=tuple(problems), kind="export")]


def _bytes(file: str, root: str) -> bytes:
    path, suffix = f"{root}{os.sep}{file}", suffix_of(file)
    problem = problem_of_name(file)
    if problem is not None and not os.path.islink(path) and not os.path.isdir(path):
        raise RefusedError(problem)
    max_size = MAX_ARCHIVE if suffix == ZIP_SUFFIX else MAX_EXPORT if suffix in TABLE_SUFFIXES else MAX_FILE
    return read_regular_file(path, max_size)
