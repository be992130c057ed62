"""What respondents would take up first, in words."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.core.text_table import TextTable
from toolkit.instrument.arguments import explained
from toolkit.narrative.selection import DisplayOptions, Selection, select


@explained
def summarise_priorities(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """Say per step and group which items come first for how many, the most chosen first.

    Parameters
    ----------
    table
        From `priorities`.
    school, wave
        See `toolkit.narrative.selection.select`, also for what it raises.
    display
        See `toolkit.narrative.selection.DisplayOptions`.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=1))
    >>> group = ["school", "wave", "role", "respondent"]
    >>> marked = tk.samples.responses(schools=1)[group].assign(item="1.1")
    >>> tk.summarise_priorities(tk.priorities(marked, safe)).rows[0][1]
    'Directie'
    """
    chosen = select(table, school, wave, ("priorities",), **display)
    columns = tuple(chosen.text.say(f"first.{name}") for name in ("step", "role", "words"))
    groups = chosen.rows.sort_values("step", kind="stable").groupby(["step", "role"], sort=False)
    rows = [_row(chosen, marked) for _, marked in groups]
    return TextTable(chosen.caption, columns, tuple(rows))


def _row(chosen: Selection, marked: pd.DataFrame) -> tuple[str, str, str]:
    step, role = chosen.step(int(marked["step"].iloc[0])), chosen.role(str(marked["role"].iloc[0]))
    return step, role, _choices(chosen, marked)


def _choices(chosen: Selection, marked: pd.DataFrame) -> str:
    """What one group chose in one step; of one person, without a count."""
    if marked["suppressed"].any():
        return chosen.reason(str(marked["why"].iloc[0]))
    ordered = marked.sort_values("n", ascending=False, kind="stable")
    if ordered["of"].iloc[0] == 1:
        return chosen.item(str(ordered["item"].iloc[0]))
    said = [
        chosen.text.say("first.count", item=chosen.item(str(item)), n=n)
        for item, n in zip(ordered["item"], ordered["n"], strict=True)
    ]
    return chosen.text.say("first.of", items=chosen.text.join(said), of=ordered["of"].iloc[0])
