"""Which school a form is of: defaults, one spelling, and a check against the register."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache

from toolkit.core.errors import Problem, ProblemCode
from toolkit.intake.deduplicate import with_problems
from toolkit.intake.file_result import FileResult
from toolkit.intake.survey_export import Defaults
from toolkit.schools.school_names import is_school_code, name_key, school_problem, unify_names
from toolkit.schools.school_register import Register

_ABSENT = {"school": ProblemCode.NO_SCHOOL, "wave": ProblemCode.NO_WAVE, "role": ProblemCode.NO_ROLE}


def apply_defaults(result: FileResult, defaults: Defaults) -> FileResult:
    """Give a form the school, year and role that it does not name itself."""
    form = result.form
    if form is None or result.kind != "form":
        return result
    codes = {problem.code for problem in form.problems}
    absent = {name: code for name, code in _ABSENT.items() if code in codes and getattr(defaults, name)}
    if not absent:
        return result
    problems = [problem for problem in form.problems if problem.code not in absent.values()]
    form = replace(form, problems=problems, **{name: getattr(defaults, name) for name in absent})
    return replace(result, form=form, status="read-with-problems" if problems else "read")


def identify_schools(results: list[FileResult], register: Register | None) -> list[FileResult]:
    """Give every school one spelling; report what looks alike or is not in the register."""
    with_school = [result.form for result in results if result.form is not None and result.form.school]
    forms = Counter(str(form.school) for form in with_school)
    pairs = {(name, str(form.school)) for form in with_school for name in (form.typed_name, form.school_name) if name}
    codes = {name_key(name): school for name, school in pairs if is_school_code(school)}
    names = unify_names(forms, register.names if register else None, codes)
    problem_of = lru_cache(None)(school_problem)
    reported: set[str] = set()
    checked = []
    for result in results:
        if result.form is None or not result.form.school:
            checked.append(result)
            continue
        school = names.spelling[result.form.school]
        problem = problem_of(school)
        too_long = problem is not None and problem.code == ProblemCode.LONG_SCHOOL
        if too_long or school != result.form.school:
            result = replace(result, form=replace(result.form, school=None if too_long else school))
        problems = [problem] if problem else []
        if school in names.alike and school not in reported:
            reported |= {school, *names.alike[school]}  # once for a group of names
            problems.append(Problem(ProblemCode.SIMILAR_SCHOOLS, found=", ".join((school, *names.alike[school]))))
        if register is not None and result.form and not too_long:
            problems += register.problems(school, result.form.wave)
        checked.append(with_problems(result, problems) if problems else result)
    return checked
