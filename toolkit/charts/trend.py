"""One school through its moments: the level per step and role, wave after wave."""

from __future__ import annotations

from typing import Any, Unpack

import pandas as pd

from toolkit.charts.figure import Picture, Sketch, error_bars, escape_plotly
from toolkit.charts.role_style import count_text, has_band, level_or_reason, ranges, role_style, rounded
from toolkit.charts.wave_panels import finish_panels, panel_axis
from toolkit.instrument.arguments import as_step, explained
from toolkit.narrative.extremes import largest_changes
from toolkit.narrative.selection import DisplayOptions, Selection, select_waves

BESIDE = 0.05
"""Horizontal distance between roles at a wave, so that their intervals don't cover each other."""


@explained
def trend(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    roles: list[str] | None = None,
    step: int | str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the level per step and role over the waves of one school, a panel per step.

    Parameters
    ----------
    table
        From `levels` on `Protected`. With columns `level_low, level_high` the interval of the teachers (or team) is
        drawn as an upright line.
    roles
        As in `toolkit.charts.radar`.
    step
        Only this step; all of them where none is given.
    wave
        The last wave to draw; all of them where none is given.
    school, **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`. Who filled in may differ between waves: it follows groups, never persons. A wave in which a group may
    not be shown is a gap in its line, with a note.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.

    Examples
    --------
    >>> import toolkit as tk
    >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=2)))
    >>> len(tk.charts.trend(levels).table) > 0
    True
    """
    waves = select_waves(table, school, wave, ("levels",), **display)
    selection, say = waves[-1], waves[-1].text.say
    step = None if step is None else as_step(step, selection.checklist, selection.text)
    steps = [s.number for s in selection.checklist.steps if step in (None, s.number)]
    shown = [role for role in selection.checklist.shown_role_ids if any(role in w.shown_roles(roles) for w in waves)]
    levels_of_role = {role: _over_waves(waves, role) for role in shown}
    sketch = Sketch(
        selection,
        _sentence(waves, shown, steps),
        _table(waves, levels_of_role, steps),
        [
            say("chart.only_for", where=of_wave.wave, note=note)
            for of_wave in waves
            for note in of_wave.hidden_notes(roles)
        ],
        say("chart.trend_title"),
        say(
            "chart.trend_subtitle",
            school=selection.name,
            waves=selection.text.join([of_wave.wave for of_wave in waves]),
        ),
    )
    for panel, number in enumerate(steps, start=1):
        for rank, role in enumerate(shown):
            aside = BESIDE * (rank - (len(shown) - 1) / 2)
            _add_role(sketch, waves, role, levels_of_role[role].loc[[number]], panel, aside)
    return finish_panels(sketch, waves[-1], steps, [wave.wave for wave in waves])


def _add_role(sketch: Sketch, waves: list[Selection], role: str, rows: pd.DataFrame, panel: int, aside: float) -> None:
    """Draw one role in one step; `rows` has a row for each wave, indexed by the step."""
    style, selection = role_style(role), waves[-1]
    step, levels = escape_plotly(selection.step(int(rows.index[0]))), rounded(rows["level"])
    trace: dict[str, Any] = {}
    if has_band(selection, role):
        ends = ("level_low", "level_high")
        trace["error_y"] = error_bars(rows["level"], rows, ends, color=style.colour, thickness=1.5, width=5)
    sketch.add(
        "scatter",
        x=[position + aside for position in range(len(waves))],
        y=levels,
        yaxis=panel_axis("y", panel),
        mode="lines+markers",
        name=selection.role(role),
        legendgroup=role,
        showlegend=panel == 1,
        line={"color": style.colour, "width": 2.5, "dash": style.dash},
        marker={"symbol": style.symbol, "size": 10, "color": style.colour, "line": {"color": "white", "width": 1.5}},
        hovertext=[
            selection.text.say("chart.trend_hover", step=step, wave=wave.wave, n=n)
            for wave, n in zip(waves, rows["n"], strict=True)
        ],
        hovertemplate=selection.text.say("chart.trend_level", role=selection.role(role)),
        cliponaxis=False,
        **trace,
    )


def _over_waves(waves: list[Selection], role: str) -> pd.DataFrame:
    """What is known of one role: per step (the index) a row for each wave, in order."""
    rows = pd.concat([wave.rows_of_role(role) for wave in waves]).sort_index(kind="stable")
    return rows.astype({"level": float, "level_low": float, "level_high": float}) if "level_low" in rows else rows


def _sentence(waves: list[Selection], shown: list[str], steps: list[int]) -> str:
    say = waves[-1].text.say
    if len(waves) < 2:
        return say("chart.trend_one", wave=waves[-1].wave)
    parts = [part for role in shown if (part := _role_sentence(waves[-2], waves[-1], role, steps))]
    if not parts:
        return say("chart.trend_none", waves=waves[-1].text.join([waves[-2].wave, waves[-1].wave]))
    return " ".join([*parts, say("chart.trend_care")])


def _role_sentence(old_wave: Selection, new_wave: Selection, role: str, steps: list[int]) -> str:
    """Which step moved most between the last two waves, in the eyes of one role."""
    old, new = (wave.rows_of_role(role)["level"].astype(float).reindex(steps) for wave in (old_wave, new_wave))
    moves = (new - old).dropna()
    if moves.empty:
        return ""
    name, changes = new_wave.role_phrase(role), largest_changes(old, new, new_wave.checklist, new_wave.text)
    if not changes:
        return new_wave.text.say("chart.trend_same", role=name, of=new_wave.of_steps(len(moves), len(steps)))
    waves = {"before": old_wave.wave, "now": new_wave.wave}
    sentence = new_wave.text.say("chart.trend_sentence", role=name, changes=changes, **waves)
    return " ".join([sentence, *new_wave.over_steps(len(moves), len(steps))])


def _table(waves: list[Selection], levels_of_role: dict[str, pd.DataFrame], steps: list[int]) -> pd.DataFrame:
    selection, say = waves[-1], waves[-1].text.say
    columns = {
        say("table.step"): [selection.step(step) for step in steps for _ in waves],
        say("table.wave"): [wave.wave for _ in steps for wave in waves],
    }
    for role, every in levels_of_role.items():
        rows = every.loc[steps]
        columns[say("table.level", role=selection.role(role))] = level_or_reason(selection, rows)
        columns[say("table.n_of", role=selection.role(role))] = [count_text(n) for n in rows["n"]]
        if has_band(selection, role):
            columns[say("table.interval", role=selection.role(role))] = ranges(selection, rows)
    return pd.DataFrame(columns)
