"""The parts of an explorer: pages of sections, panels, and the address with the choices."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import ipywidgets as widgets

from toolkit.charts import Picture
from toolkit.core.html import html_template, package_text
from toolkit.core.i18n import Text
from toolkit.core.text_table import TextTable
from toolkit.instrument.model import Instrument
from toolkit.instrument.official_wording import load_wording, with_wording

LINE, HALF = "handvat-line", "handvat-half"
"""The layouts of a section that is not as wide as its page: one of three lines, and one of two pictures."""


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens another page, or makes an action of a statement or step.

    Attributes
    ----------
    page, step
        Where it leads; an empty page and step 0 stay as they are.
    item
        The statement to make an action of.
    action
        The words to begin that action with.
    """

    label: str
    page: str = ""
    step: int = 0
    item: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """HTML, the picture above it where there is one, and the buttons below it."""

    html: str = ""
    picture: Picture | None = None
    links: tuple[Link, ...] = ()
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The contents of a tab: its heading, its sections, and its source below them."""

    title: str
    sections: tuple[Section, ...]
    foot: str = ""


class Panel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The place of a page: a heading, its sections, and a foot.

    Parameters
    ----------
    follow
        Called with the link of a button that was pressed.

    Notes
    -----
    A section gets its place when a page first needs it: a browser makes every widget before it shows the first one.
    Figures are put in `Output.outputs` as plain bundles. A `FigureWidget` draws blank axes in Voilà once changed, and
    shows its first state again after a page reload.
    """

    def __init__(self, follow: Callable[[Link], None] | None = None) -> None:
        self.heading, self.foot = html_widget(), html_widget()
        self._follow, self._made = follow, list[SectionArea]()
        self.body = widgets.Box()
        self.body.add_class("handvat-body")
        super().__init__([self.heading, self.body, self.foot])

    @property
    def areas(self) -> list[SectionArea]:
        """The places of the sections that are shown."""
        return list(self.body.children)

    @property
    def pictures(self) -> list[widgets.Output]:
        """The places of their pictures."""
        return [area.picture for area in self.areas if area.picture in area.children]

    @property
    def texts(self) -> list[widgets.HTML]:
        """The places of their texts."""
        return [area.text for area in self.areas]

    def show(self, page: Page) -> None:
        """Show a page, in place of the one before."""
        self.heading.value, self.foot.value = heading(page.title, 1), page.foot
        self._made += [SectionArea(self._follow) for _ in page.sections[len(self._made) :]]
        for section, area in zip(page.sections, self._made, strict=False):
            area.show(section)
        self.body.children = self._made[: len(page.sections)]

    def clear(self) -> None:
        """Remove the page that is shown; no browser that comes later gets it."""
        self.heading.value = self.foot.value = ""
        self.body.children = ()
        while self._made:
            self._made.pop().close()


class SectionArea(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The place of one section."""

    def __init__(self, follow: Callable[[Link], None] | None = None) -> None:
        self.text, self.links = html_widget(), tuple[widgets.Button, ...]()
        self.picture: widgets.Output | None = None
        self._row = widgets.HBox()
        self._follow, self._shown = follow, Section()
        super().__init__()
        self.add_class("handvat-section")

    def show(self, section: Section) -> None:
        """Show a section, in place of the one before."""
        if section is self._shown:
            return
        if section.picture:
            self._show_picture(section.picture)
        self.text.value = section.html
        if section.links != self._shown.links:
            self.links = tuple(self._button(link) for link in section.links)
            self._row.children = self.links
        for layout in (LINE, HALF):
            (self.add_class if section.layout == layout else self.remove_class)(layout)
        parts = ((self.picture, section.picture), (self.text, section.html), (self._row, section.links))
        self.children = [part for part, content in parts if content]  # a trait that stays equal sends nothing
        self._shown = section

    def close(self) -> None:
        """Close the section with its picture, text and buttons."""
        for part in (self.picture, self.text, self._row, *self.links):
            if part is not None:
                part.close()
        super().close()

    def _button(self, link: Link) -> widgets.Button:
        button = link_button(link.label)
        if self._follow is not None:
            follow = self._follow
            button.on_click(lambda _: follow(link))
        return button

    def _show_picture(self, picture: Picture) -> None:
        """Draw a picture in an area of its own height.

        Plotly forgets a figure's height when it resizes, and then takes that of its box. A box without height hides
        the figure and lets the text below run through it.
        """
        if self.picture is None:
            self.picture = picture_area()
        self.picture.layout.height = f"{picture.layout.height}px"
        self.picture.outputs = (output(picture),)


def output(picture: Picture) -> dict[str, object]:
    """Return a picture as an output of a notebook."""
    return {"output_type": "display_data", "metadata": {}, "data": picture.to_bundle()}


def picture_area() -> widgets.Output:
    """A place for a picture, whose style sheet hands its height down to the figure."""
    area = widgets.Output()
    area.add_class("handvat-picture")
    return area


def html_widget(value: str = "") -> widgets.HTML:
    """Return a piece of the page."""
    return widgets.HTML(value, layout=widgets.Layout(width="100%"))


def link_button(label: str) -> widgets.Button:
    """Return a button that looks like a link."""
    button = widgets.Button(description=label, layout=widgets.Layout(width="auto"))
    button.add_class("handvat-link")
    return button


def action_button(label: str, *, primary: bool = False) -> widgets.Button:
    """Return a button of the top bar or a form."""
    button = widgets.Button(description=label, layout=widgets.Layout(width="auto"))
    button.add_class("handvat-button")
    if primary:
        button.add_class("handvat-primary")
    return button


def dropdown(label: str, options: Sequence[tuple[str, object]], value: object) -> widgets.Dropdown:
    """Return a list to choose from, under its label."""
    return widgets.Dropdown(options=options, value=value, description=label, layout=widgets.Layout(width="auto"))


def style() -> widgets.HTML:
    """The style sheet of an explorer."""
    css = package_text("widgets/explorer.css")
    return widgets.HTML(f"<style>{css}</style>", layout=widgets.Layout(display="none"))


# --- pieces of HTML, in which every text is escaped ---


def render(template: str, macro: str, **values: Any) -> str:
    """Return a macro of a template as HTML; every value is escaped."""
    module = html_template(f"widgets/templates/{template}.html.j2").module
    return str(getattr(module, macro)(**values)).strip()


def heading(text: str, level: int) -> str:
    """Return a heading."""
    return render("parts", "heading", text=text, level=level)


def paragraphs(sentences: Sequence[str]) -> str:
    """Return a paragraph for each sentence."""
    return render("parts", "paragraphs", sentences=[sentence for sentence in sentences if sentence])


def error(message: str) -> str:
    """Return a message that something went wrong; nothing for no words."""
    return render("parts", "error", text=message) if message else ""


def figures(text: Text, tables: Sequence[TextTable]) -> str:
    """Return the tables behind a page, folded away; each can be scrolled on a narrow screen."""
    inside = [(table.caption, table.to_html()) for table in tables]
    return render("parts", "figures", label=text.say("explore.figures"), tables=inside)


def scrolling(table: TextTable) -> str:
    """Return a table that scrolls sideways, also by keyboard, where it is too wide."""
    return render("parts", "scrolling", caption=table.caption, table=table.to_html())


def table_of(picture: Picture) -> TextTable:
    """Return the figures of a picture, under its title."""
    layout = picture.layout.title
    title = " · ".join(part.replace("<br>", " ") for part in (layout.text, layout.subtitle.text))
    return TextTable.from_frame(picture.table, _plain(title))


def download(name: str, content: bytes, label: str) -> str:
    """Return a link that carries a file; the page of a dashboard starts the download by itself."""
    data = base64.b64encode(content).decode("ascii")
    return render("parts", "download", name=name, data=data, label=label)


def _plain(title: str) -> str:
    """A title of plotly's as text: it knows a few tags and three escapes."""
    for code, character in (("<b>", ""), ("</b>", ""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        title = title.replace(code, character)
    return title


# --- a page of its own ---


def page_wording(checklist: Instrument) -> Instrument:
    """The checklist with the sentences of `handvat explore --wording` (HANDVAT_WORDING)."""
    path = os.environ.get("HANDVAT_WORDING")
    return with_wording(checklist, load_wording(path, checklist)) if path else checklist


def page_register() -> str | None:
    """Return the path of the register that `handvat explore` names in `HANDVAT_REGISTER`."""
    return os.environ.get("HANDVAT_REGISTER")


def page_settings(folder: str | Path) -> tuple[str | Path, str]:
    """Return the folder to explore and the query string of the page's address.

    `handvat explore` names another folder in `HANDVAT_FOLDER`; Voilà puts the address in `QUERY_STRING`.
    """
    return os.environ.get("HANDVAT_FOLDER", folder), os.environ.get("QUERY_STRING", "")


def state_of(folder: str | Path) -> object:
    """Return the day, and when each file of a page was written: what changes the page."""
    more_files = [Path(file) for file in (os.environ.get("HANDVAT_WORDING"), page_register()) if file]
    try:
        files = [Path(folder), *more_files, *Path(folder).rglob("*")]
        return date.today(), sorted((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    except OSError:
        return object()  # as nothing else is: what can't be seen is read again


def is_early() -> bool:
    """Return whether this kernel was started before there was a page for it."""
    return os.environ.get("VOILA_PREHEAT") == "True"


def wait_for_page() -> None:
    """Wait for the page of a kernel that was started early, and take over its address.

    Voilà's own `wait_for_request` does the same, after loading the whole server.
    """
    from websockets.sync.client import connect  # only here: it comes with Voilà, which is not always installed

    # the server is on this computer, and a proxy does not know the way to it
    os.environ["no_proxy"] = ",".join(filter(None, [os.environ.get("no_proxy"), "127.0.0.1"]))
    port, server, kernel = (os.environ[f"VOILA_{name}"] for name in ("APP_PORT", "SERVER_URL", "KERNEL_ID"))
    with connect(f"ws://127.0.0.1:{port}{server}voila/query/{kernel}", ping_interval=None) as page:
        os.environ.update(json.loads(page.recv()))


def read_address(address: str) -> dict[str, str]:
    """Return the choices of a query string, 'school=99AA00&step=2'; repeated, the last."""
    return dict(parse_qsl(address.removeprefix("?"), max_num_fields=50)) if len(address) < 10_000 else {}


def write_address(choice: Mapping[str, str], language: str, title: str) -> str:
    """Return an unseen mark with the choices: the page's script puts them in the address bar."""
    return render("parts", "choice", address=urlencode(choice), language=language, title=title)
