"""A group of schools around a pentagon: the mean per role, and the schools' middle half."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch
from toolkit.charts.gap_spread import hidden_note
from toolkit.charts.radar import add_middle_half, add_roles, corners_of, finish_radar, radar_sentence
from toolkit.charts.role_style import level_or_reason, ranges, role_style
from toolkit.core.i18n import sentence_case
from toolkit.instrument.arguments import as_roles, explained
from toolkit.narrative.selection import DisplayOptions, Selection, select_group


@explained
def cohort_radar(
    table: pd.DataFrame,
    group: str | None = None,
    wave: str | None = None,
    roles: list[str] | None = None,
    grouping: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the mean level of a group of schools per step and role.

    Parameters
    ----------
    table
        From `compare_cohorts`.
    group, wave, grouping
        Which group of which grouping, and the school year. None takes the first group and the last year.
    roles
        Role ids to draw; directors and teachers where none are given, more bands would cover each other.
    **display
        `name` of the group, `checklist` and `language`.

    Returns
    -------
    A `Picture`: a line through the means, and the band between the 25th and 75th percentile of the schools.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such group, school year, role or grouping.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> means = tk.compare_cohorts(cohorts)
    >>> len(tk.charts.cohort_radar(means, "po").table)
    5
    """
    selection = select_group(table, group, wave, grouping, **display)
    role_ids = as_roles(roles, selection.checklist, selection.text) or ["director", "teacher"]
    shown = selection.shown_roles(role_ids)
    n = selection.rows.loc[selection.rows["role"].isin(shown), "n"].max()
    say = selection.text.say
    sketch = Sketch(
        selection,
        say("cohort_chart.over_schools", n=n, sentence=radar_sentence(selection, shown))
        if shown
        else say("cohort_chart.nothing"),
        _table(selection, shown or role_ids),
        hidden_note(selection, selection.rows[selection.rows["role"].isin(role_ids)]),
        say("cohort_chart.radar_title"),
        sentence_case(
            say("cohort_chart.radar_subtitle", group=selection.name, n=n, wave=selection.wave)
            if shown
            else f"{selection.name} · {selection.wave}"
        ),
    )
    corners = corners_of(selection)
    for role in shown[-1:]:  # two bands over each other can't be told apart
        add_middle_half(sketch, selection, role, corners, role_style(role).band)
    means = Selection(
        selection.rows.drop(columns=["level_low", "level_high"]),
        selection.school, selection.wave, selection.checklist, selection.text, selection.name,
    )  # fmt: skip
    add_roles(sketch, means, shown, corners)
    return finish_radar(sketch, selection, corners)


def _table(selection: Selection, shown: list[str]) -> pd.DataFrame:
    say = selection.text.say
    columns = {say("table.step"): selection.step_names}
    for role in shown:
        rows = selection.rows_of_role(role)
        columns[say("table.level", role=selection.role(role))] = level_or_reason(selection, rows)
        columns[say("cohort_chart.middle", role=selection.role(role))] = ranges(selection, rows, "p25", "p75")
        columns[say("cohort_chart.schools", role=selection.role(role))] = rows["n"].astype("string").fillna("").tolist()
    return pd.DataFrame(columns)
