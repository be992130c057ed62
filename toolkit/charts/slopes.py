"""Groups of schools through the years: the mean level per step, a line for each group."""

from __future__ import annotations

import math
from typing import NamedTuple, Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, error_bars, escape_plotly
from toolkit.charts.gap_spread import hidden_note
from toolkit.charts.role_style import rounded
from toolkit.charts.wave_panels import PANEL, finish_panels, panel_axis
from toolkit.core.i18n import sentence_case
from toolkit.instrument.arguments import as_role, explained
from toolkit.narrative.extremes import largest_changes
from toolkit.narrative.selection import DisplayOptions, Selection, select_group

STYLES = (
    ("#0072B2", "solid", "circle"),
    ("#D55E00", "dash", "square"),
    ("#009E73", "dot", "diamond"),
    ("#7A4E9F", "dashdot", "triangle-up"),
    ("#52606D", "longdash", "cross"),
)
"""Colour, dash and mark of the groups in their order; more than five lines in one panel can't be told apart."""
BESIDE = 0.04
CLOSE = 14
"""Points between two numbers at the ends of lines, at least."""


@explained
def slopes(
    table: pd.DataFrame,
    groups: str | list[str] | None = None,
    role: str = "teacher",
    grouping: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the mean level of groups of schools over the waves, a panel per step.

    Parameters
    ----------
    table
        From `compare_cohorts`.
    groups
        At most five; the first five of the grouping where none are given.
    role
        Role id.
    grouping
        The first of the table where none is given.
    **display
        `checklist` and `language`.

    Returns
    -------
    A `Picture`; upright lines are 95% intervals over schools. Another year has other schools: a line follows a group,
    not its schools.

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
    >>> len(tk.charts.slopes(means).data) > 0
    True
    """
    requested_groups = [groups] if isinstance(groups, str) else groups
    first = select_group(table, requested_groups[0] if requested_groups else None, None, grouping, **display)
    role = as_role(role, first.checklist, first.text)
    of_grouping = table[table["grouping"] == (grouping or str(table["grouping"].iloc[0]))]
    waves = sorted(of_grouping["wave"].unique())
    names = (requested_groups or sorted(of_grouping["group"].unique()))[: len(STYLES)]
    series = {name: [select_group(table, name, wave, grouping, **display) for wave in waves] for name in names}
    say = first.text.say
    notes = [
        note for selection in series.values() for note in hidden_note(selection[-1], _of_level(selection[-1], role))
    ]
    sketch = Sketch(
        first,
        _sentence(series, role, waves),
        _table(series, role, waves),
        [*notes, *([say("cohort_chart.slopes_note")] if len(waves) > 1 else [])],
        sentence_case(say("cohort_chart.slopes_title", groups=first.text.join(names))),
        say("cohort_chart.slopes_subtitle", role=first.role(role).lower(), waves=first.text.join(waves)),
    )
    steps = [step.number for step in first.checklist.steps]
    drawn = [
        name for name, selection in series.items() if any(_of_level(c, role)["level"].notna().any() for c in selection)
    ]
    for rank, name in enumerate(drawn):
        for panel, step in enumerate(steps, start=1):
            _add_line(sketch, _Line(name, rank - (len(drawn) - 1) / 2, *STYLES[rank]), series[name], role, step, panel)
    for panel, step in enumerate(steps, start=1):
        ends = [float(series[name][-1].rows_of_role(role)["level"].astype(float)[step]) for name in drawn]
        _label_ends(sketch, first, ends, panel, len(waves) - 1)
    return finish_panels(sketch, first, steps, waves, right=64)


def _label_ends(sketch: Sketch, first: Selection, ends: list[float], panel: int, at: int) -> None:
    """Write the level at the end of every line. Numbers that would cover each other are moved apart."""
    height, shown = -math.inf, [(end, colour) for end, (colour, _, _) in zip(ends, STYLES, strict=False) if end == end]
    for end, colour in sorted(shown):
        height = max(end, height + CLOSE)
        sketch.annotate(
            first.text.number(end), x=at, xanchor="left", xshift=16, y=end, yref=panel_axis("y", panel),
            yshift=(height - end) * PANEL / 102, yanchor="middle", font={"size": 13, "color": colour},
        )  # fmt: skip


def _of_level(selection: Selection, role: str) -> pd.DataFrame:
    return selection.rows[selection.rows["measure"].eq("level") & selection.rows["role"].eq(role)]


class _Line(NamedTuple):
    """A group: its name, its position among the groups, and its style."""

    name: str
    aside: float
    colour: str
    dash: str
    symbol: str


def _add_line(sketch: Sketch, line: _Line, waves: list[Selection], role: str, step: int, panel: int) -> None:
    name, aside, colour, dash, symbol = line
    rows = pd.DataFrame([wave.rows_of_role(role).loc[step] for wave in waves])
    level = rows["level"].astype(float)
    sketch.add(
        "scatter",
        x=[position + BESIDE * aside for position in range(len(waves))],
        y=rounded(level),
        yaxis=panel_axis("y", panel),
        mode="lines+markers",
        name=escape_plotly(name),
        legendgroup=name,
        showlegend=panel == 1,
        line={"color": colour, "width": 2.5, "dash": dash},
        marker={"symbol": symbol, "size": 9, "color": colour, "line": {"color": "white", "width": 1.5}},
        error_y=error_bars(level, rows, ("level_low", "level_high"), color=colour, thickness=1.5, width=4),
        hovertext=[f"{escape_plotly(wave.step(step))}, {wave.wave}" for wave in waves],
        hovertemplate=waves[0].text.say("cohort_chart.slopes_hover", group=escape_plotly(name)),
        cliponaxis=False,
    )


def _sentence(series: dict[str, list[Selection]], role: str, waves: list[str]) -> str:
    selection = next(iter(series.values()))[-1]
    if len(waves) < 2:
        return selection.text.say("cohort_chart.slopes_one", wave=waves[-1])
    parts = [part for name, of_group in series.items() if (part := _group_sentence(name, of_group, role))]
    return " ".join(parts) or selection.text.say("cohort_chart.nothing")


def _group_sentence(name: str, waves: list[Selection], role: str) -> str:
    old_wave, new_wave = waves[-2], waves[-1]
    old, new = (selection.rows_of_role(role)["level"].astype(float) for selection in (old_wave, new_wave))
    moves = (new - old).dropna()
    if moves.empty:
        return ""
    names = {"group": name, "before": old_wave.wave, "now": new_wave.wave}
    changes = largest_changes(old, new, new_wave.checklist, new_wave.text)
    if not changes:
        return sentence_case(new_wave.text.say("cohort_chart.slopes_same", **names, of=new_wave.of_steps(len(moves))))
    sentence = sentence_case(new_wave.text.say("cohort_chart.slopes_sentence", **names, changes=changes))
    return " ".join([sentence, *new_wave.over_steps(len(moves), len(new_wave.step_names))])


def _table(series: dict[str, list[Selection]], role: str, waves: list[str]) -> pd.DataFrame:
    say = next(iter(series.values()))[0].text.say
    columns: dict[str, list[str]] = {name: [] for name in (say("cohort_chart.group"), say("table.step"), *waves)}
    for name, of_group in series.items():
        levels = [selection.rows_of_role(role) for selection in of_group]
        for row, step in enumerate(of_group[0].step_names):
            columns[say("cohort_chart.group")].append(name)
            columns[say("table.step")].append(step)
            for selection, rows in zip(of_group, levels, strict=True):
                level = rows["level"].iloc[row]
                columns[selection.wave].append("" if pd.isna(level) else selection.text.number(level))
    return pd.DataFrame(columns)
