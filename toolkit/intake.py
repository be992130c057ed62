"""A folder of returned forms becomes one `Intake`, in which every file met is accounted for."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

import pandas as pd
from tqdm import tqdm

from toolkit.errors import FolderError, Problem, RefusedError, ToolkitError
from toolkit.instrument import Instrument, load_instrument
from toolkit.responses import make_responses
from toolkit.sources.safety import read_once
from toolkit.sources.workbook import Form, read_form
from toolkit.text import load_text, problem_message
from toolkit.word_table import WordTable

STATUSES = ("read", "read-with-problems", "refused", "duplicate", "superseded", "ignored")
"""What can become of a file; the counts of all six add up to the files met."""

SUFFIXES = (".xlsx", ".xlsm", ".ods", ".xls", "")
"""Names of what is read; of a file without one its first bytes decide, as they do of every other."""
FILES = ["file", "status", "school", "wave", "role", "answered", "detail"]
PROBLEMS = ["file", "sheet", "cell", "item", "code", "found", "message"]
ACTIONS = ["school", "wave", "role", "respondent", "step", "text"]


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
    """

    responses: pd.DataFrame
    actions: pd.DataFrame
    files: pd.DataFrame
    problems: pd.DataFrame
    schools: pd.DataFrame

    def counts(self) -> dict[str, int]:
        """Number of files per status; all statuses, in a fixed order."""
        counts = self.files["status"].value_counts()
        return {status: int(counts.get(status, 0)) for status in STATUSES}

    def summary(self, language: str = "nl") -> str:
        """What came in, in a few lines for people."""
        text = load_text(language)
        lines = [f"{count:5d}  {text.say(f'status.{status}')}" for status, count in self.counts().items() if count]
        known = self.responses["school"].dropna().nunique()
        read = text.say("cli.answers", n=len(self.responses), schools=known)
        return "\n".join([*lines, "", f"{read}; {text.say('cli.problems', n=len(self.problems))}"])

    def problem_table(self, language: str = "nl") -> WordTable:
        """Every problem with its file, to read and to send back to who can mend it."""
        text = load_text(language)
        files, messages = self.problems["file"], self.problems["message"]
        return WordTable(
            text.say("cli.problems", n=len(messages)),
            (text.say("summary.file"), text.say("summary.message")),
            tuple(zip(files, messages, strict=True)),
        )

    def __repr__(self) -> str:
        """Return the counts only: a notebook that shows an intake by accident shows no answers."""
        return f"Intake({', '.join(f'{status}={count}' for status, count in self.counts().items())})"


def read_folder(
    folder: str | Path,
    checklist: Instrument | None = None,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    cache: Path | bool | None = None,
    progress: bool = True,
    language: str = "nl",
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
        None or False: every form is read afresh. Keeping a cache is not in this version.
    progress
        Show a bar in a terminal.
    language
        Of the messages in `problems` and `files`.

    Raises
    ------
    FolderError
        The folder is not there, or is a file.
    """
    root = Path(folder)
    _check(root, cache, language)
    checklist = checklist or load_instrument()
    met = list(_walk(root))
    read = partial(_read_file, root=root, checklist=checklist)
    outcomes = list(_bar(_mapped(read, met, workers, executor), len(met), progress))
    return _intake(_settle(outcomes), checklist, language)


def _check(root: Path, cache: Path | bool | None, language: str) -> None:
    text = load_text(language)
    if not root.exists():
        raise FolderError(text.say("folder.missing", folder=root))
    if not root.is_dir():
        raise FolderError(text.say("folder.not_a_folder", folder=root))
    if cache:
        raise ToolkitError("cache: deze versie leest elk formulier opnieuw; laat cache weg.")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one file."""

    file: str
    status: str
    digest: str = ""
    form: Form | None = None
    problem: Problem | None = None
    detail: tuple[str, str] = ("", "")


def _walk(root: Path) -> Iterator[Path]:
    """Every file below the folder in a fixed order; folders that are links are met, and not entered."""
    for place, folders, files in os.walk(root):
        folders.sort()
        linked = [name for name in folders if (Path(place) / name).is_symlink()]
        yield from (Path(place) / name for name in sorted([*files, *linked]))


def _mapped(
    read: Callable[[Path], _Outcome], met: list[Path], workers: int | None, executor: Executor | None
) -> Iterator[_Outcome]:
    if executor is not None:
        yield from executor.map(read, met)
    elif workers is not None and workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            yield from pool.map(read, met, chunksize=8)
    else:
        yield from map(read, met)


def _bar(outcomes: Iterable[_Outcome], total: int, progress: bool) -> Iterable[_Outcome]:
    shown = progress and sys.stderr.isatty()
    return tqdm(outcomes, total=total, unit="form", leave=False) if shown else outcomes


def _read_file(path: Path, root: Path, checklist: Instrument) -> _Outcome:
    file = path.relative_to(root).as_posix()
    if _is_system_file(path.relative_to(root)):
        return _Outcome(file, "ignored", detail=("detail.lock_file", ""))
    try:
        data = _bytes(path)
        form = read_form(data, checklist)
    except RefusedError as refused:
        return _Outcome(file, "refused", problem=refused.problem)
    except Exception as error:  # whatever one file does, the others are read
        return _Outcome(file, "refused", problem=Problem("broken_off", found=type(error).__name__))
    status = "read-with-problems" if form.problems else "read"
    return _Outcome(file, status, hashlib.sha256(data).hexdigest(), form)


def _bytes(path: Path) -> bytes:
    if path.suffix.lower() not in SUFFIXES and not path.is_symlink():
        raise RefusedError(Problem("unsupported", found=path.suffix or path.name))
    return read_once(path)


def _is_system_file(path: PurePath) -> bool:
    """Lock files of Office and LibreOffice, and what systems leave in folders."""
    system = ("thumbs.db", "desktop.ini")
    return "__MACOSX" in path.parts or path.name.startswith((".", "~$", "~")) or path.name.lower() in system


def _settle(outcomes: list[_Outcome]) -> list[_Outcome]:
    """Decide between files: the same bytes twice, and earlier versions of one personal form."""
    return _supersede(_single(outcomes))


def _single(outcomes: list[_Outcome]) -> list[_Outcome]:
    first: dict[str, str] = {}
    settled = []
    for outcome in outcomes:
        if outcome.form is None or outcome.digest not in first:
            first[outcome.digest] = outcome.file
            settled.append(outcome)
        else:
            detail = ("detail.duplicate", first[outcome.digest])
            settled.append(_Outcome(outcome.file, "duplicate", outcome.digest, detail=detail))
    return settled


def _supersede(outcomes: list[_Outcome]) -> list[_Outcome]:
    latest: dict[str, _Outcome] = {}
    for outcome in outcomes:
        if outcome.form is not None and outcome.form.form_id:
            other = latest.setdefault(outcome.form.form_id, outcome)
            latest[outcome.form.form_id] = max(other, outcome, key=_version)
    settled = []
    for outcome in outcomes:
        kept = latest.get(outcome.form.form_id) if outcome.form is not None else None
        if kept is None or kept is outcome:
            settled.append(outcome)
        else:
            settled.append(_Outcome(outcome.file, "superseded", detail=("detail.superseded", kept.file)))
    return settled


def _version(outcome: _Outcome) -> tuple[float, int]:
    """Later is the workbook's own stamp, then more answers."""
    assert outcome.form is not None
    modified = outcome.form.modified
    return (modified.timestamp() if modified else 0.0, len(outcome.form.answers))


def _intake(outcomes: list[_Outcome], checklist: Instrument, language: str) -> Intake:
    forms = [(outcome, outcome.form) for outcome in outcomes if outcome.form is not None]
    return Intake(
        responses=make_responses([_response(outcome, form) for outcome, form in forms], checklist),
        actions=pd.DataFrame(
            [row for outcome, form in forms for row in _action_rows(outcome, form)], columns=ACTIONS
        ).astype(dict.fromkeys(("school", "wave", "role", "respondent", "text"), "str") | {"step": "int64"}),
        files=pd.DataFrame([_file_row(outcome, language) for outcome in outcomes], columns=FILES).astype(
            dict.fromkeys(("file", "status", "school", "wave", "role", "detail"), "str") | {"answered": "Int64"}
        ),
        problems=pd.DataFrame(
            [row for outcome in outcomes for row in _problem_rows(outcome, language)],
            columns=PROBLEMS,
            dtype="str",
        ),
        schools=_schools([form for _, form in forms]),
    )


def _pseudonym(outcome: _Outcome, form: Form) -> str:
    """A name that says nothing: the same personal form, or the same bytes, give the same one."""
    return "r-" + hashlib.sha256((form.form_id or outcome.digest).encode()).hexdigest()[:12]


def _response(outcome: _Outcome, form: Form) -> dict[str, object]:
    place = {"school": form.school, "wave": form.wave, "role": form.role}
    return {**place, "respondent": _pseudonym(outcome, form), "form": form.form, **form.answers}


def _action_rows(outcome: _Outcome, form: Form) -> Iterator[dict[str, object]]:
    respondent = _pseudonym(outcome, form)
    place = {"school": form.school, "wave": form.wave, "role": form.role, "respondent": respondent}
    for step, text in form.actions:
        yield {**place, "step": step, "text": text}


def _file_row(outcome: _Outcome, language: str) -> dict[str, object]:
    row: dict[str, object] = {
        "file": outcome.file,
        "status": outcome.status,
        "detail": _detail(outcome, language),
    }
    if outcome.form is not None:
        form = outcome.form
        row |= {"school": form.school, "wave": form.wave, "role": form.role, "answered": len(form.answers)}
    return row


def _detail(outcome: _Outcome, language: str) -> str:
    if outcome.problem is not None:
        return problem_message(outcome.problem, language)
    key, file = outcome.detail
    return load_text(language).say(key, file=file) if key else ""


def _problem_rows(outcome: _Outcome, language: str) -> Iterator[dict[str, str]]:
    problems = [outcome.problem] if outcome.problem else outcome.form.problems if outcome.form else []
    for problem in problems:
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
    """The name most of a school's forms carry."""
    named = pd.DataFrame(
        [(form.school, form.school_name) for form in forms if form.school and form.school_name],
        columns=["school", "name"],
        dtype="str",
    )
    return named.groupby("school")["name"].agg(lambda names: names.mode().iloc[0]).reset_index()
