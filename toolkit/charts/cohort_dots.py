"""Groups of schools per step: a lane for each group, with its number at the mark."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.dot_plot import Lanes, add_tracks, finish_lanes
from toolkit.charts.figure import Picture, Sketch, escape_plotly
from toolkit.charts.group_levels import GroupLevels, group_levels
from toolkit.charts.role_style import rounded
from toolkit.charts.slopes import STYLES
from toolkit.charts.style import pale
from toolkit.core.errors import SelectionError
from toolkit.instrument.arguments import explained
from toolkit.narrative.selection import DisplayOptions, Selection


@explained
def cohort_dots(
    table: pd.DataFrame,
    wave: str | None = None,
    role: str = "teacher",
    grouping: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the mean level per step of the groups of a grouping.

    Parameters
    ----------
    table
        From `compare_cohorts`.
    wave
        None takes the last.
    role
        Role id.
    grouping
        The first of the table where none is given.
    **display
        `checklist` and `language`.

    Returns
    -------
    A `Picture`. The lanes are in the order of the groups' names, which says nothing about them. The band is the 95%
    interval over schools. A level that may not be shown has no mark.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such group, school year, role or grouping; or more
        groups than can be told apart, see `MAX_GROUPS`.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> means = tk.compare_cohorts(cohorts)
    >>> len(tk.charts.cohort_dots(means).table)
    5
    """
    groups = group_levels(table, wave, role, grouping, **display)
    first, levels, say = groups.first, groups.levels, groups.text.say
    if len(levels) > MAX_GROUPS:
        raise SelectionError(say("cohort_chart.too_many_groups", n=len(levels), most=MAX_GROUPS))
    sketch = Sketch(
        first,
        groups.sentence,
        _table(groups),
        groups.notes,
        say("cohort_chart.heatmap_title"),
        say("cohort_chart.heatmap_subtitle", role=first.role(groups.role).lower(), wave=first.wave),
    )
    lanes = Lanes(len(first.checklist.steps), len(levels))
    add_tracks(sketch, lanes)
    for lane, (name, of_group) in enumerate(levels.items()):
        _add_group(sketch, first, lanes, lane, name, of_group)
    return finish_lanes(sketch, first, lanes)


MAX_GROUPS = len(STYLES)
"""More groups than this can't be told apart by colour and mark."""


def _add_group(sketch: Sketch, first: Selection, lanes: Lanes, lane: int, name: str, rows: pd.DataFrame) -> None:
    colour, _, symbol = STYLES[lane]
    lanes.add_bands(sketch, lane, rows, pale(colour))
    lanes.add_marks(
        sketch, lane, rows["level"], {"size": 13, "color": colour, "symbol": symbol},
        [f"{escape_plotly(step)}, {escape_plotly(name)}" for step in first.step_names],
        first.text.say("cohort_chart.dots_hover"),
    )  # fmt: skip
    lanes.add_numbers(sketch, lane, rounded(rows["level"]), colour, name)


def _table(groups: GroupLevels) -> pd.DataFrame:
    columns: dict[str, list[str]] = {groups.text.say("table.step"): groups.first.step_names}
    return pd.DataFrame(columns | {name: groups.shown(name) for name in groups.levels})
