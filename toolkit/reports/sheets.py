"""The sheets of a report's workbook: protected tables, headings and codes in words."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from toolkit.core.errors import MissingReason
from toolkit.core.sanitize import strip_bidi_controls
from toolkit.reports.context import ReportContext

COLUMNS = {
    "levels": ["role", "step", "level", "level_low", "level_high", "n", "n_items"],
    "per_step": ["step", "same", "lower", "higher", "gap", "gap_low", "gap_high", "yardstick", "n_a", "n_b", "n_items"],
    "per_item": ["item", "statement", "same", "lower", "higher", "gap", "gap_low", "gap_high", "n_a", "n_b"],
    "items": ["role", "item", "statement", "yes", "partly", "no", "n", "level"],
    "consensus": ["role", "step", "consensus", "consensus_low", "consensus_high", "polarisation", "n"],
    "self_other": ["actor", "other", "step", "self_level", "other_level", "gap"],
    "changes": ["role", "step", "before", "level_before", "level", "change", "change_low", "change_high"],
    "priorities": ["role", "step", "item", "statement", "n", "of"],
}
"""The columns that a reader of a report needs; `export` has everything."""

SHARES = {"same", "lower", "higher", "yardstick", "polarisation"}
POINTS = {"level", "level_low", "level_high", "level_before", "gap", "gap_low", "gap_high", "change", "change_low",
          "change_high", "self_level", "other_level"}  # fmt: skip


def sheets(context: ReportContext) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and table of every sheet that has rows, of the report's wave."""
    for name in COLUMNS:
        table = context.of_this_wave(getattr(context.results, name))
        if len(table):
            yield context.say(f"sheet.{name}"), _in_words(context, name, table)
    actions = context.of_this_wave(context.results.actions)
    if len(actions):
        plain = actions.assign(text=actions["text"].map(strip_bidi_controls))
        yield context.say("sheet.actions"), _with_headings(context, plain[["role", "step", "text"]])


def _in_words(context: ReportContext, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with words for codes, and why a figure is missing; roles shown as the team are not listed twice."""
    rows = table[~table["why"].eq(MissingReason.SHOWN_AS_TEAM).fillna(False)]
    codes = rows["why"] if "reason" not in rows else rows["why"].fillna(rows["reason"])
    why = [context.selection.reason(str(code)) if pd.notna(code) else "" for code in codes]
    if "item" in rows:
        rows = rows.assign(statement=[_statement(context, item) for item in rows["item"]])
    return _with_headings(context, rows[COLUMNS[name]].assign(why=why))


def _statement(context: ReportContext, item: str | float) -> str:
    return "" if pd.isna(item) else context.selection.checklist.item(str(item)).statement[context.selection.language]


def _with_headings(context: ReportContext, rows: pd.DataFrame) -> pd.DataFrame:
    """Whole points and per cents, roles and steps by name, and a heading in words above every column."""
    selection = context.selection
    columns: dict[str, object] = {}
    for column in rows.columns:
        values = rows[column]
        if column in ("role", "actor", "other"):
            columns[column] = [selection.role(str(role)) for role in values]
        elif column == "step":
            columns[column] = [selection.step(int(step)) for step in values]
        elif column in POINTS or column in SHARES:
            factor = 100 if column in SHARES else 1
            columns[column] = [None if pd.isna(value) else int(f"{factor * value:.0f}") for value in values]
        else:
            columns[column] = values.to_numpy(dtype=object)
    table = pd.DataFrame(columns, index=rows.index)
    if "change" in table:  # the difference of the rounded levels, so that a reader can check it
        table["change"] = [
            None if pd.isna(level) or pd.isna(before) else level - before
            for level, before in zip(table["level"], table["level_before"], strict=True)
        ]
    return table.rename(columns={column: context.say(f"sheet.head_{column}") for column in table.columns})
