"""The `Intake`: what came in as tables, with every file accounted for."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from toolkit.core.errors import Problem, ToolkitError
from toolkit.core.i18n import Text, load_text, problem_message
from toolkit.core.paths import check_ending
from toolkit.core.text_table import TextTable
from toolkit.forms.form import Form
from toolkit.instrument.model import Instrument
from toolkit.intake.deduplicate import resolve_duplicates
from toolkit.intake.file_result import FileResult
from toolkit.intake.identify_schools import identify_schools
from toolkit.intake.intake_report import write_reading_report
from toolkit.responses import ACTION_COLUMNS, GROUP_COLUMNS, PERSON_COLUMNS, make_responses
from toolkit.schools.school_register import Register

STATUSES = ("read", "read-with-problems", "refused", "duplicate", "superseded", "ignored")
"""What can become of a file; the counts of all six add up to the files met."""

FILES = ["file", "status", "school", "wave", "role", "answered", "detail"]
PROBLEMS = ["file", "sheet", "cell", "item", "code", "found", "message"]
PRIORITY_COLUMNS = [*PERSON_COLUMNS, "item"]


@dataclass(frozen=True, slots=True)
class IntakeSource:
    """What an intake was made of; intakes that are added are made of both."""

    results: tuple[FileResult, ...]
    checklist: Instrument
    register: Register | None
    language: str
    folder: str = ""
    read_at: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in.

    Intakes add up: `read_folder(folder) + read_export(file)` counts every form and respondent once.

    Attributes
    ----------
    responses
        One row per form that was read (see `toolkit.responses`).
    actions
        Columns `school, wave, role, respondent, step, text`: action points as written. Not protected.
    files
        Columns `file, status, school, wave, role, answered, detail`, one row for every file met; `file` is relative to
        the folder, `answered` the number of usable answers. A member of a zip is `name.zip/member`.
    problems
        Columns `file, sheet, cell, item, code, found, message`, for the person who can fix them.
    schools
        Columns `school, name`, of the schools whose forms carry their name.
    priorities
        Columns `school, wave, role, respondent, item`: what respondents marked as the item to take up first, on forms
        that ask for it. Not protected.
    team_sizes
        Columns `school, wave, role, team_size`: for how many people personal forms were made, of the schools whose
        forms hold it.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> sum(intake.counts().values()) == len(intake.files)
    True
    """

    responses: pd.DataFrame
    actions: pd.DataFrame
    files: pd.DataFrame
    problems: pd.DataFrame
    schools: pd.DataFrame
    priorities: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PRIORITY_COLUMNS, dtype="str"))
    team_sizes: pd.DataFrame = field(default_factory=lambda: _team_sizes([]))
    source: IntakeSource | None = field(default=None, repr=False, compare=False)

    def __add__(self, other: Intake) -> Intake:
        """Return both together: equal files, rows and older versions of personal forms count once.

        Raises `ToolkitError` where one of them was not read by `read_folder` or `read_export`, or they were read with
        different checklists.
        """
        if not isinstance(other, Intake):
            return NotImplemented
        if self.source is None or other.source is None or self.source.checklist != other.source.checklist:
            raise ToolkitError("only intakes that were read, with the same checklist, can be added")
        results = [*self.source.results, *other.source.results]
        register = self.source.register or other.source.register
        folders = " + ".join(dict.fromkeys(filter(None, (self.source.folder, other.source.folder))))
        return make_intake(results, self.source.checklist, register, self.source.language, folders)

    def counts(self) -> dict[str, int]:
        """Number of files per status; all statuses, in a fixed order."""
        counts = self.files["status"].value_counts()
        return {status: int(counts.get(status, 0)) for status in STATUSES}

    def summary(self, language: str = "nl") -> str:
        """A summary of the files in a few lines, with the number of forms that don't count."""
        text = load_text(language)
        lines = [f"{count:5d}  {text.say(f'status.{status}')}" for status, count in self.counts().items() if count]
        n_schools = self.responses["school"].dropna().nunique()
        key = "cli.no_answers" if self.responses.empty else "cli.answers" if n_schools else "cli.answers_placeless"
        answers_line = text.say(key, n=len(self.responses), schools=text.say("count.schools", n=n_schools))
        counting = len(self.responses.dropna(subset=GROUP_COLUMNS))
        if counting < len(self.responses):
            answers_line = text.say("cli.counting", read=answers_line, n=counting, left=len(self.responses) - counting)
        return "\n".join([*lines, "", f"{answers_line}; {text.say('cli.problems', n=len(self.problems))}"])

    def count_table(self, language: str = "nl") -> TextTable:
        """Forms per school, school year and role, and how many count: those with all three."""
        text, rows = load_text(language), self.responses
        roles = self.source.checklist.roles if self.source else []
        names = dict(zip(self.schools["school"], self.schools["name"], strict=True))
        keys = ("reading.school", "reading.wave")
        heads = (*map(text.say, keys), *(role.plural[language] for role in roles))
        lines = []
        for (school, wave), group in rows.groupby(["school", "wave"], dropna=False, sort=True):
            unit = [str(part) if isinstance(part, str) else "" for part in (school, wave)]
            counts = [int(group["role"].eq(role.id).sum()) for role in roles]
            counted = sum(counts) if all(unit) else 0
            shown = [part or text.say("reading.no_place") for part in unit]
            if names.get(unit[0], unit[0]) != unit[0]:
                shown[0] = f"{names[unit[0]]} ({unit[0]})"
            lines.append((*shown, *map(str, counts), str(counted), str(len(group) - counted)))
        columns = (*heads, text.say("reading.counted"), text.say("reading.not_counted"))
        return TextTable(text.say("reading.counts"), columns, tuple(lines))

    def problem_table(self, language: str = "nl") -> TextTable:
        """Every problem with its file, those of files that do not count first."""
        text = load_text(language)
        by_file = self.files.set_index("file")
        exports = [result.file for result in self.source.results if result.kind == "export"] if self.source else []
        missing = by_file.index[by_file[GROUP_COLUMNS].isna().any(axis=1) & ~by_file.index.isin(exports)]
        refused = by_file.index[by_file["status"].eq("refused")]
        urgency = 2 - self.problems["file"].isin(missing).astype(int) - self.problems["file"].isin(refused).astype(int)
        ordered = self.problems.iloc[urgency.argsort(kind="stable")]
        files, messages = ordered["file"], ordered["message"]
        return TextTable(
            text.say("cli.problems", n=len(messages)),
            (text.say("summary.file"), text.say("summary.message")),
            tuple(zip(files, messages, strict=True)),
        )

    def file_table(self, language: str = "nl", *, fine: bool | None = None) -> TextTable:
        """Every file with what became of it, in words.

        Parameters
        ----------
        fine
            True for the files that were read without a message, behind a fold; False for the others, those that were
            refused first; None for all.
        """
        text, is_fine = load_text(language), self.files["status"].eq("read")
        files = self.files if fine is None else self.files[is_fine if fine else ~is_fine]
        if fine is False:
            order = {status: rank for rank, status in enumerate(("refused", "read-with-problems"))}
            files = files.iloc[files["status"].map(order).fillna(2).argsort(kind="stable")]
        key = {None: "reading.files", True: "reading.fine", False: "reading.rest"}[fine]
        rows = files[["file", "status", "detail"]].to_numpy().tolist()
        return TextTable(
            text.say(key, n=len(files)),
            (text.say("reading.file"), text.say("reading.status"), text.say("reading.detail")),
            tuple((file, text.say(f"status.{status}"), detail) for file, status, detail in rows),
            folded=fine is True,
        )

    def write_report(self, path: str | Path, language: str = "nl", *, school: str | None = None) -> Path:
        """Write the reading report: the files read and their problems, as a workbook.

        Parameters
        ----------
        school
            The code of one school: the report then holds that school only and can be sent to it. Of people whose role
            is not shown by itself it has neither file name nor words. Without it the report is for the advisor.

        Raises
        ------
        SelectionError
            No form that was read is of this school.
        ToolkitError
            The path does not end in `.xlsx`.
        """
        check_ending(Path(path), [".xlsx"], load_text(language))
        known_roles = set(self.source.checklist.known_role_ids) if self.source else set()
        return write_reading_report(path, self.files, self.problems, language, school=school, known_roles=known_roles)

    def __repr__(self) -> str:
        """Return the counts only: a notebook that shows an intake by accident shows no answers."""
        return f"Intake({', '.join(f'{status}={count}' for status, count in self.counts().items())})"


def check_intake(intake: object) -> None:
    """Raise `ToolkitError` for anything else than an `Intake`."""
    if not isinstance(intake, Intake):
        raise ToolkitError(load_text().say("argument.intake", found=type(intake).__name__))


def make_intake(
    results: Sequence[FileResult],
    checklist: Instrument,
    register: Register | None,
    language: str,
    folder: str = "",
) -> Intake:
    """Return the tables of what became of every file of a folder, after comparing the files."""
    resolved = identify_schools(resolve_duplicates(list(results)), register)
    read = [(result, result.form) for result in resolved if result.form is not None]
    forms = [(form, (form.school, form.wave, form.role, _pseudonym(result, form))) for result, form in read]
    return Intake(
        responses=make_responses(
            [
                {**dict(zip(PERSON_COLUMNS, person, strict=True)), "form": form.form, **dict(form.answers.items())}
                for form, person in forms
            ],
            checklist,
        ),
        actions=pd.DataFrame(
            [(*person, *action) for form, person in forms for action in form.actions], columns=ACTION_COLUMNS
        ).astype(dict.fromkeys(("school", "wave", "role", "respondent", "text"), "str") | {"step": "int64"}),
        files=pd.DataFrame(list(_file_rows(resolved, load_text(language))), columns=FILES).astype(
            dict.fromkeys(("file", "status", "school", "wave", "role", "detail"), "str") | {"answered": "Int64"}
        ),
        problems=pd.DataFrame(
            [_problem_row(result, problem, language) for result in resolved for problem in result.problems],
            columns=PROBLEMS,
            dtype="str",
        ),
        schools=_schools([form for form, _ in forms]),
        priorities=pd.DataFrame(
            [(*person, item) for form, person in forms for item in form.first], columns=PRIORITY_COLUMNS, dtype="str"
        ),
        team_sizes=_team_sizes([form for form, _ in forms]),
        source=IntakeSource(tuple(results), checklist, register, language, folder, _now()),
    )


def _now() -> str:
    """The moment, to the minute; `SOURCE_DATE_EPOCH` fixes it where output must be the same every time."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now().astimezone()
    return f"{moment:%d-%m-%Y, %H:%M}"


def _pseudonym(result: FileResult, form: Form) -> str:
    """A name that says nothing: the same personal form, or the same bytes, give the same one."""
    return "r-" + hashlib.sha256((form.form_id or result.digest).encode()).hexdigest()[:12]


def _file_rows(results: Sequence[FileResult], text: Text) -> Iterator[tuple[object, ...]]:
    """Yield a row for each file; an export takes its values from its respondents."""
    rows: dict[str, list[FileResult]] = {}
    for result in results:
        if result.kind == "respondent":
            rows.setdefault(result.file, []).append(result)
        elif result.kind == "export":
            yield _export_row(result, rows.pop(result.file, []), text)
        else:
            values: tuple[object, ...] = (None, None, None, None)
            if (form := result.form) is not None:
                values = (form.school, form.wave, form.role, len(form.answers))
            yield (result.file, result.status, *values, _detail(result, text))


def _export_row(export: FileResult, respondents: Sequence[FileResult], text: Text) -> tuple[object, ...]:
    forms = [respondent.form for respondent in respondents if respondent.form is not None]
    status = export.status
    if status == "read" and (export.file_problems or any(form.problems for form in forms)):
        status = "read-with-problems"
    values = [{getattr(form, name) for form in forms} for name in GROUP_COLUMNS]
    common_values = [next(iter(value)) if len(value) == 1 else None for value in values]
    answered = sum(len(form.answers) for form in forms)
    detail = _detail(export, text) or text.say("detail.export", n=len(respondents))
    return (export.file, status, *common_values, answered, detail)


def _detail(result: FileResult, text: Text) -> str:
    if result.problem is not None:
        return problem_message(result.problem, text.language, result.source)
    key, file = result.detail
    return text.say(key, file=file) if key else ""


def _problem_row(result: FileResult, problem: Problem, language: str) -> tuple[str, ...]:
    message = problem_message(problem, language, result.source)
    return (result.file, problem.sheet, problem.cell, problem.item, problem.code, problem.found, message)


def _team_sizes(forms: list[Form]) -> pd.DataFrame:
    """How many people a role has; where forms differ, because more were made later, the most."""
    sizes: dict[tuple[str, str, str], int] = {}
    for form in forms:
        if form.school and form.wave:
            for role, size in form.team_size:
                key = (form.school, form.wave, role)
                sizes[key] = max(size, sizes.get(key, 0))
    rows = [(*key, size) for key, size in sorted(sizes.items())]
    table = pd.DataFrame(rows, columns=[*GROUP_COLUMNS, "team_size"])
    return table.astype(dict.fromkeys(GROUP_COLUMNS, "str") | {"team_size": "int64"})


def _schools(forms: list[Form]) -> pd.DataFrame:
    """The most frequent name on a school's forms; of equals the first by alphabet."""
    names_of_school: dict[str, Counter[str]] = {}
    for form in forms:
        if form.school and form.school_name:
            names_of_school.setdefault(form.school, Counter())[form.school_name] += 1
    rows = [
        (school, min(names, key=lambda name: (-names[name], name))) for school, names in sorted(names_of_school.items())
    ]
    return pd.DataFrame(rows, columns=["school", "name"], dtype="str")
