"""Two roles per step: how far apart they are."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, answer_axis, escape_plotly, row_axis, segments
from toolkit.charts.role_style import band_name, has_band, level_or_reason, ranges, role_style, rounded
from toolkit.charts.style import EDGE, TRACK
from toolkit.core.i18n import sentence_case
from toolkit.instrument.arguments import as_role, explained
from toolkit.narrative.extremes import largest, name_steps
from toolkit.narrative.selection import DisplayOptions, Selection, select

ROW = 62
"""Pixels for a step: its name above, the marks under it."""


@explained
def dumbbell(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    a: str = "director",
    b: str = "teacher",
    gaps: pd.DataFrame | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the levels of two roles per step, joined by a line.

    Parameters
    ----------
    table
        From `levels` on `Protected`. With columns `level_low, level_high` the interval of the teachers (or team) is
        drawn as a band.
    a, b
        Role ids; a role that is shown as part of the team is drawn as the team.
    gaps
        From `agreement` of the same roles on the same `Protected`. A note then names the steps where its `gap`, over
        the items that both roles answered, is not the distance that is drawn; the table has both.
    school, wave, **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; where one of the two can't be shown only the other has a mark, and a note says why.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.

    Examples
    --------
    >>> import toolkit as tk
    >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=2)))
    >>> len(tk.charts.dumbbell(levels).table)
    5
    """
    selection = select(table, school, wave, ("levels",), **display)
    a, b = as_role(a, selection.checklist, selection.text), as_role(b, selection.checklist, selection.text)
    pair = [(selection.shown_roles([role]) or [role])[-1] for role in (a, b)]
    levels = pd.DataFrame({role: selection.rows_of_role(role)["level"] for role in pair})
    apart = _distances(levels)
    kind = ("agreement",)
    shared = None if gaps is None else _gaps(select(gaps, selection.school, selection.wave, kind, **display), pair)
    say = selection.text.say
    sketch = Sketch(
        selection,
        _sentence(selection, pair, apart),
        _table(selection, pair, apart, shared),
        [*selection.hidden_notes([a, b]), *_notes_on_gaps(selection, apart, shared)],
        say("chart.dumbbell_title"),
        say("chart.dumbbell_subtitle", school=selection.name, wave=selection.wave),
    )
    _add_lines(sketch, levels)
    for role in dict.fromkeys(pair):
        _add_band(sketch, selection, role)
    for role, size in zip(dict.fromkeys(pair), (20, 13), strict=False):  # both are seen where they are equal
        _add_role(sketch, selection, role, size)
    for row, (step, gap) in enumerate(zip(selection.step_names, apart, strict=True)):
        sketch.label_row(row, step, "" if pd.isna(gap) else _difference(selection, gap), over_lines=True)
    return sketch.finish(
        ROW * len(levels),
        sides=(26, 26),
        foot=26,
        xaxis=answer_axis(selection),
        yaxis=row_axis(len(levels), above=0.62),
    )


def _distances(levels: pd.DataFrame) -> pd.Series:
    """First level minus second per step, as rounded and drawn; missing where the two roles are one team."""
    if levels.shape[1] < 2:
        return pd.Series(float("nan"), index=levels.index)
    shown = levels.astype(float).round()
    return shown.iloc[:, 0] - shown.iloc[:, 1]


def _gaps(selection: Selection, pair: list[str]) -> pd.Series:
    rows = selection.rows[selection.rows["role_a"].eq(pair[0]) & selection.rows["role_b"].eq(pair[1])]
    steps = [step.number for step in selection.checklist.steps]
    return rows.set_index("step")["gap"].astype(float).reindex(steps)


ROUNDING = 1.0
"""Points that a difference of two rounded levels can be off from the rounded difference."""


def _notes_on_gaps(selection: Selection, apart: pd.Series, shared: pd.Series | None) -> list[str]:
    """Name the steps at which the difference over the items of both is not the distance that is drawn."""
    if shared is None:
        return []
    rounded_apart = shared[(shared - apart).abs() > ROUNDING]
    return [
        selection.text.say("chart.dumbbell_shared", step=step, points=" ".join(_points(selection, gap)))
        for step, gap in rounded_apart.items()
    ]


def _add_lines(sketch: Sketch, levels: pd.DataFrame) -> None:
    for row, values in enumerate(levels.to_numpy(dtype=float).tolist()):
        shared: dict[str, object] = {"y": [row, row], "mode": "lines", "hoverinfo": "skip", "showlegend": False}
        sketch.add("scatter", x=[0, 100], line={"color": TRACK, "width": 2}, **shared)
        if len(values) == 2 and not pd.isna(values).any():
            sketch.add("scatter", x=[round(v, 1) for v in values], line={"color": EDGE, "width": 5}, **shared)


def _add_band(sketch: Sketch, selection: Selection, role: str) -> None:
    """The interval of a group, as a bar behind its mark."""
    rows = selection.rows_of_role(role)
    if not has_band(selection, role) or rows["level_low"].isna().all():
        return
    ends = zip(rounded(rows["level_low"]), rounded(rows["level_high"]), strict=True)
    sketch.add(
        "scatter",
        **segments(ends, range(len(rows))),
        name=band_name(selection, role),
        line={"color": role_style(role).band, "width": 18},
        legendrank=2000,
    )


def _add_role(sketch: Sketch, selection: Selection, role: str, size: int) -> None:
    style, rows = role_style(role), selection.rows_of_role(role)
    n = rows["n"].max()
    if pd.isna(n):
        return
    sketch.add(
        "scatter",
        x=rounded(rows["level"]),
        y=list(range(len(rows))),
        mode="markers",
        name=selection.text.say("chart.n", role=selection.role(role), n=n),
        marker={"size": size, "color": style.colour, "symbol": style.symbol, "line": {"color": "white", "width": 2}},
        hovertext=[escape_plotly(step) for step in selection.step_names],
        hovertemplate=selection.text.say("chart.dumbbell_hover", role=selection.role(role)),
        cliponaxis=False,
    )


def _difference(selection: Selection, difference: float) -> str:
    points, unit = _points(selection, difference)
    return selection.text.say("chart.points", points=points, unit=unit)


def _points(selection: Selection, difference: float) -> tuple[str, str]:
    points = selection.text.number(abs(difference))
    return points, selection.text.say("chart.point_one" if points == "1" else "chart.point_many")


def _sentence(selection: Selection, pair: list[str], apart: pd.Series) -> str:
    a, b = (selection.role_phrase(role) for role in pair)
    differences = apart.dropna()
    if differences.empty:
        return selection.text.say("chart.dumbbell_none", a=selection.role(pair[0]), b=selection.role(pair[1]).lower())
    _, steps = largest(differences.abs(), selection.text)
    gaps = differences[steps]
    points, unit = _points(selection, gaps.iloc[0])
    if points == "0":
        same = {"a": selection.role_subject(pair[0]), "b": b, "of": selection.of_steps(len(differences))}
        return selection.text.say("chart.dumbbell_same", **same)
    higher = pair[0] if gaps.iloc[0] > 0 else pair[1]
    where = name_steps(steps, selection.checklist, selection.text)
    fields = {"steps": where, "points": points, "unit": unit, "higher": selection.role_subject(higher)}
    same_side = gaps.gt(0).nunique() == 1
    key = selection.role_key("chart.dumbbell_sentence", higher) if same_side else "chart.dumbbell_both_ways"
    sentence = selection.text.say(key, a=a, b=b, **fields)
    return " ".join([sentence_case(sentence), *selection.over_steps(len(differences), len(apart))])


def _table(selection: Selection, pair: list[str], apart: pd.Series, shared: pd.Series | None) -> pd.DataFrame:
    say, number = selection.text.say, selection.text.number
    columns = {say("table.step"): selection.step_names}
    for role in pair:
        columns[say("table.level", role=selection.role(role))] = level_or_reason(
            selection, selection.rows_of_role(role)
        )
    for heading, gaps in (("table.gap", apart), ("table.gap_shared", shared)):
        if gaps is not None:
            columns[say(heading)] = ["" if pd.isna(gap) else number(abs(gap)) for gap in gaps]
    for role in pair:
        if has_band(selection, role):
            columns[say("table.interval", role=selection.role(role))] = ranges(selection, selection.rows_of_role(role))
    return pd.DataFrame(columns)
