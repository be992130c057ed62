"""The cohort explorer: groups of schools beside each other and through the years; never one school."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import ipywidgets as widgets
import pandas as pd

from toolkit.charts import Picture, cohort_heatmap, cohort_radar, forest, gap_spread, slopes
from toolkit.cohorts.changes import cohort_changes
from toolkit.cohorts.compare import cohort_differences, compare_cohorts
from toolkit.cohorts.model import Cohorts
from toolkit.cohorts.prepare import prepare_cohorts
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import LANGUAGES, Text, load_text
from toolkit.core.text_table import TextTable
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.narrative.selection import DisplayOptions
from toolkit.privacy import Policy
from toolkit.widgets.components import (
    Page,
    Panel,
    Section,
    dropdown,
    figures,
    html_widget,
    page_title,
    paragraphs,
    scrolling,
    style,
    table_of,
    write_address,
)


@dataclass(frozen=True, slots=True)
class CohortTables:
    """Everything the explorer may show, computed once: protected means, differences and changes per step."""

    checklist: Instrument
    means: pd.DataFrame
    differences: pd.DataFrame
    changes: pd.DataFrame

    @classmethod
    def of(cls, cohorts: Cohorts) -> CohortTables:
        """Make the tables."""
        made = (compare_cohorts(cohorts), cohort_differences(cohorts), cohort_changes(cohorts))
        return cls(cohorts.checklist, *made)

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
    """What was chosen; `other` is the group that `group` is held beside."""

    grouping: str
    group: str
    other: str
    wave: str
    role: str
    language: str = "nl"


def group_page(tables: CohortTables, s: CohortSelection) -> Page:
    """One group: its mean levels, and how far the gap between director and teachers differs from school to school."""
    text = load_text(s.language)
    place: DisplayOptions = {"checklist": tables.checklist, "language": s.language}
    roles = list(dict.fromkeys(["director", s.role]))
    pentagon = cohort_radar(tables.means, s.group, s.wave, roles, s.grouping, **place)
    spread = gap_spread(tables.means, s.group, s.wave, grouping=s.grouping, **place)
    return Page(text.say("explore_cohort.group_page"), (_section(text, pentagon), _section(text, spread)))


def groups_page(tables: CohortTables, s: CohortSelection) -> Page:
    """All groups of a grouping, and two of them beside each other."""
    text = load_text(s.language)
    place: DisplayOptions = {"checklist": tables.checklist, "language": s.language}
    shades = cohort_heatmap(tables.means, s.wave, s.role, s.grouping, **place)
    sections = [_section(text, shades)]
    if s.group != s.other:
        own = tables.differences[tables.differences["grouping"] == s.grouping]
        a, b = sorted((s.group, s.other))
        sections.append(_section(text, forest(own, a, b, s.wave, s.role, **place)))
    return Page(text.say("explore_cohort.groups_page"), tuple(sections))


def years_page(tables: CohortTables, s: CohortSelection) -> Page:
    """Two groups through the years, and the change of the schools that were there in both of two years."""
    text = load_text(s.language)
    groups = list(dict.fromkeys([s.group, s.other]))
    lines = slopes(tables.means, groups, s.role, s.grouping, checklist=tables.checklist, language=s.language)
    changes = _changes(tables, s, text)
    paired = paragraphs([text.say("explore_cohort.paired")]) + scrolling(changes) if changes.rows else ""
    return Page(text.say("explore_cohort.years_page"), (_section(text, lines), Section(paired)))


COHORT_PAGES: dict[str, Callable[[CohortTables, CohortSelection], Page]] = {
    "group": group_page,
    "groups": groups_page,
    "years": years_page,
}


def _section(text: Text, picture: Picture) -> Section:
    return Section(paragraphs([picture.sentence, *picture.notes]) + figures(text, [table_of(picture)]), picture)


def _changes(tables: CohortTables, s: CohortSelection, text: Text) -> TextTable:
    """The change per step of the chosen group, and who took part."""
    if tables.changes.empty:
        return TextTable("", (), ())
    chosen = tables.changes[
        tables.changes["grouping"].eq(s.grouping) & tables.changes["group"].eq(s.group)
        & tables.changes["measure"].eq("level") & tables.changes["role"].eq(s.role)
    ]  # fmt: skip
    rows = []
    for row in chosen.itertuples():
        step = f"{row.step} {tables.checklist.step(int(str(row.step))).label[s.language]}"
        years = f"{row.wave_a} - {row.wave_b}"
        if row.suppressed:
            why = text.say(f"cohort_why.{str(row.why).replace(' ', '_')}")
            rows.append((years, step, why, "", ""))
            continue
        ends = [_number(text, end) for end in (row.low, row.high)]
        who = text.say("explore_cohort.who", n=row.n_schools, left=row.n_left, joined=row.n_joined)
        rows.append((years, step, _number(text, row.change), " / ".join(end for end in ends if end), who))
    heads = tuple(text.say(f"explore_cohort.head_{name}") for name in ("years", "step", "change", "interval", "who"))
    return TextTable(text.say("explore_cohort.changes", group=s.group), heads, tuple(rows))


def _number(text: Text, value: object) -> str:
    return "" if str(value) == "nan" else text.number(float(str(value)), 1)


class CohortExplorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
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
    alone
        Whether it is the whole page, as in a dashboard: the page then has a title.

    Notes
    -----
    Only the page in sight is drawn; another one when it is opened.
    """

    def __init__(
        self,
        intake: Intake | pd.DataFrame,
        schools: pd.DataFrame,
        checklist: Instrument | None = None,
        *,
        by: str | Sequence[str] | None = None,
        policy: Policy | None = None,
        language: str = "nl",
        alone: bool = False,
    ) -> None:
        responses = intake.responses if isinstance(intake, Intake) else intake
        cohorts = prepare_cohorts(responses, checklist or load_instrument(), schools, by, policy=policy)
        if cohorts.is_raw:
            raise ToolkitError(load_text(language).say("explore_cohort.raw"))
        self._tables, self._waits, self._alone = CohortTables.of(cohorts), True, alone
        super().__init__(layout=widgets.Layout(max_width="900px"))
        self.add_class("handvat-explorer")
        groupings = self._tables.groupings()
        self.grouping = dropdown("", [(name, name) for name in groupings], groupings[0])
        self.group, self.other = (dropdown("", [("", "")], "") for _ in range(2))
        self.wave = dropdown("", [(wave, wave) for wave in self._tables.waves()], self._tables.waves()[0])
        roles = [role.id for role in self._tables.checklist.roles]
        self.role = dropdown("", [(role, role) for role in roles], "teacher" if "teacher" in roles else roles[0])
        names = [(load_text(one).say("explore.this_language"), one) for one in LANGUAGES]
        self.language = dropdown("", names, language)
        self.panels = {name: Panel(2) for name in COHORT_PAGES}
        self.pages = widgets.Tab(list(self.panels.values()), selected_index=0)
        self.pages.add_class("handvat-pages")
        self._title, self._problem, self._choice = html_widget(), html_widget(), widgets.HTML()
        controls = widgets.HBox([self.grouping, self.group, self.other, self.wave, self.role, self.language])
        controls.add_class("handvat-controls")
        self.children = [style(), self._title, controls, self._problem, self.pages, self._choice]
        self._grouping_changed()
        self._language_changed()
        self.grouping.observe(self._grouping_changed, "value")
        self.language.observe(self._language_changed, "value")
        self.pages.observe(self._show, "selected_index")
        for control in (self.group, self.other, self.wave, self.role):
            control.observe(self._show, "value")

    @property
    def selection(self) -> CohortSelection:
        """What is chosen now."""
        return CohortSelection(
            self.grouping.value,
            self.group.value,
            self.other.value,
            self.wave.value,
            self.role.value,
            self.language.value,
        )

    @property
    def page(self) -> str:
        """The name of the page in sight."""
        return list(self.panels)[int(self.pages.selected_index)]

    def _grouping_changed(self, _: object = None) -> None:
        """Offer the groups of the grouping; the first two of them are chosen."""
        self._waits = True
        groups = self._tables.groups(self.grouping.value)
        for control, place in ((self.group, 0), (self.other, min(1, len(groups) - 1))):
            control.options = [(group, group) for group in groups]
            control.value = groups[place]
        self._waits = False
        self._show()

    def _language_changed(self, _: object = None) -> None:
        self._waits, text = True, load_text(self.language.value)
        for name in ("grouping", "group", "other", "wave", "role", "language"):
            key = f"explore.{name}" if name in ("wave", "language") else f"explore_cohort.{name}"
            getattr(self, name).description = text.say(key)
        chosen, checklist = self.role.value, self._tables.checklist
        self.role.options = [(role.plural[self.language.value], role.id) for role in checklist.roles]
        self.role.value = chosen
        self.pages.titles = [text.say(f"explore_cohort.{name}_page") for name in COHORT_PAGES]
        if self._alone:
            title = text.say("explore_cohort.title")
            self._title.value = page_title(title, text.say("explore_cohort.lead"))
            self._choice.value = write_address({}, self.language.value, title)
        self._waits = False
        self._show()

    def _show(self, _: object = None) -> None:
        """Draw the page in sight; what goes wrong is said on the page, because nobody sees a kernel's log."""
        if self._waits:
            return
        try:
            self.panels[self.page].show(COHORT_PAGES[self.page](self._tables, self.selection))
            problem = ""
        except ToolkitError as error:
            problem = str(error)
        except Exception:
            logging.getLogger(__name__).exception("a page of the explorer could not be drawn")
            problem = load_text(self.language.value).say("explore.went_wrong")
        self._problem.value = f'<p class="handvat-error" role="alert">{escape(problem)}</p>' if problem else ""
