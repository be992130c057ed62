"""Answer bars of several roles, diverging around Beetje: Nee to the left, Ja to the right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Unpack

import pandas as pd

from toolkit.charts.distribution import COLOURS, answer_columns
from toolkit.charts.figure import Picture, Sketch, escape_plotly, row_axis
from toolkit.charts.role_style import count_text, missing_reason
from toolkit.charts.style import GREY, LINE
from toolkit.instrument.arguments import as_choice, as_step, explained
from toolkit.narrative.selection import DisplayOptions, Selection, select

NAME, LANE, GAP = 26, 26, 10
"""Pixels for the name of an item, for the bar of a role under it, and between two items."""

ROLE_WIDTH = 18
"""Characters of a role's name next to its bar."""

SMALLEST_LABEL = 0.09
"""A share below this has no room for its percentage."""

Rows = dict[str, dict[str, dict[str, Any]]]
"""Per role and item: `n`, the shares `no, partly, yes`, `suppressed` and `why`."""

ORDERS = ("item", "yes", "no")


@explained
def answers(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    step: int | str = 1,
    roles: str | Iterable[str] | None = None,
    order: str = "item",
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw per item and role who answered Nee, Beetje and Ja, around the middle of Beetje.

    Parameters
    ----------
    table
        From `item_table` on `Protected`.
    school, wave
        As in `toolkit.charts.radar`.
    step
        Step number, 1 to 5.
    roles
        Role ids (`director`, `teacher`, `care`, `team`); all that may be shown where none are given.
    order
        `item`: as on the form. `yes` or `no`: most Ja or Nee first, according to the first role that is drawn.
    **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; the numbers in the bars are percentages, the table has counts too. An item that may not be shown has
    no bar.

    Raises
    ------
    UnprotectedError, SelectionError, ToolkitError
        The table is not protected; or has no such school, school year, role or step, or order.

    Examples
    --------
    >>> import toolkit as tk
    >>> items = tk.item_table(tk.protect(tk.samples.responses(schools=1)))
    >>> tk.charts.answers(items, step=1, roles="teacher").table.columns[3]
    'Ja'
    """
    selection = select(table, school, wave, ("item_table",), **display)
    step = as_step(step, selection.checklist, selection.text)
    order, shown, say = (
        as_choice(order, "order", ORDERS, selection.text),
        selection.shown_roles(roles),
        selection.text.say,
    )
    rows = {role: _shares(selection, role, step) for role in shown}
    items = _in_order([item.id for item in selection.checklist.step(step).items], rows, order)
    sketch = Sketch(
        selection,
        say("chart.answers_sentence", step=step, label=selection.checklist.step(step).label[selection.language])
        if shown
        else say("chart.nothing"),
        _table(selection, rows, items),
        [*selection.hidden_notes(roles), *_thin_notes(selection, rows)],
        say("chart.distribution_title", step=step, label=selection.checklist.step(step).label[selection.language]),
        say("chart.answers_subtitle", school=selection.name, wave=selection.wave),
    )
    block = NAME + LANE * max(len(shown), 1) + GAP
    for column, answer in answer_columns(selection)[::-1]:
        _add_answer(sketch, selection, rows, items, (column, answer), block)
    for row, item in enumerate(items):
        sketch.label_row(row * block, selection.item(item), lift=-14, over_lines=True)
        for lane, (role, of_role) in enumerate(rows.items()):
            _label_lane(sketch, selection, role, of_role[item], row * block + NAME + LANE * (lane + 0.5))
    return _finished(sketch, block * len(items))


def _finished(sketch: Sketch, height: int) -> Picture:
    ticks = [-100, -50, 0, 50, 100]
    return sketch.finish(
        height,
        sides=(140, 20),
        foot=26,
        legend="row",
        barmode="overlay",
        xaxis={
            "range": [-101, 101], "tickvals": ticks, "ticktext": [f"{abs(tick)}%" for tick in ticks], "gridcolor": LINE,
            "zeroline": True, "zerolinecolor": GREY, "ticks": "", "fixedrange": True,
        },
        yaxis=row_axis(0) | {"range": [height, 0]},
    )  # fmt: skip


def _shares(selection: Selection, role: str, step: int) -> dict[str, dict[str, Any]]:
    """Per item: `n`, and the shares `no, partly, yes`; missing where it may not be shown or nobody answered."""
    rows = selection.rows[(selection.rows["role"] == role) & (selection.rows["step"] == step)].set_index("item")
    rows = rows.reindex([item.id for item in selection.checklist.step(step).items])
    n = rows["n"].astype("Float64").mask(rows["n"].eq(0))
    shares = {name: (rows[name] / n).astype(float) for name in COLOURS}
    records = rows.assign(**shares).reset_index().to_dict("records")
    return {str(row["item"]): {str(name): value for name, value in row.items()} for row in records}


def _in_order(items: list[str], rows: Rows, order: str) -> list[str]:
    if order == "item" or not rows:
        return items
    first = next(iter(rows.values()))
    return sorted(items, key=lambda item: 1.0 if pd.isna(first[item][order]) else -first[item][order])


def _add_answer(
    sketch: Sketch,
    selection: Selection,
    rows: Rows,
    items: list[str],
    answer: tuple[str, str],
    block: int,
) -> None:
    """The bars of one answer, for every item and role."""
    column, word = answer
    colour, ink = COLOURS[column]
    bars: dict[str, list[object]] = {"x": [], "y": [], "base": [], "text": [], "hovertext": []}
    for lane, (role, of_role) in enumerate(rows.items()):
        for row, item in enumerate(items):
            no, partly, yes = (100 * float(of_role[item][name]) for name in ("no", "partly", "yes"))
            if no != no:
                continue
            size, start = {"no": (no, -partly / 2 - no), "partly": (partly, -partly / 2), "yes": (yes, partly / 2)}[
                column
            ]
            bars["x"].append(round(size, 1))
            bars["base"].append(round(start, 1))
            bars["y"].append(row * block + NAME + LANE * (lane + 0.5))
            bars["text"].append(_percent(selection, size) if size >= 100 * SMALLEST_LABEL else "")
            hover = f"{selection.item(item)}, {selection.role(role).lower()}: {word} {_percent(selection, size)}"
            bars["hovertext"].append(escape_plotly(hover))
    sketch.add(
        "bar", orientation="h", name=word, width=LANE - 6, textposition="inside", insidetextanchor="middle",
        marker={"color": colour, "line": {"color": "white", "width": 1}}, textangle=0,
        textfont={"color": ink, "size": 13}, hovertemplate="%{hovertext}<extra></extra>", **bars,
    )  # fmt: skip


def _label_lane(sketch: Sketch, selection: Selection, role: str, row: dict[str, Any], y: float) -> None:
    """The role at the left of its bar with its n; where there is no bar, a word for that."""
    name = selection.role(role)
    short = name if len(name) <= ROLE_WIDTH else name[: ROLE_WIDTH - 1] + "…"
    n = "" if pd.isna(row["n"]) else f" ({row['n']})"
    sketch.annotate(
        escape_plotly(short) + n, xref="paper", x=0, xanchor="right", xshift=-8, y=y, yanchor="middle",
        font={"size": 12, "color": GREY},
    )  # fmt: skip
    if pd.isna(row["no"]):
        word = selection.text.say("reason.no_answers" if row["suppressed"] is False else "chart.hidden")
        sketch.annotate(word, x=0, xanchor="center", y=y, yanchor="middle", font={"size": 12, "color": GREY})


def _thin_notes(selection: Selection, rows: Rows) -> list[str]:
    """Why single items of a role are not shown."""
    notes = []
    for role, of_role in rows.items():
        hidden = [item for item, row in of_role.items() if row["suppressed"] is True]
        if hidden:
            why = missing_reason(selection, of_role[hidden[0]]["why"], None)
            notes.append(selection.text.say("chart.note", role=f"{selection.role(role)} {', '.join(hidden)}", why=why))
    return notes


def _table(selection: Selection, rows: Rows, items: list[str]) -> pd.DataFrame:
    say = selection.text.say
    heads = [say("table.item"), say("table.role"), say("table.n"), *(answer for _, answer in answer_columns(selection))]
    lines = [
        [selection.item(item), selection.role(role), *_shares_row(selection, of_role[item])]
        for item in items
        for role, of_role in rows.items()
    ]
    return pd.DataFrame(lines, columns=heads, dtype="str")


def _shares_row(selection: Selection, row: dict[str, Any]) -> list[str]:
    shares = [_percent(selection, 100 * float(row[name])) for name, _ in answer_columns(selection)]
    return [count_text(row["n"]), *shares]


def _percent(selection: Selection, share: float) -> str:
    return "" if share != share else selection.text.say("summary.share", share=selection.text.number(share))
