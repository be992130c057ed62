"""How the answers of one role stand to those of another, per step: the same, less positive or more positive."""

from __future__ import annotations

import pandas as pd

from toolkit.charts.picture import INK, Picture, Sketch, escaped
from toolkit.chosen import Chosen, choose
from toolkit.instrument import Instrument

PARTS = {"same": ("#335C81", "white"), "lower": ("#D9C8B4", INK), "higher": ("#C9D8E6", INK)}
"""Bar and text per part: dark for what is shared, two light tints for the two ways to differ."""

WORDS = {"same": "chart.split_same", "lower": "chart.split_lower", "higher": "chart.split_higher"}

ROOM = 9
"""Percentage points that a number needs, beside the end of the interval."""


def split(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    *,
    name: str | None = None,
    checklist: Instrument | None = None,
    language: str = "nl",
) -> Picture:
    """Draw per step how often the second role answers as the first does, with the interval of that share.

    Parameters
    ----------
    table
        From `agreement` on `Protected`, per step.
    school, wave, name
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; each bar is all answers of the second role, in percent. The line through the end of the first part is
    the 95% interval of the same answer; the diamond is how often two of the second role agree among themselves. A step
    that can't be compared has no bar.

    Raises
    ------
    UnprotectedError, SelectionError
        See `toolkit.chosen.choose`.
    """
    chosen = choose(table, school, wave, checklist, language)
    rows = chosen.rows.set_index("step").reindex([step.number for step in chosen.checklist.steps])
    pair = [str(chosen.rows[role].iloc[0]) for role in ("role_a", "role_b")]
    say, a, b = chosen.text.say, chosen.in_sentence(pair[0]), chosen.role(pair[1]).lower()
    shown = rows["same"].notna().any()
    steps = [f"<b>{step.number}</b> {escaped(step.label[language])}" for step in chosen.checklist.steps]
    sketch = Sketch(
        chosen.text,
        _sentence(chosen, rows, pair),
        _table(chosen, rows),
        [] if shown else _notes(chosen, rows, pair),
        say("chart.split_title", a=a, b=b),
        say("chart.split_subtitle", school=name or chosen.school, wave=chosen.wave, b=b),
        426,
    )
    for part in PARTS:
        _add_part(sketch, chosen, rows, steps, part)
    _add_interval(sketch, chosen, rows, steps)
    _add_yardstick(sketch, chosen, rows, steps, b)
    return _finished(sketch, steps)


def _add_part(sketch: Sketch, chosen: Chosen, rows: pd.DataFrame, steps: list[str], part: str) -> None:
    colour, ink = PARTS[part]
    percentages = [None if pd.isna(share) else round(100 * float(share), 1) for share in rows[part]]
    labels = [_label(chosen, row, part) for _, row in rows.iterrows()]
    sketch.add(
        "bar",
        y=steps,
        x=percentages,
        orientation="h",
        name=chosen.text.say(WORDS[part]),
        marker={"color": colour, "line": {"color": "white", "width": 1.5}},
        text=labels,
        textposition="inside",
        insidetextanchor="start" if part == "same" else "end",
        textangle=0,
        textfont={"color": ink, "size": 14},
        hovertemplate=chosen.text.say("chart.split_hover", part=chosen.text.say(WORDS[part])),
    )


def _label(chosen: Chosen, row: pd.Series, part: str) -> str:
    """The percentage, where it has room between the ends of its part and of the interval."""
    if pd.isna(row[part]):
        return ""
    ends = dict(zip(PARTS, row[list(PARTS)].cumsum(), strict=True))
    free = min(row[part], ends[part] - (row["same_high"] if pd.notna(row["same_high"]) else 0))
    if part == "same":
        free = min(row[part], row["same_low"] if pd.notna(row["same_low"]) else 1)
    return _percent(chosen, row[part]) if 100 * free >= ROOM else ""


def _add_interval(sketch: Sketch, chosen: Chosen, rows: pd.DataFrame, steps: list[str]) -> None:
    """White under black: to be seen on dark and on light."""
    ends = rows[["same_low", "same_high"]].astype(float) * 100
    named: str | None = chosen.text.say("chart.split_interval")
    for place, low, high in zip(steps, ends["same_low"], ends["same_high"], strict=True):
        if pd.isna(low):
            continue
        lines: list[tuple[str, float, str | None]] = [("white", 6, None), (INK, 2.5, named)]
        for colour, width, name in lines:
            sketch.add(
                "scatter", x=[round(low, 1), round(high, 1)], y=[place, place], mode="lines", name=name,
                line={"color": colour, "width": width}, showlegend=name is not None, hoverinfo="skip",
                legendgroup="interval",
            )  # fmt: skip
        named = None


def _add_yardstick(sketch: Sketch, chosen: Chosen, rows: pd.DataFrame, steps: list[str], b: str) -> None:
    values = rows["yardstick"].astype(float) * 100
    if values.isna().all():
        return
    sketch.add(
        "scatter",
        x=[None if pd.isna(value) else round(value, 1) for value in values],
        y=steps,
        mode="markers",
        name=chosen.text.say("chart.split_yardstick"),
        marker={"size": 11, "color": "white", "symbol": "diamond", "line": {"color": INK, "width": 2}},
        hovertemplate=chosen.text.say("chart.split_yardstick_hover", b=b),
    )


def _finished(sketch: Sketch, steps: list[str]) -> Picture:
    return sketch.finish(
        barmode="stack",
        bargap=0.36,
        margin={"l": 235, "r": 40, "t": 166, "b": 46 + 19 * len(sketch.notes)},
        legend={
            "orientation": "h", "xref": "container", "x": 0.015, "xanchor": "left", "y": 1.02, "yanchor": "bottom",
            "traceorder": "normal",
        },
        xaxis={
            "range": [0, 102], "tickvals": [0, 25, 50, 75, 100], "ticktext": ["0%", "25%", "50%", "75%", "100%"],
            "showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True,
        },
        yaxis={
            "categoryorder": "array", "categoryarray": steps, "autorange": "reversed", "automargin": False,
            "ticks": "", "tickfont": {"size": 15}, "ticklabelstandoff": 10, "fixedrange": True,
        },
    )  # fmt: skip


def _sentence(chosen: Chosen, rows: pd.DataFrame, pair: list[str]) -> str:
    shares = rows["same"].dropna().astype(float)
    say, label = chosen.text.say, chosen.text.language
    names = {"a": chosen.in_sentence(pair[0]), "b": chosen.role(pair[1])}
    if shares.empty:
        return say("chart.dumbbell_none", a=chosen.role(pair[0]), b=chosen.role(pair[1]).lower())
    words: dict[str, object] = {}
    for name, step in (("most", int(str(shares.idxmax()))), ("least", int(str(shares.idxmin())))):
        words[name] = f"{step} ({chosen.checklist.step(step).label[label]})"
        words[f"{name}_share"] = chosen.text.number(100 * shares[step])
    if words["most_share"] == words["least_share"]:
        return say("chart.split_equal", **names, share=words["most_share"])
    return say("chart.split_sentence", **names, **words)


def _notes(chosen: Chosen, rows: pd.DataFrame, pair: list[str]) -> list[str]:
    codes = rows["why"].fillna(rows["reason"]).dropna()
    return [chosen.note(pair[1], str(code)) for code in codes.unique()[:1]]


def _table(chosen: Chosen, rows: pd.DataFrame) -> pd.DataFrame:
    say, number = chosen.text.say, chosen.text.number
    columns = {say("table.step"): [f"{s.number} {s.label[chosen.text.language]}" for s in chosen.checklist.steps]}
    for part in PARTS:
        columns[say(WORDS[part])] = [_percent(chosen, share) for share in rows[part]]
    ends = zip(rows["same_low"], rows["same_high"], strict=True)
    columns[say("chart.split_interval")] = [
        "" if pd.isna(low) else f"{number(100 * low)}-{_percent(chosen, high)}" for low, high in ends
    ]
    columns[say("table.among")] = [_percent(chosen, share) for share in rows["yardstick"]]
    return pd.DataFrame(columns)


def _percent(chosen: Chosen, share: float) -> str:
    return "" if pd.isna(share) else chosen.text.say("summary.share", share=chosen.text.number(100 * share))
