"""The answers of one role to the items of one step, as bars of equal length."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.charts.colours import ANSWER_COLOURS
from toolkit.charts.figure import Picture, Sketch, escape_plotly, row_axis
from toolkit.charts.role_style import count_text, missing_reason
from toolkit.charts.style import GREY, INK
from toolkit.instrument.arguments import as_role, as_step, explained
from toolkit.narrative.selection import DisplayOptions, Selection, select

COLOURS = {name: (colour, INK if name == "partly" else "white") for name, colour in ANSWER_COLOURS.items()}
"""Bar and text per answer."""

SMALLEST_LABEL = 0.07
"""A share below this has no room for its number."""

ROW = 56
"""Pixels for an item: its label above, its bar under it."""


@explained
def distribution(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    step: int | str = 1,
    role: str = "teacher",
    **display: Unpack[DisplayOptions],
) -> Picture:
    """Draw per item how often Ja, Beetje and Nee were answered.

    Parameters
    ----------
    table
        From `item_table` on `Protected`.
    step
        Step number.
    role
        Role id; a role that is shown as part of the team is drawn as the team.
    school, wave, **display
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; each bar is 100% of an item's answers, the numbers in it are counts of respondents. An item that may
    not be shown has no bar.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected; or has no such school, school year, role or step.

    Examples
    --------
    >>> import toolkit as tk
    >>> items = tk.item_table(tk.protect(tk.samples.responses(schools=2)))
    >>> len(tk.charts.distribution(items, step=1).table)
    3
    """
    selection = select(table, school, wave, ("item_table",), **display)
    role, step = as_role(role, selection.checklist, selection.text), as_step(step, selection.checklist, selection.text)
    shown = (selection.shown_roles([role]) or [role])[-1]
    rows = selection.rows[(selection.rows["role"] == shown) & (selection.rows["step"] == step)].set_index("item")
    rows = rows.reindex([item.id for item in selection.checklist.step(step).items])
    say = selection.text.say
    sketch = Sketch(
        selection,
        _sentence(selection, rows, shown),
        _table(selection, rows),
        selection.hidden_notes([role]) or _thin_notes(selection, rows),
        say("chart.distribution_title", step=step, label=selection.checklist.step(step).label[selection.language]),
        say(
            "chart.distribution_subtitle",
            school=selection.name,
            wave=selection.wave,
            role=selection.role(shown).lower(),
        ),
    )
    for column, answer in answer_columns(selection):
        _add_answer(sketch, selection, rows, column, answer)
    for row, (item, n) in enumerate(rows["n"].items()):
        sketch.label_row(row, selection.item(str(item)), "" if pd.isna(n) else say("chart.only_n", n=n))
    _add_reasons(sketch, selection, rows)
    return sketch.finish(
        ROW * len(rows),
        legend="row",
        barmode="stack",
        uniformtext={"minsize": 12, "mode": "hide"},
        xaxis={"range": [0, 100], "visible": False, "fixedrange": True},
        yaxis=row_axis(len(rows), above=0.62),
    )


def answer_columns(selection: Selection) -> list[tuple[str, str]]:
    """Column and word of each answer, in the publication's order: Ja first."""
    labels = [answer.label[selection.language] for answer in selection.checklist.answers]
    return list(zip(reversed(COLOURS), reversed(labels), strict=True))


def _add_answer(sketch: Sketch, selection: Selection, rows: pd.DataFrame, column: str, answer: str) -> None:
    colour, ink = COLOURS[column]
    counts, n = rows[column], rows["n"]
    shares = (counts / n).astype(float)
    sketch.add(
        "bar",
        y=list(range(len(rows))),
        x=[None if pd.isna(share) else round(100 * share, 1) for share in shares],
        width=0.48,
        orientation="h",
        name=answer,
        marker={"color": colour, "line": {"color": "white", "width": 1.5}},
        text=["" if pd.isna(s) or s < SMALLEST_LABEL else str(c) for s, c in zip(shares, counts, strict=True)],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": ink, "size": 14},
        customdata=[[count_text(c), count_text(m)] for c, m in zip(counts, n, strict=True)],
        hovertext=[escape_plotly(selection.item(str(item))) for item in rows.index],
        hovertemplate=selection.text.say("chart.distribution_hover", answer=answer),
    )


def _add_reasons(sketch: Sketch, selection: Selection, rows: pd.DataFrame) -> None:
    """Where there is no bar, a word that there is none."""
    for row, (n, hidden) in enumerate(zip(rows["n"], rows["suppressed"], strict=True)):
        if pd.isna(n) or n == 0:
            word = selection.text.say("reason.no_answers" if hidden is False else "chart.hidden")
            sketch.annotate(word, xref="paper", x=0, xanchor="left", y=row, font={"size": 13, "color": GREY})


def _sentence(selection: Selection, rows: pd.DataFrame, role: str) -> str:
    counted = rows.dropna(subset="n")
    counted = counted[counted["n"] > 0]
    if counted.empty:
        return selection.text.say("chart.nothing")
    shares = (counted["yes"] / counted["n"]).astype(float)
    fields: dict[str, object] = {"role": selection.role_subject(role)}
    if shares.max() == shares.min():
        keys = {0.0: "chart.distribution_no_yes", 1.0: "chart.distribution_all"}
        key = selection.role_key(keys.get(shares.iloc[0], "chart.distribution_equal"), role)
        share = selection.text.number(100 * shares.iloc[0])
        of = selection.of_items(len(counted), len(rows))
        return selection.text.say(key, of=of, share=share, **fields)
    ends = {name: counted[shares == extreme] for name, extreme in (("most", shares.max()), ("least", shares.min()))}
    if role in selection.checklist.known_role_ids and counted["n"].eq(1).all():
        yes, no = (selection.name_items(list(extremes.index)) for extremes in ends.values())
        sentence = selection.text.say("chart.distribution_one", yes=yes, no=no, **fields)
    else:
        for name, extremes in ends.items():
            fields |= {name: selection.name_items(list(extremes.index)), f"{name}_yes": _often(selection, extremes)}
        sentence = selection.text.say(selection.role_key("chart.distribution_sentence", role), **fields)
    return " ".join([sentence, *selection.over_items(len(counted), len(rows))])


def _often(selection: Selection, rows: pd.DataFrame) -> str:
    """The count of Ja out of all answers to these items; in percent where the totals differ."""
    counts = rows[["yes", "n"]].drop_duplicates()
    if len(counts) > 1:
        return selection.text.say(
            "summary.share", share=selection.text.number(100 * counts["yes"].iloc[0] / counts["n"].iloc[0])
        )
    return selection.text.say("count.answered", n=counts["yes"].iloc[0], of=counts["n"].iloc[0])


def _thin_notes(selection: Selection, rows: pd.DataFrame) -> list[str]:
    hidden = rows[rows["suppressed"].eq(True)]
    if hidden.empty:
        return []
    why = missing_reason(selection, hidden["why"].iloc[0], None)
    return [selection.text.say("chart.note", role=", ".join(hidden.index), why=why)]


def _table(selection: Selection, rows: pd.DataFrame) -> pd.DataFrame:
    say = selection.text.say
    items = [selection.item(str(item)) for item in rows.index]
    columns = {say("table.item"): items, say("table.n"): [count_text(n) for n in rows["n"]]}
    return pd.DataFrame(
        columns | {answer: [count_text(c) for c in rows[column]] for column, answer in answer_columns(selection)}
    )
