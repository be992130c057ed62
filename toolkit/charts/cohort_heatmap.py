"""Steps and groups of schools as a table with shades."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, escape_plotly, row_axis
from toolkit.charts.group_levels import GroupLevels, group_levels
from toolkit.charts.heatmap import add_cells
from toolkit.instrument.arguments import explained
from toolkit.narrative.selection import DisplayOptions, Selection

ROW, NAME_LENGTH = 34, 26


@explained
def cohort_heatmap(
    table: pd.DataFrame,
    wave: str | None = None,
    role: str = "teacher",
    grouping: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the mean level per group of schools (rows, by name) and step (columns).

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
    A `Picture`. Groups are in the order of their names, which says nothing about them; a cell that may not be shown
    is hatched.

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
    >>> len(tk.charts.cohort_heatmap(means).table)
    2
    """
    groups = group_levels(table, wave, role, grouping, **display)
    first, levels, say = groups.first, groups.levels, groups.text.say
    sketch = Sketch(
        first,
        groups.sentence,
        _table(groups),
        groups.notes,
        say("cohort_chart.heatmap_title"),
        say("cohort_chart.heatmap_subtitle", role=first.role(groups.role).lower(), wave=first.wave),
    )
    for row, (name, of_group) in enumerate(levels.items()):
        _add_group(sketch, first, row, name, of_group)
    steps = [f"<b>{step.number}</b>" for step in first.checklist.steps]
    for line, step in enumerate(first.step_names):
        number, _, label = step.partition(" ")
        sketch.annotate(
            f"<b>{number}</b> {escape_plotly(label)}", xref="paper", x=0, xanchor="left", xshift=-180, yref="paper",
            y=0, yanchor="top", yshift=-8 - 20 * line, font={"size": 13},
        )  # fmt: skip
    return sketch.finish(
        ROW * len(levels),
        sides=(190, 14),
        cap=30,
        foot=20 * len(steps) + 16,
        barmode="overlay",
        yaxis=row_axis(len(levels)),
        xaxis={
            "range": [0, len(steps)], "tickvals": [column + 0.5 for column in range(len(steps))], "ticktext": steps,
            "side": "top", "showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True,
        },
    )  # fmt: skip


def _add_group(sketch: Sketch, first: Selection, row: int, name: str, levels: pd.DataFrame) -> None:
    level_texts = ["–" if pd.isna(level) else first.text.number(level) for level in levels["level"]]
    short = name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"
    sketch.annotate(
        escape_plotly(short), xref="paper", x=0, xanchor="right", xshift=-8, y=row, yanchor="middle", font={"size": 13}
    )
    add_cells(
        sketch,
        levels["level"],
        name=escape_plotly(name),
        showlegend=False,
        base=[column + 0.02 for column in range(len(levels))],
        y=[row] * len(levels),
        text=level_texts,
        hovertext=[
            first.text.say(
                "cohort_chart.heatmap_hover", group=escape_plotly(name), step=escape_plotly(step), level=level,
                n="–" if pd.isna(n) else n,
            )
            for step, level, n in zip(first.step_names, level_texts, levels["n"], strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _table(groups: GroupLevels) -> pd.DataFrame:
    columns = {groups.text.say("cohort_chart.group"): list(groups.levels)}
    shown = [groups.shown(name) for name in groups.levels]
    return pd.DataFrame(
        columns | {step: [row[column] for row in shown] for column, step in enumerate(groups.first.step_names)}
    )
