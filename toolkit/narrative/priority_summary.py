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
    """List the priorities per step and group with their counts, the most chosen first.

    Parameters
    ----------
    table
        From `priorities`.
    school, wave
        The school's code in any case, or its name, and the school year. None takes the first school and its last year.
        Another raises `SelectionError`, a table that is not protected `UnprotectedError`.
    display
        `name` (the school's), `checklist` and `language` (`nl` or `en`).

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=1))
    >>> group = ["school", "wave", "role", "respondent"]
    >>> marked = tk.samples.responses(schools=1)[group].assign(item="1.1")
    >>> tk.summarise_priorities(tk.priorities(marked, safe)).rows[0][1]
    'Directie'
    """
    selection = select(table, school, wave, ("priorities",), **display)
    columns = tuple(selection.text.say(f"first.{name}") for name in ("step", "role", "words"))
    groups = selection.rows.sort_values("step", kind="stable").groupby(["step", "role"], sort=False)
    rows = [_row(selection, marked) for _, marked in groups]
    return TextTable(selection.caption, columns, tuple(rows))


def _row(selection: Selection, marked: pd.DataFrame) -> tuple[str, str, str]:
    step, role = selection.step(int(marked["step"].iloc[0])), selection.role(str(marked["role"].iloc[0]))
    return step, role, _choices(selection, marked)


def _choices(selection: Selection, marked: pd.DataFrame) -> str:
    """What one group chose in one step; of one person, without a count."""
    if marked["suppressed"].any():
        return selection.reason(str(marked["why"].iloc[0]))
    ordered = marked.sort_values("n", ascending=False, kind="stable")
    if ordered["of"].iloc[0] == 1:
        return selection.item(str(ordered["item"].iloc[0]))
    counts = [
        selection.text.say("first.count", item=selection.item(str(item)), n=n)
        for item, n in zip(ordered["item"], ordered["n"], strict=True)
    ]
    return selection.text.say("first.of", items=selection.text.join(counts), of=ordered["of"].iloc[0])
