"""A folder of returned forms becomes one `Intake`, in which every file met is accounted for."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd

from toolkit.core.errors import FolderError, Problem, ProblemCode, RefusedError, ToolkitError
from toolkit.core.i18n import Text, load_text, problem_message
from toolkit.core.normalize import normalize_text, read_school, read_wave
from toolkit.core.parallel_map import parallel_map
from toolkit.core.progress import bar, track
from toolkit.core.text_table import TextTable
from toolkit.forms.form_reader import Form, read_form
from toolkit.forms.vocabulary import Vocabulary
from toolkit.instrument.lookup import role_words
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.deduplicate import check_against_register, resolve_duplicates
from toolkit.intake.file_result import FileResult, FormCompactor, file_result_of
from toolkit.intake.form_cache import FOLDER, FormCache
from toolkit.intake.intake_report import write_reading_report
from toolkit.intake.survey_export import MAX_EXPORT, Defaults, read_survey_export
from toolkit.responses import KEYS, make_responses
from toolkit.schools.school_register import make_register
from toolkit.spreadsheets.guard import read_regular_file

_T = TypeVar("_T")
STATUSES = ("read", "read-with-problems", "refused", "duplicate", "superseded", "ignored")
"""What can become of a file; the counts of all six add up to the files met."""

MANY = 500
"""Files from which reading takes long enough to show a bar and keep a cache."""

MAX_SECONDS, TOGETHER = 2.0, 50
"""Seconds that a process may take over a file before it is taken to hang; files that go to one together."""

SUFFIXES = (".xlsx", ".xlsm", ".ods", ".xls", "")
"""Names of what is read; of a file without one its first bytes decide, as they do of every other."""
FILES = ["file", "status", "school", "wave", "role", "answered", "detail"]
PROBLEMS = ["file", "sheet", "cell", "item", "code", "found", "message"]
ACTIONS = ["school", "wave", "role", "respondent", "step", "text"]
PRIORITIES = ["school", "wave", "role", "respondent", "item"]


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in.

    Attributes
    ----------
    responses
        One row per form that was read (see `toolkit.responses`).
    actions
        Columns `school, wave, role, respondent, step, text`: action points as written. Not protected.
    files
        Columns `file, status, school, wave, role, answered, detail`, one row for every file met; `file` is relative to
        the folder, `answered` the number of usable answers.
    problems
        Columns `file, sheet, cell, item, code, found, message`, for the person who can mend them.
    schools
        Columns `school, name`, of the schools whose forms carry their name.
    priorities
        Columns `school, wave, role, respondent, item`: what respondents marked as the item to take up first, on forms
        that ask for it. Not protected.
    """

    responses: pd.DataFrame
    actions: pd.DataFrame
    files: pd.DataFrame
    problems: pd.DataFrame
    schools: pd.DataFrame
    priorities: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PRIORITIES, dtype="str"))

    def counts(self) -> dict[str, int]:
        """Number of files per status; all statuses, in a fixed order."""
        counts = self.files["status"].value_counts()
        return {status: int(counts.get(status, 0)) for status in STATUSES}

    def summary(self, language: str = "nl") -> str:
        """What came in, in a few lines for people."""
        text = load_text(language)
        lines = [f"{count:5d}  {text.say(f'status.{status}')}" for status, count in self.counts().items() if count]
        known = self.responses["school"].dropna().nunique()
        read = text.say("cli.answers", n=len(self.responses), schools=text.say("count.schools", n=known))
        return "\n".join([*lines, "", f"{read}; {text.say('cli.problems', n=len(self.problems))}"])

    def problem_table(self, language: str = "nl") -> TextTable:
        """Every problem with its file, to read and to send back to who can mend it."""
        text = load_text(language)
        files, messages = self.problems["file"], self.problems["message"]
        return TextTable(
            text.say("cli.problems", n=len(messages)),
            (text.say("summary.file"), text.say("summary.message")),
            tuple(zip(files, messages, strict=True)),
        )

    def file_table(self, language: str = "nl") -> TextTable:
        """Every file with what became of it, in words."""
        text = load_text(language)
        rows = self.files[["file", "status", "detail"]].to_numpy().tolist()
        return TextTable(
            text.say("reading.files"),
            (text.say("reading.file"), text.say("reading.status"), text.say("reading.detail")),
            tuple((file, text.say(f"status.{status}"), detail) for file, status, detail in rows),
        )

    def write_report(self, path: str | Path, language: str = "nl") -> Path:
        """Write what came in and what is wrong where as a workbook, ready to send back to the school."""
        return write_reading_report(path, self.counts(), self.files, self.problems, language)

    def __repr__(self) -> str:
        """Return the counts only: a notebook that shows an intake by accident shows no answers."""
        return f"Intake({', '.join(f'{status}={count}' for status, count in self.counts().items())})"


def read_folder(
    folder: str | Path,
    checklist: Instrument | None = None,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    cache: str | Path | bool | None = None,
    progress: bool = True,
    language: str = "nl",
    register: pd.DataFrame | str | Path | None = None,
) -> Intake:
    """Read all returned forms in a folder and the folders in it.

    Parameters
    ----------
    checklist
        The checklist the forms were made from; the built-in one where none is given.
    workers
        Processes to read with; 1 or None reads in this process.
    executor
        Any `concurrent.futures.Executor` to read with instead.
    cache
        A folder to keep what was read in, so that the same files cost next to nothing the next time. None decides by
        itself: for 500 files or more it is kept in a hidden folder beside the forms, where the same answers are anyway.
        False reads everything afresh and keeps nothing.
    progress
        Show a bar on long work: in a terminal, and in a notebook from 500 files.
    language
        Of the messages in `problems` and `files`.
    register
        The schools that take part, and where it says so their school years (see
        `toolkit.schools.school_register`); forms of others
        are read, and said.

    Raises
    ------
    FolderError
        The folder is not there, or is a file.
    """
    root = Path(folder)
    check_folder(root, language)
    checklist = checklist or load_instrument()
    known = make_register(register) if register is not None else None
    met = sorted(_walk(root))
    kept = FormCache(_cache_folder(cache, root, len(met)), checklist)
    outcomes = _read_all(met, root, checklist, kept, workers, executor, progress, language)
    return _intake(resolve_duplicates(outcomes, known), checklist, language)


def read_export(
    path: str | Path,
    checklist: Instrument | None = None,
    *,
    school: str | None = None,
    wave: str | None = None,
    role: str | None = None,
    language: str = "nl",
    register: pd.DataFrame | str | Path | None = None,
    progress: bool = True,
) -> Intake:
    """Read an export of another survey tool: one row per respondent (see `toolkit.intake.survey_export`).

    Parameters
    ----------
    school, wave, role
        Of every respondent who says nothing else; a role by its id or by a word for it.
    language
        Of the messages.
    register, progress
        As in `read_folder`.

    Returns
    -------
    The same `Intake`; `files` has one row, for the file, with the usable answers of all its respondents.

    Raises
    ------
    FolderError
        The file is not there.
    ToolkitError
        The school year or role that was given is none.
    """
    path, checklist = Path(path), checklist or load_instrument()
    if not path.exists():
        raise FolderError(load_text(language).say("folder.no_export", file=path))
    known = make_register(register) if register is not None else None
    wanted = _defaults(school, wave, role, checklist, load_text(language))
    try:
        data = read_regular_file(path, MAX_EXPORT)
        respondents, problems = read_survey_export(
            data, checklist, wanted, partial(track, unit="", shown=progress, long=MANY)
        )
    except RefusedError as refused:
        return _intake([FileResult(path.name, "refused", problem=refused.problem)], checklist, language)
    digest = hashlib.sha256(data).hexdigest()
    outcomes = [
        check_against_register(file_result_of(path.name, f"{digest}:{one.number}", one.form), known)
        for one in respondents
    ]
    whole = FileResult(path.name, "read-with-problems", digest, detail=("", ""), said=tuple(problems))
    intake = _intake([*outcomes, whole], checklist, language)
    return replace(intake, files=_one_file(intake, path.name))


def _defaults(school: str | None, wave: str | None, role: str | None, checklist: Instrument, text: Text) -> Defaults:
    year, known = read_wave(wave) if wave else None, role_words(checklist).get(normalize_text(role)) if role else None
    if wave and year is None:
        raise ToolkitError(text.say("many.no_wave", wave=wave))
    if role and known is None:
        raise ToolkitError(text.say("folder.no_role", role=role, roles=", ".join(checklist.role_ids)))
    return Defaults(read_school(school) if school else None, year, known)


def _one_file(intake: Intake, file: str) -> pd.DataFrame:
    """The file's one row: its place where all respondents share it."""
    forms = intake.responses
    row: dict[str, object] = {"file": file, "status": "read" if intake.problems.empty else "read-with-problems"}
    for name in ("school", "wave", "role"):
        values = forms[name].dropna().unique()
        row[name] = values[0] if len(values) == 1 and forms[name].notna().all() else None
    row |= {"answered": int(forms.iloc[:, len(KEYS) :].notna().sum().sum()), "detail": ""}
    return pd.DataFrame([row], columns=FILES).astype(intake.files.dtypes.to_dict())


def check_folder(root: Path, language: str = "nl") -> None:
    """Raise `FolderError` for a path that is no folder."""
    text = load_text(language)
    if not root.exists():
        raise FolderError(text.say("folder.missing", folder=root))
    if not root.is_dir():
        raise FolderError(text.say("folder.not_a_folder", folder=root))


def _cache_folder(cache: str | Path | bool | None, root: Path, files: int) -> Path | None:
    if cache is None or cache is True:
        return root / FOLDER if cache or files >= MANY else None
    return Path(cache) if cache is not False else None


def _read_all(
    met: Sequence[str],
    root: Path,
    checklist: Instrument,
    kept: FormCache,
    workers: int | None,
    executor: Executor | None,
    progress: bool,
    language: str,
) -> list[FileResult]:
    """Look up what was read before; read the rest, and keep it as it comes: a crash loses little."""
    items = tuple(checklist.item_ids)
    outcomes = _known(met, root, kept, items) if kept.filled else {}
    left, small = [file for file in met if file not in outcomes], FormCompactor(items)
    problems, say = 0, load_text(language).say
    read = partial(_read_file, root=str(root), vocabulary=Vocabulary(checklist))
    coming = parallel_map(read, left, _lost, workers, executor, kind=FileResult, each=MAX_SECONDS, chunk=TOGETHER)
    with bar(len(left), "", progress, MANY) as growing:
        for file, outcome in zip(left, coming, strict=True):
            if outcome.form is not None:
                kept.put(outcome.digest, outcome.form)
            outcomes[file] = small(outcome)
            if len(outcomes) % MANY == 0:
                kept.save()
            problems += bool(outcome.problem) + len(outcome.form.problems if outcome.form else [])
            if not growing.disable:
                growing.set_postfix_str(say("cli.problems", n=problems), refresh=False)
            growing.update()
    kept.save()
    return [outcomes[file] for file in met]


def _known(met: Sequence[str], root: Path, kept: FormCache, items: tuple[str, ...]) -> dict[str, FileResult]:
    """What was read before from the same bytes; the name counts too, since it may be of a kind that is refused."""
    outcomes, small = {}, FormCompactor(items)
    for file in met:
        if not _is_system_file(file):
            with contextlib.suppress(RefusedError):
                digest = hashlib.sha256(_bytes(file, str(root))).hexdigest()
                if form := kept.get(digest):
                    outcomes[file] = small(file_result_of(_name(file), digest, form))
    return outcomes


def _lost(file: str, error: BaseException) -> FileResult:
    return FileResult(_name(file), "refused", problem=Problem(ProblemCode.BROKEN_OFF, found=type(error).__name__))


def _name(file: str) -> str:
    """The file as people see it; a name in another encoding shows where it can't be."""
    shown = file.replace(os.sep, "/")
    return shown if shown.isascii() else os.fsencode(shown).decode("utf-8", "replace")


def _walk(root: Path) -> Iterator[str]:
    """Every file below the folder, named from there; folders that are links, or can't be opened, are met as well."""
    start, closed = len(os.path.join(root, "")), list[str]()
    for place, folders, files in os.walk(root, onerror=lambda error: closed.append(str(error.filename))):
        folders[:] = [name for name in folders if name != FOLDER]
        linked = [name for name in folders if os.path.islink(os.path.join(place, name))]
        yield from (os.path.join(place, name)[start:] for name in (*files, *linked))
    yield from (folder[start:] for folder in closed)


def _read_file(file: str, root: str, vocabulary: Vocabulary) -> FileResult:
    name = _name(file)
    if _is_system_file(file):
        return FileResult(name, "ignored", detail=("detail.lock_file", ""))
    if _is_linked_folder(f"{root}{os.sep}{file}"):
        return FileResult(name, "ignored", detail=("detail.linked_folder", ""))
    try:
        data = _bytes(file, root)
        form = read_form(data, vocabulary)
    except RefusedError as refused:
        return FileResult(name, "refused", problem=refused.problem)
    except _UNFORESEEN as error:  # whatever one file does, the others are read
        return FileResult(name, "refused", problem=Problem(ProblemCode.BROKEN_OFF, found=type(error).__name__))
    return file_result_of(name, hashlib.sha256(data).hexdigest(), form)


_UNFORESEEN = (ValueError, ArithmeticError, LookupError, struct.error, MemoryError, RecursionError)
"""What odd bytes may make of code that reads them; anything else is a mistake of ours, and is not passed over."""


def _bytes(file: str, root: str) -> bytes:
    path, suffix = f"{root}{os.sep}{file}", os.path.splitext(file)[1].strip()
    if suffix.lower() not in SUFFIXES and not os.path.islink(path) and not os.path.isdir(path):
        raise RefusedError(Problem(ProblemCode.UNSUPPORTED, found=suffix))
    return read_regular_file(path)


def _is_system_file(file: str) -> bool:
    """Lock files of Office and LibreOffice, and what systems leave in folders, thrown away files among them."""
    *folders, name = file.split(os.sep)
    left = name.lower() in ("thumbs.db", "desktop.ini", "icon\r") or name.lower().endswith(".tmp")
    hidden = any(folder.startswith(".") or folder in ("__MACOSX", "$RECYCLE.BIN") for folder in folders)
    return left or hidden or name.startswith((".", "~"))


def _is_linked_folder(path: str) -> bool:
    """Whether it is a link to a folder: what is in there is met where it really is, or lies outside."""
    return os.path.islink(path) and os.path.isdir(path)


def _intake(outcomes: list[FileResult], checklist: Instrument, language: str) -> Intake:
    forms = [(outcome, outcome.form) for outcome in outcomes if outcome.form is not None]
    return Intake(
        responses=make_responses([_response(outcome, form) for outcome, form in forms], checklist),
        actions=pd.DataFrame(
            [row for outcome, form in forms for row in _action_rows(outcome, form)], columns=ACTIONS
        ).astype(dict.fromkeys(("school", "wave", "role", "respondent", "text"), "str") | {"step": "int64"}),
        files=pd.DataFrame([_file_row(outcome, load_text(language)) for outcome in outcomes], columns=FILES).astype(
            dict.fromkeys(("file", "status", "school", "wave", "role", "detail"), "str") | {"answered": "Int64"}
        ),
        problems=pd.DataFrame(
            [row for outcome in outcomes for row in _problem_rows(outcome, language)],
            columns=PROBLEMS,
            dtype="str",
        ),
        schools=_schools([form for _, form in forms]),
        priorities=pd.DataFrame(
            [row for outcome, form in forms for row in _priority_rows(outcome, form)], columns=PRIORITIES, dtype="str"
        ),
    )


def _pseudonym(outcome: FileResult, form: Form) -> str:
    """A name that says nothing: the same personal form, or the same bytes, give the same one."""
    return "r-" + hashlib.sha256((form.form_id or outcome.digest).encode()).hexdigest()[:12]


def _response(outcome: FileResult, form: Form) -> dict[str, object]:
    place = {"school": form.school, "wave": form.wave, "role": form.role}
    return {**place, "respondent": _pseudonym(outcome, form), "form": form.form, **dict(form.answers.items())}


def _action_rows(outcome: FileResult, form: Form) -> Iterator[tuple[object, ...]]:
    if form.actions:
        respondent = _pseudonym(outcome, form)
        for step, text in form.actions:
            yield form.school, form.wave, form.role, respondent, step, text


def _priority_rows(outcome: FileResult, form: Form) -> Iterator[tuple[object, ...]]:
    if form.first:
        respondent = _pseudonym(outcome, form)
        for item in form.first:
            yield form.school, form.wave, form.role, respondent, item


def _file_row(outcome: FileResult, text: Text) -> tuple[object, ...]:
    place: tuple[object, ...] = (None, None, None, None)
    if (form := outcome.form) is not None:
        place = (form.school, form.wave, form.role, len(form.answers))
    return (outcome.file, outcome.status, *place, _detail(outcome, text))


def _detail(outcome: FileResult, text: Text) -> str:
    if outcome.problem is not None:
        return problem_message(outcome.problem, text.language)
    key, file = outcome.detail
    return text.say(key, file=file) if key else ""


def _problem_rows(outcome: FileResult, language: str) -> Iterator[dict[str, str]]:
    problems = [outcome.problem] if outcome.problem else outcome.form.problems if outcome.form else []
    for problem in [*problems, *outcome.said, *([outcome.noted] if outcome.noted else [])]:
        place = {"sheet": problem.sheet, "cell": problem.cell, "item": problem.item}
        message = problem_message(problem, language)
        yield {
            "file": outcome.file,
            **place,
            "code": problem.code,
            "found": problem.found,
            "message": message,
        }


def _schools(forms: list[Form]) -> pd.DataFrame:
    """The name most of a school's forms carry; of names that as many carry, the first by alphabet."""
    named: dict[str, Counter[str]] = {}
    for form in forms:
        if form.school and form.school_name:
            named.setdefault(form.school, Counter())[form.school_name] += 1
    rows = [(school, min(names, key=lambda name: (-names[name], name))) for school, names in sorted(named.items())]
    return pd.DataFrame(rows, columns=["school", "name"], dtype="str")
