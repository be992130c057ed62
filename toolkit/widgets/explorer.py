"""Base of both explorers: pages in tabs, drawing once, choices in the page's address."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import ClassVar

import ipywidgets as widgets

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.widgets.components import Panel, error, html_widget


class Explorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Controls, and pages that follow them. Only the page in sight is drawn.

    Attributes
    ----------
    CONTROLS
        The names of the controls whose choices an address may hold; one that decides what another offers comes first.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ()
    panels: dict[str, Panel]
    language: widgets.Dropdown

    def __init__(self) -> None:
        super().__init__()
        self.add_class("handvat-explorer")
        self._paused = True
        self._place, self._problem, self._choice = html_widget(), html_widget(), widgets.HTML()
        self._asked = widgets.Text(continuous_update=True)
        self._asked.add_class("handvat-asked")
        self._asked.observe(self._address_changed, "value")

    @property
    def page(self) -> str:
        """The name of the page in sight."""
        return list(self.panels)[int(self.pages.selected_index)]

    def _make_tabs(self, page: str = "") -> None:
        """Put the panels behind tabs."""
        place = list(self.panels).index(page) if page else 0
        self.pages = widgets.Tab(list(self.panels.values()), selected_index=place)
        self.pages.add_class("handvat-pages")

    @contextlib.contextmanager
    def _redraw_once(self) -> Iterator[None]:
        """Change several controls, and draw after the last: new options alone already change a choice."""
        was_paused, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = was_paused
        self._show()

    def _address_changed(self, _: object = None) -> None:
        """Go back or forward to the choices of an address, which the page's script puts in a hidden field."""
        self._go_to(self._asked.value.partition("#")[0])

    def _go_to(self, address: str) -> None:
        """Make the choices of an address; what it leaves out stays."""
        raise NotImplementedError

    def _choose(self, asked: Mapping[str, object]) -> None:
        """Make these choices as far as they are offered; the others stay."""
        with self._redraw_once():
            for name in self.CONTROLS:
                control = getattr(self, name)
                if name in asked and asked[name] in dict(control.options).values():
                    control.value = asked[name]
            if asked.get("page") in self.panels:
                self.pages.selected_index = list(self.panels).index(str(asked["page"]))

    def _show(self, _: object = None) -> None:
        """Draw the page in sight; an error is shown on the page, because nobody sees a kernel's log."""
        if self._paused:
            return
        try:
            self._draw()
            problem = ""
        except ToolkitError as failed:
            problem = str(failed)
        except Exception:
            logging.getLogger(__name__).exception("a page of the explorer could not be drawn")
            problem = load_text(self.language.value).say("explore.went_wrong")
        self._problem.value = error(problem)
        self._after_drawing()

    def _draw(self) -> None:
        """Draw the page in sight."""
        raise NotImplementedError

    def _after_drawing(self) -> None:
        """Name the page, and put its choices in the address."""
