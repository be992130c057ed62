"""The section on what changed since the wave before."""

from __future__ import annotations

from typing import Any

import pandas as pd

from toolkit.core.text_table import TextTable
from toolkit.reports.context import ReportContext
from toolkit.reports.model import Bullets, Section, Table


def change_section(context: ReportContext) -> Section | None:
    """Levels then and now per step and role, and which changes are clear; None at a first wave."""
    rows = context.of_this_wave(context.results.changes)
    if rows.empty:
        return None
    say, roles = context.say, [role for role in context.selection.shown_roles() if role in set(rows["role"])]
    by_place = rows.set_index(["role", "step"])
    cells = []
    for step in context.selection.checklist.steps:
        moves = [by_place.loc[(role, step.number)] if (role, step.number) in by_place.index else None for role in roles]
        changed = ("" if row is None else _then_and_now(context, row) for row in moves)
        cells.append((context.selection.step(step.number), *changed))
    columns = (say("summary.step"), *(context.selection.role(role) for role in roles))
    before = rows["before"].iloc[0]
    table = TextTable(say("report.change_caption", before=before, wave=context.selection.wave), columns, tuple(cells))
    texts = [_clear_change_sentence(context, role, rows[rows["role"] == role]) for role in roles]
    return Section(
        "change",
        say("report.change", before=before),
        (Table(table, frozenset(range(1, len(columns)))), Bullets((*filter(None, texts), say("report.change_care")))),
    )


def _then_and_now(context: ReportContext, row: Any) -> str:
    """Both levels and the change; the change is that of the rounded levels, so that a reader can check it."""
    start, end = float(f"{row['level_before']:.0f}"), float(f"{row['level']:.0f}")
    return context.say(
        "report.from_to", before=context.number(start), now=context.number(end), change=_signed(context, end - start)
    )


def _signed(context: ReportContext, value: float) -> str:
    text = context.number(abs(value))
    return text if text == "0" else ("+" if value > 0 else "−") + text


def _clear_change_sentence(context: ReportContext, role: str, rows: pd.DataFrame) -> str:
    """Which steps a sampled role moved on by more than other members of the team could explain."""
    measured = rows.dropna(subset=["change_low", "change_high"])
    if measured.empty:
        return ""
    clear = measured[(measured["change_low"] > 0) | (measured["change_high"] < 0)]
    name = context.selection.role_phrase(role)
    if clear.empty:
        return context.say("report.change_unclear", role=name, n=len(measured))
    listed = [context.say("report.change_step", step=step, label=_label(context, step)) for step in clear["step"]]
    return context.say("report.change_clear", role=name, steps=context.selection.text.join(listed))


def _label(context: ReportContext, step: int) -> str:
    return context.selection.checklist.step(step).label[context.selection.language]
