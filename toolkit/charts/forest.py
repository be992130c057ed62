"""Two groups of schools compared: the difference on every step or item, with its interval."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd

from toolkit.charts.figure import NUMBER_ROOM, Picture, Sketch, difference_axis, error_bars, escape_plotly, row_axis
from toolkit.charts.gap_spread import hidden_because
from toolkit.charts.role_style import role_style, rounded
from toolkit.charts.style import GREY
from toolkit.core.errors import SelectionError
from toolkit.core.i18n import Text, load_text, sentence_case
from toolkit.instrument.arguments import as_checklist, as_role, as_step, check_kind, explained
from toolkit.instrument.model import Instrument
from toolkit.narrative.extremes import largest
from toolkit.narrative.selection import DisplayOptions
from toolkit.privacy import require_protected

KINDS = ("cohort_differences", 'cohort_differences(per="item")')
ROW = {True: 44, False: 52}
"""Pixels for a row, of items and of steps."""

MAX_ON_A_LINE, LINE_HEIGHT = 40, 18
"""Characters that fit under the axis of a telephone, and the pixels of another line."""

MAX_NAMED = 5
"""A sentence names no more steps or items than this."""


@explained
def forest(
    table: pd.DataFrame,
    group_a: str | None = None,
    group_b: str | None = None,
    wave: str | None = None,
    role: str = "teacher",
    measure: str = "level",
    step: int | str | None = None,
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw the differences between two groups, a row for each step or item.

    Parameters
    ----------
    table
        From `cohort_differences`, per step or per item.
    group_a, group_b
        The two groups; the first two of the table where none are given.
    wave
        None takes the last.
    role, measure
        What of; measures on 0..100 (`level`, or `gap` of a pair such as `director-teacher`).
    step
        Only the items of this step.
    **display
        `checklist` and `language`.

    Returns
    -------
    A `Picture`, rows in the order of the checklist. An open mark is a difference that, after the correction for so many
    items, may be chance.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such groups, wave or role.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> len(tk.charts.forest(tk.cohort_differences(cohorts)).table)
    5
    """
    text = load_text(display.get("language", "nl"))
    checklist = as_checklist(display.get("checklist"), text)
    if isinstance(table, pd.DataFrame) and table.empty:
        raise SelectionError(text.say("select.one_group"))
    check_kind(require_protected(table, text), KINDS, text)
    role = "-".join(as_role(value, checklist, text) for value in role.split("-"))
    step = None if step is None else as_step(step, checklist, text)
    rows = table[table["measure"].eq(measure) & table["role"].eq(role)]
    if rows.empty:
        options = sorted({f"{value} {roles}" for value, roles in zip(table["measure"], table["role"], strict=True)})
        raise SelectionError(text.say("select.measure", wanted=f"{measure} {role}", there=", ".join(options)))
    if step is not None:
        rows = rows[rows["step"] == step]
    a, b = _pair(rows, group_a, group_b, text)
    rows = rows[rows["group_a"].eq(a) & rows["group_b"].eq(b)]
    waves = sorted(rows["wave"].unique())
    wave = wave if wave is not None else waves[-1]
    if wave not in waves:
        raise SelectionError(text.say("select.wave", wanted=wave, there=", ".join(waves)))
    rows = rows[rows["wave"] == wave].reset_index(drop=True)
    axis_title = _axis_title(text, checklist, role)
    names = _names(rows, checklist, text.language)
    open_marks = rows["q"].ge(0.05) if "q" in rows else pd.Series(False, index=rows.index)
    notes = _notes(rows, text, open_marks, (a, b))
    sketch = Sketch(
        text,
        _sentence(rows, names, text, axis_title, (a, b)),
        _table(rows, names, text),
        notes,
        text.say("cohort_chart.forest_title"),
        text.say("cohort_chart.forest_subtitle", what=axis_title, wave=wave),
    )
    sketch.colors = display.get("colors")
    _add_points(sketch, rows, names, role_style(role.split("-")[-1]).colour, open_marks, text)
    height = ROW["item" in rows]
    for row, name in enumerate(names):
        sketch.label_row(row, name, lift=height // 2 - 6, over_lines=True)
    ends = {end: text.say(f"cohort_chart.forest_{end}", a=a, b=b) for end in ("left", "right")}
    extra = LINE_HEIGHT if len("".join(ends.values())) > MAX_ON_A_LINE else 0
    for side, (end, words) in enumerate(ends.items()):
        sketch.annotate(
            escape_plotly(words), xref="paper", x=side, xanchor=end, yref="paper", y=0, yanchor="top",
            yshift=-24 - side * extra, font={"size": 13, "color": GREY},
        )  # fmt: skip
    return sketch.finish(
        height * len(rows) + NUMBER_ROOM, sides=(24, 24), foot=48 + extra,
        yaxis=row_axis(len(rows), 0.7, NUMBER_ROOM / height),
        xaxis=difference_axis(_reach(rows)),
    )  # fmt: skip


def _pair(rows: pd.DataFrame, a: str | None, b: str | None, text: Text) -> tuple[str, str]:
    pairs = list(rows[["group_a", "group_b"]].drop_duplicates().itertuples(index=False, name=None))
    fitting = [pair for pair in pairs if a in (None, pair[0]) and b in (None, pair[1])]
    if not fitting:
        options = ", ".join(f"{first} - {second}" for first, second in pairs[:20])
        raise SelectionError(text.say("select.group", wanted=f"{a} - {b}", there=options))
    return str(fitting[0][0]), str(fitting[0][1])


def _axis_title(text: Text, checklist: Instrument, role: str) -> str:
    names = [checklist.role(role_id).plural[text.language].lower() for role_id in role.split("-")]
    key = "cohort_chart.forest_gap" if len(names) > 1 else "cohort_chart.forest_what"
    return sentence_case(text.say(key, role=text.join(names)))


def _names(rows: pd.DataFrame, checklist: Instrument, language: str) -> list[str]:
    if "item" in rows:
        return [f"{item} {checklist.item(item).label[language]}" for item in rows["item"]]
    return [f"{step} {checklist.step(int(step)).label[language]}" for step in rows["step"]]


def _add_points(
    sketch: Sketch, rows: pd.DataFrame, names: list[str], colour: str, open_marks: pd.Series, text: Text
) -> None:
    sketch.add(
        "scatter",
        x=rounded(rows["difference"]),
        y=list(range(len(rows))),
        mode="markers",
        showlegend=False,
        error_x=error_bars(rows["difference"], rows, ("low", "high"), color=colour, thickness=2, width=5),
        marker={
            "size": 11, "color": ["white" if is_open else colour for is_open in open_marks],
            "line": {"color": colour, "width": 2},
        },
        hovertext=[escape_plotly(name) for name in names],
        hovertemplate=text.say("cohort_chart.forest_hover"),
        cliponaxis=False,
    )  # fmt: skip
    for row, value in enumerate(rows["difference"]):
        if pd.notna(value):
            sketch.annotate(
                text.number(value), x=float(value), y=row, yanchor="top", yshift=-7,
                font={"size": 13, "color": colour}, bgcolor="rgba(255,255,255,0.85)",
            )  # fmt: skip


def _reach(rows: pd.DataFrame) -> float:
    ends = rows[["low", "high", "difference"]].to_numpy(dtype=float)
    return 20.0 if np.isnan(ends).all() else float(5 * np.ceil(np.nanmax(np.abs(ends)) / 5 + 0.2))


def _notes(rows: pd.DataFrame, text: Text, open_marks: pd.Series, groups: tuple[str, str]) -> list[str]:
    why = rows.loc[rows["suppressed"], "why"].unique()
    hidden = [hidden_because(text, " - ".join(groups), str(code)) for code in why]
    return [*hidden, *([text.say("cohort_chart.forest_discovery")] if open_marks.any() else [])]


def _sentence(rows: pd.DataFrame, names: list[str], text: Text, axis_title: str, groups: tuple[str, str]) -> str:
    differences = rows["difference"].dropna().astype(float)
    if differences.empty:
        return text.say("cohort_chart.nothing")
    points, furthest = largest(differences.abs(), text)
    clear = int((rows["low"].gt(0) | rows["high"].lt(0)).sum())
    kind = "item" if "item" in rows else "step"
    fields: dict[str, Any] = {"what": axis_title, "clear": clear, "of": len(differences)}
    if points == "0":
        sentence = text.say("cohort_chart.forest_same", **fields)
    else:
        places = [_place(names[row], kind, groups[int(differences[row] < 0)], text) for row in furthest]
        where = "; ".join(places) if len(places) <= MAX_NAMED else text.say("chart.items", n=len(places))
        sentence = text.say("cohort_chart.forest_sentence", points=points, where=where, **fields)
    scope = text.say(f"count.over_{kind}s", n=len(differences), of=len(rows)) if len(differences) < len(rows) else ""
    return f"{sentence} {scope}".strip()


def _place(name: str, kind: str, higher: str, text: Text) -> str:
    number, label = name.split(" ", 1)
    return text.say(f"cohort_chart.forest_{kind}", number=number, label=label, higher=higher)


def _table(rows: pd.DataFrame, names: list[str], text: Text) -> pd.DataFrame:
    def numbers(values: pd.Series, decimals: int = 1) -> list[str]:
        return ["" if pd.isna(value) else text.number(value, decimals) for value in values]

    ends = zip(numbers(rows["low"]), numbers(rows["high"]), strict=True)
    return pd.DataFrame(
        {
            text.say("table.item" if "item" in rows else "table.step"): names,
            text.say("cohort_chart.difference"): numbers(rows["difference"]),
            text.say("cohort_chart.interval"): [f"{low} / {high}" if low else "" for low, high in ends],
            text.say("cohort_chart.effect"): numbers(rows["effect"], 2),
        }
    )
