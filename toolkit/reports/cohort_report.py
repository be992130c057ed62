"""The report of a cohort in HTML, PDF, Word or Excel: figures over schools, not of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.cohorts.changes import cohort_changes
from toolkit.cohorts.compare import cohort_differences, compare_cohorts
from toolkit.cohorts.longitudinal import change_differences, cohort_trends, panel_and_cross_section
from toolkit.cohorts.model import Cohorts
from toolkit.cohorts.prepare import prepare_cohorts
from toolkit.cohorts.reliability import reliability
from toolkit.cohorts.response import group_response, participation, response_rates
from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import SelectionError, UnprotectedError
from toolkit.core.i18n import Text, load_text
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.narrative.group_names import group_name, with_group_names
from toolkit.privacy import Policy
from toolkit.privacy.showings import next_showing
from toolkit.reports.cohort_sections import CohortMaterial, make_cohort_report
from toolkit.reports.write import writer_of
from toolkit.responses import GROUP_COLUMNS, check_responses

MIN_PARTICIPATION_SCHOOLS, MIN_PARTICIPATION_RESPONDENTS = 10, 30
"""Schools and respondents that a reliability in the report needs."""

PROGRAMME = ("programme", "programma")
"""Columns that are compared by default when they have two groups."""


@explained
def write_cohort_report(
    data: Intake | pd.DataFrame,
    schools: pd.DataFrame,
    path: str | Path,
    by: str | Sequence[str] | None = None,
    *,
    wave: str | None = None,
    programme: str | None = None,
    invited: pd.DataFrame | None = None,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
    language: str = "nl",
    showings: Path | None = None,
) -> Path:
    """Write the report of a cohort.

    Parameters
    ----------
    data
        An intake, or a responses table.
    schools
        Table with `school` and a column per grouping: see `prepare_cohorts` and `join_register`.
    path
        `.html`, `.static.html`, `.pdf`, `.docx` or `.xlsx`, as in `write_report`.
    by
        The groupings; see `prepare_cohorts`. All schools together are always there.
    wave
        None takes the last.
    programme
        The grouping of which two groups are compared; one called `programme` where none is given.
    invited
        Columns `school, wave, role, invited`; gives the response.
    policy
        `Policy(audience="cohort")` where none is given; a researcher's is refused, since nothing is hidden in it.
    showings
        Of an intake: folder of the record of what was shown before (see `toolkit.privacy.showings`); the report's own
        where none is given. Groups of which only a few forms changed count as they were shown.

    Returns
    -------
    The path. The file is there complete, or as it was before.

    Raises
    ------
    SelectionError, ToolkitError, UnprotectedError
        No such wave; see `prepare_cohorts` and `write_report`.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> tk.write_cohort_report(responses, schools, f"{tempfile.mkdtemp()}/groups.xlsx", "sector").name
    'groups.xlsx'
    """
    path, checklist, text = Path(path), checklist or load_instrument(), load_text(language)
    write, policy = writer_of(path.name), policy or Policy(audience="cohort")
    showing = None
    if isinstance(data, Intake):
        showing = next_showing(data, checklist, policy, showings or path.parent)
        data = showing.intake.responses
    material = gather_cohort(data, schools, by, programme, invited, checklist, policy, text)
    waves = sorted(material.means["wave"].unique())
    if wave is not None and wave not in waves:
        raise SelectionError(text.say("select.wave", wanted=wave, there=", ".join(waves)))
    report = write(make_cohort_report(material, wave or str(waves[-1]), text))
    if showing is not None:
        showing.save()
    atomic_write(path, report)
    return path


def gather_cohort(
    responses: pd.DataFrame,
    schools: pd.DataFrame,
    by: str | Sequence[str] | None,
    programme: str | None,
    invited: pd.DataFrame | None,
    checklist: Instrument,
    policy: Policy,
    text: Text,
) -> CohortMaterial:
    """Compute the protected tables of a report of a cohort."""
    if policy.audience == "researcher":
        raise UnprotectedError(text.say("report.researcher"))
    everyone = text.say("cohort_report.everyone")
    table = schools.assign(**{everyone: everyone})
    groupings = None if by is None else [everyone, *([by] if isinstance(by, str) else by)]
    cohorts = prepare_cohorts(responses, checklist, table, groupings, policy=policy)
    if not cohorts.cells["grouping"].eq(everyone).any():  # of fewer than five schools no grouping is taken by itself
        cohorts = prepare_cohorts(responses, checklist, table, [everyone], policy=policy)
    means, differences, changes = compare_cohorts(cohorts), cohort_differences(cohorts), cohort_changes(cohorts)
    groupings_used = [str(name) for name in cohorts.cells["grouping"].unique()]
    complete_rows = check_responses(responses, checklist).dropna(subset=GROUP_COLUMNS)
    material = CohortMaterial(
        checklist=checklist,
        everyone=everyone,
        groupings=tuple(name for name in groupings_used if name != everyone),
        programme=_programme(cohorts, programme, text),
        means=means,
        items=compare_cohorts(cohorts, per="item"),
        differences=differences,
        changes=changes,
        trends=cohort_trends(cohorts),
        change_differences=change_differences(cohorts),
        panel=changes if changes.empty else panel_and_cross_section(means, changes),
        respondents=_respondents(complete_rows, policy),
        participation=_participation(complete_rows, table, groupings_used, policy),
        response=None
        if invited is None
        else _response(complete_rows, invited, table, groupings_used, checklist, policy),
        reliability=_reliability(complete_rows, checklist),
        weighting=text.say("weights.unweighted"),
        rule=str(means.attrs.get("disclosure_rule", "")),
    )
    return _with_names(material, text.language)


def _with_names(material: CohortMaterial, language: str) -> CohortMaterial:
    """The same material with its groups by the names that people use."""
    values = {field.name: getattr(material, field.name) for field in fields(material)}
    tables: dict[str, Any] = {
        name: with_group_names(value, language) for name, value in values.items() if isinstance(value, pd.DataFrame)
    }
    programme = material.programme
    if programme is not None:
        grouping, *groups = programme
        programme = (grouping, *(group_name(group, language) for group in groups))  # type: ignore[assignment]  # two
    return replace(material, programme=programme, **tables)


def _programme(cohorts: Cohorts, grouping: str | None, text: Text) -> tuple[str, str, str] | None:
    """The grouping to compare two groups of, with these groups."""
    groups = cohorts.cells.groupby("grouping", sort=False)["group"].agg(list)
    if grouping is not None and (grouping not in groups.index or len(groups[grouping]) < 2):
        raise SelectionError(text.say("cohort_report.no_programme", wanted=grouping, there=", ".join(groups.index)))
    names = [grouping] if grouping else [name for name in groups.index if str(name).lower() in PROGRAMME]
    programme = next((name for name in names if len(groups[name]) > 1), None)
    return None if programme is None else (str(programme), *groups[programme][:2])


def _respondents(complete_rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Forms and schools per wave and role, of enough schools and respondents."""
    table = (
        complete_rows.astype({"role": "str"})
        .groupby(["wave", "role"])
        .agg(n_schools=("school", "nunique"), n=("school", "size"))
    )
    table = table.reset_index()
    return table[table["n_schools"].ge(policy.schools) & table["n"].ge(policy.respondents)].reset_index(drop=True)


def _participation(complete_rows: pd.DataFrame, schools: pd.DataFrame, by: list[str], policy: Policy) -> pd.DataFrame:
    """Who joined and left, of groups with enough schools."""
    table = participation(complete_rows, schools, by)
    return table[table["n_schools"].ge(policy.schools)].reset_index(drop=True)


def _response(
    complete_rows: pd.DataFrame,
    invited: pd.DataFrame,
    schools: pd.DataFrame,
    by: list[str],
    checklist: Instrument,
    policy: Policy,
) -> pd.DataFrame:
    rates = response_rates(complete_rows, invited, checklist)
    return group_response(rates, schools, checklist, by, policy=policy)


def _reliability(complete_rows: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    """Reliability where there are enough schools and respondents, in two decimals."""
    table = reliability(complete_rows, checklist)
    large = table["n_schools"].ge(MIN_PARTICIPATION_SCHOOLS) & table["n"].ge(MIN_PARTICIPATION_RESPONDENTS)
    figures = [name for name in table.columns if name.startswith(("icc", "alpha"))]
    return table[large].round(dict.fromkeys(figures, 2)).drop(columns="group_size").reset_index(drop=True)
