"""What stands in a school's report, and in what order: each section is made by one function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from toolkit.charts import distribution, dumbbell, heatmap, radar, split, trend
from toolkit.core.errors import MissingReason, SelectionError, no_role
from toolkit.core.i18n import load_text
from toolkit.core.sanitize import strip_bidi_controls, strip_control_chars
from toolkit.core.text_table import TextTable
from toolkit.core.version import VERSION
from toolkit.instrument.model import Tool
from toolkit.narrative.findings import Finding
from toolkit.narrative.meeting_page import meeting_of
from toolkit.narrative.priority_summary import summarise_priorities
from toolkit.narrative.selection import DisplayOptions, Selection, select, select_waves
from toolkit.narrative.summaries import few_items_sentence, split_sentence, summarise_actions, summarise_consensus
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
from toolkit.results import COMPARED_ROLE, REFERENCE_ROLE, SchoolResults

MEET, PART = 3, 4
"""How many items are named on which the views meet, and part."""


def make_report(
    material: SchoolResults,
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
        The school or wave is not there.
    """
    school = school or next(iter(material.schools()), "")
    own = material.of(school)
    words: DisplayOptions = {"checklist": material.checklist, "language": language}
    words["name"] = material.name(school)
    place = _Place(own, select(own.levels, school, _wave(material, school, wave), **words), sector, reference)
    makers = (_about, _who, _overview, _agenda, _per_step, _items, _images, _change, _first, _actions, _tools, _method)
    sections = [section for make in makers if (section := make(place))]
    say = place.chosen.text.say
    return Report(
        say("report.title", name=place.chosen.name),
        say("report.subtitle", wave=place.chosen.wave),
        language,
        (*sections, *_extras(place)),
        dict(_tables(place)),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """One school and wave, with the words for it."""

    material: SchoolResults
    chosen: Selection
    sector: str
    reference: pd.DataFrame | None = None

    @property
    def named(self) -> dict[str, Any]:
        """What every chart and summary asks for."""
        c = self.chosen
        return {
            "school": c.school, "wave": c.wave, "name": c.name, "checklist": c.checklist, "language": c.language,
        }  # fmt: skip

    def here(self, table: pd.DataFrame) -> pd.DataFrame:
        return table[table["wave"] == self.chosen.wave]

    def select(self, table: pd.DataFrame) -> Selection:
        return select(table, **self.named)

    def say(self, key: str, **fields: object) -> str:
        return self.chosen.text.say(key, **fields)

    def number(self, value: Any) -> str:
        return "" if pd.isna(value) else self.chosen.text.number(float(value))


def safe_text(text: str) -> str:
    """What somebody typed, as every writer can hold it and no reader is deceived by it."""
    return strip_bidi_controls(strip_control_chars(text))


def _wave(material: SchoolResults, school: str, wave: str | None) -> str:
    waves = material.waves(school)
    if wave is not None and wave not in waves:
        raise SelectionError(load_text().say("select.wave", wanted=wave, there=", ".join(waves)))
    return wave or waves[-1]


# --- what it is, and of whom ---


def _about(place: _Place) -> Section:
    say = place.say
    texts = (say("report.is_snapshot"), say("report.is_not_a_mark"), say("report.is_protected"))
    return Section("about", say("report.about"), (Bullets(texts),))


def _who(place: _Place) -> Section:
    say, chosen = place.say, place.chosen
    shown = chosen.shown_roles()
    counts = place.here(place.material.people).set_index("role")["n"]
    asked = place.here(place.material.invited).set_index("role")["invited"]
    rows = [(chosen.role(role), *_count(place, role, counts, asked)) for role in shown if role in counts]
    silent = [role.id for role in chosen.checklist.roles if role.known and role.id not in counts]
    notes = [*chosen.hidden_notes(), *(_no_form(place, role) for role in silent)]
    columns = (say("report.group"), say("report.filled_in"), say("report.response"))
    known = any(row[2] for row in rows)
    width = len(columns) if known else 2
    table = TextTable(say("report.who_caption"), columns[:width], tuple(row[:width] for row in rows))
    blocks: list[Block] = [Table(table, frozenset(range(1, width)))] if rows else []
    return Section("who", say("report.who"), (*blocks, *_remarks(notes), *_full_response(place, known)))


def _count(place: _Place, role: str, counts: pd.Series, asked: pd.Series) -> tuple[str, str]:
    parts = place.chosen.checklist.team.roles if role == place.chosen.checklist.team.id else [role]
    n = int(counts[role])
    if not set(parts) <= set(asked.dropna().index):
        return str(n), ""
    invited = int(asked[parts].sum())
    share = place.number(100 * n / invited) if invited else ""
    return str(n), place.say("report.of_invited", n=n, invited=invited, share=share) if 0 < n <= invited else ""


def _no_form(place: _Place, role: str) -> str:
    return place.chosen.note(role, no_role(role))


def _full_response(place: _Place, known: bool) -> tuple[Block, ...]:
    return () if known else (Paragraph(place.say("report.response_unknown"), quiet=True),)


def _remarks(notes: list[str]) -> tuple[Block, ...]:
    return tuple(Paragraph(note, quiet=True) for note in notes)


# --- the pictures and their words ---


def _overview(place: _Place) -> Section:
    picture = radar(place.material.levels, cohort=place.reference, **place.named)
    explained = " ".join([place.say("report.scale"), *([place.say("report.band")] if _has_interval(place) else [])])
    return Section("overview", place.say("report.overview"), (picture_figure(picture, True), Paragraph(explained)))


def _has_interval(place: _Place) -> bool:
    return bool(place.chosen.rows["level_low"].notna().any())


def _per_step(place: _Place) -> Section:
    pair = dumbbell(
        place.material.levels, a=REFERENCE_ROLE, b=COMPARED_ROLE, gaps=place.material.per_step, **place.named
    )
    shares = split(place.material.per_step, **place.named)
    blocks: list[Block] = [picture_figure(pair, True), _levels_grid(place)]
    chosen = place.select(place.material.per_step)
    if chosen.rows["same"].notna().any():
        words = DefinitionList(
            place.say("report.in_words"), tuple(_step_words(place, chosen, row) for _, row in chosen.rows.iterrows())
        )
        blocks += [picture_figure(shares), Paragraph(place.say("report.split_how"), quiet=True), words]
    return Section("steps", place.say("report.steps"), tuple(blocks))


def _levels_grid(place: _Place) -> Table:
    """Levels with the interval of who has one, a column per role that may be shown."""
    chosen, roles = place.chosen, place.chosen.shown_roles()
    rows = chosen.rows.set_index(["role", "step"])
    cells = [
        (place.chosen.step(s.number), *(_level(place, rows.loc[(role, s.number)]) for role in roles))
        for s in chosen.checklist.steps
    ]
    columns = (place.say("summary.step"), *(chosen.role(role) for role in roles))
    caption = place.say("report.levels_caption_range" if _has_interval(place) else "report.levels_caption")
    return Table(TextTable(caption, columns, tuple(cells)), frozenset(range(1, len(columns))))


def _level(place: _Place, row: Any) -> str:
    if pd.isna(row["level"]):
        return place.chosen.reason(str(row["why"] if pd.notna(row["why"]) else row["reason"]))
    if pd.isna(row["level_low"]):
        return place.number(row["level"])
    ends = {"low": place.number(row["level_low"]), "high": place.number(row["level_high"])}
    return place.say("report.level_range", level=place.number(row["level"]), **ends)


def _step_words(place: _Place, chosen: Selection, row: pd.Series) -> Entry:
    step = int(row["step"])
    words = [
        split_sentence(chosen, row, with_range=False),
        few_items_sentence(chosen, step) if pd.notna(row["same"]) else "",
    ]
    return Entry(place.chosen.step(step), (" ".join(filter(None, words)),))


# --- items ---


def _items(place: _Place) -> Section | None:
    chosen = place.select(place.material.per_item)
    meet, part = _meeting(chosen.rows), _parting(chosen.rows)
    if meet.empty and part.empty:
        return None
    lists = [
        DefinitionList(place.say(title), tuple(_item_words(chosen, row) for _, row in rows.iterrows()))
        for rows, title in ((meet, "report.meet"), (part, "report.part"))
        if not rows.empty
    ]
    return Section("items", place.say("report.items"), tuple(lists))


def _parting(rows: pd.DataFrame) -> pd.DataFrame:
    """The items with the largest gaps, the largest first."""
    apart = rows[rows["gap"].abs().gt(0)]
    return apart.sort_values("gap", key=abs, ascending=False, kind="stable").head(PART)


def _meeting(rows: pd.DataFrame) -> pd.DataFrame:
    """The items with the most equal answers, of those on which the views don't part most."""
    left = rows[rows["same"].notna() & ~rows["item"].isin(_parting(rows)["item"])]
    order = left.assign(distance=left["gap"].abs()).sort_values(["same", "distance"], ascending=[False, True])
    return order.head(MEET).drop(columns="distance")


def _item_words(chosen: Selection, row: pd.Series) -> Entry:
    item, language = chosen.checklist.item(str(row["item"])), chosen.language
    sentence = split_sentence(chosen, row, with_range=False)
    return Entry(f"{item.id} {item.label[language]}", (item.statement[language], sentence), frozenset({0}))


def _agenda(place: _Place) -> Section | None:
    """What a team may talk about first, each with a question to start from."""
    chosen = place.chosen
    found = place.material.findings(chosen.school, chosen.wave, language=chosen.language, sector=place.sector)
    meeting = meeting_of(found, chosen.checklist, language=chosen.language)
    if all(not points for _, points in meeting.headings):
        return None
    first = [Paragraph(meeting.next_step.question)] if meeting.next_step else []
    lists = [DefinitionList(heading, tuple(map(_point, points))) for heading, points in meeting.headings if points]
    notes = Paragraph(" ".join(meeting.notes), quiet=True)
    return Section("agenda", place.say("report.agenda"), (*first, *lists, notes))


def _point(point: Finding) -> Entry:
    """Who answered what, the question, and last what paper has no room for: how sure, and what it hangs on."""
    said = point.message
    linked = " ".join(filter(None, [point.sure, point.about, *point.factors]))
    return Entry(point.label, (said, point.question, linked), frozenset({0, 2}))


def _images(place: _Place) -> Section | None:
    """How a role sees what it must do itself, beside how the other sees that; rows of hidden groups say why once."""
    table = place.here(place.material.self_other)
    team = place.chosen.checklist.team.id
    shown = table[table["gap"].notna()]
    pairs = shown[
        shown["actor"].isin([REFERENCE_ROLE, COMPARED_ROLE])
        & shown["other"].isin([REFERENCE_ROLE, COMPARED_ROLE, team])
    ]
    grids = [_image(place, str(actor), str(other), rows) for (actor, other), rows in pairs.groupby(["actor", "other"])]
    if not grids:
        return None
    return Section("images", place.say("report.images"), (Paragraph(place.say("report.images_how")), *grids))


def _image(place: _Place, actor: str, other: str, rows: pd.DataFrame) -> Table:
    chosen, number = place.chosen, place.number
    cells = [
        (place.chosen.step(row["step"]), number(row["self_level"]), number(row["other_level"]))
        for _, row in rows.iterrows()
    ]
    columns = (place.say("summary.step"), place.say("report.itself", role=chosen.role(actor)), chosen.role(other))
    caption = place.say("report.images_caption", role=chosen.role_phrase(actor))
    return Table(TextTable(caption, columns, tuple(cells)), frozenset({1, 2}))


# --- change ---


def _change(place: _Place) -> Section | None:
    rows = place.here(place.material.changes)
    if rows.empty:
        return None
    say, roles = place.say, [role for role in place.chosen.shown_roles() if role in set(rows["role"])]
    by_place = rows.set_index(["role", "step"])
    cells = []
    for step in place.chosen.checklist.steps:
        found = [by_place.loc[(role, step.number)] if (role, step.number) in by_place.index else None for role in roles]
        cells.append((place.chosen.step(step.number), *("" if row is None else _changed(place, row) for row in found)))
    columns = (say("summary.step"), *(place.chosen.role(role) for role in roles))
    before = rows["before"].iloc[0]
    table = TextTable(say("report.change_caption", before=before, wave=place.chosen.wave), columns, tuple(cells))
    words = [_change_words(place, role, rows[rows["role"] == role]) for role in roles]
    texts = (*filter(None, words), say("report.change_care"))
    return Section(
        "change",
        say("report.change", before=before),
        (Table(table, frozenset(range(1, len(columns)))), Bullets(texts)),
    )


def _changed(place: _Place, row: Any) -> str:
    words = {"before": place.number(row["level_before"]), "now": place.number(row["level"])}
    return place.say("report.from_to", **words, change=_signed(place, row["change"]))


def _signed(place: _Place, value: float) -> str:
    text = place.number(abs(value))
    return text if text == "0" else ("+" if value > 0 else "−") + text


def _change_words(place: _Place, role: str, rows: pd.DataFrame) -> str:
    """Whether a sampled role moved more than other members of the team could explain."""
    known = rows.dropna(subset=["change_low", "change_high"])
    if known.empty:
        return ""
    clear = known[(known["change_low"] > 0) | (known["change_high"] < 0)]
    name = place.chosen.role_phrase(role)
    if clear.empty:
        return place.say("report.change_unclear", role=name)
    listed = [
        f"{row['step']} ({_signed(place, row['change'])}; {_signed(place, row['change_low'])} "
        f"{place.say('report.to')} {_signed(place, row['change_high'])})"
        for _, row in clear.iterrows()
    ]
    return place.say("report.change_clear", role=name, steps=place.chosen.text.join(listed))


# --- what to do with it ---


def _first(place: _Place) -> Section | None:
    """What respondents would take up first, where the form asked it."""
    rows = place.here(place.material.priorities)
    if rows.empty:
        return None
    chosen = summarise_priorities(rows, **place.named)
    blocks = (Paragraph(place.say("report.first_how")), _by_step(place, chosen))
    return Section("first", place.say("first.title"), blocks)


def _by_step(place: _Place, listed: TextTable) -> DefinitionList:
    """Rows of step, role and words, under the name of their step."""
    steps = groupby(listed.rows, key=itemgetter(0))
    entries = [Entry(step, tuple(f"{role}: {words}" for _, role, words in rows)) for step, rows in steps]
    return DefinitionList(place.say("report.actions_caption"), tuple(entries))


def _actions(place: _Place) -> Section:
    own = place.material.actions
    own = own.assign(text=own["text"].map(safe_text))
    chosen = place.chosen
    listed = summarise_actions(own, chosen.checklist, chosen.school, chosen.wave, language=chosen.language)
    if not listed.rows:
        return Section("actions", place.say("report.actions"), (Paragraph(place.say("report.no_actions")),))
    blocks = (Paragraph(place.say("report.actions_how")), _by_step(place, listed))
    return Section("actions", place.say("report.actions"), blocks)


def _tools(place: _Place) -> Section:
    chosen, language = place.chosen, place.chosen.language
    wanted = _named_items(place)
    offered = [(step.number, tool) for step in chosen.checklist.steps for tool in step.tools if _fits(place, tool)]
    fitting = [(step, tool) for step, tool in offered if set(tool.items) & wanted]
    links = [
        Link(
            tool.name[language],
            tool.url,
            place.say("report.tool_at", step=place.chosen.step(step), items=_items_of(tool)),
        )
        for step, tool in fitting or offered
    ]
    everything = Link(place.say("report.toolbox"), chosen.checklist.source.toolbox, place.say("report.toolbox_about"))
    how = place.say("report.tools_fitting" if fitting else "report.tools_all")
    return Section("tools", place.say("report.tools"), (Paragraph(how), Links((*links, everything))))


def _named_items(place: _Place) -> set[str]:
    """Items that the report names as something to talk about: where the views part, and the group's lowest."""
    rows = place.select(place.material.per_item).rows
    low = place.here(place.material.items)
    low = low[low["role"].isin(place.chosen.checklist.sampled_role_ids)].dropna(subset="level").nsmallest(PART, "level")
    return {*_parting(rows)["item"], *low["item"]}


def _fits(place: _Place, tool: Tool) -> bool:
    return not (place.sector and tool.sector and tool.sector != place.sector)


def _items_of(tool: Tool) -> str:
    return ", ".join(tool.items)


def _method(place: _Place) -> Section:
    say, source = place.say, place.chosen.checklist.source
    texts = [say("report.method_level"), say("report.method_interval"), say("report.method_split")]
    texts.append(say("report.method_protection"))
    cite = say(
        "report.source", authors=" & ".join(source.authors), year=source.year, title=source.title,
        publisher=source.publisher,
    )  # fmt: skip
    made = say("report.versions", version=VERSION, form=place.chosen.checklist.form)
    quiet = (Paragraph(cite, quiet=True), Paragraph(made, quiet=True))
    return Section("method", say("report.method"), (Bullets(tuple(texts)), *quiet))


# --- more, for who wants it ---


def _extras(place: _Place) -> Iterator[Section]:
    group = next((role for role in place.chosen.shown_roles([COMPARED_ROLE]) if role != REFERENCE_ROLE), None)
    if group is None:
        return
    m, say = place.material, place.say
    yield Section("all", say("report.all"), (picture_figure(heatmap(m.items, **place.named)),), extra=True)
    if len(select_waves(m.levels, **place.named)) > 1:
        yield Section("waves", say("report.waves"), (picture_figure(trend(m.levels, **place.named)),), extra=True)
    steps = [step.number for step in place.chosen.checklist.steps]
    bars = [picture_figure(distribution(m.items, step=step, role=COMPARED_ROLE, **place.named)) for step in steps]
    title = say("report.answers", role=place.chosen.role(group).lower())
    yield Section("answers", title, tuple(bars), extra=True)
    listed = summarise_consensus(m.consensus, **place.named).rows
    entries = tuple(
        Entry(step, tuple(words for *_, words in rows)) for step, rows in groupby(listed, key=itemgetter(0))
    )
    yield Section(
        "consensus", say("report.consensus"), (DefinitionList(say("report.actions_caption"), entries),), extra=True
    )


def _tables(place: _Place) -> Iterator[tuple[str, pd.DataFrame]]:
    """The sheets of the spreadsheet: the protected tables as they are, of this moment."""
    m, say = place.material, place.say
    sheets = {
        "report.sheet_levels": m.levels,
        "report.sheet_agreement": m.per_step,
        "report.sheet_items": m.per_item,
        "report.sheet_answers": m.items,
        "report.sheet_consensus": m.consensus,
        "report.sheet_images": m.self_other,
        "report.sheet_change": m.changes,
        "report.sheet_first": m.priorities,
    }
    for key, table in sheets.items():
        yield say(key), _with_words(place, place.here(table))
    actions = place.here(m.actions)
    yield say("report.sheet_actions"), actions.assign(text=actions["text"].map(safe_text))


def _with_words(place: _Place, table: pd.DataFrame) -> pd.DataFrame:
    """The reasons in words beside the codes; roles that are shown as the team are not listed twice."""
    alone = table[~table["why"].eq(MissingReason.SHOWN_AS_TEAM).fillna(False)]
    codes = alone["why"] if "reason" not in alone else alone["why"].fillna(alone["reason"])
    words = [place.chosen.reason(str(code)) if pd.notna(code) else "" for code in codes]
    return alone.assign(**{place.say("report.sheet_words"): words})
