"""The school explorer: the dashboard of one school at a time, for its director and team."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.instrument.arguments import as_choice, as_roles, as_step, explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake, read_folder
from toolkit.privacy import Policy
from toolkit.privacy.showings import record_folder
from toolkit.reports.sections import make_report
from toolkit.reports.talk_sheet import FORMATS, sheet_of, write_talk_sheet
from toolkit.reports.write import write_report, writer_of
from toolkit.results import SchoolResults, TeamSizeSource
from toolkit.schools.school_register import read_invited, read_register
from toolkit.widgets.action_board import ActionBoard
from toolkit.widgets.components import (
    Link,
    Page,
    Panel,
    action_button,
    dropdown,
    html_widget,
    is_early,
    page_register,
    page_settings,
    page_wording,
    paragraphs,
    read_address,
    render,
    state_of,
    style,
    wait_for_page,
    write_address,
)
from toolkit.widgets.documents import REPORT_FORMATS, SHEET_FORMATS, Documents, offered
from toolkit.widgets.explorer import Explorer
from toolkit.widgets.form_upload import FormUpload
from toolkit.widgets.guide import guide_link
from toolkit.widgets.school_pages import BY_FORM, BY_GAP, PAGES, ExplorerState, is_made_up, step_options

TITLES = ("explore.overview", "explore.per_step", "explore.wishes", "explore.plan")
"""The words on the tabs, in the order of `PAGES`."""

COMPARED_PAGES = ("overview", "per_step", "wishes")
"""The pages that compare with an earlier year; the board loads the plan of that year itself."""

MAX_PREPARED = 12
"""Maximum number of schools for an agenda at the start; with more, each school's is made when chosen."""

MAX_DRAWN = 60
"""Pages that are remembered, each of some 50 kB."""

OUTPUT_FOLDER = "uitvoer"
"""Beside the folder with forms: where the plans of its schools are saved."""


class SchoolExplorer(Explorer):
    """Choose a school and year: four pages, a report, a talk sheet and a plan.

    Parameters
    ----------
    intake
        From `read_folder`, or the `SchoolResults` of it. An intake is protected here: nothing unprotected reaches the
        page.
    school, wave, compare, roles, step, page
        The first choices. The defaults are the first school, its last wave, no earlier wave to compare with, all roles,
        step 1 and the overview. Pages are named in `toolkit.widgets.school_pages.PAGES`.
    policy
        Who may see what; `Policy()` where none is given.
    address
        For a page of its own: the query string of its address. Choices are taken from it where they are possible. The
        page then keeps its choices in the address.
    restrict_to
        The one school that may be seen, where the folder may hold forms of others too.
    folder
        The folder that was read. Forms that are added are saved there, and plans in a folder next to it.
    team_size
        How many people were asked: a number of teachers, a table with columns `school, wave, role, team_size`, or the
        path of a register with a number per role. None takes what personal forms hold.

    Notes
    -----
    Only the page in sight is drawn; another one when it is opened.

    Examples
    --------
    >>> import toolkit as tk
    >>> results = tk.SchoolResults.of_responses(tk.samples.responses(schools=2))
    >>> explorer = tk.SchoolExplorer(results)
    """

    CONTROLS = ("school", "wave", "compare", "step", "order", "language")

    @explained
    def __init__(
        self,
        intake: Intake | SchoolResults,
        checklist: Instrument | None = None,
        *,
        school: str | None = None,
        wave: str | None = None,
        compare: str | None = None,
        roles: tuple[str, ...] | None = None,
        step: int = 1,
        page: str = "overview",
        policy: Policy | None = None,
        language: str = "nl",
        address: str | None = None,
        restrict_to: str | None = None,
        folder: str | Path | None = None,
        team_size: TeamSizeSource = None,
    ) -> None:
        super().__init__()
        self._intake = intake if isinstance(intake, Intake) else None
        self._checklist, self._policy, self._restrict_to = checklist or load_instrument(), policy, restrict_to
        self._folder = Path(folder) if folder is not None else None
        self._team_size = team_size
        self._take(intake)
        self._standalone = address is not None
        choices: dict[str, Any] = {"school": school, "wave": wave, "compare": compare}
        choices["roles"] = as_roles(roles, self._checklist)
        choices |= {"step": as_step(step, self._checklist), "page": as_choice(page, "page", tuple(PAGES))}
        choices |= {"language": language, "order": BY_FORM}
        choices |= _choices(read_address(address or ""), self._results)
        self._text = load_text(choices["language"])
        schools = self._results.schools()
        if not schools:
            self.children = [style(), html_widget(paragraphs([self._text.say("explore.empty")]))]
            return
        self._roles = tuple(choices["roles"] or ())
        self._make_controls(schools, choices)
        self._make_pages(choices["page"])
        self._observe()
        self._paused, self._opened = False, ""
        self._language_changed()

    @classmethod
    def as_page(cls, folder: str | Path, **options: Any) -> SchoolExplorer:
        """Make the explorer of a folder of forms as a page of its own, as the dashboard shows it.

        Parameters
        ----------
        folder
            Read with `read_folder`; `handvat explore` may name another one, with a register and a table of
            official sentences.
        **options
            As for the explorer itself. Where `HANDVAT_TABLES` names the file with the results of one school, as on a
            server, these are shown and no folder is read.
        """
        if tables := os.environ.get("HANDVAT_TABLES"):
            return cls(SchoolResults.load(Path(tables)), address=page_settings(folder)[1], **options)
        folder, checklist = page_settings(folder)[0], options.pop("checklist", None) or load_instrument()

        def make(address: str) -> SchoolExplorer:
            wording, register = page_wording(checklist), page_register()
            schools = None if register is None else read_register(register)
            intake = read_folder(folder, wording, register=schools)
            invited = None if schools is None else read_invited(schools, intake.responses, wording)
            sizes = {} if invited is None else {"team_size": invited}
            return cls(intake, wording, address=address, folder=folder, **options | sizes)

        if is_early():
            early, state = None, state_of(folder)
            with contextlib.suppress(Exception):  # the page itself reports what goes wrong
                early = make("")
            wait_for_page()
            if early is not None and early._results.schools() and state == state_of(folder):
                early._come_into_sight(page_settings(folder)[1])
                return early
        return make(page_settings(folder)[1])

    # --- making the page ---

    def _take(self, intake: Intake | SchoolResults) -> None:
        """Take over the results to show."""
        if not isinstance(intake, SchoolResults):
            intake = SchoolResults.of_intake(intake, self._checklist, self._policy, self._team_size)
        self._results = intake if self._restrict_to is None else intake.of(self._restrict_to)
        for table in ("people", "levels", "per_step"):  # of all schools together as fast as of one
            getattr(self._results, table)
        if len(self._results.schools()) <= MAX_PREPARED:
            self._results.agenda_in(LANGUAGES[0])
        self._own = self._results
        self._narrowed: dict[str, SchoolResults] = {}
        self._drawn: dict[tuple[str, ExplorerState], Page] = {}

    def _make_controls(self, schools: list[str], choices: Mapping[str, Any]) -> None:
        self.school = dropdown("", self._school_options(schools), self._results.find_school(choices["school"]))
        self._own = self._of_school()
        waves = self._own.waves(self.school.value)[::-1]
        wave = self._own.find_wave(self.school.value, choices["wave"])
        self.wave = dropdown("", [(wave, wave) for wave in waves], wave)
        self.compare = dropdown("", self._earlier(), "")
        if choices["compare"]:
            compare = self._own.find_wave(self.school.value, choices["compare"])
            self.compare.value = compare if compare in dict(self._earlier()).values() else ""
        self.step = widgets.RadioButtons(options=[(str(n), n) for n in range(1, 6)], value=choices["step"])
        self.step.add_class("handvat-steps")
        self.order = widgets.RadioButtons(options=[(BY_FORM, BY_FORM), (BY_GAP, BY_GAP)], value=choices["order"])
        self.order.add_class("handvat-order")
        names = [(load_text(language).say("explore.this_language"), language) for language in LANGUAGES]
        self.language = dropdown("", names, self._text.language)
        self.language.add_class("handvat-language")
        self.report, self.talk_sheet, self.add_forms = (
            action_button("", primary=name == "report") for name in ("report", "talk_sheet", "add_forms")
        )

    def _make_pages(self, page: str) -> None:
        self.panels = {name: Panel(self._follow) for name in PAGES}
        per_step = self.panels["per_step"]
        per_step.children = [self.step, per_step.heading, self.order, per_step.body, per_step.foot]
        self._make_tabs(page)
        self._documents = {
            "report": Documents("report", offered(REPORT_FORMATS), self._write_report, self._described),
            "talk_sheet": Documents("talk_sheet", offered(SHEET_FORMATS), self._write_talk_sheet, self._described),
        }
        self.drawer = widgets.VBox(layout=widgets.Layout(display="none"))
        self.drawer.add_class("handvat-drawer")
        self._guide = html_widget()
        self._guide.add_class("handvat-guide")
        controls = widgets.HBox([self.school, self.wave, self.compare, self.language])
        controls.add_class("handvat-controls")
        adding = [self.add_forms] if self._intake is not None else []
        actions = widgets.HBox([*adding, self.talk_sheet, self.report])
        actions.add_class("handvat-buttons")
        top = widgets.HBox([controls, actions])
        top.add_class("handvat-top")
        self.children = [
            style(), self._place, self._guide, top, self.drawer, self._problem, self.pages, self._choice, self._asked,
        ]  # fmt: skip

    def _observe(self) -> None:
        self.school.observe(self._school_changed, "value")
        self.wave.observe(self._wave_changed, "value")
        self.language.observe(self._language_changed, "value")
        self.pages.observe(self._show, "selected_index")
        for control in (self.compare, self.step, self.order):
            control.observe(self._show, "value")
        for name in ("report", "talk_sheet", "add_forms"):
            getattr(self, name).on_click(lambda _, name=name: self._open(name))

    @cached_property
    def board(self) -> ActionBoard:
        """The action board, made when the plan is first opened: it has many controls."""
        board = ActionBoard(self._own, school=self.school.value, wave=self.wave.value, folder=self._plans())
        plan = self.panels["plan"]
        plan.children = [plan.heading, plan.body, board, plan.foot]
        return board

    # --- the choices ---

    @property
    def state(self) -> ExplorerState:
        """The choices of now."""
        return ExplorerState(
            self.school.value, self.wave.value, self.compare.value, self._roles, self.step.value, self.order.value,
            self._text.language,
        )  # fmt: skip

    @property
    def selection(self) -> ExplorerState:
        """The same as `state`."""
        return self.state

    def _school_options(self, schools: list[str]) -> list[tuple[str, str]]:
        """Names of schools; two of the same name each have their code."""
        names = [self._results.name(school) for school in schools]
        return [
            (f"{name} ({school})" if names.count(name) > 1 and name != school else name, school)
            for name, school in zip(names, schools, strict=True)
        ]

    def _earlier(self) -> list[tuple[str, str]]:
        """The earlier waves of the school to compare with."""
        waves = [wave for wave in self._own.waves(self.school.value) if wave < self.wave.value]
        return [(self._text.say("explore.no_compare"), ""), *((wave, wave) for wave in waves[::-1])]

    def _school_changed(self, _: object = None) -> None:
        """Offer the school's own waves; the chosen one stays where the school has it."""
        self._own = self._of_school()
        waves, chosen = self._own.waves(self.school.value)[::-1], self.wave.value
        with self._redraw_once():
            self.wave.options = [(wave, wave) for wave in waves]
            self.wave.value = chosen if chosen in waves else waves[0]
            self._wave_changed()

    def _wave_changed(self, _: object = None) -> None:
        """Offer the waves before the chosen one."""
        chosen = self.compare.value
        with self._redraw_once():
            options = self._earlier()
            self.compare.options = options
            self.compare.value = chosen if chosen in dict(options).values() else ""

    def _language_changed(self, _: object = None) -> None:
        self._text = load_text(self.language.value)
        with self._redraw_once():
            self._name_controls()
            self._wave_changed()

    def _come_into_sight(self, address: str) -> None:
        """Show the choices of the first address, and nothing that was drawn for others."""
        if _choices(read_address(address), self._results):
            self.panels[self.page].clear()
        self._go_to(address)

    def _go_to(self, address: str) -> None:
        """Make the choices of an address; what it leaves out stays."""
        choices = _choices(read_address(address), self._results)
        self._roles = choices.get("roles", self._roles)
        self._choose(choices)

    def _follow(self, link: Link) -> None:
        """Open the page of a link, and begin an action where it asks for one."""
        with self._redraw_once():
            if link.step:
                self.step.value = link.step
            if link.page:
                self.pages.selected_index = list(PAGES).index(link.page)
        if link.item or link.action:
            self.board.begin(item=link.item, step=link.step, description=link.action)

    def _name_controls(self) -> None:
        """Put the names of all controls in the chosen language."""
        say = self._text.say
        for name in ("school", "wave", "compare", "language", "order"):
            getattr(self, name).description = say(f"explore.{name}")
        chosen = self.order.value
        self.order.options = [(say(f"explore.order_{order}"), order) for order in (BY_FORM, BY_GAP)]
        self.order.value = chosen
        for name in ("report", "talk_sheet", "add_forms"):
            getattr(self, name).description = say(f"explore.{name}")
        self._guide.value = guide_link(say("explore.guide"))
        self.pages.titles = [say(title) for title in TITLES]

    # --- drawing ---

    def _draw(self) -> None:
        """Draw the page in sight, and offer the years to compare with where they change it."""
        state = self.state
        has_effect = len(self.compare.options) > 1 and self.page in COMPARED_PAGES
        self.compare.layout.display = "flex" if has_effect else "none"
        if self.page == "per_step":
            self._name_steps(state)
            items = self._own.select("items", state.school, state.wave)
            self.order.layout.display = "flex" if len(items.shown_roles(state.shown)) > 1 else "none"
        self.panels[self.page].show(self._page(state))
        if self.page == "plan":
            self.board.show_plan(self._own, state.school, state.wave, state.language)

    def _after_drawing(self) -> None:
        for documents in self._documents.values():
            documents.reset()
        example = self._text.say("explore.example_short") if is_made_up(self.school.value) else ""
        self._place.value = render("parts", "place", text=" · ".join(self._described()[:2]), example=example)
        if self._standalone:
            self._choice.value = self._as_address(self.state)

    def _of_school(self) -> SchoolResults:
        """The results of the chosen school, computed once."""
        school = self.school.value
        if school not in self._narrowed:
            self._narrowed[school] = self._results.of(school)
        return self._narrowed[school]

    def _page(self, state: ExplorerState) -> Page:
        """The page in sight; one that was drawn before is drawn no more."""
        if (self.page, state) not in self._drawn:
            if len(self._drawn) >= MAX_DRAWN:
                self._drawn.clear()
            self._drawn[self.page, state] = PAGES[self.page](self._own, state)
        return self._drawn[self.page, state]

    def _name_steps(self, state: ExplorerState) -> None:
        """Put the levels of now on the buttons of the steps."""
        options = step_options(self._own, state)
        if options != list(self.step.options):
            was_paused, self._paused = self._paused, True
            self.step.options = options
            self.step.value = state.step
            self._paused = was_paused

    def _as_address(self, state: ExplorerState) -> str:
        choice = {"school": state.school, "wave": state.wave, "compare": state.compare, "step": str(state.step)}
        choice |= {"order": state.order, "page": self.page, "language": state.language}
        choice |= {"roles": ",".join(state.roles)} if state.roles else {}
        title = f"{self._own.name(state.school)} - {self._text.say('explore.title')}"
        return write_address(choice, state.language, title)

    # --- what comes out, and what comes in ---

    def _described(self) -> tuple[str, str, str]:
        """The school's name, the wave and the language."""
        return self._own.name(self.school.value), self.wave.value, self._text.language

    def _open(self, name: str) -> None:
        """Open the drawer of a button, or close it where it is open."""
        content = self._upload() if name == "add_forms" else self._documents[name]
        is_open = self.drawer.layout.display != "none" and self._opened == name
        self._opened = name
        self.drawer.children = [] if is_open else [content]
        self.drawer.layout.display = "none" if is_open else "flex"

    def _write_report(self, path: Path) -> None:
        if self._intake is not None:
            write_report(self._intake, self.school.value, path, **self._document_options())
        else:  # the tables of a server: what they show was recorded when they were made
            selection = {"wave": self.wave.value, "language": self._text.language}
            path.write_bytes(writer_of(path.name)(make_report(self._own, self.school.value, **selection)))

    def _write_talk_sheet(self, path: Path) -> None:
        if self._intake is not None:
            write_talk_sheet(self._intake, self.school.value, path, **self._document_options())
        else:
            sheet = sheet_of(self._own, self.school.value, self.wave.value, language=self._text.language)
            path.write_bytes(FORMATS[path.suffix](sheet))

    def _document_options(self) -> dict[str, Any]:
        """Arguments of both documents; the record of showings is that of the folder, as for the commands."""
        options: dict[str, Any] = {"checklist": self._checklist, "policy": self._policy, "wave": self.wave.value}
        options |= {"invited": self._team_size}
        options["showings"] = None if self._folder is None else record_folder(self._folder)
        return options | {"language": self._text.language}

    def _upload(self) -> FormUpload:
        """A place to add forms; those that can be read are saved in the folder, and the page follows."""
        return FormUpload(
            self._checklist, language=self._text.language, folder=self._folder, on_added=self._show_new_forms
        )  # fmt: skip

    def _show_new_forms(self, intake: Intake) -> None:
        """Show the folder with its new forms."""
        self._intake = intake
        self._take(intake)
        with self._redraw_once():
            chosen, schools = self.school.value, self._results.schools()
            self.school.options = self._school_options(schools)
            self.school.value = chosen if chosen in schools else schools[0]
            self._school_changed()

    def _plans(self) -> Path | None:
        """The folder of the plans, next to the folder with forms."""
        return None if self._folder is None else self._folder.resolve().parent / OUTPUT_FOLDER


def _choices(address_fields: Mapping[str, str], results: SchoolResults) -> dict[str, Any]:
    """The choices of an address, as far as they are possible: an address may be old, or typed."""
    checklist = results.checklist
    choices: dict[str, Any] = {}
    if address_fields.get("school") in results.schools():
        choices["school"] = address_fields["school"]
        waves = results.waves(address_fields["school"])
        choices |= {name: address_fields[name] for name in ("wave", "compare") if address_fields.get(name) in waves}
        choices |= {"compare": ""} if "compare" in address_fields and not address_fields["compare"] else {}
    if "roles" in address_fields:
        choices["roles"] = tuple(role for role in address_fields["roles"].split(",") if role in checklist.role_ids)
    if address_fields.get("step") in {str(step.number) for step in checklist.steps}:
        choices["step"] = int(address_fields["step"])
    for name, possible in (("page", PAGES), ("language", LANGUAGES), ("order", (BY_FORM, BY_GAP))):
        if address_fields.get(name) in possible:
            choices[name] = address_fields[name]
    return choices
