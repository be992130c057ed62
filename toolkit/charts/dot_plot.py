"""The figures per step: a lane per role, its number at the mark, an earlier wave hollow."""

from __future__ import annotations

from typing import Any, Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, answer_axis, escape_plotly, segments, wrapped
from toolkit.charts.role_style import has_band, level_or_reason, ranges, role_style, rounded
from toolkit.charts.style import GREY, TRACK
from toolkit.instrument.arguments import explained
from toolkit.narrative.selection import DisplayOptions, Selection, select
from toolkit.narrative.step_change import StepChange, change_words, changes_between, step_changes

NAME, LANE, GAP = 26, 23, 12
"""Pixels for the name of a step, for the lane of a role under it, and between two steps."""

RIGHT, ARROW_ROOM = 44, 40
"""Pixels right of the scale, and more of them for arrows."""

NUMBER_WIDTH, NAMED_WIDTH, LABEL_WIDTH = 8.0, 40.0, 18
"""Points of the scale that a number next to a mark takes, and one with the name of its role, on a telephone."""


@explained
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
        An earlier wave of the school, drawn hollow in the same lanes. An arrow at the end of a lane has the change, in
        the colour of the role and bold where it is clear.
    **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; a missing level has no mark, and a group that may not be shown a note.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.

    Examples
    --------
    >>> import toolkit as tk
    >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=2)))
    >>> len(tk.charts.dot_plot(levels).table)
    5
    """
    selection = select(table, school, wave, ("levels",), **display)
    earlier = select(table, selection.school, compare, **display) if compare else None
    shown = selection.shown_roles(roles)
    changes = step_changes(changes_between(table, selection, earlier.wave)) if earlier else {}
    say, subtitle = selection.text.say, "chart.dot_plot_compared" if earlier else "chart.dot_plot_subtitle"
    sketch = Sketch(
        selection,
        say("chart.dot_plot_sentence") if shown else say("chart.nothing"),
        _table(selection, earlier, shown, changes),
        selection.hidden_notes(roles),
        say("chart.dot_plot_title"),
        say(subtitle, school=selection.name, wave=selection.wave, before=compare or ""),
    )
    lanes = Lanes(len(selection.checklist.steps), max(len(shown), 1))
    add_tracks(sketch, lanes)
    for lane, role in enumerate(shown):
        _add_role(sketch, selection, earlier, role, lanes, lane)
        _add_changes(sketch, role, changes, lanes.of_lane(lane))
    return finish_lanes(sketch, selection, lanes, ARROW_ROOM if earlier else 0)


class Lanes:
    """The rows of a dot plot: the name of each step, and under it a lane for each role or group.

    Heights are in pixels from the top of the plot.
    """

    def __init__(self, n_steps: int, n_lanes: int) -> None:
        self.n_steps, self.n_lanes = n_steps, n_lanes
        self.block = NAME + LANE * n_lanes + GAP
        self.height = n_steps * self.block

    def name(self, step: int) -> float:
        """The height of a step's name; steps are counted from 0."""
        return step * self.block + NAME / 2

    def of_lane(self, lane: int) -> list[float]:
        """The heights of a lane, for every step."""
        return [step * self.block + NAME + LANE * (lane + 0.5) for step in range(self.n_steps)]

    def add_lines(self, sketch: Sketch, lane: int, ends: list[tuple[Any, Any]], line: dict[str, object]) -> None:
        """Add a line from one level to another in a lane, for every step."""
        sketch.add("scatter", **segments(ends, self.of_lane(lane)), line=line, showlegend=False)

    def add_bands(self, sketch: Sketch, lane: int, rows: pd.DataFrame, colour: str) -> None:
        """Add the intervals of a lane, where there are any."""
        if "level_low" not in rows or rows["level_low"].isna().all():
            return
        ends = list(zip(rounded(rows["level_low"]), rounded(rows["level_high"]), strict=True))
        self.add_lines(sketch, lane, ends, {"color": colour, "width": 12})

    def add_marks(
        self, sketch: Sketch, lane: int, levels: pd.Series, marker: dict[str, Any], names: list[str], hover: str
    ) -> None:  # fmt: skip
        """Add the marks of a lane; `names` are what each mark is called when the pointer is on it."""
        edge = {"line": {"color": "white", "width": 1.5}}
        sketch.add(
            "scatter", x=rounded(levels), y=self.of_lane(lane), mode="markers", showlegend=False, marker=edge | marker,
            hovertext=names, hovertemplate=hover, cliponaxis=False,
        )  # fmt: skip

    def add_numbers(
        self, sketch: Sketch, lane: int, levels: list[float | None], ink: str, name: str,
        before: list[float | None] | None = None,
    ) -> None:  # fmt: skip
        """Write the number at every mark of a lane; the first one also carries the name of the lane."""
        width = NAMED_WIDTH
        label = "<br>".join(map(escape_plotly, wrapped(name, LABEL_WIDTH)))
        for height, level, old in zip(self.of_lane(lane), levels, before or [None] * len(levels), strict=True):
            if level is None:
                continue
            number = sketch.text.number(level)
            side, shift = ("right", -11) if _is_left(level, old, width) else ("left", 11)
            sketch.annotate(
                f"<b>{number}</b> {label}" if width == NAMED_WIDTH else number,
                x=level, y=height, xanchor=side, xshift=shift, yanchor="middle",
                font={"size": 13, "color": ink}, bgcolor=f"rgba(255,255,255,{0.7 if old is None else 0.88})",
            )  # fmt: skip
            width = NUMBER_WIDTH


def add_tracks(sketch: Sketch, lanes: Lanes) -> None:
    """Draw the scale of every lane."""
    for lane in range(lanes.n_lanes):
        lanes.add_lines(sketch, lane, [(0, 100)] * lanes.n_steps, {"color": TRACK, "width": 1.5})


def finish_lanes(sketch: Sketch, selection: Selection, lanes: Lanes, room: int = 0) -> Picture:
    """Name the steps above their lanes and finish; `room` is in pixels, at the lanes' end."""
    for row, step in enumerate(selection.step_names):
        number, _, label = step.partition(" ")
        sketch.annotate(
            f"<b>{number}</b> {escape_plotly(label)}", xref="paper", x=0, xanchor="left", xshift=-12,
            y=lanes.name(row), yanchor="middle", bgcolor="white",
        )  # fmt: skip
    return sketch.finish(
        lanes.height,
        sides=(26, RIGHT + room),
        foot=26,
        xaxis=answer_axis(selection),
        yaxis={"range": [lanes.height, 0], "visible": False, "fixedrange": True},
    )


def _add_role(
    sketch: Sketch, selection: Selection, earlier: Selection | None, role: str, lanes: Lanes, lane: int
) -> None:  # fmt: skip
    """The lane of a role: its interval, its earlier level hollow, its level and its number."""
    style, rows = role_style(role), selection.rows_of_role(role)
    hover = selection.text.say("chart.dumbbell_hover", role=selection.role(role))
    if has_band(selection, role):
        lanes.add_bands(sketch, lane, rows, style.band)
    levels, before = rounded(rows["level"]), None
    if earlier is not None:
        old = earlier.rows_of_role(role)["level"]
        before = rounded(old)
        lanes.add_lines(sketch, lane, list(zip(before, levels, strict=True)), {"color": style.colour, "width": 1.5})
        hollow = {"size": 11, "color": "white", "symbol": style.symbol, "line": {"color": style.colour, "width": 2}}
        names = [escape_plotly(f"{step}, {earlier.wave}") for step in selection.step_names]
        lanes.add_marks(sketch, lane, old, hollow, names, hover)
    marker = {"size": 14, "color": style.colour, "symbol": style.symbol}
    lanes.add_marks(sketch, lane, rows["level"], marker, [escape_plotly(step) for step in selection.step_names], hover)
    lanes.add_numbers(sketch, lane, levels, style.ink, selection.role(role).lower(), before)


def _add_changes(
    sketch: Sketch, role: str, changes: dict[tuple[str, int], StepChange], heights: list[float]
) -> None:  # fmt: skip
    """Write the change since the earlier wave at the end of every lane of a role."""
    for step, height in enumerate(heights, start=1):
        if values := changes.get((role, step)):
            sketch.annotate(
                f"<b>{values.arrow}</b>" if values.is_clear else values.arrow,
                xref="paper", x=1, xanchor="left", xshift=RIGHT - 4, y=height, yanchor="middle",
                font={"size": 13, "color": role_style(role).ink if values.is_clear else GREY},
            )  # fmt: skip


def _is_left(level: float, before: float | None, width: float) -> bool:
    """Whether the number is left of the mark: a name at the edge, or where the earlier mark is at its right."""
    if before is not None and 0 < before - level < width + 6 and level > width:
        return True
    return width > NUMBER_WIDTH and level + width > 100


def _table(
    selection: Selection, earlier: Selection | None, shown: list[str], changes: dict[tuple[str, int], StepChange]
) -> pd.DataFrame:  # fmt: skip
    say = selection.text.say
    columns = {say("table.step"): selection.step_names}
    for role in shown:
        name, of_role = selection.role(role), selection.rows_of_role(role)
        columns[say("table.level", role=name)] = level_or_reason(selection, of_role)
        if has_band(selection, role):
            columns[say("table.interval", role=name)] = ranges(selection, of_role)
        if earlier is not None:
            head = say("table.level_in", role=name, wave=earlier.wave)
            columns[head] = level_or_reason(earlier, earlier.rows_of_role(role))
            head = say("table.change_since", role=name)
            moved = [changes.get((role, step.number)) for step in selection.checklist.steps]
            columns[head] = [change_words(values, selection.text) if values else "" for values in moved]
    return pd.DataFrame(columns)
