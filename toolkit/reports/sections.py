"""The sections of a school's report, in order: the findings first, the method last."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from toolkit.charts import distribution, dumbbell, heatmap, radar, trend
from toolkit.core.errors import SelectionError, no_role
from toolkit.core.i18n import load_text
from toolkit.core.normalize import join_lines
from toolkit.core.sanitize import strip_bidi_controls
from toolkit.core.text_table import TextTable
from toolkit.core.version import VERSION
from toolkit.instrument.arguments import as_sector
from toolkit.narrative.findings import HEADINGS, Finding
from toolkit.narrative.priority_summary import summarise_priorities
from toolkit.narrative.selection import DisplayOptions, Selection, select, select_waves
from toolkit.narrative.summaries import few_items_sentence, split_sentence, summarise_actions, summarise_consensus
from toolkit.reports.change_section import change_section
from toolkit.reports.context import ReportContext
from toolkit.reports.model import (
    Block,
    Bullets,
    DefinitionList,
    Entry,
    Link,
    Links,
    Paragraph,
    Report,
    Section,
    Table,
    picture_figure,
)
from toolkit.reports.sheets import sheets
from toolkit.results import COMPARED_ROLE, REFERENCE_ROLE, SchoolResults


def make_report(
    results: SchoolResults,
    school: str | None,
    wave: str | None = None,
    *,
    language: str = "nl",
    sector: str = "",
    reference: pd.DataFrame | None = None,
) -> Report:
    """Put together the report of one school.

    Parameters
    ----------
    school
        School id; None takes the first.
    wave
        None takes the school's last.
    sector
        `po` or `vo` leaves out the tools that are only for the other.
    reference
        See `toolkit.make_reference`; drawn behind the school's levels.

    Raises
    ------
    SelectionError
        The school or wave is not in the results.
    """
    school, sector = results.find_school(school), as_sector(sector, load_text(language))
    wave, school_results = _wave(results, school, wave), results.of(school)
    display: DisplayOptions = school_results.display(school, language=language)
    findings = school_results.findings(school, wave, language=language, sector=sector)
    context = ReportContext(school_results, select(school_results.levels, school, wave, **display), findings, reference)
    sections = [section for make in SECTIONS if (section := make(context))]
    return Report(
        context.say("report.title", name=context.selection.name),
        context.say("report.subtitle", wave=wave),
        language,
        (*sections, *_extras(context)),
        lambda: dict(sheets(context)),
    )


def _wave(results: SchoolResults, school: str, wave: str | None) -> str:
    waves = results.waves(school)
    if wave is not None and wave not in waves:
        raise SelectionError(load_text().say("select.wave", wanted=wave, there=", ".join(waves)))
    return wave or waves[-1]


# --- the findings ---


def _findings(context: ReportContext) -> Section:
    """The headline; then per heading its points, each with its statement, who answered what, and a question."""
    chosen = context.findings
    blocks: list[Block] = [Paragraph(chosen.headline)]
    for heading in () if chosen.is_empty else HEADINGS:
        points = chosen.points[heading]
        entries = tuple(map(_point, points))
        blocks.append(DefinitionList(chosen.headings[heading], entries, chosen.introduction(heading)))
    if chosen.next_step:
        blocks.append(Paragraph(chosen.next_step.question))
    return Section("agenda", context.say("report.agenda"), tuple(blocks))


def _point(point: Finding) -> Entry:
    """The statement, who answered what and how certain that is, a question; the reasons are details."""
    linked = " ".join(filter(None, [point.certainty_reason, point.about, *point.factors]))
    message = " ".join(filter(None, [point.short_message, point.certainty_words]))
    return Entry(point.label, (point.statement, message, point.question), frozenset({1}), linked)


# --- the pictures and their words ---


def _overview(context: ReportContext) -> Section | None:
    if not context.selection.shown_roles():
        return None
    picture = radar(context.results.levels, cohort=context.reference, **context.selection_kwargs)
    explained = [context.say("report.scale"), *([context.say("report.band")] if _has_interval(context) else [])]
    return Section(
        "overview",
        context.say("report.overview"),
        (picture_figure(picture, has_table=True), Paragraph(" ".join(explained))),
    )


def _has_interval(context: ReportContext) -> bool:
    return bool(context.selection.rows["level_low"].notna().any())


def _steps(context: ReportContext) -> Section | None:
    """Two roles next to each other, and the levels of all; what may not be shown has no empty picture."""
    r, shown = context.results, context.selection.shown_roles([REFERENCE_ROLE, COMPARED_ROLE])
    if not context.selection.shown_roles():
        return None
    blocks: list[Block] = []
    if len(shown) > 1:
        pair = dumbbell(r.levels, a=REFERENCE_ROLE, b=COMPARED_ROLE, gaps=r.per_step, **context.selection_kwargs)
        blocks.append(picture_figure(pair, has_table=True))
    selection = context.select(r.per_step)
    if selection.rows["same"].notna().any():
        entries = tuple(_step_words(selection, row) for _, row in selection.rows.iterrows())
        blocks.append(DefinitionList(context.say("report.in_words"), entries))
    return Section("steps", context.say("report.steps"), (*blocks, _levels_table(context)))


def _levels_table(context: ReportContext) -> Table:
    """Levels with intervals of sampled roles, a column per role that may be shown."""
    selection, roles = context.selection, context.selection.shown_roles()
    rows = selection.rows.set_index(["role", "step"])
    cells = [
        (context.selection.step(s.number), *(_level(context, rows.loc[(role, s.number)]) for role in roles))
        for s in selection.checklist.steps
    ]
    columns = (context.say("summary.step"), *(selection.role(role) for role in roles))
    caption = context.say("report.levels_caption_range" if _has_interval(context) else "report.levels_caption")
    return Table(TextTable(caption, columns, tuple(cells)), frozenset(range(1, len(columns))))


def _level(context: ReportContext, row: Any) -> str:
    if pd.isna(row["level"]):
        return context.selection.reason(str(row["why"] if pd.notna(row["why"]) else row["reason"]))
    if pd.isna(row["level_low"]):
        return context.number(row["level"])
    ends = {"low": context.number(row["level_low"]), "high": context.number(row["level_high"])}
    return context.say("report.level_range", level=context.number(row["level"]), **ends)


def _step_words(selection: Selection, row: pd.Series) -> Entry:
    step = int(row["step"])
    warning = few_items_sentence(selection, step) if pd.notna(row["same"]) else ""
    sentences = [split_sentence(selection, row, with_range=False), warning]
    return Entry(selection.step(step), (" ".join(filter(None, sentences)),))


def _images(context: ReportContext) -> Section | None:
    """How a role sees its own work, and how the other sees that."""
    table = context.of_this_wave(context.results.self_other)
    compared = [REFERENCE_ROLE, COMPARED_ROLE]
    shown = table[table["gap"].notna() & table["actor"].isin(compared)]
    pairs = shown[shown["other"].isin([*compared, context.selection.checklist.team.id])]
    tables = [
        _image(context, str(actor), str(other_role), rows)
        for (actor, other_role), rows in pairs.groupby(["actor", "other"])
    ]
    if not tables:
        return None
    return Section("images", context.say("report.images"), (Paragraph(context.say("report.images_how")), *tables))


def _image(context: ReportContext, actor: str, other_role: str, rows: pd.DataFrame) -> Table:
    selection, number = context.selection, context.number
    cells = [
        (selection.step(row["step"]), number(row["self_level"]), number(row["other_level"]))
        for _, row in rows.iterrows()
    ]
    columns = (
        context.say("summary.step"),
        context.say("report.itself", role=selection.role(actor)),
        selection.role(other_role),
    )
    caption = context.say("report.images_caption", role=selection.role_phrase(actor))
    return Table(TextTable(caption, columns, tuple(cells)), frozenset({1, 2}))


# --- what to do with it ---


def _priorities(context: ReportContext) -> Section | None:
    """What respondents would take up first, where the form asked it."""
    rows = context.of_this_wave(context.results.priorities)
    if rows.empty:
        return None
    listed = summarise_priorities(rows, **context.selection_kwargs)
    blocks = (Paragraph(context.say("report.first_how")), _by_step(context, listed))
    return Section("first", context.say("first.title"), blocks)


def _by_step(context: ReportContext, listed: TextTable) -> DefinitionList:
    """Rows of step, role and words, under the name of their step."""
    steps = groupby(listed.rows, key=itemgetter(0))
    entries = [Entry(step, tuple(f"{role}: {text}" for _, role, text in rows)) for step, rows in steps]
    return DefinitionList(context.say("report.actions_caption"), tuple(entries))


def _actions(context: ReportContext) -> Section:
    data, selection = context.results.actions, context.selection
    data = data.assign(text=data["text"].map(strip_bidi_controls))
    listed = summarise_actions(data, selection.checklist, selection.school, selection.wave, language=selection.language)
    if not listed.rows:
        return Section("actions", context.say("report.actions"), (Paragraph(context.say("report.no_actions")),))
    steps = groupby(listed.rows, key=itemgetter(0))
    entries = tuple(Entry(step, tuple(_unique_texts(context, list(rows)))) for step, rows in steps)
    blocks = (
        Paragraph(context.say("report.actions_how")),
        DefinitionList(context.say("report.actions_caption"), entries),
    )
    return Section("actions", context.say("report.actions"), blocks)


def _unique_texts(context: ReportContext, rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Each action point of a step once, with its roles and counts."""
    written: dict[str, list[str]] = {}
    for _, role, text in rows:
        written.setdefault(join_lines(text), []).append(role.lower())
    for text, roles in written.items():
        counts = [
            role if roles.count(role) == 1 else context.say("report.times", role=role, n=roles.count(role))
            for role in dict.fromkeys(roles)
        ]
        yield f"{text} ({context.selection.text.join(counts)})"


def _tools(context: ReportContext) -> Section:
    """The best fitting tool of each finding, in the order of the findings."""
    fitting: dict[tuple[str, str], list[str]] = {}
    for finding in context.findings.all_points():
        for tool in finding.tools[:1]:
            fitting.setdefault(tool, []).append(finding.label)
    join = context.selection.text.join
    links = [
        Link(name, url, context.say("report.tool_at", what=join(labels))) for (name, url), labels in fitting.items()
    ]
    toolbox = context.selection.checklist.source.toolbox
    toolbox_link = Link(context.say("report.toolbox"), toolbox, context.say("report.toolbox_about"))
    introduction = context.say("report.tools_fitting" if fitting else "report.tools_all")
    return Section("tools", context.say("report.tools"), (Paragraph(introduction), Links((*links, toolbox_link))))


# --- who, and how it was made ---


def _respondents(context: ReportContext) -> Section:
    say, selection = context.say, context.selection
    counts = context.of_this_wave(context.results.people).set_index("role")["n"]
    invited = context.of_this_wave(context.results.invited).set_index("role")["invited"]
    rows = [
        (selection.role(role), *_count(context, role, counts, invited))
        for role in selection.shown_roles()
        if role in counts
    ]
    silent = [role for role in selection.checklist.known_role_ids if role not in counts]
    notes = [*selection.hidden_notes(), *(selection.note(role, no_role(role)) for role in silent)]
    columns = (say("report.group"), say("report.filled_in"), say("report.response"))
    has_invited = any(row[2] for row in rows)
    width = len(columns) if has_invited else 2
    table = TextTable(say("report.who_caption"), columns[:width], tuple(row[:width] for row in rows))
    blocks: list[Block] = [Table(table, frozenset(range(1, width)))] if rows else []
    notes += [] if has_invited else [say("report.response_unknown")]
    return Section("who", say("report.who"), (*blocks, *(Paragraph(note, secondary=True) for note in notes)))


def _count(context: ReportContext, role: str, counts: pd.Series, n_invited: pd.Series) -> tuple[str, str]:
    team = context.selection.checklist.team
    parts = team.roles if role == team.id else [role]
    n = int(counts[role])
    if not set(parts) <= set(n_invited.dropna().index):
        return str(n), ""
    invited = int(n_invited[parts].sum())
    share = context.number(100 * n / invited) if invited else ""
    return str(n), context.say("report.of_invited", n=n, invited=invited, share=share) if 0 < n <= invited else ""


def _about(context: ReportContext) -> Section:
    say, minimum = context.say, context.results.minimum
    texts = (say("report.is_snapshot"), say("report.is_not_a_mark"), say("report.is_protected", minimum=minimum))
    return Section("about", say("report.about"), (Bullets(texts),))


def _method(context: ReportContext) -> Section:
    say, source = context.say, context.selection.checklist.source
    texts = tuple(say(f"report.method_{part}") for part in ("level", "interval", "split", "protection"))
    cite = say(
        "report.source", authors=" & ".join(source.authors), year=source.year, title=source.title,
        publisher=source.publisher,
    )  # fmt: skip
    versions = say("report.versions", version=VERSION, form=context.selection.checklist.form)
    notes = (Paragraph(text, secondary=True) for text in (cite, versions))
    return Section("method", say("report.method"), (Bullets((*texts, *context.findings.notes)), *notes))


SECTIONS = (
    _findings, _overview, _steps, change_section, _images, _priorities, _actions, _tools, _respondents, _about, _method,
)  # fmt: skip
"""In the order of reading."""


# --- on a screen only ---


def _extras(context: ReportContext) -> Iterator[Section]:
    group = next((role for role in context.selection.shown_roles([COMPARED_ROLE]) if role != REFERENCE_ROLE), None)
    if group is None:
        return
    r, say, display = context.results, context.say, context.selection_kwargs
    yield Section("all", say("report.all"), (picture_figure(heatmap(r.items, **display)),), extra=True)
    if len(select_waves(r.levels, **display)) > 1:
        yield Section("waves", say("report.waves"), (picture_figure(trend(r.levels, **display)),), extra=True)
    steps = [step.number for step in context.selection.checklist.steps]
    bars = [picture_figure(distribution(r.items, step=step, role=COMPARED_ROLE, **display)) for step in steps]
    title = say("report.answers", role=context.selection.role(group).lower())
    yield Section("answers", title, tuple(bars), extra=True)
    listed = summarise_consensus(r.consensus, **display).rows
    entries = tuple(Entry(step, tuple(text for *_, text in rows)) for step, rows in groupby(listed, key=itemgetter(0)))
    consensus = DefinitionList(say("report.actions_caption"), entries)
    yield Section("consensus", say("report.consensus"), (consensus,), extra=True)
