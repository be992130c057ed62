"""A group of schools around a pentagon.

The mean per role, and where the middle half of the schools lies.
"""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch
from toolkit.charts.gap_spread import hidden_note
from toolkit.charts.radar import add_middle_half, add_roles, corners_of, finish_radar, radar_sentence
from toolkit.charts.role_style import level_or_reason, role_style
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
        See `toolkit.narrative.selection.select_group`.
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
        See `toolkit.narrative.selection.select_group`.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> means = tk.compare_cohorts(cohorts)
    >>> len(tk.charts.cohort_radar(means, "po").table)
    5
    """
    chosen = select_group(table, group, wave, grouping, **display)
    asked = as_roles(roles, chosen.checklist, chosen.text) or ["director", "teacher"]
    shown = chosen.shown_roles(asked)
    n = chosen.rows.loc[chosen.rows["role"].isin(shown), "n"].max()
    say = chosen.text.say
    sketch = Sketch(
        chosen,
        say("cohort_chart.over_schools", n=n, sentence=radar_sentence(chosen, shown))
        if shown
        else say("chart.nothing"),
        _table(chosen, shown),
        hidden_note(chosen, chosen.rows[chosen.rows["role"].isin(asked)]),
        say("cohort_chart.radar_title", group=chosen.name),
        say("cohort_chart.radar_subtitle", n=_count(n), wave=chosen.wave),
    )
    corners = corners_of(chosen)
    for role in shown[-1:]:  # two bands over each other can't be told apart
        add_middle_half(sketch, chosen, role, corners, role_style(role).band)
    means = Selection(
        chosen.rows.drop(columns=["level_low", "level_high"]),
        chosen.school, chosen.wave, chosen.checklist, chosen.text, chosen.name,
    )  # fmt: skip
    add_roles(sketch, means, shown, corners)
    return finish_radar(sketch, chosen, corners)


def _count(n: object) -> str:
    return "0" if pd.isna(n) else str(n)  # type: ignore[call-overload]  # one number, or missing


def _table(chosen: Selection, shown: list[str]) -> pd.DataFrame:
    say, number = chosen.text.say, chosen.text.number
    columns = {say("table.step"): chosen.step_names}
    for role in shown:
        rows = chosen.rows_of_role(role)
        columns[say("table.level", role=chosen.role(role))] = level_or_reason(chosen, rows)
        columns[say("cohort_chart.middle", role=chosen.role(role))] = [
            "" if pd.isna(low) else f"{number(low)}-{number(high)}"
            for low, high in zip(rows["p25"], rows["p75"], strict=True)
        ]
        columns[say("cohort_chart.schools", role=chosen.role(role))] = [_count(n) for n in rows["n"]]
    return pd.DataFrame(columns)
