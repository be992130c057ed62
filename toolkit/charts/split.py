"""The answers of one role against those of another, per step: same, less or more positive."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, escape_plotly, row_axis, segments
from toolkit.charts.role_style import missing_reason, rounded
from toolkit.charts.style import INK, LINE
from toolkit.instrument.arguments import explained
from toolkit.narrative.extremes import ends_of_steps
from toolkit.narrative.selection import DisplayOptions, Selection, select

PARTS = {"same": ("#335C81", "white"), "lower": ("#D9C8B4", INK), "higher": ("#C9D8E6", INK)}
"""Bar and text per part: dark for the same answer, two light tints for the two ways to differ."""

WORDS = {"same": "chart.split_same", "lower": "chart.split_lower", "higher": "chart.split_higher"}

ROW = 62
"""Pixels for a step: its name above, its bar under it."""

ROOM = 13
"""Percentage points that a number needs, next to the end of the interval."""


@explained
def split(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw per step how often the second role answers as the first does, with its interval.

    Parameters
    ----------
    table
        From `agreement` on `Protected`, per step.
    school, wave, **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; each bar is all answers of the second role, in percent. The line through the end of the first part is
    the 95% interval of the same answer; the diamond is how often two of the second role agree among themselves. A step
    that can't be compared has no bar.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.agreement(tk.protect(tk.samples.responses(schools=2)))
    >>> len(tk.charts.split(table).table)
    5
    """
    selection = select(table, school, wave, ("agreement",), **display)
    rows = selection.rows.set_index("step").reindex([step.number for step in selection.checklist.steps])
    pair = [str(selection.rows[role].iloc[0]) for role in ("role_a", "role_b")]
    say, a, b = selection.text.say, selection.role_phrase(pair[0]), selection.role(pair[1]).lower()
    sketch = Sketch(
        selection,
        _sentence(selection, rows, pair),
        _table(selection, rows),
        [] if rows["same"].notna().any() else _notes(selection, rows, pair),
        say("chart.split_title", a=a, b=b),
        say("chart.split_subtitle", school=selection.name, wave=selection.wave, b=b),
    )
    for part in PARTS:
        _add_part(sketch, selection, rows, part)
    _add_interval(sketch, selection, rows)
    _add_yardstick(sketch, selection, rows, b)
    for row, (step, same) in enumerate(zip(selection.step_names, rows["same"], strict=True)):
        share = selection.share(same)
        sketch.label_row(row, step, share and f"<b>{share}</b>", over_lines=True)
    return _finished(sketch, len(rows))


def _add_part(sketch: Sketch, selection: Selection, rows: pd.DataFrame, part: str) -> None:
    colour, ink = PARTS[part]
    word = selection.text.say(WORDS[part])
    sketch.add(
        "bar",
        y=list(range(len(rows))),
        x=rounded(100 * rows[part].astype(float)),
        width=0.44,
        orientation="h",
        name=word,
        marker={"color": colour, "line": {"color": "white", "width": 1.5}},
        text=["" if part == "same" else _label(selection, row, part) for _, row in rows.iterrows()],
        textposition="inside",
        insidetextanchor="end",
        textangle=0,
        textfont={"color": ink, "size": 14},
        hovertext=[escape_plotly(step) for step in selection.step_names],
        hovertemplate=selection.text.say("chart.split_hover", part=word),
    )


def _label(selection: Selection, row: pd.Series, part: str) -> str:
    """The percentage at the end of a part, where it has room beyond the interval."""
    if pd.isna(row[part]):
        return ""
    ends = dict(zip(PARTS, row[list(PARTS)].cumsum(), strict=True))
    free = min(row[part], ends[part] - (row["same_high"] if pd.notna(row["same_high"]) else 0))
    return selection.share(row[part]) if 100 * free >= ROOM else ""


def _add_interval(sketch: Sketch, selection: Selection, rows: pd.DataFrame) -> None:
    """White under black: to be seen on dark and on light."""
    if rows["same_low"].isna().all():
        return
    ends = zip(*(rounded(100 * rows[f"same_{end}"].astype(float)) for end in ("low", "high")), strict=True)
    line = segments(ends, range(len(rows)))
    sketch.add("scatter", line={"color": "white", "width": 6}, showlegend=False, **line)
    sketch.add("scatter", line={"color": INK, "width": 2.5}, name=selection.text.say("chart.split_interval"), **line)


def _add_yardstick(sketch: Sketch, selection: Selection, rows: pd.DataFrame, b: str) -> None:
    values = 100 * rows["yardstick"].astype(float)
    if values.isna().all():
        return
    sketch.add(
        "scatter",
        x=rounded(values),
        y=list(range(len(rows))),
        mode="markers",
        name=selection.text.say("chart.split_yardstick"),
        marker={"size": 11, "color": "white", "symbol": "diamond", "line": {"color": INK, "width": 2}},
        hovertext=[escape_plotly(step) for step in selection.step_names],
        hovertemplate=selection.text.say("chart.split_yardstick_hover", b=b),
    )


def _finished(sketch: Sketch, rows: int) -> Picture:
    ticks = [0, 25, 50, 75, 100]
    return sketch.finish(
        ROW * rows,
        sides=(26, 26),
        foot=26,
        barmode="stack",
        xaxis={
            "range": [0, 100], "tickvals": ticks, "ticktext": [f"{tick}%" for tick in ticks], "gridcolor": LINE,
            "zeroline": False, "ticks": "", "fixedrange": True,
        },
        yaxis=row_axis(rows, above=0.62),
    )  # fmt: skip


def _sentence(selection: Selection, rows: pd.DataFrame, pair: list[str]) -> str:
    shares = 100 * rows["same"].dropna().astype(float)
    say = selection.text.say
    names = {"a": selection.role_phrase(pair[0]), "b": selection.role(pair[1])}
    if shares.empty:
        return say("chart.dumbbell_none", a=selection.role(pair[0]), b=selection.role(pair[1]).lower())
    most, least = (selection.text.number(share) for share in (shares.max(), shares.min()))
    if most == least:
        return say("chart.split_equal", **names, of=selection.of_steps(len(shares)), share=most)
    fields = {"most_share": most, "least_share": least, **ends_of_steps(shares, selection.checklist, selection.text)}
    return " ".join([say("chart.split_sentence", **names, **fields), *selection.over_steps(len(shares), len(rows))])


def _notes(selection: Selection, rows: pd.DataFrame, pair: list[str]) -> list[str]:
    codes = rows["why"].fillna(rows["reason"]).dropna()
    reasons = [missing_reason(selection, code, None) for code in codes.unique()[:1]]
    return [selection.text.say("chart.note", role=selection.role(pair[1]), why=reason) for reason in reasons]


def _table(selection: Selection, rows: pd.DataFrame) -> pd.DataFrame:
    say, number = selection.text.say, selection.text.number
    columns = {say("table.step"): selection.step_names}
    for part in PARTS:
        columns[say(WORDS[part])] = [selection.share(share) for share in rows[part]]
    ends = zip(rows["same_low"], rows["same_high"], strict=True)
    columns[say("chart.split_interval")] = [
        "" if pd.isna(low) else f"{number(100 * low)}-{selection.share(high)}" for low, high in ends
    ]
    columns[say("table.among")] = [selection.share(share) for share in rows["yardstick"]]
    return pd.DataFrame(columns)
