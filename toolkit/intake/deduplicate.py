"""Resolve identical files, older versions of a personal form, and likely copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from toolkit.core.errors import Problem, ProblemCode
from toolkit.forms.form import Form
from toolkit.intake.file_result import FileResult


def resolve_duplicates(results: list[FileResult]) -> list[FileResult]:
    """Keep the first of identical files and the latest version of a personal form."""
    return _warn_of_copies(list(_report_repeated_rows(_keep_latest_version(_drop_identical(results)))))


def with_problems(result: FileResult, problems: list[Problem]) -> FileResult:
    """Return the result of a read form with more problems."""
    assert result.form is not None
    form = replace(result.form, problems=[*result.form.problems, *problems])
    return replace(result, status="read-with-problems", form=form)


def _warn_of_copies(results: list[FileResult]) -> list[FileResult]:
    """Report two personal forms with exactly the same content: one may be a copy. Both count."""
    first: dict[tuple[object, ...], str] = {}
    checked = []
    for result in results:
        content = _content(result.form)
        if content is not None and content in first:
            # only a message, not a status: colleagues may agree
            result = replace(result, duplicate_warning=Problem(ProblemCode.SAME_ANSWERS, found=first[content]))
        elif content is not None:
            first[content] = result.file
        checked.append(result)
    return checked


def _content(form: Form | None) -> tuple[object, ...] | None:
    """The content of a personal form; None where it says too little to recognise a copy by."""
    if form is None or not form.form_id or (not form.actions and len(set(form.answers.values())) < 2):
        return None
    return (form.school, form.wave, form.role, tuple(sorted(form.answers.items())), tuple(form.actions))


def _drop_identical(results: list[FileResult]) -> list[FileResult]:
    first: dict[str, str] = {}
    checked = []
    for result in results:
        if result.form is None or result.digest not in first:
            first[result.digest] = result.file
            checked.append(result)
        else:
            detail = ("detail.duplicate", first[result.digest])
            checked.append(FileResult(result.file, "duplicate", result.digest, detail=detail, kind=result.kind))
    return checked


def _keep_latest_version(results: list[FileResult]) -> list[FileResult]:
    versions: dict[str, list[FileResult]] = {}
    for result in results:
        if result.form is not None and result.form.form_id:
            versions.setdefault(result.form.form_id, []).append(result)
    latest = {form_id: max(several, key=_version) for form_id, several in versions.items()}
    checked = []
    for result in results:
        form_id = result.form.form_id if result.form is not None else ""
        if not form_id:
            checked.append(result)
        elif latest[form_id] is not result:
            checked.append(FileResult(result.file, "superseded", detail=("detail.superseded", latest[form_id].file)))
        else:
            rivals = [
                rival.file for rival in versions[form_id] if rival is not result and _version(rival) == _version(result)
            ]
            checked.append(
                with_problems(result, [Problem(ProblemCode.SAME_MOMENT, found=rivals[0])]) if rivals else result
            )
    return checked


def _version(result: FileResult) -> tuple[float, int]:
    """What makes a version later: the workbook's own time stamp, then more answers."""
    assert result.form is not None
    modified = result.form.modified
    return (modified.timestamp() if modified else 0.0, len(result.form.answers))


def _report_repeated_rows(results: list[FileResult]) -> Iterator[FileResult]:
    """Report rows that another export has too; without other rows an export is a duplicate."""
    rows = Counter(result.file for result in results if result.kind == "respondent")
    repeated = Counter(result.file for result in results if result.kind == "respondent" and result.form is None)
    unread = {result.file: result.detail for result in results if result.kind == "respondent" and result.form is None}
    for result in results:
        if result.kind != "export" or not repeated[result.file]:
            yield result
        elif repeated[result.file] == rows[result.file]:
            yield replace(result, status="duplicate", detail=unread[result.file], file_problems=())
        else:
            problem = Problem(ProblemCode.ALREADY_READ, found=f"{repeated[result.file]}/{rows[result.file]}")
            yield replace(result, file_problems=(*result.file_problems, problem))
