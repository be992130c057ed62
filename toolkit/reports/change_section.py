"""The section on what changed since the wave before."""

from __future__ import annotations

from toolkit.core.text_table import TextTable
from toolkit.narrative.step_change import StepChange, clear_changes_sentence, step_changes
from toolkit.reports.context import ReportContext
from toolkit.reports.model import Bullets, Section, Table


def change_section(context: ReportContext) -> Section | None:
    """Levels then and now per step and role, and which changes are clear; None at a first wave."""
    rows = context.of_this_wave(context.results.changes)
    if rows.empty:
        return None
    say, roles = context.say, [role for role in context.selection.shown_roles() if role in set(rows["role"])]
    changes, cells = step_changes(rows), []
    for step in context.selection.checklist.steps:
        of_step = [changes.get((role, step.number)) for role in roles]
        changed = (_then_and_now(context, values) if values else "" for values in of_step)
        cells.append((context.selection.step(step.number), *changed))
    columns = (say("summary.step"), *(context.selection.role(role) for role in roles))
    before = rows["before"].iloc[0]
    table = TextTable(say("report.change_caption", before=before, wave=context.selection.wave), columns, tuple(cells))
    texts = [clear_changes_sentence(context.selection, rows, role) for role in roles]
    return Section(
        "change",
        say("report.change", before=before),
        (Table(table, frozenset(range(1, len(columns)))), Bullets((*filter(None, texts), say("report.change_care")))),
    )


def _then_and_now(context: ReportContext, changed: StepChange) -> str:
    """Both levels, the change and whether it is clear."""
    key = "report.from_to_clear" if changed.is_clear else "report.from_to"
    return context.say(key, before=changed.before, now=changed.level, change=_signed(changed.points))


def _signed(points: int) -> str:
    return f"{points:+d}".replace("-", "−") if points else "0"
