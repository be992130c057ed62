"""The cohort explorer: groups of schools compared, now and over the years; never one school."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import ipywidgets as widgets
import pandas as pd

from toolkit.charts import Picture, cohort_dots, cohort_heatmap, cohort_radar, forest, gap_spread, slopes
from toolkit.charts.cohort_dots import MAX_GROUPS
from toolkit.cohorts.changes import cohort_changes
from toolkit.cohorts.compare import cohort_differences, compare_cohorts
from toolkit.cohorts.model import Cohorts
from toolkit.cohorts.prepare import prepare_cohorts
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import LANGUAGES, Text, load_text, sentence_case
from toolkit.core.text_table import TextTable
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.narrative.extremes import ends_of_steps, largest, name_steps
from toolkit.narrative.group_names import group_name, grouping_name, with_group_names
from toolkit.narrative.selection import DisplayOptions
from toolkit.privacy import Policy
from toolkit.widgets.components import (
    HALF,
    Page,
    Panel,
    Section,
    dropdown,
    figures,
    is_early,
    page_settings,
    paragraphs,
    read_address,
    render,
    scrolling,
    style,
    table_of,
    wait_for_page,
    write_address,
)
from toolkit.widgets.explorer import Explorer


@dataclass(frozen=True, slots=True)
class CohortTables:
    """Tables the explorer may show, computed once: means, differences, changes per step."""

    checklist: Instrument
    means: pd.DataFrame
    differences: pd.DataFrame
    changes: pd.DataFrame

    @classmethod
    def of(cls, cohorts: Cohorts) -> CohortTables:
        """Compute the tables."""
        tables = (compare_cohorts(cohorts), cohort_differences(cohorts), cohort_changes(cohorts))
        return cls(cohorts.checklist, *tables)

    def in_words(self, language: str) -> CohortTables:
        """The same tables with the groups by the names that people use."""
        means, differences, changes = (
            with_group_names(table, language) for table in (self.means, self.differences, self.changes)
        )
        return replace(self, means=means, differences=differences, changes=changes)

    def groupings(self) -> list[str]:
        """The groupings, in the order they were given."""
        return [str(name) for name in self.means["grouping"].unique()]

    def groups(self, grouping: str) -> list[str]:
        """The groups of a grouping, by name."""
        return sorted(self.means.loc[self.means["grouping"] == grouping, "group"].unique())

    def waves(self) -> list[str]:
        """The waves, the last first."""
        return sorted(self.means["wave"].unique(), reverse=True)


@dataclass(frozen=True, slots=True)
class CohortSelection:
    """The choices of the page; `other` is the group that `group` is compared with."""

    grouping: str
    group: str
    other: str
    wave: str
    role: str
    language: str = "nl"

    def in_words(self) -> CohortSelection:
        """The same choices with the groups by the names that people use."""
        return replace(
            self, group=group_name(self.group, self.language), other=group_name(self.other, self.language)
        )  # fmt: skip


def group_page(tables: CohortTables, selection: CohortSelection) -> Page:
    """One group of schools: its mean levels, and how the schools' gaps differ."""
    tables, s, text, display = _prepared(tables, selection)
    roles = list(dict.fromkeys(["director", s.role]))
    pentagon = cohort_radar(tables.means, s.group, s.wave, roles, s.grouping, **display)
    spread = gap_spread(tables.means, s.group, s.wave, grouping=s.grouping, **display)
    return _page(tables, text, _group_headline(tables, s, text), pentagon, spread)


def groups_page(tables: CohortTables, selection: CohortSelection) -> Page:
    """All groups of a grouping, and the difference between two of them."""
    tables, s, text, display = _prepared(tables, selection)
    draw = cohort_dots if len(tables.groups(s.grouping)) <= MAX_GROUPS else cohort_heatmap
    pictures = [draw(tables.means, s.wave, s.role, s.grouping, **display)]
    differences = tables.differences[tables.differences["grouping"] == s.grouping]
    if s.group != s.other:
        a, b = sorted((selection.group, selection.other))
        names: dict[str, Any] = {"group_a": group_name(a, s.language), "group_b": group_name(b, s.language)}
        pictures.append(forest(differences, **names, wave=s.wave, role=s.role, **display))
    return _page(tables, text, _groups_headline(differences, s, text, tables.checklist), *pictures)


def years_page(tables: CohortTables, selection: CohortSelection) -> Page:
    """Two groups over the years, and the change of schools in both of two years."""
    tables, s, text, display = _prepared(tables, selection)
    groups = list(dict.fromkeys([s.group, s.other]))
    lines = slopes(tables.means, groups, s.role, s.grouping, **display)
    changes = "".join(scrolling(table) for table in _changes(tables, s, text))
    paired = [Section(paragraphs([text.say("explore_cohort.paired")]) + changes)] if changes else []
    page = _page(tables, text, _years_headline(tables, s, text), lines)
    return replace(page, sections=(*page.sections, *paired))


COHORT_PAGES: dict[str, Callable[[CohortTables, CohortSelection], Page]] = {
    "group": group_page,
    "groups": groups_page,
    "years": years_page,
}


def _prepared(
    tables: CohortTables, selection: CohortSelection
) -> tuple[CohortTables, CohortSelection, Text, DisplayOptions]:
    """The tables and choices in words, and what every picture asks for."""
    display: DisplayOptions = {"checklist": tables.checklist, "language": selection.language}
    return tables.in_words(selection.language), selection.in_words(), load_text(selection.language), display


def _page(tables: CohortTables, text: Text, title: str, *pictures: Picture) -> Page:
    source = tables.checklist.source
    names = text.join([author.partition(" ")[2] or author for author in source.authors])
    source_line = text.say("explore.source", authors=names, year=source.year, date=date.today().strftime("%d-%m-%Y"))
    layout = HALF if len(pictures) > 1 else ""
    sections = [_section(text, picture.with_source(source_line), layout) for picture in pictures]
    foot = render("parts", "foot", sentences=[source_line, text.say("explore_cohort.lead")])
    return Page(sentence_case(title), tuple(sections), foot)


def _section(text: Text, picture: Picture, layout: str) -> Section:
    under = paragraphs([picture.sentence]) + figures(text, [table_of(picture)])
    return Section(under, picture, layout=layout)


# --- headlines ---


def _levels(tables: CohortTables, s: CohortSelection, wave: str) -> pd.Series:
    """The mean level per step of the chosen group and role."""
    rows = _of_group(tables.means, s)
    return rows[rows["wave"].eq(wave)].set_index("step")["estimate"].astype(float).dropna()


def _group_headline(tables: CohortTables, s: CohortSelection, text: Text) -> str:
    levels = _levels(tables, s, s.wave)
    if levels.empty:
        return text.say("explore_cohort.headline_none")
    names = {"group": s.group, "role": tables.checklist.role(s.role).plural[s.language].lower()}
    ends = ends_of_steps(levels, tables.checklist, text)
    if ends["high"] == ends["low"]:
        return text.say("explore_cohort.headline_equal", **names, of=_of_steps(levels, tables.checklist, text))
    return text.say("explore_cohort.headline_group", **names, **ends)


def _of_steps(levels: pd.Series, checklist: Instrument, text: Text) -> str:
    """'alle 5 stappen', or 'de 3 stappen met genoeg antwoorden'."""
    key = "count.all_steps" if len(levels) == len(checklist.steps) else "count.some_steps"
    return text.say(key, n=len(levels))


def _groups_headline(differences: pd.DataFrame, s: CohortSelection, text: Text, checklist: Instrument) -> str:
    if s.group == s.other:
        return text.say("explore_cohort.headline_one")
    pair = {s.group, s.other}
    rows = differences[
        differences["group_a"].isin(pair) & differences["group_b"].isin(pair) & differences["wave"].eq(s.wave)
        & differences["measure"].eq("level") & differences["role"].eq(s.role) & differences["grouping"].eq(s.grouping)
    ].dropna(subset=["difference", "low", "high"])  # fmt: skip
    clear = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    if clear.empty:
        return text.say("explore_cohort.headline_unclear", a=s.group, b=s.other)
    points, steps = largest(clear.set_index("step")["difference"].abs(), text)
    where = name_steps(steps, checklist, text)
    return text.say("explore_cohort.headline_groups", a=s.group, b=s.other, steps=where, points=points)


def _years_headline(tables: CohortTables, s: CohortSelection, text: Text) -> str:
    waves = tables.waves()
    if len(waves) < 2:
        return text.say("explore_cohort.headline_one_year")
    if tables.changes.empty:
        return text.say("explore_cohort.headline_none")
    rows = _of_group(tables.changes, s)
    rows = rows[rows["wave_a"].eq(waves[1]) & rows["wave_b"].eq(waves[0])]
    changes = rows.set_index("step")["change"].astype(float).dropna()
    if changes.empty:
        return text.say("explore_cohort.headline_none")
    points, steps = largest(changes.abs(), text)
    if points == "0":
        of = _of_steps(changes, tables.checklist, text)
        return text.say("cohort_chart.slopes_same", group=s.group, before=waves[1], now=waves[0], of=of)
    moves = [
        text.say(
            f"explore_cohort.{'higher' if changes[step] > 0 else 'lower'}",
            step=name_steps([step], tables.checklist, text),
            n=points,
        )
        for step in steps
    ]
    return text.say("explore_cohort.headline_years", group=s.group, changes="; ".join(moves))


def _of_group(table: pd.DataFrame, s: CohortSelection) -> pd.DataFrame:
    """The rows with the levels of the chosen group and role."""
    return table[
        table["grouping"].eq(s.grouping) & table["group"].eq(s.group)
        & table["measure"].eq("level") & table["role"].eq(s.role)
    ]  # fmt: skip


def _changes(tables: CohortTables, s: CohortSelection, text: Text) -> list[TextTable]:
    """The change per step of the chosen group: a table for each two years, with who took part above it."""
    if tables.changes.empty:
        return []
    chosen = _of_group(tables.changes, s)
    heads = tuple(text.say(f"explore_cohort.head_{name}") for name in ("step", "change", "interval", "who"))
    change_lines = []
    for (old, new), rows in chosen.groupby(["wave_a", "wave_b"], sort=True):
        lines = [_change(row, tables.checklist, text, s.language) for row in rows.itertuples()]
        roles_seen = {counts for *_, counts in lines if counts}
        caption = sentence_case(text.say("explore_cohort.changes", group=s.group, old=old, new=new))
        if len(roles_seen) == 1:
            change_lines.append(
                TextTable(f"{caption}: {roles_seen.pop()}", heads[:3], tuple(line[:3] for line in lines))
            )
        else:
            change_lines.append(TextTable(caption, heads, tuple(lines)))
    return change_lines


def _change(row: Any, checklist: Instrument, text: Text, language: str) -> tuple[str, str, str, str]:
    """The step, its change, the margin of that, and who took part; or why nothing can be shown."""
    step = f"{row.step} {checklist.step(int(row.step)).label[language]}"
    if row.suppressed:
        return step, text.say(f"cohort_why.{str(row.why).replace(' ', '_')}"), "", ""
    margin = ""
    if pd.notna(row.low) and pd.notna(row.high):
        margin = text.say("explore_cohort.margin", low=text.number(row.low), high=text.number(row.high))
    counts = {"who": row.n_schools, "who_left": row.n_left, "who_joined": row.n_joined}
    counts_text = ", ".join(text.say(f"explore_cohort.{name}", n=n) for name, n in counts.items() if n)
    return step, "" if pd.isna(row.change) else text.number(row.change), margin, counts_text


class CohortExplorer(Explorer):
    """Choose a grouping, two groups, moment, role and language; three pages follow.

    Parameters
    ----------
    intake
        From `read_folder`, or a responses table. It is protected here: no figure of a single school reaches the page.
    schools
        Table with `school` and a column per grouping, see `prepare_cohorts` and `join_register`.
    by
        Which columns of it; see `prepare_cohorts` where none are given.
    policy
        `Policy(audience="cohort")` where none is given.
    standalone
        Whether it is the complete page, as in a dashboard: the page then has a title, and its choices in its address.
    address
        The query string of that address, where it is not the one that Voilà names. Choices are taken from it where
        they are possible.

    Notes
    -----
    Only the page in sight is drawn; another one when it is opened.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> explorer = tk.CohortExplorer(responses, schools)
    """

    CONTROLS = ("grouping", "group", "other", "wave", "role", "language")

    @explained
    def __init__(
        self,
        intake: Intake | pd.DataFrame,
        schools: pd.DataFrame,
        checklist: Instrument | None = None,
        *,
        by: str | Sequence[str] | None = None,
        policy: Policy | None = None,
        language: str = "nl",
        standalone: bool = False,
        address: str | None = None,
    ) -> None:
        super().__init__()
        load_text(language)  # reports an unknown language
        responses = intake.responses if isinstance(intake, Intake) else intake
        cohorts = prepare_cohorts(responses, checklist or load_instrument(), schools, by, policy=policy)
        if cohorts.is_raw:
            raise ToolkitError(load_text(language).say("explore_cohort.raw"))
        self._tables, self._standalone = CohortTables.of(cohorts), standalone
        groupings = self._tables.groupings()
        self.grouping = dropdown("", [(name, name) for name in groupings], groupings[0])
        self.group, self.other = (dropdown("", [("", "")], "") for _ in range(2))
        self.wave = dropdown("", [(wave, wave) for wave in self._tables.waves()], self._tables.waves()[0])
        roles = self._tables.checklist.role_ids
        self.role = dropdown("", [(role, role) for role in roles], "teacher" if "teacher" in roles else roles[0])
        names = [(load_text(language_id).say("explore.this_language"), language_id) for language_id in LANGUAGES]
        self.language = dropdown("", names, language)
        self.panels = {name: Panel() for name in COHORT_PAGES}
        self._make_tabs()
        self.language.add_class("handvat-language")
        controls = widgets.HBox([getattr(self, name) for name in self.CONTROLS])
        controls.add_class("handvat-controls")
        self.children = [style(), self._place, controls, self._problem, self.pages, self._choice, self._asked]
        self._grouping_changed()
        self._language_changed()
        self.grouping.observe(self._grouping_changed, "value")
        self.language.observe(self._language_changed, "value")
        self.pages.observe(self._show, "selected_index")
        for control in (self.group, self.other, self.wave, self.role):
            control.observe(self._show, "value")
        self._paused = False
        if standalone and address is None:
            self._come_into_sight()
        else:
            self._go_to(address or "")

    @property
    def selection(self) -> CohortSelection:
        """The choices of now."""
        return CohortSelection(
            self.grouping.value,
            self.group.value,
            self.other.value,
            self.wave.value,
            self.role.value,
            self.language.value,
        )

    def _come_into_sight(self) -> None:
        """Show the choices of the page's address; a kernel that was started early has a page when it is opened."""
        if is_early():
            self._show()
            wait_for_page()
        address = page_settings("")[1]
        if read_address(address).keys() & {*self.CONTROLS, "page"}:
            self.panels[self.page].clear()
        self._go_to(address)

    def _go_to(self, address: str) -> None:
        self._choose(read_address(address))

    def _grouping_changed(self, _: object = None) -> None:
        """Offer the groups of the grouping; the first two of them are chosen."""
        with self._redraw_once():
            self._name_groups()
            groups = self._tables.groups(self.grouping.value)
            self.group.value, self.other.value = groups[0], groups[min(1, len(groups) - 1)]

    def _name_groups(self) -> None:
        """Put the names of the groups in both lists; the choices stay where they are possible."""
        options = [
            (group_name(group, self.language.value), group) for group in self._tables.groups(self.grouping.value)
        ]
        for control in (self.group, self.other):
            chosen = control.value
            control.options = options
            if chosen in dict(options).values():
                control.value = chosen

    def _language_changed(self, _: object = None) -> None:
        with self._redraw_once():
            self._name_controls(load_text(self.language.value))

    def _name_controls(self, text: Text) -> None:
        """Put the names of all controls in the chosen language; the choices stay."""
        for name in self.CONTROLS:
            key = f"explore.{name}" if name in ("wave", "language") else f"explore_cohort.{name}"
            getattr(self, name).description = text.say(key)
        language, chosen = self.language.value, self.selection  # other options choose the first one by themselves
        self.role.options = [(role.plural[language], role.id) for role in self._tables.checklist.roles]
        self.grouping.options = [(grouping_name(name, language), name) for name in self._tables.groupings()]
        self.role.value, self.grouping.value = chosen.role, chosen.grouping
        self._name_groups()
        self.group.value, self.other.value = chosen.group, chosen.other
        self.pages.titles = [text.say(f"explore_cohort.{name}_page") for name in COHORT_PAGES]

    def _draw(self) -> None:
        for control, page in ((self.other, "group"), (self.wave, "years")):
            control.layout.display = "none" if self.page == page else "flex"  # it has no effect on that page
        self.panels[self.page].show(COHORT_PAGES[self.page](self._tables, self.selection))

    def _after_drawing(self) -> None:
        if self._standalone:
            title = load_text(self.language.value).say("explore_cohort.title")
            choice = {name: getattr(self, name).value for name in self.CONTROLS} | {"page": self.page}
            self._place.value = render("parts", "place", text=title)
            self._choice.value = write_address(choice, self.language.value, title)
