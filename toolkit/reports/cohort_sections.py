"""Sections of the report of a cohort, a function each; none has a figure of one school."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from toolkit.charts import cohort_radar, forest, gap_spread, group_multiples, slopes
from toolkit.core.i18n import Text, sentence_case
from toolkit.core.text_table import TextTable
from toolkit.core.version import VERSION
from toolkit.instrument.model import Instrument
from toolkit.narrative.group_names import grouping_name
from toolkit.reports.model import Block, Bullets, Paragraph, Report, Section, Table, picture_figure

PAIR = "director-teacher"
ROLES = ("director", "teacher")
"""The two roles that are compared, and how figures of both are called."""

MAX_PANELS = 12
"""Groups of a grouping that are drawn as small radars: more do not fit on a page."""


@dataclass(frozen=True, slots=True)
class CohortMaterial:
    """Protected tables that a report of a cohort is made of.

    Attributes
    ----------
    everyone
        Name of the grouping, and of its one group, that has all schools.
    groupings
        The other groupings, in order.
    programme
        The grouping of which two groups are compared, and the two groups; None where there is none.
    means, items, differences, changes
        From `compare_cohorts` per step and per item, `cohort_differences` and `cohort_changes`.
    trends, change_differences, panel
        From `cohort_trends`, `change_differences` and `panel_and_cross_section`; empty where there are too few waves.
    respondents
        Columns `wave, role, n_schools, n`: forms and schools behind the figures.
    participation
        From `toolkit.participation`, with small numbers hidden.
    response
        From `toolkit.group_response`; None where the number invited is not known.
    reliability
        From `toolkit.reliability`, of the roles and waves with enough schools and respondents.
    weighting
        Sentences that say which weights were used.
    rule
        Version of the rule by which figures are hidden and rounded.
    """

    checklist: Instrument
    everyone: str
    groupings: tuple[str, ...]
    programme: tuple[str, str, str] | None
    means: pd.DataFrame
    items: pd.DataFrame
    differences: pd.DataFrame
    changes: pd.DataFrame
    trends: pd.DataFrame
    change_differences: pd.DataFrame
    panel: pd.DataFrame
    respondents: pd.DataFrame
    participation: pd.DataFrame
    response: pd.DataFrame | None
    reliability: pd.DataFrame
    weighting: str
    rule: str


@dataclass(frozen=True, slots=True)
class _Context:
    """The material, one wave of it, and the words."""

    material: CohortMaterial
    wave: str
    text: Text

    @property
    def display(self) -> dict[str, Any]:
        return {"checklist": self.material.checklist, "language": self.text.language}

    def say(self, key: str, **fields: object) -> str:
        return self.text.say(f"cohort_report.{key}", **fields)

    def number(self, value: Any, decimals: int = 0) -> str:
        return "" if pd.isna(value) else self.text.number(float(value), decimals)

    def signed(self, value: Any) -> str:
        text = self.number(abs(value)) if pd.notna(value) else ""
        return text if text in ("", "0") else ("+" if value > 0 else "−") + text

    def range(self, row: Any, value: str) -> str:
        """A figure with its interval, or why there is none."""
        if row is None:
            return ""
        if row["suppressed"]:
            return self.say("hidden")
        write = self.number if value == "estimate" and row["measure"] == "level" else self.signed
        if pd.isna(row["low"]):
            return write(row[value])
        return self.say("range", value=write(row[value]), low=write(row["low"]), high=write(row["high"]))

    def why(self, code: str) -> str:
        """Why a figure, or its margin, is missing."""
        key = code.replace(" ", "_")
        return self.text.phrases.get(f"cohort_why.{key}") or self.text.say(f"reason.{key}")

    def grouping(self, name: str) -> str:
        return grouping_name(name, self.text.language)

    def step(self, number: int) -> str:
        return f"{number} {self.material.checklist.step(number).label[self.text.language]}"

    def role(self, role: str) -> str:
        return self.material.checklist.role(role).plural[self.text.language]

    def of_everyone(self, table: pd.DataFrame) -> pd.DataFrame:
        return table[table["grouping"] == self.material.everyone]


def make_cohort_report(material: CohortMaterial, wave: str, text: Text) -> Report:
    """Put together the report of a cohort at one wave, with the changes up to it."""
    context = _Context(material, wave, text)
    sections = [section for make in SECTIONS if (section := make(context))]
    title = text.say("cohort_report.title")
    return Report(
        title, text.say("cohort_report.subtitle", wave=wave), text.language, tuple(sections), lambda: _sheets(context)
    )


def _table(caption: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], texts: int = 1) -> Table:
    """A table whose first columns are texts and whose other columns are figures."""
    return Table(TextTable(caption, columns, tuple(rows)), frozenset(range(texts, len(columns))))


def _secondary(*texts: str) -> tuple[Block, ...]:
    return tuple(Paragraph(text, secondary=True) for text in texts if text)


# --- what it is, and who took part ---


def _about(context: _Context) -> Section:
    say = context.say
    texts = (say("is_means"), say("is_no_school"), say("is_not_causal"), context.material.weighting)
    return Section("cohort-about", say("about"), (Bullets(texts),))


def _participation(context: _Context) -> Section:
    say = context.say
    schools = context.of_everyone(context.material.participation)
    rows = [
        (str(row["wave"]), *(_count(context, row[name]) for name in ("n_schools", "n_joined", "n_left")))
        for _, row in schools.iterrows()
    ]
    columns = (say("moment"), say("schools"), say("joined"), say("left"))
    blocks: list[Block] = [_table(say("schools_caption"), columns, rows), _respondents(context)]
    return Section("cohort-who", say("who"), (*blocks, *_response(context)))


def _count(context: _Context, value: Any) -> str:
    return context.say("none_before") if pd.isna(value) else str(int(value))


def _respondents(context: _Context) -> Table:
    """Forms per role and wave."""
    table = context.material.respondents
    counts = {(row.wave, row.role): row for row in table.itertuples()}
    waves = sorted(table["wave"].unique())
    rows = []
    for role in context.material.checklist.roles:
        role_rows = [counts.get((wave, role.id)) for wave in waves]
        cells = [
            "" if row is None else context.say("people_of_schools", n=row.n, schools=row.n_schools) for row in role_rows
        ]
        rows.append((context.role(role.id), *cells))
    return _table(context.say("respondents_caption"), (context.text.say("summary.role"), *waves), rows)


def _response(context: _Context) -> Iterator[Block]:
    """Response rates per role over all schools and per group, and the non-response."""
    table, say = context.material.response, context.say
    if table is None:
        yield from _secondary(say("response_unknown"))
        return
    groupings = (context.material.everyone, *context.material.groupings)
    roles = context.material.checklist.role_ids
    order = {
        "grouping": {name: position for position, name in enumerate(groupings)},
        "role": {role: position for position, role in enumerate(roles)},
    }
    table = table[table["wave"] == context.wave]
    table = table.sort_values(
        ["grouping", "group", "role"],
        key=lambda column: column.map(order[str(column.name)]) if column.name in order else column,
        kind="stable",
    )
    rows = [
        (str(row["group"]), context.role(str(row["role"])), *_response_cells(context, row))
        for _, row in table.iterrows()
    ]
    columns = (say("group"), say("role"), say("response"), say("share_asked"), say("share_schools"))
    if rows:
        yield _table(say("response_caption", wave=context.wave), columns, rows, texts=2)
        yield from _secondary(say("response_how"))


def _response_cells(context: _Context, row: pd.Series) -> tuple[str, str, str]:
    if row["suppressed"]:
        return context.text.say(f"cohort_why.{str(row['why']).replace(' ', '_')}"), "", ""
    share = context.number(100 * row["rate"])
    count_text = context.text.say("report.of_invited", n=row["n"], invited=row["invited"], share=share)
    shares = (f"{context.number(100 * row[name])}%" for name in ("share_asked", "share_schools"))
    return (count_text, *shares)  # type: ignore[return-value]  # three texts


# --- levels and gaps ---


def _levels(context: _Context) -> Section:
    material, say = context.material, context.say
    selection = {"wave": context.wave, "grouping": material.everyone, **context.display}
    blocks: list[Block] = [
        picture_figure(cohort_radar(material.means, material.everyone, **selection), has_table=True),
        _level_table(context, material.everyone),
    ]
    for grouping in material.groupings:
        blocks += _groups(context, grouping)
    return Section("cohort-levels", say("levels"), (Paragraph(say("levels_how")), *blocks))


def _groups(context: _Context, grouping: str) -> Iterator[Block]:
    """Small radars of the groups, and their levels."""
    material = context.material
    groups = material.means.loc[material.means["grouping"] == grouping, "group"].nunique()
    if groups <= MAX_PANELS:
        picture = group_multiples(material.means, context.wave, list(ROLES), grouping, **context.display)
        subtitle = context.say("by", grouping=context.grouping(grouping), wave=context.wave)
        yield picture_figure(picture, has_table=True, subtitle=subtitle)
    yield _level_table(context, grouping)


def _level_table(context: _Context, grouping: str) -> Table:
    """Mean with interval, and the middle half of the schools, per group and step for both roles."""
    table, say = context.material.means, context.say
    rows_of = table[table["grouping"].eq(grouping) & table["wave"].eq(context.wave) & table["measure"].eq("level")]
    by = {(row["group"], row["role"], row["step"]): row for _, row in rows_of.iterrows()}
    cells = []
    for group in sorted(rows_of["group"].unique()):
        name = say("group_n", group=group, n=_most_schools(rows_of[rows_of["group"] == group]))
        for step in context.material.checklist.steps:
            pair = [by.get((group, role, step.number)) for role in ROLES]
            figures = [text for row in pair for text in (context.range(row, "estimate"), _half(context, row))]
            cells.append((name, context.step(step.number), *figures))
    roles = [heading for role in ROLES for heading in (context.role(role), say("half"))]
    columns = (context.grouping(grouping), context.text.say("summary.step"), *roles)
    return _table(
        say("levels_caption", grouping=context.grouping(grouping), wave=context.wave), columns, cells, texts=2
    )


def _most_schools(rows: pd.DataFrame) -> int:
    maximum = rows["n_schools"].max()
    return 0 if pd.isna(maximum) else int(maximum)


def _half(context: _Context, row: Any) -> str:
    if row is None or row["suppressed"] or pd.isna(row["p25"]):
        return ""
    return context.say("to", low=context.number(row["p25"]), high=context.number(row["p75"]))


def _gaps(context: _Context) -> Section:
    material, say = context.material, context.say
    spread = gap_spread(material.means, material.everyone, context.wave, PAIR, material.everyone, **context.display)
    tables = [_gap_table(context, grouping) for grouping in (material.everyone, *material.groupings)]
    return Section("cohort-gaps", say("gaps"), (Paragraph(say("gaps_how")), picture_figure(spread), *tables))


def _gap_table(context: _Context, grouping: str) -> Table:
    """Mean gap with its interval, a row per step and a column per group; many groups are rows."""
    table = context.material.means
    rows_of = table[table["grouping"].eq(grouping) & table["wave"].eq(context.wave) & table["measure"].eq("gap")]
    by = {(row["group"], row["step"]): row for _, row in rows_of.iterrows()}
    steps = [step.number for step in context.material.checklist.steps]
    cells = [
        (str(group), *(context.range(by.get((group, step)), "estimate") for step in steps))
        for group in sorted(rows_of["group"].unique())
    ]
    columns = (context.grouping(grouping), *(context.say("step", step=step) for step in steps))
    return _table(context.say("gaps_caption", grouping=context.grouping(grouping), wave=context.wave), columns, cells)


# --- years ---


def _changes(context: _Context) -> Section | None:
    material, say, before = context.material, context.say, _wave_before(context)
    if material.changes.empty or before is None:
        return None
    table = context.of_everyone(material.changes)
    table = table[table["wave_a"].eq(before) & table["wave_b"].eq(context.wave)]
    if table.empty:
        return None
    blocks: list[Block] = [Paragraph(say("changes_how"))]
    lines = slopes(material.means, [material.everyone], "teacher", material.everyone, **context.display)
    blocks += [picture_figure(lines), _change_table(context, table, before), _panel(context, before), *_trend(context)]
    return Section("cohort-changes", say("changes", before=before), tuple(blocks))


def _wave_before(context: _Context) -> str | None:
    waves = sorted(context.material.means["wave"].unique())
    index = waves.index(context.wave)
    return str(waves[index - 1]) if index else None


def _change_table(context: _Context, table: pd.DataFrame, before: str) -> Table:
    """Change of the schools of both waves, per step for both roles and their gap."""
    caption = context.say("changes_caption", before=before, wave=context.wave)
    return _per_step(context, table, caption, lambda row: context.range(row, "change"), "n_schools")


def _per_step(
    context: _Context, table: pd.DataFrame, caption: str, write: Callable[[Any], str], schools: str = ""
) -> Table:
    """A row per step, with a figure of both roles and of their gap, and the number of schools."""
    kinds = [("level", role, context.role(role)) for role in ROLES] + [("gap", PAIR, context.say("gap"))]
    by = {(row["measure"], row["role"], row["step"]): row for _, row in table.iterrows()}
    cells = []
    for step in context.material.checklist.steps:
        rows = [row for measure, role, _ in kinds if (row := by.get((measure, role, step.number))) is not None]
        numbers = [str(int(row[schools])) for row in rows if schools and pd.notna(row[schools])][:1]
        cells.append((context.step(step.number), *map(write, rows), *(numbers or [""] * bool(schools))))
    columns = (
        context.text.say("summary.step"),
        *(name for *_, name in kinds),
        *[context.say("schools")] * bool(schools),
    )
    return _table(caption, columns, cells)


def _panel(context: _Context, before: str) -> Table:
    """Change of the schools of both waves, and the difference between all schools of each."""
    table = context.of_everyone(context.material.panel)
    table = table[table["wave_a"].eq(before) & table["wave_b"].eq(context.wave)]

    def write(row: Any) -> str:
        if row["suppressed"]:
            return context.range(row, "panel")
        return context.say("panel_cell", panel=context.signed(row["panel"]), all=context.signed(row["cross_section"]))

    return _per_step(context, table, context.say("panel_caption", before=before, wave=context.wave), write)


def _trend(context: _Context) -> Iterator[Block]:
    """Change per wave over three or more waves, of all schools."""
    if not context.material.trends.empty:
        table = context.of_everyone(context.material.trends)
        first, last = table["wave_a"].iloc[0], table["wave_b"].iloc[0]
        caption = context.say("trend_caption", before=first, wave=last)
        yield _per_step(context, table, caption, lambda row: context.range(row, "trend"))


def _programme(context: _Context) -> Section | None:
    """Two groups compared: the programme and the other schools."""
    material, say = context.material, context.say
    if material.programme is None:
        return None
    grouping, a, b = material.programme
    table = material.differences[material.differences["grouping"] == grouping]
    picture = forest(table, a, b, context.wave, "teacher", **context.display)
    lines = slopes(material.means, [a, b], "teacher", grouping, **context.display)
    blocks = (Paragraph(say("programme_how")), picture_figure(picture), picture_figure(lines))
    title = sentence_case(say("programme", a=a, b=b))
    return Section("cohort-programme", title, (*blocks, *_changes_compared(context)))


def _changes_compared(context: _Context) -> Iterator[Block]:
    """How much more the programme's schools changed than the others (difference in differences)."""
    table, before = context.material.change_differences, _wave_before(context)
    if table.empty or before is None or context.material.programme is None:
        return
    grouping, a, b = context.material.programme
    rows = table[table["grouping"].eq(grouping) & table["group_a"].eq(a) & table["group_b"].eq(b)]
    rows = rows[rows["wave_a"].eq(before) & rows["wave_b"].eq(context.wave)]
    caption = context.say("did_caption", a=a, b=b, before=before, wave=context.wave)
    yield _per_step(context, rows, caption, lambda row: context.range(row, "difference"))


# --- appendices ---


def _items(context: _Context) -> Section:
    """All items: mean level per role, and the gap, over all schools."""
    say, language = context.say, context.text.language
    table = context.of_everyone(context.material.items)
    table = table[table["wave"] == context.wave]
    by = {(row["measure"], row["role"], row["item"]): row for _, row in table.iterrows()}
    roles = context.material.checklist.role_ids
    cells = []
    for item in context.material.checklist.items:
        levels = [_plain(context, by.get(("level", role, item.id))) for role in roles]
        gap = by.get(("gap", PAIR, item.id))
        cells.append((f"{item.id} {item.label[language]}", *levels, _plain(context, gap)))
    columns = (say("item"), *(context.role(role) for role in roles), say("gap"))
    return Section(
        "cohort-items",
        say("items"),
        (_table(say("items_caption", wave=context.wave), columns, cells), *_secondary(say("items_how"))),
    )


def _plain(context: _Context, row: Any) -> str:
    if row is None or row["suppressed"] or pd.isna(row["estimate"]):
        return context.say("hidden")
    return context.number(row["estimate"]) if row["measure"] == "level" else context.signed(row["estimate"])


def _reliability(context: _Context) -> Section | None:
    say, table = context.say, context.material.reliability
    table = table[table["wave"] == context.wave]
    if table.empty:
        return None
    rows = [
        (
            context.role(str(row["role"])), context.step(int(row["step"])), str(row["n_schools"]), str(row["n"]),
            *(context.number(row[name], 2) for name in ("icc1", "icc2", "alpha")),
        )
        for _, row in table.iterrows()
    ]  # fmt: skip
    columns = (
        say("role"),
        context.text.say("summary.step"),
        say("schools"),
        say("people"),
        "ICC(1)",
        "ICC(2)",
        "alpha",
    )
    warning = Paragraph(say("reliability_warning"))
    grid = _table(say("reliability_caption", wave=context.wave), columns, rows, texts=2)
    return Section("cohort-reliability", say("reliability"), (warning, grid, *_secondary(say("reliability_how"))))


def _method(context: _Context) -> Section:
    say, source = context.say, context.material.checklist.source
    texts = tuple(say(f"method_{name}") for name in ("interval", "spread", "change", "protection"))
    cite = context.text.say(
        "report.source", authors=" & ".join(source.authors), year=source.year, title=source.title,
        publisher=source.publisher,
    )  # fmt: skip
    form = context.material.checklist.form
    versions = say("versions", version=VERSION, form=form, rule=context.material.rule.rpartition(" ")[2])
    return Section(
        "cohort-method",
        say("method"),
        (Bullets(texts), Paragraph(context.material.weighting), *_secondary(cite, versions)),
    )


SECTIONS: tuple[Callable[[_Context], Section | None], ...] = (
    _about, _participation, _levels, _gaps, _changes, _programme, _items, _reliability, _method,
)  # fmt: skip


def _sheets(context: _Context) -> dict[str, pd.DataFrame]:
    """The protected tables in words, a sheet each."""
    material, say = context.material, context.say
    tables = {
        "sheet_schools": material.participation,
        "sheet_people": material.respondents,
        "sheet_response": material.response,
        "sheet_levels": material.means,
        "sheet_items": material.items,
        "sheet_differences": material.differences,
        "sheet_changes": material.changes,
        "sheet_panel": material.panel,
        "sheet_trends": material.trends,
        "sheet_change_differences": material.change_differences,
        "sheet_reliability": material.reliability,
    }
    return {say(name): _in_words(context, table) for name, table in tables.items() if table is not None and len(table)}


def _in_words(context: _Context, table: pd.DataFrame) -> pd.DataFrame:
    """The table with headings in words, words for codes, and one column for why a figure or its margin is missing."""
    codes: dict[str, Callable[[str], str]] = {
        "grouping": context.grouping,
        "measure": lambda name: context.text.say(f"cohort_measure.{name}"),
        "role": lambda roles: " - ".join(context.role(role) for role in roles.split("-")),
    }
    readable = table.drop(columns=["reason", "suppressed", "why"], errors="ignore")
    for column in readable.columns.intersection(list(codes)):
        readable[column] = readable[column].map(codes[column])
    reasons = [table[column] for column in ("why", "reason") if column in table]
    if reasons:
        readable["why"] = reasons[0].fillna(reasons[-1]).map(context.why, na_action="ignore")
    return readable.rename(columns=lambda column: context.text.say(f"cohort_head.{column}"))
