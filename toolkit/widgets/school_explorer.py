"""The school explorer: one school, moment and step at a time, for its director and team."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake, read_folder
from toolkit.privacy import Policy
from toolkit.widgets.components import (
    Panel,
    dropdown,
    html_widget,
    of_this_page,
    page_title,
    paragraphs,
    read_address,
    style,
    wording_of_this_page,
    write_address,
)
from toolkit.widgets.school_pages import PAGES, ExplorerState
from toolkit.widgets.tables import Tables, prepare


class SchoolExplorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose a school, moment, roles, step and language; four pages follow.

    Parameters
    ----------
    intake
        From `read_folder`. It is protected here: nothing unprotected reaches the page. Or the tables that came of it.
    school, wave, roles, step, page
        What is chosen at first; the first school, its last moment, all roles, step 1 and the overview where nothing is
        given. Pages are named in `toolkit.widgets.school_pages.PAGES`.
    policy
        Who may see what; `Policy()` where none is given.
    address
        For a page of its own: the query string of its address, from which choices are taken where they are possible.
        The page then has a title, and keeps what is chosen in its address.
    only
        The one school that may be seen, where others' forms may lie in the folder as well.

    Notes
    -----
    Only the page in sight is drawn; another one when it is opened.
    """

    def __init__(
        self,
        intake: Intake | Tables,
        checklist: Instrument | None = None,
        *,
        school: str | None = None,
        wave: str | None = None,
        roles: tuple[str, ...] | None = None,
        step: int = 1,
        page: str = "overview",
        policy: Policy | None = None,
        language: str = "nl",
        address: str | None = None,
        only: str | None = None,
    ) -> None:
        tables = intake if isinstance(intake, Tables) else prepare(intake, checklist, policy)
        self._tables = tables if only is None else tables.of(only)
        self._own = self._tables
        self._alone, self._waits = address is not None, False
        asked: dict[str, Any] = {"school": school, "wave": wave, "roles": roles, "step": step, "page": page}
        asked |= {"language": language}
        asked |= _choices(read_address(address or ""), self._tables)
        self._text = load_text(asked["language"])
        super().__init__(layout=widgets.Layout(max_width="900px"))
        self.add_class("handvat-explorer")
        schools = self._tables.schools()
        if not schools:
            self.children = [style(), html_widget(paragraphs([self._text.say("explore.empty")]))]
            return
        self._make_controls(schools, asked)
        self._make_pages(asked["page"])
        self.school.observe(self._school_changed, "value")
        self.language.observe(self._language_changed, "value")
        self.pages.observe(self._show, "selected_index")
        for control in (self.wave, self.step, *self.roles.values()):
            control.observe(self._show, "value")
        self._language_changed()

    @classmethod
    def as_page(cls, folder: str | Path, **options: Any) -> SchoolExplorer:
        """Make the explorer of a folder of forms as a page of its own, as the dashboard shows it.

        Parameters
        ----------
        folder
            Read with `read_folder`; `handvat explore` may name another one, and a table of official sentences.
        **options
            As for the explorer itself. Where `HANDVAT_TABLES` names the file with the tables of one school, as on a
            server, these are shown and no folder is read.
        """
        folder, address = of_this_page(folder)
        if tables := os.environ.get("HANDVAT_TABLES"):
            return cls(Tables.load(Path(tables)), address=address, **options)
        checklist = wording_of_this_page(options.pop("checklist", None) or load_instrument())
        return cls(read_folder(folder, checklist), checklist, address=address, **options)

    def _make_controls(self, schools: list[str], asked: Mapping[str, Any]) -> None:
        checklist = self._tables.checklist
        named = [(self._tables.name(school), school) for school in schools]
        self.school = dropdown("", named, asked["school"] or schools[0])
        self._own = self._tables.of(self.school.value)
        waves = self._own.waves(self.school.value)[::-1]
        self.wave = dropdown("", [(wave, wave) for wave in waves], asked["wave"] or waves[0])
        wanted = checklist.role_ids if asked["roles"] is None else asked["roles"]
        self.roles = {
            role.id: widgets.Checkbox(value=role.id in wanted, description=role.id, indent=False)
            for role in checklist.roles
        }
        numbers = [step.number for step in checklist.steps]
        self.step = dropdown("", [(str(n), n) for n in numbers], asked["step"])
        names = [(load_text(language).say("explore.this_language"), language) for language in LANGUAGES]
        self.language = dropdown("", names, self._text.language)

    def _make_pages(self, page: str) -> None:
        self._title, self._problem, self._choice = html_widget(), html_widget(), widgets.HTML()
        self._roles = widgets.Label()
        self.panels: dict[str, Panel] = {name: Panel(max(2, len(self.roles))) for name in PAGES}
        self.pages = widgets.Tab(list(self.panels.values()), selected_index=list(PAGES).index(page))
        self.pages.add_class("handvat-pages")
        controls = widgets.HBox([self.school, self.wave, self.step, self.language])
        controls.add_class("handvat-controls")
        roles = widgets.HBox([self._roles, *self.roles.values()])
        roles.add_class("handvat-roles")
        self.children = [style(), self._title, controls, roles, self._problem, self.pages, self._choice]

    @property
    def selection(self) -> ExplorerState:
        """What is chosen now."""
        roles = tuple(role for role, box in self.roles.items() if box.value)
        return ExplorerState(self.school.value, self.wave.value, roles, self.step.value, self._text.language)

    @property
    def page(self) -> str:
        """The name of the page in sight."""
        return list(self.panels)[int(self.pages.selected_index)]

    def _school_changed(self, _: object = None) -> None:
        """Offer the school's own moments; the chosen one stays where the school has it."""
        self._own = self._tables.of(self.school.value)
        waves, chosen = self._own.waves(self.school.value)[::-1], self.wave.value
        with self._drawn_once():
            self.wave.options = [(wave, wave) for wave in waves]
            self.wave.value = chosen if chosen in waves else waves[0]

    def _language_changed(self, _: object = None) -> None:
        self._text = load_text(self.language.value)
        with self._drawn_once():
            self._name_everything()

    @contextlib.contextmanager
    def _drawn_once(self) -> Iterator[None]:
        """Change several controls, and draw after the last: new options alone already change what is chosen."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False
        self._show()

    def _name_everything(self) -> None:
        """Put the names of all controls in the chosen language."""
        say, language, checklist = self._text.say, self._text.language, self._tables.checklist
        self.school.description, self.wave.description = say("explore.school"), say("explore.wave")
        self.step.description, self.language.description = say("explore.step"), say("explore.language")
        self._roles.value = say("explore.roles")
        for role, box in self.roles.items():
            box.description = checklist.role(role).plural[language]
        chosen = self.step.value
        self.step.options = [
            (say("explore.step_option", number=step.number, label=step.label[language]), step.number)
            for step in checklist.steps
        ]
        self.step.value = chosen
        self.pages.titles = [say(title) for title in TITLES]
        if self._alone:
            self._title.value = page_title(say("explore.title"), say("explore.lead"))

    def _show(self, _: object = None) -> None:
        """Draw the page in sight; what goes wrong is said on the page, because nobody sees a kernel's log."""
        if self._waits:
            return
        try:
            self.panels[self.page].show(PAGES[self.page](self._own, self.selection))
            problem = ""
        except ToolkitError as error:
            problem = str(error)
        except Exception:
            logging.getLogger(__name__).exception("a page of the explorer could not be drawn")
            problem = self._text.say("explore.went_wrong")
        self._problem.value = f'<p class="handvat-error" role="alert">{escape(problem)}</p>' if problem else ""
        if self._alone:
            self._choice.value = self._as_address()

    def _as_address(self) -> str:
        s = self.selection
        choice = {"school": s.school, "wave": s.wave, "roles": ",".join(s.roles), "step": str(s.step)}
        title = f"{self._own.name(s.school)} - {self._text.say('explore.title')}"
        return write_address(choice | {"page": self.page, "language": s.language}, s.language, title)


TITLES = ("explore.overview", "explore.per_step", "explore.per_item", "explore.actions")
"""What the tabs are called, in the order of `PAGES`."""


def _choices(said: Mapping[str, str], tables: Tables) -> dict[str, Any]:
    """What an address asks for, as far as it is there: an address may be old, or typed."""
    checklist = tables.checklist
    choices: dict[str, Any] = {}
    if said.get("school") in tables.schools():
        choices["school"] = said["school"]
        if said.get("wave") in tables.waves(said["school"]):
            choices["wave"] = said["wave"]
    if "roles" in said:
        choices["roles"] = tuple(role for role in said["roles"].split(",") if role in checklist.role_ids)
    if said.get("step") in {str(step.number) for step in checklist.steps}:
        choices["step"] = int(said["step"])
    if said.get("page") in PAGES:
        choices["page"] = said["page"]
    if said.get("language") in LANGUAGES:
        choices["language"] = said["language"]
    return choices
