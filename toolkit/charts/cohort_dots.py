"""Groups of schools per step: a lane for each group, with its number at the mark."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.dot_plot import Lanes, add_tracks, finish_lanes
from toolkit.charts.figure import Picture, Sketch, escape_plotly
from toolkit.charts.gap_spread import hidden_note
from toolkit.charts.role_style import rounded
from toolkit.charts.slopes import STYLES
from toolkit.core.errors import SelectionError
from toolkit.narrative.selection import DisplayOptions, Selection, select_group


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
        See `toolkit.narrative.selection.select_group`. Also where there are more groups than can be told apart, see
        `MAX_GROUPS`.
    """
    first = select_group(table, None, wave, grouping, **display)
    rows = table[(table["grouping"] == (grouping or str(table["grouping"].iloc[0]))) & (table["wave"] == first.wave)]
    names = sorted(map(str, rows["group"].unique()))
    say = first.text.say
    if len(names) > MAX_GROUPS:
        raise SelectionError(say("cohort_chart.too_many_groups", n=len(names), most=MAX_GROUPS))
    groups = {name: select_group(table, name, first.wave, grouping, **display) for name in names}
    levels = {name: chosen.rows_of_role(role) for name, chosen in groups.items()}
    notes = {note: None for name, chosen in groups.items() for note in hidden_note(chosen, levels[name])}
    sketch = Sketch(
        first,
        _sentence(first, levels),
        _table(first, levels),
        list(notes),
        say("cohort_chart.heatmap_title"),
        say("cohort_chart.heatmap_subtitle", role=first.role(role).lower(), wave=first.wave),
    )
    lanes = Lanes(len(first.checklist.steps), len(names))
    add_tracks(sketch, lanes)
    for lane, (name, of_group) in enumerate(levels.items()):
        _add_group(sketch, first, lanes, lane, name, of_group)
    return finish_lanes(sketch, first, lanes)


MAX_GROUPS = len(STYLES)
"""More groups than this can't be told apart by colour and mark."""


def _add_group(sketch: Sketch, first: Selection, lanes: Lanes, lane: int, name: str, rows: pd.DataFrame) -> None:
    colour, _, symbol = STYLES[lane]
    lanes.add_bands(sketch, lane, rows, _pale(colour))
    lanes.add_marks(
        sketch, lane, rows["level"], {"size": 13, "color": colour, "symbol": symbol},
        [f"{escape_plotly(step)}, {escape_plotly(name)}" for step in first.step_names],
        first.text.say("cohort_chart.dots_hover"),
    )  # fmt: skip
    lanes.add_numbers(sketch, lane, rounded(rows["level"]), colour, first.text, name)


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.17)"


def _sentence(first: Selection, levels: dict[str, pd.DataFrame]) -> str:
    wide = pd.DataFrame({name: rows["level"].astype(float) for name, rows in levels.items()})
    reach = (wide.max(axis=1) - wide.min(axis=1)).dropna()
    if reach.empty:
        return first.text.say("chart.nothing")
    step = int(str(reach.idxmax()))
    found = wide.loc[step].dropna()
    ends = {"low": first.text.number(float(str(found.min()))), "high": first.text.number(float(str(found.max())))}
    label = first.checklist.step(step).label[first.language]
    return first.text.say("cohort_chart.heatmap_sentence", step=step, label=label, **ends)


def _table(first: Selection, levels: dict[str, pd.DataFrame]) -> pd.DataFrame:
    columns: dict[str, list[str]] = {first.text.say("table.step"): first.step_names}
    for name, rows in levels.items():
        columns[name] = ["" if pd.isna(level) else first.text.number(level) for level in rows["level"]]
    return pd.DataFrame(columns)
