"""The pages of one school as pure functions of results and state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from toolkit.charts import dot_plot, radar
from toolkit.core.i18n import Text, load_text
from toolkit.core.normalize import join_lines, normalize_text
from toolkit.instrument.model import Item
from toolkit.narrative.findings import HEADINGS, Finding, Findings
from toolkit.narrative.priority_summary import summarise_priorities
from toolkit.narrative.selection import Selection
from toolkit.narrative.step_change import change_words, changes_between, clear_changes_sentence, step_changes
from toolkit.narrative.summaries import few_items_sentence, split_sentence, summarise_agreement, yardstick_sentence
from toolkit.plan.action_plan import ActionPoint, action_points
from toolkit.results import REFERENCE_ROLE, SchoolResults
from toolkit.widgets.components import HALF, LINE, Link, Page, Section, figures, paragraphs, render, table_of

MAX_SHORT = 400
"""Characters of an action point that are shown at once; the rest folds out."""

BY_FORM, BY_GAP = "form", "gap"
"""The orders of the statements of a step."""

COLUMNS = ("yes", "partly", "no")
"""The answers in the order of the publication, by their column in the item table."""

MADE_UP = ("98", "99")
"""The codes of made-up schools begin so; no real school has such a code."""


@dataclass(frozen=True, slots=True)
class ExplorerState:
    """The choices of the page.

    Attributes
    ----------
    compare
        An earlier wave to compare with; empty for none.
    roles
        Ids of the roles to show; empty for all.
    order
        `BY_FORM` or `BY_GAP`.
    """

    school: str
    wave: str
    compare: str = ""
    roles: tuple[str, ...] = ()
    step: int = 1
    order: str = BY_FORM
    language: str = "nl"

    @property
    def shown(self) -> list[str] | None:
        """The roles to show, as charts take them."""
        return list(self.roles) or None


@dataclass(frozen=True, slots=True)
class _Bar:
    """One answer in a bar: its count and its share of the width."""

    column: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class _Row:
    """The answers of one role to one statement: a bar, words, or the reason that there is none."""

    role: str
    name: str
    answer: str = ""
    earlier_answer: str = ""
    reason: str = ""
    parts: tuple[_Bar, ...] = ()
    label: str = ""
    earlier: tuple[_Bar, ...] = ()
    earlier_label: str = ""


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement with a row per role."""

    item: str
    sentence: str
    rows: tuple[_Row, ...]
    tag: str
    gap: float


def overview_page(results: SchoolResults, state: ExplorerState) -> Page:
    """The finding as headline, three lines, the steps (radar and figures), and the next step."""
    text = load_text(state.language)
    findings = results.findings(state.school, state.wave, language=state.language)
    lines = () if findings.is_empty else tuple(_line(findings, heading, text) for heading in HEADINGS)
    under = (_next_step(findings, text), Section(_respondents(results, state, text)))
    sections = (*lines, *_steps(results, state, text), *under)
    return Page(findings.headline, sections, _foot(results, state, text))


def _steps(results: SchoolResults, state: ExplorerState, text: Text) -> Iterator[Section]:
    """The steps as a radar and figures; and what to do where too few people responded."""
    levels = results.select("levels", state.school, state.wave, language=state.language)
    shown = levels.shown_roles(state.shown)
    if not set(shown) - {REFERENCE_ROLE}:
        yield Section(_paragraph(text.say("explore.too_few", n=results.minimum)))
    if not shown:
        return
    options: dict[str, Any] = {"roles": state.shown, "compare": state.compare or None}
    options |= results.display(state.school, language=state.language)
    pentagon = radar(results.levels, state.school, state.wave, **options)
    dots = dot_plot(results.levels, state.school, state.wave, **options)
    has_margin = levels.rows["level_low"].notna().any()
    scale = [text.say("explore.scale"), *([text.say("explore.margin")] if has_margin else [])]
    yield Section(_paragraph(" ".join(scale), "handvat-quiet"))
    for picture in (pentagon, dots):
        yield Section("", picture.with_source(_source(results, state, text)), layout=HALF)
    if state.compare:
        changes = changes_between(results.levels, levels, state.compare)
        sentences = [clear_changes_sentence(levels, changes, role) for role in shown]
        care = text.say("report.change_care") if any(sentences) or len(changes) else ""
        yield Section(paragraphs([*sentences, care]))
    yield Section(figures(text, [table_of(dots)]))


def step_page(results: SchoolResults, state: ExplorerState) -> Page:
    """Who answered what to each statement of a step: the sentence, and a bar per role."""
    text, checklist = load_text(state.language), results.checklist
    options = results.display(state.school, language=state.language)
    items = results.select("items", state.school, state.wave, **options)
    earlier = results.select("items", state.school, state.compare, **options) if state.compare else None
    findings = results.findings(state.school, state.wave, language=state.language)
    tags = {finding.item: _tag(findings, finding) for finding in findings.all_points() if finding.item}
    roles = items.shown_roles(state.shown)
    statements = [
        _statement(items, earlier, item, roles, tags.get(item.id, "")) for item in checklist.step(state.step).items
    ]
    if state.order == BY_GAP:
        statements.sort(key=lambda statement: -statement.gap)
    lead, certainty = _split(results, state)
    notes = items.hidden_notes(state.shown)
    view = {
        "lead": [sentence for sentence in lead if sentence not in notes],
        "certainty": certainty,
        "answers": [{"column": column, "label": label} for column, label in zip(COLUMNS, _answers(items), strict=True)],
        "compared": state.compare,
        "notes": notes,
        "statements": statements,
    }
    split = summarise_agreement(results.per_step, state.school, state.wave, **options)
    html = render("pages", "step", view=view, say=text.say) + figures(text, [split])
    title = text.say("explore.in_step", number=state.step, title=checklist.step(state.step).title[state.language])
    return Page(title, (Section(html),), _foot(results, state, text))


def wishes_page(results: SchoolResults, state: ExplorerState) -> Page:
    """Action points and first choices per step; the same text once, with its count."""
    text = load_text(state.language)
    sections = [Section(_paragraph(text.say("explore.actions_lead")))]
    steps = list(_wishes(results, state, state.wave, text))
    sections.append(Section(render("pages", "wishes", steps=steps, say=text.say)))
    if not any(step["points"] or step["priorities"] for step in steps):
        sections = [Section(_paragraph(text.say("explore.no_actions")))]
    if state.compare:
        lead = render("parts", "heading", text=text.say("explore.earlier_wishes", wave=state.compare), level=2)
        earlier = render("pages", "wishes", steps=list(_wishes(results, state, state.compare, text)), say=text.say)
        sections.append(Section(lead + (earlier or _paragraph(text.say("explore.no_actions")))))
    return Page(text.say("explore.wishes_title"), tuple(sections), _foot(results, state, text))


def plan_page(results: SchoolResults, state: ExplorerState) -> Page:
    """The agenda of a meeting: three statements per heading with questions and actions."""
    text = load_text(state.language)
    findings = results.findings(state.school, state.wave, language=state.language)
    sections = [Section(_paragraph(findings.empty[HEADINGS[0]]))] if findings.is_empty else []
    for heading in () if findings.is_empty else HEADINGS:
        fields = {"text": findings.headings[heading], "introduction": findings.introduction(heading)}
        line = findings.line(heading)
        links = (
            (_action_link(line, text),)
            if line and findings.points[heading] and findings.complete_steps[heading]
            else ()
        )
        sections.append(Section(render("pages", "agenda_heading", **fields), links=links))
        for finding in findings.points[heading]:
            item = render("pages", "agenda_item", finding=finding)
            sections.append(Section(item, links=(_action_link(finding, text),), layout=LINE))
    notes = "".join(_paragraph(note, "handvat-quiet") for note in findings.notes)
    return Page(text.say("explore.plan_title"), (*sections, Section(notes)), _foot(results, state, text))


def _action_link(finding: Finding, text: Text) -> Link:
    """The button that makes an action of a statement, or of a complete step."""
    about = {"item": finding.item} if finding.item else {"step": finding.step, "action": finding.statement}
    return Link(text.say("explore.make_action"), "plan", **about)


PAGES: dict[str, Callable[[SchoolResults, ExplorerState], Page]] = {
    "overview": overview_page,
    "per_step": step_page,
    "wishes": wishes_page,
    "plan": plan_page,
}
"""Every page by its name in the address."""


def step_options(results: SchoolResults, state: ExplorerState) -> list[tuple[str, int]]:
    """The five steps to choose from, each with the levels of the shown roles."""
    chosen = results.select("levels", state.school, state.wave, language=state.language)
    compared = changes_between(results.levels, chosen, state.compare) if state.compare else results.levels[:0]
    changes, options = step_changes(compared) if len(compared) else {}, []
    for step in results.checklist.steps:
        levels = [
            f"{chosen.role(role).lower()} {chosen.text.number(level)}"
            + (f" {change_words(changed, chosen.text)}" if (changed := changes.get((role, step.number))) else "")
            for role in chosen.shown_roles(state.shown)
            if pd.notna(level := chosen.rows_of_role(role)["level"].astype(float)[step.number])
        ]
        options.append((f"{step.number} {step.label[state.language]}\n{chr(10).join(levels)}", step.number))
    return options


# --- the overview ---


def _line(findings: Findings, heading: str, text: Text) -> Section:
    finding = findings.line(heading)
    kind, certainty = findings.headings[heading], ""
    if finding is not None:
        kind = findings.kind(finding)
        certainty = text.say("explore.best_available") if finding.is_best_available else finding.certainty_words
    html = render("pages", "line", finding=finding, kind=kind, text=findings.empty[heading], certainty=certainty)
    if finding is None:
        return Section(html, layout=LINE)
    if finding.heading == "to_discuss":
        link = Link(text.say("explore.to_agenda"), "plan")
    else:
        link = Link(text.say("explore.to_step", number=finding.step), "per_step", finding.step)
    return Section(html, links=(link,), layout=LINE)


def _next_step(findings: Findings, text: Text) -> Section:
    step = findings.next_step
    if step is None:
        return Section()
    html = render("pages", "next_step", title=text.say("explore.next_step"), step=step)
    html += render("pages", "tools", label=text.say("explore.fitting"), tools=step.tools)
    action = step.tools[0][0] if step.tools else ""
    action_text = text.say("explore.use_tool", tool=action) if action else ""
    links = (
        Link(text.say("explore.to_step", number=step.step), "per_step", step.step),
        Link(text.say("explore.make_action"), "plan", step.step, action=action_text),
    )
    return Section(html, links=links)


def _respondents(results: SchoolResults, state: ExplorerState, text: Text) -> str:
    levels = results.select("levels", state.school, state.wave, language=state.language)
    people = _rows(results.people, state.school, state.wave).set_index("role")["n"]
    invited = _rows(results.invited, state.school, state.wave).set_index("role")["invited"]
    lines = []
    for role in levels.shown_roles():
        if role in people:
            count = {"role": levels.role(role), "n": people[role]}
            key = "explore.responded_of" if invited.get(role, 0) >= people[role] else "explore.responded"
            lines.append(text.say(key, **count, invited=int(invited.get(role, 0))))
    title = text.say("explore.respondents")
    return render("pages", "respondents", title=title, people=lines, notes=levels.hidden_notes())


# --- the statements of a step ---


def _statement(
    items: Selection, earlier: Selection | None, item: Item, roles: list[str], tag: str
) -> _Statement:  # fmt: skip
    rows = _of_item(items, item.id)
    before = _of_item(earlier, item.id) if earlier is not None else None
    levels = rows["level"].astype(float).reindex(roles).dropna()
    gap = levels.max() - levels.min() if len(levels) > 1 else -1.0
    drawn = tuple(_row(items, earlier, role, rows, before) for role in roles)
    return _Statement(item.id, item.statement[items.language], drawn, tag, gap)


def _of_item(chosen: Selection, item: str) -> pd.DataFrame:
    return chosen.rows[chosen.rows["item"] == item].set_index("role")


def _row(
    items: Selection, earlier: Selection | None, role: str, rows: pd.DataFrame, before: pd.DataFrame | None
) -> _Row:  # fmt: skip
    values = rows.loc[role]
    past = before.loc[role] if before is not None and role in before.index else None
    if past is not None and (pd.isna(past["n"]) or not past["n"]):
        past = None
    name, is_person = items.role(role), any(member.id == role and member.known for member in items.checklist.roles)
    if pd.isna(values["n"]) or not values["n"]:
        codes = [code for code in (values.get("why"), values.get("reason")) if isinstance(code, str) and code]
        return _Row(role, name, reason=items.reason(codes[0]) if codes else items.text.say("reason.no_answers"))
    if is_person:
        past_answer = "" if past is None or earlier is None else f"({earlier.wave}: {_in_words(items, past)})"
        return _Row(role, name, answer=_in_words(items, values), earlier_answer=past_answer)
    label = f"{name}: {_in_words(items, values)}"
    drawn = _Row(role, f"{name} ({values['n']})", parts=_bars(values), label=label)
    if past is None or earlier is None:
        return drawn
    past_label = f"{name}, {earlier.wave}: {_in_words(items, past)}"
    return _Row(role, drawn.name, parts=drawn.parts, label=label, earlier=_bars(past), earlier_label=past_label)


def _bars(values: pd.Series) -> tuple[_Bar, ...]:
    return tuple(
        _Bar(column, int(values[column]), round(100 * float(values[column] / values["n"]), 2)) for column in COLUMNS
    )


def _in_words(chosen: Selection, values: pd.Series) -> str:
    """The counts of answers in words: 'Ja', or '4 Ja, 3 Beetje en 6 Nee'."""
    counts = [(int(values[column]), word) for column, word in zip(COLUMNS, _answers(chosen), strict=True)]
    counts = [(count, word) for count, word in counts if count]
    if values["n"] == 1:
        return counts[0][1]
    return chosen.text.join([f"{count} {word}" for count, word in counts])


def _answers(chosen: Selection) -> list[str]:
    """The words of the answers, in the order of `COLUMNS`."""
    return [answer.label[chosen.language] for answer in reversed(chosen.checklist.answers)]


def _tag(findings: Findings, finding: Finding) -> str:
    return " · ".join(filter(None, [findings.kind(finding), finding.certainty_words.rstrip(".")]))


def _split(results: SchoolResults, state: ExplorerState) -> tuple[list[str], list[str]]:
    """How often the second role answers as the first, and how certain that is."""
    chosen = results.select("per_step", state.school, state.wave, language=state.language)
    row = chosen.rows[chosen.rows["step"] == state.step].iloc[0]
    lead = split_sentence(chosen, row, with_range=False)
    full = split_sentence(chosen, row).removeprefix(lead).strip()
    return [lead], [sentence for sentence in (full, yardstick_sentence(chosen, row)) if sentence] + [
        sentence for sentence in [few_items_sentence(chosen, state.step)] if sentence and full
    ]


# --- the wishes of the team ---


def _wishes(results: SchoolResults, state: ExplorerState, wave: str, text: Text) -> Iterator[dict[str, Any]]:
    """Per step its title, first choices and action points; steps without any are left out."""
    points = action_points(results.actions, state.school, wave)
    shown = _with_team(results, state)
    points = tuple(point for point in points if point.role in shown)
    first = _first_choices(results, state, wave)
    for step in results.checklist.steps:
        title = f"{step.number} {step.label[state.language]}"
        of_step = list(_wishes_of(results, [point for point in points if point.step == step.number], text))
        if of_step or first.get(title):
            yield {"title": title, "points": of_step, "priorities": first.get(title, [])}


def _with_team(results: SchoolResults, state: ExplorerState) -> set[str]:
    """The roles to show, and the team where it represents one of them."""
    checklist = results.checklist
    roles = set(state.roles or checklist.role_ids)
    return roles | ({checklist.team.id} if roles & set(checklist.team.roles) else set())


def _wishes_of(results: SchoolResults, points: list[ActionPoint], text: Text) -> Iterator[dict[str, str]]:
    """The action points of one step: each text once, with counts per role."""
    same: dict[str, list[ActionPoint]] = {}
    for point in points:
        same.setdefault(normalize_text(point.text).strip("-•*– ."), []).append(point)
    for equal in same.values():
        listed = join_lines(equal[0].text)
        writers = _writers(results, equal, text)
        is_long = len(listed) > MAX_SHORT
        short = f"{listed[:MAX_SHORT]}…" if is_long else listed
        yield {"short": short, "rest": equal[0].text if is_long else "", "who": writers}


def _writers(results: SchoolResults, points: list[ActionPoint], text: Text) -> str:
    """The roles that wrote an action point, each with its count."""
    times = Counter[str]()
    for point in points:
        times[results.checklist.role(point.role).plural[text.language].lower()] += point.times
    return text.join(
        [text.say("board.times", words=role, times=n) if n > 1 else role for role, n in times.items()]
    )  # fmt: skip


def _first_choices(results: SchoolResults, state: ExplorerState, wave: str) -> dict[str, list[str]]:
    """Per step what people would take up first, where the form asked it."""
    table = _rows(results.priorities, state.school, wave)
    table = table[table["role"].isin(_with_team(results, state))] if len(table) else table
    if table.empty:
        return {}
    options = results.display(state.school, language=state.language)
    choices: dict[str, list[str]] = {}
    for step, role, items in summarise_priorities(table, state.school, wave, **options).rows:
        choices.setdefault(step, []).append(f"{role}: {items}")
    return choices


# --- under every page ---


def _rows(table: pd.DataFrame, school: str, wave: str) -> pd.DataFrame:
    return table[(table["school"] == school) & (table["wave"] == wave)]


def is_made_up(school: str) -> bool:
    """Whether a school is one of the examples."""
    return school.startswith(MADE_UP)


def _source(results: SchoolResults, state: ExplorerState, text: Text) -> str:
    source = results.checklist.source
    names = text.join([author.partition(" ")[2] or author for author in source.authors])
    source_line = text.say("explore.source", authors=names, year=source.year, date=date.today().strftime("%d-%m-%Y"))
    return f"{text.say('explore.example')} {source_line}" if is_made_up(state.school) else source_line


def _foot(results: SchoolResults, state: ExplorerState, text: Text) -> str:
    return render("parts", "foot", sentences=[_source(results, state, text), text.say("explore.not_a_mark")])


def _paragraph(text: str, kind: str = "") -> str:
    return render("parts", "paragraph", text=text, kind=kind)
