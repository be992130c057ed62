"""Small radars in a grid, their order says nothing: a school's moments or roles, or schools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, escape_plotly, wrapped
from toolkit.charts.gap_spread import hidden_note
from toolkit.charts.radar import add_roles, pentagon
from toolkit.charts.role_style import count_text, level_or_reason, ranges
from toolkit.charts.style import GREY
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_roles, explained
from toolkit.narrative.selection import (
    DisplayOptions,
    Selection,
    select,
    select_groups,
    select_schools,
    select_waves,
)

COLUMNS = 3
PANEL = 178
"""Panels in a row, and pixels for the height of one, without its name."""

NAME_WIDTH, NAME_LINE = 16, 17
"""Characters and pixels of a line in a panel's name: a third of a telephone is not wide."""

TITLES = {
    "group": "chart.multiples_by_group",
    "wave": "chart.multiples_by_wave",
    "role": "chart.multiples_by_role",
    "school": "chart.multiples_by_school",
}
SENTENCES = {
    "group": "chart.multiples_sentence_group",
    "wave": "chart.multiples_sentence_wave",
    "role": "chart.multiples_sentence_role",
    "school": "chart.multiples_sentence_school",
}
HEADINGS = {"group": "cohort_chart.group", "wave": "table.wave", "role": "table.role", "school": "table.school"}
"""What a panel can be, and the words for it."""

KINDS = ("levels",)
MAX_NAMES = 4
"""A sentence names at most this many panels."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """One small radar: its name, its rows, and the roles drawn in it."""

    name: str
    selection: Selection
    shown: list[str]


@explained
def small_multiples(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    by: str = "wave",
    roles: list[str] | None = None,
    names: Mapping[str, str] | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw a small radar for each moment or role of a school, or for each school.

    Parameters
    ----------
    table
        From `levels` on `Protected`.
    school
        For `by="wave"` and `by="role"`; see `toolkit.narrative.selection.select`.
    wave
        The wave to draw, or the last of them for `by="wave"`; the last of the table where none is given.
    by
        What each panel is: `wave`, `role` or `school`.
    roles
        As in `toolkit.charts.radar`.
    names
        School id to the name above its panel, for `by="school"`. Panels are in the order of these names: never in an
        order that follows from the answers.
    **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; a role that may not be shown in a panel is absent there, a note names the panels.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.
    ToolkitError
        `by` is none of the three.

    Examples
    --------
    >>> import toolkit as tk
    >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=2)))
    >>> len(tk.charts.small_multiples(levels, by="role").table) > 0
    True
    """
    panels = _panels(table, by, roles, names, school=school, wave=wave, **display)
    selection = panels[0].selection
    say = selection.text.say
    subtitles = {
        "wave": f"{selection.name} · {selection.text.join([panel.name for panel in panels])}",
        "role": selection.caption,
        "school": selection.wave,
    }
    sketch = Sketch(
        selection,
        _sentence(panels, by),
        _table(panels, by),
        _notes(panels, roles, by),
        say(TITLES[by]),
        say("chart.multiples_subtitle", place=subtitles[by]),
    )
    return _finished(sketch, panels)


@explained
def group_multiples(
    table: pd.DataFrame,
    wave: str | None = None,
    roles: list[str] | None = None,
    grouping: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw a small radar for each group: mean levels, with the interval over schools.

    Parameters
    ----------
    table
        From `compare_cohorts`.
    wave
        None takes the last.
    roles
        Role ids; directors and teachers where none are given.
    grouping
        The first of the table where none is given.
    **display
        `checklist` and `language`.

    Returns
    -------
    A `Picture`. Panels are in the order of the groups' names, which says nothing about them.

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
    >>> len(tk.charts.group_multiples(means).table) > 0
    True
    """
    groups = list(select_groups(table, wave, grouping, **display).values())
    first = groups[0]
    drawn = as_roles(roles, first.checklist, first.text) or ["director", "teacher"]
    panels = [_Panel(group.name, group, group.shown_roles(drawn)) for group in groups]
    say = first.text.say
    sketch = Sketch(
        first,
        _sentence(panels, "group"),
        _table(panels, "group"),
        [
            note
            for panel in panels
            for note in hidden_note(panel.selection, panel.selection.rows[panel.selection.rows["role"].isin(drawn)])
        ],
        say(TITLES["group"]),
        say("chart.multiples_subtitle", place=first.wave),
    )
    return _finished(sketch, panels)


def _panels(
    table: pd.DataFrame, by: str, roles: list[str] | None, names: Mapping[str, str] | None, **choice: Any
) -> list[_Panel]:
    if by == "wave":
        return [_Panel(c.wave, c, c.shown_roles(roles)) for c in select_waves(table, kinds=KINDS, **choice)]
    if by == "school":
        choice.pop("school")
        schools = select_schools(table, names=names, kinds=KINDS, **choice)
        return [_Panel(c.name, c, c.shown_roles(roles)) for c in schools]
    if by == "role":
        selection = select(table, kinds=KINDS, **choice)
        shown = [_Panel(selection.role(role), selection, [role]) for role in selection.shown_roles(roles)]
        return shown or [_Panel(selection.name, selection, [])]
    raise ToolkitError(load_text(choice.get("language", "nl")).say("select.by", wanted=by))


def _finished(sketch: Sketch, panels: list[_Panel]) -> Picture:
    steps = [str(step.number) for step in panels[0].selection.checklist.steps]
    lines = max(len(wrapped(panel.name, NAME_WIDTH)) for panel in panels)
    columns = min(COLUMNS, len(panels))
    name, rows = 8 + NAME_LINE * lines, -(-len(panels) // columns)
    room = rows * (PANEL + name)
    polars: dict[str, Any] = {}
    names_in_legend: set[str] = set()
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        x, top = column / columns, 1 - row * (PANEL + name) / room
        domain = {"x": [x + 0.05, x + 1 / columns - 0.05]}
        domain["y"] = [top - (PANEL + name - 22) / room, top - (name + 20) / room]
        polar = "polar" if number == 0 else f"polar{number + 1}"
        polars[polar] = pentagon(steps, 11, domain=domain)
        _add_name(sketch, panel, x + 0.5 / columns, top)
        _add_panel(sketch, panel, steps, polar, names_in_legend)
    return sketch.finish(room, sides=(10, 10), **polars)


def _add_name(sketch: Sketch, panel: _Panel, x: float, y: float) -> None:
    text = "<br>".join(escape_plotly(line) for line in wrapped(panel.name, NAME_WIDTH))
    position = {"xref": "paper", "x": x, "xanchor": "center", "yref": "paper", "y": y, "yanchor": "top"}
    sketch.annotate(f"<b>{text}</b>", font={"size": 12}, **position)
    if not panel.shown:
        no_data = "<br>".join(wrapped(panel.selection.text.say("chart.nothing"), NAME_WIDTH))
        sketch.annotate(no_data, font={"size": 12, "color": GREY}, **(position | {"yshift": -0.5 * PANEL}))


def _add_panel(sketch: Sketch, panel: _Panel, steps: list[str], polar: str, names_in_legend: set[str]) -> None:
    """The lines of a panel; what the legend already names is not named again."""
    before = len(sketch.traces)
    add_roles(sketch, panel.selection, panel.shown, steps, subplot=polar)
    for trace in sketch.traces[before:]:
        name = trace.get("name")
        if name is None:
            continue
        # the n of a role differs between panels: the table has it
        short = str(name).split(" (n = ")[0]
        trace |= {"name": short, "legendgroup": short, "showlegend": short not in names_in_legend}
        if "marker" in trace:
            trace["marker"] = {**trace["marker"], "size": 6}  # type: ignore[dict-item]
            trace["line"] = {**trace["line"], "width": 2}  # type: ignore[dict-item]
        names_in_legend.add(short)


def _sentence(panels: list[_Panel], by: str) -> str:
    text = panels[0].selection.text
    return text.say(SENTENCES[by], panels=_listed(panels))


def _listed(panels: list[_Panel]) -> str:
    text = panels[0].selection.text
    names = [panel.name for panel in panels]
    if len(names) > MAX_NAMES:
        names = [*names[: MAX_NAMES - 1], text.say("chart.multiples_more", n=len(names) - MAX_NAMES + 1)]
    return text.join(names)


def _notes(panels: list[_Panel], roles: list[str] | None, by: str) -> list[str]:
    """For each reason a role is absent: which panels, or that it is all of them."""
    absent: dict[str, list[_Panel]] = {}
    for panel in panels if by != "role" else panels[:1]:
        for note in panel.selection.hidden_notes(roles):
            absent.setdefault(note, []).append(panel)
    every = 1 if by == "role" else len(panels)
    say = panels[0].selection.text.say
    return [
        note if len(where) == every else say("chart.only_for", where=_listed(where), note=note)
        for note, where in absent.items()
    ]


def _table(panels: list[_Panel], by: str) -> pd.DataFrame:
    """A row per panel and step, a column per role."""
    selection = panels[0].selection
    say, names = selection.text.say, selection.step_names
    columns: dict[str, list[str]] = {
        say(HEADINGS[by]): [panel.name for panel in panels for _ in names],
        say("table.step"): [name for _ in panels for name in names],
    }
    if by == "role":
        cells = [panel.selection.rows_of_role(role) for panel in panels for role in panel.shown]
        rows = pd.concat(cells) if cells else selection.rows_of_role("")
        return pd.DataFrame(columns | _level_columns(selection, rows, ""))
    for role in [role for role in selection.checklist.shown_role_ids if any(role in panel.shown for panel in panels)]:
        rows = pd.concat([panel.selection.rows_of_role(role) for panel in panels])
        columns |= _level_columns(selection, rows, selection.role(role))
    return pd.DataFrame(columns)


def _level_columns(selection: Selection, rows: pd.DataFrame, role: str) -> dict[str, list[str]]:
    say, n = selection.text.say, [count_text(n) for n in rows["n"]]
    level = say("table.level", role=role) if role else say("table.only_level")
    columns = {level: level_or_reason(selection, rows), say("table.n_of", role=role) if role else say("table.n"): n}
    if "level_low" not in rows or rows["level_low"].isna().all():
        return columns
    interval = say("table.interval", role=role) if role else say("table.only_interval")
    return columns | {interval: ranges(selection, rows)}
