"""The five steps around a pentagon, one line per role."""

from __future__ import annotations

import math
from typing import TypeVar, Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, escape_plotly, wrapped
from toolkit.charts.role_style import band_name, count_text, has_band, level_or_reason, ranges, role_style, rounded
from toolkit.charts.style import GREY, LINE, SCALE
from toolkit.cohorts.reference import MIN_REFERENCE_SCHOOLS
from toolkit.instrument.arguments import explained
from toolkit.narrative.extremes import ends_of_steps, name_steps
from toolkit.narrative.selection import DisplayOptions, Selection, select, select_group

_T = TypeVar("_T")

GREY_BAND = "rgba(82,96,109,0.20)"
CORNER_WIDTH = 15
"""Characters in a line of a corner's label."""

PLOT, RIM = 334, 104
"""Pixels of the plot, and the end of its scale: beyond 100, so that a line along the rim is not clipped."""

REACH = PLOT / 2 / RIM * 100
"""Pixels from the centre to 100."""

BESIDE_MARKS, BESIDE_LINE = 26, 16
"""Pixels to the first word of the scale from the centre, and to the last one from the rim."""

CENTRE = 0.01
"""A level of 0 as drawn: plotly leaves out marks at the exact centre."""


@explained
def radar(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    roles: list[str] | None = None,
    cohort: pd.DataFrame | None = None,
    group: str | None = None,
    compare: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the level per step and role.

    Parameters
    ----------
    table
        From `levels` on `Protected`. With columns `level_low, level_high` the interval of the teachers (or team) is
        drawn as a band.
    school, wave
        The school's code in any case, or its name, and the school year. None takes the first school and its last year.
    roles
        Role ids to draw; all that may be shown where none are given. Asking for a role that is shown as part of the
        team draws the team.
    cohort, group
        From `compare_cohorts`, and the group in it (the first where none is given), or a stored reference (see
        `toolkit.make_reference`): the middle half of its schools' levels of teachers is drawn in grey behind the
        school's own. Of the same wave, or of the reference's; only from ten schools.
    compare
        An earlier wave of the school: the teachers (or team) in it are drawn as a thin pale line.
    **display
        `name`, `checklist` and `language`: see `toolkit.narrative.selection.DisplayOptions`.

    Returns
    -------
    A `Picture`. A step without a level is a gap in the line, a group that may not be shown a note; never 0.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.

    Examples
    --------
    >>> import toolkit as tk
    >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=2)))
    >>> tk.charts.radar(levels, roles="director").table.columns[1]
    'Directie: niveau'
    """
    selection = select(table, school, wave, ("levels",), **display)
    shown = selection.shown_roles(roles)
    say = selection.text.say
    reference = None if cohort is None else _reference_group(cohort, group, selection.wave, display)
    is_small = reference is not None and not _is_large(reference)
    sketch = Sketch(
        selection,
        radar_sentence(selection, shown),
        _table(selection, shown),
        [*selection.hidden_notes(roles), *([say("chart.few_schools", n=MIN_REFERENCE_SCHOOLS)] if is_small else [])],
        say("chart.radar_title", school=selection.name),
        say("chart.radar_subtitle", wave=selection.wave),
    )
    corners = corners_of(selection)
    if reference is not None and not is_small:
        add_middle_half(sketch, reference, "teacher", corners, GREY_BAND)
    if compare:
        _add_earlier(sketch, select(table, selection.school, compare, **display), shown, corners)
    add_roles(sketch, selection, shown, corners)
    return finish_radar(sketch, selection, corners)


def finish_radar(sketch: Sketch, selection: Selection, corners: list[str]) -> Picture:
    """Finish a pentagon that fills its width on a telephone, with its labels in the corners."""
    _add_scale(sketch, selection)
    if not sketch.traces:
        sketch.add("scatterpolar", r=[], theta=[], mode="none")  # plotly draws other axes where nothing is polar
    top, side, low = (0.0, -REACH), (PLOT / 2 + 6, -0.31 * REACH - 58), (0.62 * REACH, 0.81 * REACH + 11)
    places = [
        (*top, "center", "bottom", 10), (*side, "right", "bottom", 0), (*low, "center", "top", 0),
        (-low[0], low[1], "center", "top", 0), (-side[0], side[1], "left", "bottom", 0),
    ]  # fmt: skip
    for corner, (x, y, across, upright, lift) in zip(corners, places, strict=False):
        sketch.annotate(
            corner, xref="paper", x=0.5, xshift=x, xanchor=across, yref="paper", y=0.5, yshift=-y + lift,
            yanchor=upright, align=across, font={"size": 14},
        )  # fmt: skip
    return sketch.finish(PLOT, sides=(12, 12), cap=44, foot=24, legend="below", polar=pentagon(corners, labels=False))


def add_roles(sketch: Sketch, selection: Selection, shown: list[str], corners: list[str], **trace: object) -> None:
    """Draw the lines of roles on a pentagon, over the band of a sampled role.

    Parameters
    ----------
    trace
        What every trace gets besides, such as the `subplot` it belongs to.
    """
    for role in shown:
        _add_band(sketch, selection, role, corners, trace)
    for rank, role in enumerate(shown):
        _add_role(sketch, selection, role, corners, trace, rank)


def _add_earlier(sketch: Sketch, earlier: Selection, shown: list[str], corners: list[str]) -> None:
    """The line of the teachers or the team in an earlier wave. More earlier lines would cover this year's."""
    for role in [role for role in shown if role in ("teacher", earlier.checklist.team.id)]:
        rows, style = earlier.rows_of_role(role), role_style(role)
        if rows["level"].isna().all():
            continue
        sketch.add(
            "scatterpolar",
            r=_closed(rounded(rows["level"])),
            theta=_closed(corners),
            name=earlier.text.say("chart.in_wave", role=earlier.role(role), wave=earlier.wave),
            mode="lines+markers",
            line={"color": style.band.replace("0.17", "0.55"), "width": 1.5},
            marker={"symbol": style.symbol, "size": 8, "color": "white", "line": {"color": style.colour, "width": 1.5}},
            legendrank=1900,
            hoverinfo="skip",
        )


def _reference_group(cohort: pd.DataFrame, group: str | None, wave: str, display: DisplayOptions) -> Selection:
    """The group behind a school: of the same wave, or of a stored reference under the name of its version."""
    if "version" not in cohort:
        return select_group(cohort, group, wave, **display | {"name": None})
    return select_group(cohort, group, None, **display | {"name": str(cohort["version"].iloc[0])})


def _is_large(group: Selection) -> bool:
    """Whether every step of the teachers has the schools that a reference needs."""
    return bool(group.rows_of_role("teacher")["n"].ge(MIN_REFERENCE_SCHOOLS).fillna(False).all())


def add_middle_half(sketch: Sketch, group: Selection, role: str, corners: list[str], colour: str) -> None:
    """Draw the middle half of a group of schools, where every step has one."""
    rows = group.rows_of_role(role)
    if rows[["p25", "p75"]].isna().any(axis=None):
        return
    name = group.text.say("chart.middle_half", group=escape_plotly(group.name), role=group.role(role).lower())
    edge: dict[str, object] = {
        "theta": _closed(corners), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    sketch.add("scatterpolar", r=_closed(rounded(rows["p75"])), showlegend=False, **edge)
    inner = {"fill": "tonext", "fillcolor": colour, "name": name, "legendrank": 2000}
    sketch.add("scatterpolar", r=_closed(rounded(rows["p25"])), **edge, **inner)


def corners_of(selection: Selection) -> list[str]:
    """The labels of the steps at the corners."""
    return [_corner(name) for name in selection.step_names]


def pentagon(corners: list[str], size: int = 13, labels: bool = True, **options: object) -> dict[str, object]:
    """Return the polar axes: straight lines, 0 to 100, step 1 on top and the others clockwise.

    Parameters
    ----------
    labels
        Whether plotly writes the labels of the corners.
    """
    return {
        "gridshape": "linear",
        "bgcolor": "white",
        # a category axis: with angles in degrees plotly draws a circle whatever the grid shape
        "angularaxis": {
            "type": "category", "categoryorder": "array", "categoryarray": corners, "rotation": 90,
            "direction": "clockwise", "tickfont": {"size": size}, "gridcolor": LINE, "showline": False,
            "showticklabels": labels,
            # unseen ticks keep the labels clear of a marker at 100
            "ticks": "outside", "ticklen": 8, "tickcolor": "rgba(0,0,0,0)",
        },
        "radialaxis": {
            "range": [0, RIM], "angle": 90, "tickvals": [25, 50, 75, 100], "showticklabels": False,
            "gridcolor": LINE, "showline": False, "ticks": "",
        },
        **options,
    }  # fmt: skip


def radar_sentence(selection: Selection, shown: list[str]) -> str:
    """Say which steps each role puts highest and lowest."""
    parts = [part for role in shown if (part := _role_sentence(selection, role))]
    return " ".join(parts) or selection.text.say("chart.nothing")


def _add_role(
    sketch: Sketch, selection: Selection, role: str, corners: list[str], trace: dict[str, object], rank: int
) -> None:  # fmt: skip
    """The line of a role; each next one is thinner and its marks are smaller, so that equal lines stay visible."""
    style, rows = role_style(role), selection.rows_of_role(role)
    hover = [
        selection.text.say("chart.radar_hover", step=escape_plotly(name), role=selection.role(role))
        for name in selection.step_names
    ]
    name = selection.text.say("chart.n", role=selection.role(role), n=rows["n"].max())
    drawn: dict[str, object] = {
        "r": _closed([CENTRE if level == 0 else level for level in rounded(rows["level"])]),
        "theta": _closed(corners),
        "name": name,
        "mode": "lines+markers",
        "line": {"color": style.colour, "width": max(5 - 1.6 * rank, 1.8), "dash": style.dash},
        "marker": {
            "symbol": style.symbol,
            "size": max(18 - 6 * rank, 6),
            "color": style.colour,
            "line": {"color": "white", "width": 1},
        },
        "hovertemplate": _closed(hover),
        "cliponaxis": False,
    }
    sketch.add("scatterpolar", **(drawn | trace))


def _add_band(sketch: Sketch, selection: Selection, role: str, corners: list[str], trace: dict[str, object]) -> None:
    """The interval of a group, where every step has one."""
    rows = selection.rows_of_role(role)
    if not has_band(selection, role) or rows["level_low"].isna().any():
        return
    edge: dict[str, object] = {
        "theta": _closed(corners), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    sketch.add("scatterpolar", **({"r": _closed(rounded(rows["level_high"])), "showlegend": False} | edge | trace))
    inner: dict[str, object] = {
        "r": _closed(rounded(rows["level_low"])),
        "fill": "tonext",
        "fillcolor": role_style(role).band,
        "name": band_name(selection, role),
        "legendrank": 2000,
    }
    sketch.add("scatterpolar", **(inner | edge | trace))


def _add_scale(sketch: Sketch, selection: Selection) -> None:
    """The words of the scale between the two lowest corners, where no mark of any level is."""
    steps = len(selection.checklist.steps)
    angle, edge = math.pi * (2 * (steps // 2) + 1) / steps, REACH * math.cos(math.pi / steps)
    first, *inside, last = [answer.label[selection.language] for answer in selection.checklist.answers]
    places = [edge * number / (len(inside) + 1) for number in range(1, len(inside) + 1)]
    for word, distance in zip([first, *inside, last], [BESIDE_MARKS, *places, edge + BESIDE_LINE], strict=True):
        sketch.annotate(
            word, name=SCALE, xref="paper", x=0.5, xshift=distance * math.sin(angle), xanchor="center", yref="paper",
            y=0.5, yshift=distance * math.cos(angle), yanchor="middle",
            font={"size": 12, "color": GREY, "shadow": "auto"},
        )  # fmt: skip


def _role_sentence(selection: Selection, role: str) -> str:
    levels = selection.rows_of_role(role)["level"].dropna()
    if levels.empty:
        return ""
    high, low = (selection.text.number(float(level)) for level in (levels.max(), levels.min()))
    if len(levels) == 1:
        return selection.text.say(
            "chart.radar_one",
            role=selection.role_phrase(role),
            level=high,
            step=name_steps(levels.index, selection.checklist, selection.text),
        )
    if high == low:
        return _equal_sentence(selection, role, levels)
    steps = ends_of_steps(levels, selection.checklist, selection.text)
    key = selection.role_key("chart.radar_sentence", role)
    sentence = selection.text.say(key, role=selection.role_subject(role), high_level=high, low_level=low, **steps)
    return " ".join([sentence, *selection.over_steps(len(levels), len(selection.step_names))])


def _equal_sentence(selection: Selection, role: str, levels: pd.Series) -> str:
    """All steps at one level; of known persons at an end of the scale, that they gave only that answer."""
    level, of = selection.text.number(float(levels.iloc[0])), selection.of_steps(len(levels))
    ends = {"0": selection.checklist.answers[0], "100": selection.checklist.answers[-1]}
    # of a group 100 can be a rounded 99.6
    if role in selection.checklist.known_role_ids and level in ends:
        answer = ends[level].label[selection.language]
        return selection.text.say("chart.radar_only", role=selection.role_subject(role), of=of, answer=answer)
    return selection.text.say("chart.radar_equal", role=selection.role_phrase(role), of=of, level=level)


def _table(selection: Selection, shown: list[str]) -> pd.DataFrame:
    say = selection.text.say
    columns = {say("table.step"): selection.step_names}
    for role in shown:
        rows = selection.rows_of_role(role)
        columns[say("table.level", role=selection.role(role))] = level_or_reason(selection, rows)
        columns[say("table.n_of", role=selection.role(role))] = [count_text(n) for n in rows["n"]]
        if has_band(selection, role):
            columns[say("table.interval", role=selection.role(role))] = ranges(selection, rows)
    return pd.DataFrame(columns)


def _corner(step: str) -> str:
    """'<b>1</b> Thuisomgeving / kennen': the label of a step, in lines."""
    number, _, label = step.partition(" ")
    first, *others = wrapped(label, CORNER_WIDTH)
    return "<br>".join([f"<b>{number}</b> {escape_plotly(first)}", *map(escape_plotly, others)])


def _closed(values: list[_T]) -> list[_T]:
    return [*values, values[0]]
