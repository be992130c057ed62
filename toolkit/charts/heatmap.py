"""All items together: the level per item and role, as a table with shades."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd

from toolkit.charts.figure import Picture, Sketch, escape_plotly, row_axis
from toolkit.charts.role_style import count_text, level_or_reason
from toolkit.charts.style import EDGE, INK
from toolkit.instrument.arguments import as_step, explained
from toolkit.narrative.selection import DisplayOptions, Selection, select

LIGHT, DARK = (244, 247, 250), (120, 150, 180)
"""Shades of one hue, which judge nothing, at 0 and 100; the darkest still lets dark figures be read."""

ROW = 27
"""Pixels for an item, and for the name of a step."""


@explained
def heatmap(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    roles: list[str] | None = None,
    step: int | str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the level per item (rows) and role (columns).

    Parameters
    ----------
    table
        From `item_table` on `Protected`.
    roles
        As in `toolkit.charts.radar`.
    step
        Only the items of this step; all of them where none is given.
    school, wave, **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`. A cell without a level is hatched, with a dash in it; the reason is in the table and under the pointer.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.

    Examples
    --------
    >>> import toolkit as tk
    >>> items = tk.item_table(tk.protect(tk.samples.responses(schools=2)))
    >>> len(tk.charts.heatmap(items, step=1).table)
    3
    """
    selection = select(table, school, wave, ("item_table",), **display)
    step = None if step is None else as_step(step, selection.checklist, selection.text)
    shown = selection.shown_roles(roles)
    steps = [s.number for s in selection.checklist.steps if step in (None, s.number)]
    items = [item.id for number in steps for item in selection.checklist.step(number).items]
    rows_of_item = selection.rows.set_index("item")
    levels = {role: rows_of_item[rows_of_item["role"] == role].reindex(items) for role in shown}
    say = selection.text.say
    sketch = Sketch(
        selection,
        _sentence(selection, levels),
        _table(selection, levels, items),
        [*selection.hidden_notes(roles), *_missing_note(selection, levels)],
        _title(selection, step),
        say("chart.heatmap_subtitle", school=selection.name, wave=selection.wave),
    )
    rows = _rows(selection, steps)
    for column, (role, role_levels) in enumerate(levels.items()):
        _add_role(sketch, selection, column, role, role_levels, rows)
    _add_labels(sketch, selection, rows)
    return sketch.finish(
        ROW * (1 + max(rows.values(), default=0)),
        sides=(218, 14),
        cap=44,
        barmode="overlay",
        yaxis=row_axis(1 + max(rows.values(), default=0)),
        showlegend=False,
        xaxis={
            "range": [0, max(len(shown), 1)], "tickvals": [column + 0.5 for column in range(len(shown))],
            "ticktext": [selection.role(role) for role in shown], "side": "top", "showgrid": False, "zeroline": False,
            "ticks": "", "tickfont": {"size": 12}, "autotickangles": [0, 30, 90],
            "fixedrange": True,
        },
    )  # fmt: skip


def _title(selection: Selection, step: int | None) -> str:
    if step is None:
        return selection.text.say("chart.heatmap_title")
    label = selection.checklist.step(step).label[selection.language]
    return selection.text.say("chart.distribution_title", step=step, label=label)


def _rows(selection: Selection, steps: list[int]) -> dict[str, int]:
    """The row of each step's name (under its number), and of each of its items below it."""
    names = [key for step in steps for key in (str(step), *(item.id for item in selection.checklist.step(step).items))]
    return {name: row for row, name in enumerate(names)}


def _add_role(
    sketch: Sketch, selection: Selection, column: int, role: str, levels: pd.DataFrame, rows: dict[str, int]
) -> None:
    missing = levels["level"].isna()
    level_texts, say = level_or_reason(selection, levels), selection.text.say
    add_cells(
        sketch,
        levels["level"],
        name=selection.role(role),
        base=[column + 0.02] * len(levels),
        y=[rows[str(item)] for item in levels.index],
        text=["–" if hole else text for hole, text in zip(missing, level_texts, strict=True)],
        hovertext=[
            say("chart.heatmap_hover", item=escape_plotly(selection.item(str(item))), level=text, n=count_text(n))
            for item, text, n in zip(levels.index, level_texts, levels["n"], strict=True)
        ],
        hovertemplate="%{hovertext}<extra>" + selection.role(role) + "</extra>",
    )


def add_cells(sketch: Sketch, levels: pd.Series, **trace: object) -> None:
    """Add one bar per cell, because only bars can be hatched; a missing level is."""
    missing = levels.isna()
    sketch.add(
        "bar",
        orientation="h",
        x=[0.96] * len(levels),
        width=0.9,
        marker={
            "color": ["white" if pd.isna(level) else shade(level) for level in levels],
            "pattern": {
                "fillmode": "overlay", "shape": ["/" if hole else "" for hole in missing], "fgcolor": EDGE,
                "bgcolor": "white", "size": 7, "solidity": 0.2,
            },
            "line": {"color": [EDGE if hole else "white" for hole in missing], "width": 0.5},
        },
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": INK, "size": 13},
        **trace,
    )  # fmt: skip


def shade(level: float) -> str:
    """The colour of a level, 0 to 100."""
    share = level / 100
    mixed = (round(low + share * (high - low)) for low, high in zip(LIGHT, DARK, strict=True))
    return f"rgb({','.join(map(str, mixed))})"


def _add_labels(sketch: Sketch, selection: Selection, rows: dict[str, int]) -> None:
    for name, row in rows.items():
        is_item = "." in name
        text = escape_plotly(selection.item(name)) if is_item else f"<b>{escape_plotly(selection.step(int(name)))}</b>"
        position = {"xanchor": "right", "xshift": -8} if is_item else {"xanchor": "left", "xshift": -204}
        sketch.annotate(text, xref="paper", x=0, y=row, yanchor="middle", font={"size": 13, "color": INK}, **position)


def _sentence(selection: Selection, levels: dict[str, pd.DataFrame]) -> str:
    parts = []
    for role, role_levels in levels.items():
        numbers = role_levels["level"].dropna().astype(float)
        if not numbers.empty:
            parts += _role_sentences(selection, role, numbers, len(role_levels))
    return " ".join(parts) or selection.text.say("chart.nothing")


def _role_sentences(selection: Selection, role: str, levels: pd.Series, total: int) -> list[str]:
    high, low = (selection.text.number(level) for level in (levels.max(), levels.min()))
    if high == low:
        of = selection.of_items(len(levels), total)
        return [selection.text.say("chart.heatmap_equal", role=selection.role_phrase(role), of=of, level=high)]
    ends = {"high": _at(selection, levels, levels.max()), "low": _at(selection, levels, levels.min())}
    key = selection.role_key("chart.heatmap_sentence", role)
    sentence = selection.text.say(key, role=selection.role_subject(role), high_level=high, low_level=low, **ends)
    return [sentence, *selection.over_items(len(levels), total)]


def _at(selection: Selection, levels: pd.Series, level: float) -> str:
    """The items at a level."""
    return selection.name_items([str(item) for item in levels.index[np.isclose(levels, level)]])


def _missing_note(selection: Selection, levels: dict[str, pd.DataFrame]) -> list[str]:
    holes = any(role_levels["level"].isna().any() for role_levels in levels.values())
    return [selection.text.say("chart.heatmap_missing")] if holes else []


def _table(selection: Selection, levels: dict[str, pd.DataFrame], items: list[str]) -> pd.DataFrame:
    say = selection.text.say
    columns = {say("table.item"): [selection.item(item) for item in items]}
    for role, role_levels in levels.items():
        columns[say("table.level", role=selection.role(role))] = level_or_reason(selection, role_levels)
        columns[say("table.n_of", role=selection.role(role))] = [count_text(n) for n in role_levels["n"]]
    return pd.DataFrame(columns)
