"""Two roles beside each other per step: how far apart they are."""

from __future__ import annotations

import pandas as pd

from toolkit.charts.picture import (
    EDGE,
    GREY,
    LINE,
    OTHER_ROLE,
    ROLE_STYLES,
    Picture,
    Sketch,
    escaped,
)
from toolkit.chosen import Chosen, choose
from toolkit.instrument import Instrument


def dumbbell(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    a: str = "director",
    b: str = "teacher",
    *,
    name: str | None = None,
    checklist: Instrument | None = None,
    language: str = "nl",
) -> Picture:
    """Draw the levels of two roles per step, joined by a line.

    Parameters
    ----------
    table
        From `levels` on `Protected`.
    a, b
        Role ids; a role that is shown as part of the team is drawn as the team.
    school, wave, name
        As in `toolkit.charts.radar`.

    Returns
    -------
    A `Picture`; where one of the two can't be shown only the other has a mark, and a note says why.

    Raises
    ------
    UnprotectedError, SelectionError
        See `toolkit.chosen.choose`.
    """
    chosen = choose(table, school, wave, checklist, language)
    pair = [(chosen.shown_roles([role]) or [role])[-1] for role in (a, b)]
    levels = _levels(chosen, pair)
    say, (first, second) = chosen.text.say, [chosen.role(role).lower() for role in pair]
    sketch = Sketch(
        chosen.text,
        _sentence(chosen, pair, levels),
        _table(chosen, pair, levels),
        chosen.hidden_notes([a, b]),
        say("chart.dumbbell_title", a=first, b=second),
        say("chart.dumbbell_subtitle", school=name or chosen.school, wave=chosen.wave),
        456,
    )
    steps = [f"<b>{step.number}</b> {escaped(step.label[language])}" for step in chosen.checklist.steps]
    _add_lines(sketch, levels, steps)
    for role in pair:
        _add_role(sketch, chosen, role, levels[role], steps)
    _add_differences(sketch, chosen, levels, steps)
    return _finished(sketch, chosen, steps)


def _levels(chosen: Chosen, pair: list[str]) -> pd.DataFrame:
    """Level per step (rows) of the two roles (columns)."""
    rows = chosen.rows[chosen.rows["role"].isin(pair)]
    wide = rows.pivot_table(index="step", columns="role", values="level", dropna=False, observed=True)
    return wide.reindex(index=[step.number for step in chosen.checklist.steps], columns=pd.unique(pd.Series(pair)))


def _add_lines(sketch: Sketch, levels: pd.DataFrame, steps: list[str]) -> None:
    for place, values in zip(steps, levels.to_numpy().tolist(), strict=True):
        if not pd.isna(values).any():
            sketch.add(
        "scatter",
                x=[round(value, 1) for value in values], y=[place] * len(values), mode="lines",
                line={"color": EDGE, "width": 5}, hoverinfo="skip", showlegend=False,
            )  # fmt: skip


def _add_role(sketch: Sketch, chosen: Chosen, role: str, levels: pd.Series, steps: list[str]) -> None:
    style = ROLE_STYLES.get(role, OTHER_ROLE)
    n = chosen.rows.loc[chosen.rows["role"] == role, "n"].max()
    if pd.isna(n):
        return
    sketch.add(
        "scatter",
        x=[None if pd.isna(level) else round(float(level), 1) for level in levels],
        y=steps,
        mode="markers",
        name=chosen.text.say("chart.n", role=chosen.role(role), n=n),
        marker={
            "size": 17,
            "color": style.colour,
            "symbol": style.symbol,
            "line": {"color": "white", "width": 2},
        },
        hovertemplate=chosen.text.say("chart.dumbbell_hover", role=chosen.role(role)),
    )


def _add_differences(sketch: Sketch, chosen: Chosen, levels: pd.DataFrame, steps: list[str]) -> None:
    for place, values in zip(steps, levels.to_numpy().tolist(), strict=True):
        if pd.isna(values).any() or len(values) < 2:
            continue
        points, unit = _points(chosen, values[0] - values[1])
        sketch.annotate(
            x=max(values), y=place, text=chosen.text.say("chart.points", points=points, unit=unit), showarrow=False,
            xanchor="left", xshift=16, font={"size": 14, "color": GREY}, bgcolor="white",
        )  # fmt: skip


def _points(chosen: Chosen, difference: float) -> tuple[str, str]:
    points = chosen.text.number(abs(difference))
    return points, chosen.text.say("chart.point_one" if points == "1" else "chart.point_many")


def _finished(sketch: Sketch, chosen: Chosen, steps: list[str]) -> Picture:
    answers = [answer.label[chosen.text.language] for answer in chosen.checklist.answers]
    ticks = [100 * place / (len(answers) - 1) for place in range(len(answers))]
    return sketch.finish(
        margin={"l": 235, "r": 40, "t": 134, "b": 46 + 19 * len(sketch.notes)},
        legend={"orientation": "h", "xref": "container", "x": 0.015, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
        xaxis={
            "range": [-2, 116], "tickvals": ticks, "ticktext": answers, "gridcolor": LINE, "zeroline": True,
            "zerolinecolor": LINE, "zerolinewidth": 1, "ticks": "", "fixedrange": True,
        },
        yaxis={
            "categoryorder": "array", "categoryarray": steps, "autorange": "reversed", "automargin": False,
            "ticks": "", "tickfont": {"size": 15}, "fixedrange": True, "ticklabelstandoff": 22, "showgrid": False,
        },
    )  # fmt: skip


def _sentence(chosen: Chosen, pair: list[str], levels: pd.DataFrame) -> str:
    a, b = (chosen.role(role) for role in pair)
    differences = _differences(levels)
    if differences.empty:
        return chosen.text.say("chart.dumbbell_none", a=a, b=b.lower())
    step = int(differences.abs().sort_values().index[-1])
    points, unit = _points(chosen, differences[step])
    if points == "0":
        return chosen.text.say("chart.dumbbell_same", a=a, b=b.lower())
    label = chosen.checklist.step(step).label[chosen.text.language]
    higher = chosen.in_sentence(pair[0] if differences[step] > 0 else pair[1])
    words = {"step": step, "label": label, "points": points, "unit": unit, "higher": higher}
    return chosen.text.say("chart.dumbbell_sentence", a=a, b=b.lower(), **words)


def _differences(levels: pd.DataFrame) -> pd.Series:
    if levels.shape[1] < 2:
        return pd.Series(dtype=float)
    return (levels.iloc[:, 0] - levels.iloc[:, 1]).dropna()


def _table(chosen: Chosen, pair: list[str], levels: pd.DataFrame) -> pd.DataFrame:
    say, number = chosen.text.say, chosen.text.number
    columns = {say("table.step"): [f"{s.number} {s.label[chosen.text.language]}" for s in chosen.checklist.steps]}
    for role in pair:
        columns[say("table.level", role=chosen.role(role))] = ["" if pd.isna(v) else number(v) for v in levels[role]]
    gaps = _differences(levels).reindex(levels.index)
    columns[say("table.gap")] = ["" if pd.isna(gap) else number(gap) for gap in gaps]
    return pd.DataFrame(columns)
