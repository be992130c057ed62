"""How far the gap between two roles differs from school to school."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd

from toolkit.charts.figure import NUMBER_ROOM, Picture, Sketch, difference_axis, escape_plotly, row_axis, segments
from toolkit.charts.role_style import count_text, rounded
from toolkit.charts.style import GREY, INK
from toolkit.core.i18n import Text, sentence_case
from toolkit.instrument.arguments import explained
from toolkit.narrative.selection import DisplayOptions, Selection, select_group

ROW = 62
HALF, MOST = "#7FA7C9", "#9AA5B1"


@explained
def gap_spread(
    table: pd.DataFrame,
    group: str | None = None,
    wave: str | None = None,
    roles: str = "director-teacher",
    grouping: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw per step between which gaps the schools of a group lie.

    A mean gap of nothing may be all schools in agreement, or half of them apart one way and half the other: so the
    spread stands first.

    Parameters
    ----------
    table
        From `compare_cohorts`.
    roles
        The pair, as in the table's `role`.
    group, wave, grouping, **display
        As in `cohort_radar`.

    Returns
    -------
    A `Picture`: per step a line over 8 in 10 schools, a bar over the middle half, and a mark at the mean. No mark is a
    school.

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
    >>> len(tk.charts.gap_spread(means).table)
    5
    """
    selection = select_group(table, group, wave, grouping, **display)
    rows = selection.rows[selection.rows["measure"].eq("gap") & selection.rows["role"].eq(roles)]
    rows = rows.set_index("step").reindex([step.number for step in selection.checklist.steps])
    names = [selection.role(role).lower() for role in roles.split("-")]
    say = selection.text.say
    n = rows["n"].max()
    sketch = Sketch(
        selection,
        _sentence(selection, rows),
        _table(selection, rows),
        hidden_note(selection, rows.reset_index()),
        say("cohort_chart.gap_title"),
        sentence_case(
            f"{selection.name} · {selection.wave}"
            if pd.isna(n)
            else say(
                "cohort_chart.gap_subtitle", group=selection.name, wave=selection.wave, n=n, a=names[0], b=names[1]
            )
        ),
    )
    _add_bar(sketch, rows, ("p10", "p90"), say("cohort_chart.gap_most"), MOST, 3)
    _add_bar(sketch, rows, ("p25", "p75"), say("cohort_chart.gap_half"), HALF, 15)
    sketch.add(
        "scatter", x=rounded(rows["level"]), y=list(range(len(rows))), mode="markers",
        name=say("cohort_chart.gap_mean"), cliponaxis=False,
        marker={"symbol": "diamond", "size": 13, "color": INK, "line": {"color": "white", "width": 1.5}},
        hovertext=[escape_plotly(step) for step in selection.step_names], hovertemplate=say("cohort_chart.gap_hover"),
    )  # fmt: skip
    for row, step in enumerate(selection.step_names):
        sketch.label_row(row, step, over_lines=True)
        if pd.notna(level := rows["level"].iloc[row]):
            sketch.annotate(
                selection.text.number(level), x=float(level), y=row, yanchor="top", yshift=-8,
                bgcolor="rgba(255,255,255,0.85)",
            )  # fmt: skip
    for side, name in enumerate(("left", "right")):
        sketch.annotate(
            say(f"cohort_chart.gap_{name}", a=names[0], b=names[1]), font={"size": 13, "color": GREY},
            xref="paper", x=side, xanchor=name, yref="paper", y=0, yanchor="top", yshift=-24,
        )  # fmt: skip
    return sketch.finish(
        ROW * len(rows) + NUMBER_ROOM, sides=(24, 24), foot=48,
        yaxis=row_axis(len(rows), 0.72, NUMBER_ROOM / ROW),
        xaxis=difference_axis(_reach(rows)),
    )  # fmt: skip


def hidden_note(selection: Selection, rows: pd.DataFrame) -> list[str]:
    """Say which figures of a group are not shown, and why: of some steps, or all."""
    text, hidden = selection.text, rows[rows["suppressed"].eq(True)].dropna(subset="why")
    notes = []
    for code, part in hidden.groupby("why", sort=False):
        if "step" not in rows:
            notes.append(hidden_because(text, selection.name, str(code)))
            continue
        steps = [text.say("cohort_chart.hidden_step", step=step) for step in sorted(part["step"].unique())]
        note = text.say("cohort_chart.hidden_steps", group=selection.name, where=text.join(steps))
        notes.append(hidden_because(text, selection.name if len(part) == len(rows) else note, str(code)))
    return notes


def hidden_because(text: Text, group: str, code: str) -> str:
    """Say of a group why its figures are not shown."""
    why = text.say(f"cohort_why.{code.replace(' ', '_')}")
    return sentence_case(text.say("cohort_chart.hidden", group=group, why=why))


def _add_bar(sketch: Sketch, rows: pd.DataFrame, columns: tuple[str, str], name: str, colour: str, width: int) -> None:
    ends = list(zip(*(rounded(rows[column]) for column in columns), strict=True))
    sketch.add("scatter", **segments(ends, range(len(ends))), name=name, line={"color": colour, "width": width})


def _reach(rows: pd.DataFrame) -> float:
    """Limit of the axis, symmetric about 0, rounded up to tens."""
    ends = rows[["p10", "p90", "level"]].to_numpy(dtype=float)
    return 20.0 if np.isnan(ends).all() else min(100.0, float(10 * np.ceil(np.nanmax(np.abs(ends)) / 10 + 0.2)))


def _sentence(selection: Selection, rows: pd.DataFrame) -> str:
    spread = (rows["p75"] - rows["p25"]).dropna()
    if spread.empty:
        return selection.text.say("cohort_chart.nothing")
    number, step = selection.text.number, int(str(spread.astype(float).idxmax()))
    row = rows.loc[step]
    ends = {
        name: number(float(str(row[column]))) for name, column in (("low", "p25"), ("high", "p75"), ("mean", "level"))
    }
    label = selection.checklist.step(step).label[selection.language]
    sentence = selection.text.say("cohort_chart.gap_sentence", step=step, label=label, n=row["n"], **ends)
    return " ".join([sentence, *selection.over_steps(len(spread), len(selection.step_names))])


def _table(selection: Selection, rows: pd.DataFrame) -> pd.DataFrame:
    say, number = selection.text.say, selection.text.number
    halves = zip(rows["p25"], rows["p75"], strict=True)
    return pd.DataFrame(
        {
            say("table.step"): selection.step_names,
            say("cohort_chart.mean"): ["" if pd.isna(v) else number(v) for v in rows["level"]],
            say("cohort_chart.half"): ["" if pd.isna(a) else f"{number(a)} / {number(b)}" for a, b in halves],
            say("cohort_chart.number"): [count_text(n) for n in rows["n"]],
        }
    )
