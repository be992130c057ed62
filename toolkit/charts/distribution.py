"""Who answered what: the answers of one role to the items of one step, as bars of equal length."""

from __future__ import annotations

import pandas as pd

from toolkit.charts.picture import INK, Picture, Sketch, escaped
from toolkit.chosen import Chosen, choose
from toolkit.instrument import Instrument

COLOURS = {"no": ("#8C510A", "white"), "partly": ("#D9D9D9", INK), "yes": ("#01665E", "white")}
"""Bar and text per answer: two hues that colour-blind readers tell apart, with grey between; not red and green."""

SMALLEST_LABEL = 0.07
"""A share below this has no room for its number."""


def distribution(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    step: int = 1,
    role: str = "teacher",
    *,
    name: str | None = None,
    checklist: Instrument | None = None,
    language: str = "nl",
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
    school, wave, name
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; each bar is 100% of an item's answers, the numbers in it are counts of respondents. An item that may
    not be shown has no bar.

    Raises
    ------
    UnprotectedError, SelectionError
        See `toolkit.chosen.choose`.
    """
    chosen = choose(table, school, wave, checklist, language)
    shown = (chosen.shown_roles([role]) or [role])[-1]
    rows = chosen.rows[(chosen.rows["role"] == shown) & (chosen.rows["step"] == step)].set_index("item")
    items = chosen.checklist.step(step).items
    rows = rows.reindex([item.id for item in items])
    labels = [f"<b>{item.id}</b> {escaped(item.label[language])}" for item in items]
    say = chosen.text.say
    label = chosen.checklist.step(step).label[language]
    sketch = Sketch(
        chosen.text,
        _sentence(chosen, rows, shown),
        _table(chosen, rows),
        chosen.hidden_notes([role]) or _thin_notes(chosen, rows),
        say("chart.distribution_title", step=step, label=label),
        say("chart.distribution_subtitle", school=name or chosen.school, wave=chosen.wave,
            role=chosen.role(shown).lower()),
        170 + 46 * len(items),
    )  # fmt: skip
    for column, answer in _answers(chosen):
        _add_answer(sketch, chosen, rows, labels, column, answer)
    return _finished(sketch, rows, labels)


def _answers(chosen: Chosen) -> list[tuple[str, str]]:
    """Column and word of each answer, in the publication's order: Ja first."""
    words = [answer.label[chosen.text.language] for answer in chosen.checklist.answers]
    return list(zip(reversed(COLOURS), reversed(words), strict=True))


def _add_answer(
    sketch: Sketch, chosen: Chosen, rows: pd.DataFrame, labels: list[str], column: str, answer: str
) -> None:
    colour, ink = COLOURS[column]
    counts, n = rows[column], rows["n"]
    shares = (counts / n).astype(float)
    sketch.add(
        "bar",
        y=labels,
        x=[None if pd.isna(share) else round(100 * share, 1) for share in shares],
        orientation="h",
        name=answer,
        marker={"color": colour, "line": {"color": "white", "width": 1.5}},
        text=["" if pd.isna(s) or s < SMALLEST_LABEL else str(c) for s, c in zip(shares, counts, strict=True)],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": ink, "size": 14},
        customdata=[[_count(c), _count(m)] for c, m in zip(counts, n, strict=True)],
        hovertemplate=chosen.text.say("chart.distribution_hover", answer=answer),
    )


def _finished(sketch: Sketch, rows: pd.DataFrame, labels: list[str]) -> Picture:
    for place, n in zip(labels, rows["n"], strict=True):
        text = "" if pd.isna(n) else f"n = {n}"
        sketch.annotate(x=101.5, y=place, text=text, xanchor="left", font={"size": 13})
    return sketch.finish(
        barmode="stack",
        bargap=0.32,
        margin={"l": 245, "r": 20, "t": 118, "b": 24 + 19 * len(sketch.notes)},
        legend={
            "orientation": "h", "xref": "container", "x": 0.015, "xanchor": "left", "y": 1.02, "yanchor": "bottom",
            "traceorder": "normal",
        },
        uniformtext={"minsize": 12, "mode": "hide"},
        xaxis={
            "range": [0, 112], "showticklabels": False, "showgrid": False, "zeroline": False, "ticks": "",
            "fixedrange": True,
        },
        yaxis={
            "categoryorder": "array", "categoryarray": labels, "autorange": "reversed", "automargin": False,
            "ticks": "", "tickfont": {"size": 15}, "ticklabelstandoff": 10, "fixedrange": True,
        },
    )  # fmt: skip


def _sentence(chosen: Chosen, rows: pd.DataFrame, role: str) -> str:
    counted = rows.dropna(subset="n")
    counted = counted[counted["n"] > 0]
    if counted.empty:
        return chosen.text.say("chart.nothing")
    shares = (counted["yes"] / counted["n"]).astype(float)
    if shares.max() == shares.min():
        share = chosen.text.number(100 * shares.iloc[0])
        return chosen.text.say("chart.distribution_equal", role=chosen.in_sentence(role), share=share)
    words: dict[str, object] = {}
    for name, item in (("most", str(shares.idxmax())), ("least", str(shares.idxmin()))):
        row, label = counted.loc[item], chosen.checklist.item(item).label[chosen.text.language]
        words |= {name: f"{item} {label}", f"{name}_yes": row["yes"], f"{name}_n": row["n"]}
    return chosen.text.say("chart.distribution_sentence", role=chosen.in_sentence(role), **words)


def _thin_notes(chosen: Chosen, rows: pd.DataFrame) -> list[str]:
    hidden = rows[rows["suppressed"].eq(True)]
    if hidden.empty:
        return []
    return [chosen.text.say("chart.note", role=", ".join(hidden.index), why=chosen.reason(hidden["why"].iloc[0]))]


def _table(chosen: Chosen, rows: pd.DataFrame) -> pd.DataFrame:
    say, language = chosen.text.say, chosen.text.language
    items = [f"{item} {chosen.checklist.item(str(item)).label[language]}" for item in rows.index]
    columns = {say("table.item"): items, say("table.n"): [_count(n) for n in rows["n"]]}
    return pd.DataFrame(columns | {answer: [_count(c) for c in rows[column]] for column, answer in _answers(chosen)})


def _count(count: int | None) -> str:
    return "" if pd.isna(count) else str(count)
