"""The figures per step: a lane for each role, with its number at the mark and an earlier wave hollow beside it."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.figure import LINE, TRACK, Picture, Sketch, escape_plotly
from toolkit.charts.role_style import has_band, level_or_reason, ranges, role_style, rounded
from toolkit.narrative.selection import DisplayOptions, Selection, select

NAME, LANE, GAP = 26, 23, 12
"""Pixels for the name of a step, for the lane of a role under it, and between two steps."""

NUMBER_WIDTH, NAMED_WIDTH = 8.0, 40.0
"""Points of the scale that a number beside a mark takes, and a number with the name of its role, on a telephone."""


def dot_plot(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    roles: list[str] | None = None,
    compare: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the level per step and role as marks with their numbers.

    Parameters
    ----------
    table
        From `levels` on `Protected`. With columns `level_low, level_high` the interval of the teachers (or team) is a
        band in their lane.
    school, wave, roles
        As in `toolkit.charts.radar`.
    compare
        An earlier wave of the school, drawn hollow in the same lanes.
    **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; a missing level has no mark, and a group that may not be shown a note.

    Raises
    ------
    UnprotectedError, SelectionError
        See `toolkit.narrative.selection.select`.
    """
    chosen = select(table, school, wave, **display)
    earlier = select(table, chosen.school, compare, **display) if compare else None
    shown = chosen.shown_roles(roles)
    say = chosen.text.say
    sketch = Sketch(
        chosen,
        say("chart.dot_plot_sentence") if shown else say("chart.nothing"),
        _table(chosen, earlier, shown),
        chosen.hidden_notes(roles),
        say("chart.dot_plot_title"),
        say("chart.dot_plot_subtitle", school=chosen.name, wave=chosen.wave),
    )
    rows = _Rows(len(chosen.checklist.steps), max(len(shown), 1))
    _add_tracks(sketch, rows)
    for lane, role in enumerate(shown):
        _add_band(sketch, chosen, role, rows, lane)
        before = earlier.rows_of_role(role)["level"] if earlier is not None else None
        if earlier is not None and before is not None:
            _add_earlier(sketch, chosen, earlier, role, rows, lane)
        _add_role(sketch, chosen, role, rows, lane, before)
    for place, step in enumerate(chosen.step_names):
        number, _, label = step.partition(" ")
        sketch.annotate(
            f"<b>{number}</b> {escape_plotly(label)}", xref="paper", x=0, xanchor="left", xshift=-12,
            y=rows.name(place), yanchor="middle", bgcolor="white",
        )  # fmt: skip
    answers = [answer.label[chosen.language] for answer in chosen.checklist.answers]
    return sketch.finish(
        rows.height,
        sides=(26, 44),
        foot=26,
        xaxis={
            "range": [-0.5, 100.5], "tickvals": [100 * place / (len(answers) - 1) for place in range(len(answers))],
            "ticktext": answers, "gridcolor": LINE, "zeroline": False, "ticks": "", "fixedrange": True,
        },
        yaxis={"range": [rows.height, 0], "visible": False, "fixedrange": True},
    )  # fmt: skip


class _Rows:
    """Heights in pixels from the top: the name of each step, and the lanes under it."""

    def __init__(self, n_steps: int, n_lanes: int) -> None:
        self.n_steps, self.n_lanes = n_steps, n_lanes
        self.block = NAME + LANE * n_lanes + GAP
        self.height = n_steps * self.block

    def name(self, step: int) -> float:
        return step * self.block + NAME / 2

    def lane(self, step: int, lane: int) -> float:
        return step * self.block + NAME + LANE * (lane + 0.5)


def _add_tracks(sketch: Sketch, rows: _Rows) -> None:
    places = [rows.lane(step, lane) for step in range(rows.n_steps) for lane in range(rows.n_lanes)]
    sketch.add(
        "scatter",
        x=[x for _ in places for x in (0, 100, None)],
        y=[y for place in places for y in (place, place, None)],
        mode="lines",
        line={"color": TRACK, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_band(sketch: Sketch, chosen: Selection, role: str, rows: _Rows, lane: int) -> None:
    of_role = chosen.rows_of_role(role)
    if not has_band(chosen, role) or of_role["level_low"].isna().all():
        return
    ends = zip(rounded(of_role["level_low"]), rounded(of_role["level_high"]), strict=True)
    sketch.add(
        "scatter",
        x=[value for low, high in ends for value in (low, high, None)],
        y=[y for step in range(rows.n_steps) for y in (rows.lane(step, lane), rows.lane(step, lane), None)],
        mode="lines",
        line={"color": role_style(role).band, "width": 12},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_earlier(
    sketch: Sketch, chosen: Selection, earlier: Selection, role: str, rows: _Rows, lane: int
) -> None:  # fmt: skip
    """The marks of the earlier wave, hollow."""
    style, levels = role_style(role), earlier.rows_of_role(role)["level"]
    moved = zip(rounded(levels), rounded(chosen.rows_of_role(role)["level"]), strict=True)
    sketch.add(
        "scatter",
        x=[value for old, new in moved for value in (old, new, None)],
        y=[y for step in range(rows.n_steps) for y in (rows.lane(step, lane), rows.lane(step, lane), None)],
        mode="lines",
        line={"color": style.colour, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )
    sketch.add(
        "scatter",
        x=rounded(levels),
        y=[rows.lane(step, lane) for step in range(rows.n_steps)],
        mode="markers",
        showlegend=False,
        marker={"size": 11, "color": "white", "symbol": style.symbol, "line": {"color": style.colour, "width": 2}},
        hovertext=[escape_plotly(f"{step}, {earlier.wave}") for step in chosen.step_names],
        hovertemplate=chosen.text.say("chart.dumbbell_hover", role=chosen.role(role)),
        cliponaxis=False,
    )


def _add_role(
    sketch: Sketch, chosen: Selection, role: str, rows: _Rows, lane: int, before: pd.Series | None
) -> None:  # fmt: skip
    """The marks of a role with their numbers; the first one also carries the name of the role."""
    style, levels = role_style(role), chosen.rows_of_role(role)["level"]
    places = [rows.lane(step, lane) for step in range(rows.n_steps)]
    sketch.add(
        "scatter",
        x=rounded(levels),
        y=places,
        mode="markers",
        showlegend=False,
        marker={"size": 14, "color": style.colour, "symbol": style.symbol, "line": {"color": "white", "width": 1.5}},
        hovertext=[escape_plotly(step) for step in chosen.step_names],
        hovertemplate=chosen.text.say("chart.dumbbell_hover", role=chosen.role(role)),
        cliponaxis=False,
    )
    named = False
    for place, step in zip(places, levels.index, strict=True):
        level = levels[step]
        if pd.isna(level):
            continue
        words = chosen.text.number(level)
        words = words if named else f"<b>{words}</b> {escape_plotly(chosen.role(role).lower())}"
        left = _stands_left(level, None if before is None else before[step], NUMBER_WIDTH if named else NAMED_WIDTH)
        sketch.annotate(
            words, x=round(float(level), 1), y=place, xanchor="right" if left else "left", xshift=-11 if left else 11,
            yanchor="middle", font={"size": 13, "color": style.ink}, bgcolor="rgba(255,255,255,0.7)",
        )  # fmt: skip
        named = True


def _stands_left(level: float, before: float | None, width: float) -> bool:
    """Whether the number is left of the mark: a name at the edge, or where the earlier mark is at its right."""
    if before is not None and pd.notna(before) and 0 < before - level < width + 6 and level > width:
        return True
    return width > NUMBER_WIDTH and level + width > 100


def _table(chosen: Selection, earlier: Selection | None, shown: list[str]) -> pd.DataFrame:
    say = chosen.text.say
    columns = {say("table.step"): chosen.step_names}
    for role in shown:
        name, of_role = chosen.role(role), chosen.rows_of_role(role)
        columns[say("table.level", role=name)] = level_or_reason(chosen, of_role)
        if has_band(chosen, role):
            columns[say("table.interval", role=name)] = ranges(chosen, of_role)
        if earlier is not None:
            head = say("table.level_in", role=name, wave=earlier.wave)
            columns[head] = level_or_reason(earlier, earlier.rows_of_role(role))
    return pd.DataFrame(columns)
