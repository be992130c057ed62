"""The pages of one school, as pure functions: the same selection always gives the same page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from toolkit.charts import distribution, dumbbell, radar
from toolkit.core.i18n import Text, load_text
from toolkit.narrative.priority_summary import summarise_priorities
from toolkit.narrative.selection import select
from toolkit.narrative.summaries import (
    few_items_sentence,
    split_sentence,
    summarise_agreement,
    summarise_consensus,
    summarise_differences,
    yardstick_sentence,
)
from toolkit.widgets.components import Page, Section, figures, heading, paragraphs, table_of
from toolkit.widgets.tables import FIRST, SECOND, Tables

LONG = 400
"""Characters of an action point that are shown at once; the rest folds out."""


@dataclass(frozen=True, slots=True)
class ExplorerState:
    """What was chosen."""

    school: str
    wave: str
    roles: tuple[str, ...]
    step: int
    language: str = "nl"


def overview_page(tables: Tables, selection: ExplorerState) -> Page:
    """The radar in words, and the items on which the views differ most."""
    text, words = _words(tables, selection)
    picture = radar(tables.levels, roles=list(selection.roles), **words)
    sentence = picture.sentence if selection.roles else text.say("explore.no_roles")
    under = paragraphs([sentence, text.say("explore.not_a_mark")]) + figures(text, [table_of(picture)])
    return Page(text.say("explore.overview"), (Section(under, picture), Section(_differences(tables, text, words))))


def steps_page(tables: Tables, selection: ExplorerState) -> Page:
    """Two roles per step, and of the chosen step the split and how much colleagues agree among themselves."""
    text, words = _words(tables, selection)
    picture = dumbbell(tables.levels, a=FIRST, b=SECOND, gaps=tables.per_step, **words)
    split, among = summarise_agreement(tables.per_step, **words), summarise_consensus(tables.consensus, **words)
    under = paragraphs([picture.sentence]) + figures(text, [table_of(picture), split, among])
    return Page(text.say("explore.per_step"), (Section(under, picture), Section(_step(tables, selection, text, words))))


def items_page(tables: Tables, selection: ExplorerState) -> Page:
    """Who answered what, for each item of the chosen step: bars for each role."""
    text, words = _words(tables, selection)
    drawn = [distribution(tables.items, step=selection.step, role=role, **words) for role in _groups(tables, selection)]
    sections = tuple(
        Section(paragraphs([picture.sentence]) + figures(text, [table_of(picture)]), picture) for picture in drawn
    )
    title = tables.checklist.step(selection.step).title[selection.language]
    return Page(
        text.say("explore.in_step", number=selection.step, title=title),
        sections or (Section(paragraphs([text.say("explore.no_roles")])),),
    )


def actions_page(tables: Tables, selection: ExplorerState) -> Page:
    """What people wrote that they want to improve, per step and role, in an order that says nothing."""
    text, _ = _words(tables, selection)
    mine = _of_roles(tables.actions, tables, selection)
    first = _first(tables, selection)
    parts = [first, heading(text.say("explore.written"), 3) if first else ""]
    parts.append(paragraphs([text.say("explore.actions_lead")]))
    for step in tables.checklist.steps:
        written = mine[mine["step"] == step.number]
        if len(written):
            parts.append(heading(f"{step.number} {step.label[selection.language]}", 4 if first else 3))
            by_role = {role: written.loc[written["role"] == role, "text"] for role in tables.checklist.shown_role_ids}
            parts += [_texts(tables, role, texts, selection.language) for role, texts in by_role.items() if len(texts)]
    if mine.empty:
        parts.append(paragraphs([text.say("explore.no_actions")]))
    return Page(text.say("explore.actions"), (Section("".join(parts)),))


PAGES: dict[str, Callable[[Tables, ExplorerState], Page]] = {
    "overview": overview_page,
    "per_step": steps_page,
    "per_item": items_page,
    "actions": actions_page,
}
"""Every page by the name it has in the address."""


def _words(tables: Tables, selection: ExplorerState) -> tuple[Text, dict[str, Any]]:
    """The words of the language, and what every picture and summary is asked for."""
    s = selection
    place = {"school": s.school, "wave": s.wave, "checklist": tables.checklist, "language": s.language}
    return load_text(s.language), place | {"name": tables.name(s.school)}


def _groups(tables: Tables, selection: ExplorerState) -> list[str]:
    """The chosen roles, with those that are shown together taken once."""
    _, words = _words(tables, selection)
    chosen = select(tables.levels, **words)
    shown = {role: tuple(chosen.shown_roles([role])) or (role,) for role in selection.roles}
    return [role for role in selection.roles if next(r for r in selection.roles if shown[r] == shown[role]) == role]


def _differences(tables: Tables, text: Text, words: dict[str, Any]) -> str:
    """The three items on which the two roles differ most, each with what it comes down to."""
    rows = summarise_differences(tables.per_item, **words).rows
    title = heading(text.say("explore.differences"), 3)
    if not rows:
        return title + paragraphs([text.say("explore.no_differences")])
    say, points = text.say, ""
    for item, gap, said in rows:
        label = say("explore.difference", item=item, gap=gap.lstrip("+-"))
        points += f"<li><strong>{escape(label)}</strong> {escape(said)}</li>"
    return f"{title}<ol>{points}</ol>"


def _step(tables: Tables, selection: ExplorerState, text: Text, words: dict[str, Any]) -> str:
    """The chosen step in words."""
    step = selection.step
    chosen = select(tables.per_step, **words)
    row = chosen.rows[chosen.rows["step"] == step].iloc[0]
    title = tables.checklist.step(step).title[selection.language]
    sentences = [split_sentence(chosen, row), yardstick_sentence(chosen, row), few_items_sentence(chosen, step)]
    return (
        heading(text.say("explore.in_step", number=step, title=title), 3)
        + paragraphs(sentences)
        + heading(text.say("explore.among_themselves"), 3)
        + paragraphs(_consensus(tables, words, step))
    )


def _consensus(tables: Tables, words: dict[str, Any], step: int) -> list[str]:
    """How much colleagues agree among themselves in one step, a sentence for each role."""
    table = tables.consensus[tables.consensus["step"] == step]
    return [row[-1] for row in summarise_consensus(table, **words).rows]


def _of_roles(table: pd.DataFrame, tables: Tables, selection: ExplorerState) -> pd.DataFrame:
    """The rows of the chosen school, moment and roles."""
    here = (table["school"] == selection.school) & (table["wave"] == selection.wave)
    return table[here & table["role"].isin(_with_team(tables, selection.roles))]


def _first(tables: Tables, selection: ExplorerState) -> str:
    """Which statements people would take up first, where the form asked it."""
    rows = _of_roles(tables.priorities, tables, selection)
    if rows.empty:
        return ""
    text, words = _words(tables, selection)
    parts = [heading(text.say("first.title"), 3), paragraphs([text.say("report.first_how")])]
    for step, chosen in groupby(summarise_priorities(rows, **words).rows, key=itemgetter(0)):
        lines = "".join(f"<li>{escape(f'{role}: {items}')}</li>" for _, role, items in chosen)
        parts.append(f"{heading(step, 4)}<ul>{lines}</ul>")
    return "".join(parts)


def _with_team(tables: Tables, roles: tuple[str, ...]) -> list[str]:
    """Roles, and the team when one of its roles is among them."""
    team = tables.checklist.team
    return [*roles, *([team.id] if set(roles) & set(team.roles) else [])]


def _texts(tables: Tables, role: str, texts: pd.Series, language: str) -> str:
    """The action points of one role, each as plain text that stands apart from its surroundings."""
    name = tables.checklist.role(role).plural[language]
    more = load_text(language).say("explore.whole_text")
    points = "".join(_text(written, more) for written in texts)
    return f'<p><strong>{escape(name)}</strong></p><ul class="handvat-actions">{points}</ul>'


def _text(written: str, more: str) -> str:
    """One action point. `bdi` keeps marks of writing direction inside it from turning around what follows."""
    if len(written) <= LONG:
        return f"<li><bdi>{escape(written)}</bdi></li>"
    whole = f'<div class="handvat-long"><bdi>{escape(written)}</bdi></div>'
    folded = f"<details><summary>{escape(more)}</summary>{whole}</details>"
    return f"<li><bdi>{escape(written[:LONG])}…</bdi>{folded}</li>"
