"""The five steps around a pentagon, one line per role."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

from toolkit.charts.picture import (
    EDGE,
    GREY,
    LINE,
    OTHER_ROLE,
    ROLE_STYLES,
    Picture,
    Sketch,
    escaped,
)
from toolkit.chosen import Chosen, choose
from toolkit.instrument import Instrument

_T = TypeVar("_T")


def radar(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    roles: list[str] | None = None,
    *,
    name: str | None = None,
    checklist: Instrument | None = None,
    language: str = "nl",
) -> Picture:
    """Draw the level per step and role.

    Parameters
    ----------
    table
        From `levels` on `Protected`. With columns `level_low, level_high` the interval of the teachers (or team) is
        drawn as a band.
    school, wave
        See `toolkit.chosen.choose`.
    roles
        Role ids to draw; all that may be shown where none are given. Asking for a role that is shown as part of the
        team draws the team.
    name
        The school's name for the title; its id where none is given.

    Returns
    -------
    A `Picture`. A step without a level is a gap in the line, a group that may not be shown a note; never 0.

    Raises
    ------
    UnprotectedError, SelectionError
        See `toolkit.chosen.choose`.
    """
    chosen = choose(table, school, wave, checklist, language)
    shown = chosen.shown_roles(roles)
    say = chosen.text.say
    sketch = Sketch(
        chosen.text,
        _sentence(chosen, shown),
        _table(chosen, shown),
        chosen.hidden_notes(roles),
        say("chart.radar_title", school=name or chosen.school),
        say("chart.radar_subtitle", wave=chosen.wave),
        690,
    )
    corners = [f"<b>{step.number}</b> {_two_lines(step.label[language])}" for step in chosen.checklist.steps]
    for role in shown:
        _add_band(sketch, chosen, role, corners)
    for role in shown:
        _add_role(sketch, chosen, role, corners)
    _add_scale(sketch, chosen, corners)
    return _finished(sketch, corners)


def _of_role(chosen: Chosen, role: str) -> pd.DataFrame:
    rows = chosen.rows[chosen.rows["role"] == role].set_index("step")
    return rows.reindex([step.number for step in chosen.checklist.steps])


def _add_role(sketch: Sketch, chosen: Chosen, role: str, corners: list[str]) -> None:
    style = ROLE_STYLES.get(role, OTHER_ROLE)
    rows = _of_role(chosen, role)
    hover = [
        chosen.text.say(
            "chart.radar_hover",
            step=step.number,
            label=step.label[chosen.text.language],
            role=chosen.role(role),
        )
        for step in chosen.checklist.steps
    ]
    sketch.add(
        "scatterpolar",
        r=_closed(_values(rows["level"])),
        theta=_closed(corners),
        name=chosen.text.say("chart.n", role=chosen.role(role), n=rows["n"].max()),
        mode="lines+markers",
        line={"color": style.colour, "width": 3, "dash": style.dash},
        marker={
            "symbol": style.symbol,
            "size": 10,
            "color": style.colour,
            "line": {"color": "white", "width": 1.5},
        },
        hovertemplate=_closed(hover),
        cliponaxis=False,
    )


def _add_band(sketch: Sketch, chosen: Chosen, role: str, corners: list[str]) -> None:
    """The interval of a group; known persons have none, and neither has a step without a level."""
    rows = _of_role(chosen, role)
    if role not in ("teacher", chosen.checklist.team.id) or "level_low" not in rows or rows["level_low"].isna().any():
        return
    style = ROLE_STYLES.get(role, OTHER_ROLE)
    edge = {"theta": _closed(corners), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    sketch.add("scatterpolar", r=_closed(_values(rows["level_high"])), showlegend=False, **edge)
    sketch.add(
        "scatterpolar",
        r=_closed(_values(rows["level_low"])),
        fill="tonext",
        fillcolor=style.band,
        name=chosen.text.say("chart.radar_band", role=chosen.role(role).lower()),
        legendrank=2000,
        **edge,
    )


def _add_scale(sketch: Sketch, chosen: Chosen, corners: list[str]) -> None:
    labels = [answer.label[chosen.text.language] + " " for answer in chosen.checklist.answers]
    sketch.add(
        "scatterpolar",
        r=[3, 50, 94],
        theta=[corners[0]] * 3,
        mode="text",
        text=labels,
        textposition="middle left",
        textfont={"size": 12, "color": GREY, "shadow": "auto"},
        hoverinfo="skip",
        showlegend=False,
    )


def _finished(sketch: Sketch, corners: list[str]) -> Picture:
    bottom = 112 + 19 * len(sketch.notes)
    return sketch.finish(
        margin={"l": 120, "r": 120, "t": 130, "b": bottom},
        legend={
            "orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.13, "yref": "paper", "yanchor": "top",
            "font": {"size": 14}, "itemwidth": 40,
        },
        polar={
            "gridshape": "linear",
            "bgcolor": "white",
            # a category axis: with angles in degrees plotly draws a circle whatever the grid shape
            "angularaxis": {
                "type": "category", "categoryorder": "array", "categoryarray": corners, "rotation": 90,
                "direction": "clockwise", "tickfont": {"size": 15}, "gridcolor": LINE, "linecolor": EDGE,
                # unseen ticks keep the labels clear of a marker at 100
                "ticks": "outside", "ticklen": 8, "tickcolor": "rgba(0,0,0,0)",
            },
            "radialaxis": {
                "range": [0, 100], "angle": 90, "tickvals": [25, 50, 75, 100], "showticklabels": False,
                "gridcolor": LINE, "showline": False, "ticks": "",
            },
        },
    )  # fmt: skip


def _sentence(chosen: Chosen, shown: list[str]) -> str:
    parts = [part for role in shown if (part := _role_sentence(chosen, role))]
    return " ".join(parts) or chosen.text.say("chart.nothing")


def _role_sentence(chosen: Chosen, role: str) -> str:
    levels = _of_role(chosen, role)["level"].dropna()
    if levels.empty:
        return ""
    number, name = chosen.text.number, chosen.in_sentence(role)
    if levels.max() - levels.min() < 1:
        return chosen.text.say("chart.radar_equal", role=name, level=number(levels.mean()))
    return chosen.text.say(
        "chart.radar_sentence",
        role=name,
        high=_at(chosen, levels, levels.max()),
        high_level=number(levels.max()),
        low=_at(chosen, levels, levels.min()),
        low_level=number(levels.min()),
    )


def _at(chosen: Chosen, levels: pd.Series, level: float) -> str:
    """The steps at a level, all of them: 'stap 1 (…) en 3 (…)'."""
    steps = [chosen.checklist.step(int(number)) for number in levels.index[np.isclose(levels, level)]]
    return chosen.text.join([f"{step.number} ({step.label[chosen.text.language]})" for step in steps])


def _table(chosen: Chosen, shown: list[str]) -> pd.DataFrame:
    say, language = chosen.text.say, chosen.text.language
    steps = [f"{step.number} {step.label[language]}" for step in chosen.checklist.steps]
    columns = {say("table.step"): steps}
    for role in shown:
        rows = _of_role(chosen, role)
        values = zip(rows["level"], rows["why"], rows["reason"], strict=True)
        levels = [_level(chosen, *value) for value in values]
        columns[say("table.level", role=chosen.role(role))] = levels
        columns[say("table.n_of", role=chosen.role(role))] = ["" if pd.isna(n) else str(n) for n in rows["n"]]
    return pd.DataFrame(columns)


def _level(chosen: Chosen, level: float, why: object, reason: object) -> str:
    if pd.notna(level):
        return chosen.text.number(level)
    return chosen.reason(str(why if pd.notna(why) else reason))


def _two_lines(label: str) -> str:
    head, _, tail = escaped(label).partition(" ")
    return f"{head}<br>{tail}" if tail else head


def _values(levels: pd.Series) -> list[float | None]:
    return [None if pd.isna(level) else round(float(level), 1) for level in levels]


def _closed(values: list[_T]) -> list[_T]:
    return [*values, values[0]]
