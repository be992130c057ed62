"""Decide between files: the same bytes twice, versions of one personal form, copies, and schools from elsewhere."""

from __future__ import annotations

from dataclasses import replace

from toolkit.core.errors import Problem
from toolkit.forms.form_reader import Form
from toolkit.intake.file_result import Outcome
from toolkit.schools.school_register import Register


def settle(outcomes: list[Outcome], register: Register | None) -> list[Outcome]:
    """Decide between files: the same bytes twice, earlier versions of one personal form, schools from elsewhere."""
    return _warn_of_copies([placed(outcome, register) for outcome in _supersede(_single(outcomes))])


def placed(outcome: Outcome, register: Register | None) -> Outcome:
    """With what the register has to say of the form's school and year."""
    if register is None or outcome.form is None:
        return outcome
    found = list(register.problems(outcome.form.school, outcome.form.wave))
    return _with_problems(outcome, found) if found else outcome


def _with_problems(outcome: Outcome, found: list[Problem]) -> Outcome:
    assert outcome.form is not None
    form = replace(outcome.form, problems=[*outcome.form.problems, *found])
    return replace(outcome, status="read-with-problems", form=form)


def _warn_of_copies(outcomes: list[Outcome]) -> list[Outcome]:
    """Two personal forms that say the very same may be one, copied. It is said, and both count."""
    first: dict[tuple[object, ...], str] = {}
    settled = []
    for outcome in outcomes:
        said = _said(outcome.form)
        if said is not None and said in first:
            # a word in the list of problems, not a status: colleagues may agree
            outcome = replace(outcome, noted=Problem("same_answers", found=first[said]))
        elif said is not None:
            first[said] = outcome.file
        settled.append(outcome)
    return settled


def _said(form: Form | None) -> tuple[object, ...] | None:
    """What a personal form says; None where it says too little to recognise somebody by."""
    if form is None or not form.form_id or (not form.actions and len(set(form.answers.values())) < 2):
        return None
    return (form.school, form.wave, form.role, tuple(sorted(form.answers.items())), tuple(form.actions))


def _single(outcomes: list[Outcome]) -> list[Outcome]:
    first: dict[str, str] = {}
    settled = []
    for outcome in outcomes:
        if outcome.form is None or outcome.digest not in first:
            first[outcome.digest] = outcome.file
            settled.append(outcome)
        else:
            detail = ("detail.duplicate", first[outcome.digest])
            settled.append(Outcome(outcome.file, "duplicate", outcome.digest, detail=detail))
    return settled


def _supersede(outcomes: list[Outcome]) -> list[Outcome]:
    versions: dict[str, list[Outcome]] = {}
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
            settled.append(Outcome(outcome.file, "superseded", detail=("detail.superseded", kept[form_id].file)))
        else:
            rivals = [other.file for other in versions[form_id] if other is not outcome and _equal(other, outcome)]
            settled.append(_with_problems(outcome, [Problem("same_moment", found=rivals[0])]) if rivals else outcome)
    return settled


def _equal(one: Outcome, other: Outcome) -> bool:
    return _version(one) == _version(other)


def _version(outcome: Outcome) -> tuple[float, int]:
    """Later is the workbook's own stamp, then more answers."""
    assert outcome.form is not None
    modified = outcome.form.modified
    return (modified.timestamp() if modified else 0.0, len(outcome.form.answers))
