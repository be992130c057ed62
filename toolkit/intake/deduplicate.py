"""Decide between files: the same bytes twice, versions of one personal form, copies, and schools from elsewhere."""

from __future__ import annotations

from dataclasses import replace

from toolkit.core.errors import Problem, ProblemCode
from toolkit.forms.form_reader import Form
from toolkit.intake.file_result import FileResult
from toolkit.schools.school_register import Register


def resolve_duplicates(outcomes: list[FileResult], register: Register | None) -> list[FileResult]:
    """Decide between files: the same bytes twice, earlier versions of one personal form, schools from elsewhere."""
    return _warn_of_copies(
        [check_against_register(outcome, register) for outcome in _keep_latest_version(_drop_identical(outcomes))]
    )


def check_against_register(outcome: FileResult, register: Register | None) -> FileResult:
    """With what the register has to say of the form's school and year."""
    if register is None or outcome.form is None:
        return outcome
    found = list(register.problems(outcome.form.school, outcome.form.wave))
    return _with_problems(outcome, found) if found else outcome


def _with_problems(outcome: FileResult, found: list[Problem]) -> FileResult:
    assert outcome.form is not None
    form = replace(outcome.form, problems=[*outcome.form.problems, *found])
    return replace(outcome, status="read-with-problems", form=form)


def _warn_of_copies(outcomes: list[FileResult]) -> list[FileResult]:
    """Two personal forms that say the very same may be one, copied. It is said, and both count."""
    first: dict[tuple[object, ...], str] = {}
    settled = []
    for outcome in outcomes:
        said = _said(outcome.form)
        if said is not None and said in first:
            # a word in the list of problems, not a status: colleagues may agree
            outcome = replace(outcome, noted=Problem(ProblemCode.SAME_ANSWERS, found=first[said]))
        elif said is not None:
            first[said] = outcome.file
        settled.append(outcome)
    return settled


def _said(form: Form | None) -> tuple[object, ...] | None:
    """What a personal form says; None where it says too little to recognise somebody by."""
    if form is None or not form.form_id or (not form.actions and len(set(form.answers.values())) < 2):
        return None
    return (form.school, form.wave, form.role, tuple(sorted(form.answers.items())), tuple(form.actions))


def _drop_identical(outcomes: list[FileResult]) -> list[FileResult]:
    first: dict[str, str] = {}
    settled = []
    for outcome in outcomes:
        if outcome.form is None or outcome.digest not in first:
            first[outcome.digest] = outcome.file
            settled.append(outcome)
        else:
            detail = ("detail.duplicate", first[outcome.digest])
            settled.append(FileResult(outcome.file, "duplicate", outcome.digest, detail=detail))
    return settled


def _keep_latest_version(outcomes: list[FileResult]) -> list[FileResult]:
    versions: dict[str, list[FileResult]] = {}
    for outcome in outcomes:
        if outcome.form is not None and outcome.form.form_id:
            versions.setdefault(outcome.form.form_id, []).append(outcome)
    kept = {form_id: max(several, key=_version) for form_id, several in versions.items()}
    settled = []
    for outcome in outcomes:
        form_id = outcome.form.form_id if outcome.form is not None else ""
        if not form_id:
            settled.append(outcome)
        elif kept[form_id] is not outcome:
            settled.append(FileResult(outcome.file, "superseded", detail=("detail.superseded", kept[form_id].file)))
        else:
            rivals = [other.file for other in versions[form_id] if other is not outcome and _equal(other, outcome)]
            settled.append(
                _with_problems(outcome, [Problem(ProblemCode.SAME_MOMENT, found=rivals[0])]) if rivals else outcome
            )
    return settled


def _equal(one: FileResult, other: FileResult) -> bool:
    return _version(one) == _version(other)


def _version(outcome: FileResult) -> tuple[float, int]:
    """Later is the workbook's own stamp, then more answers."""
    assert outcome.form is not None
    modified = outcome.form.modified
    return (modified.timestamp() if modified else 0.0, len(outcome.form.answers))
