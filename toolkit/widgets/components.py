"""What every explorer is made of: pages of sections, panels that show them, and the address that remembers a choice."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import ipywidgets as widgets

from toolkit.charts import Picture
from toolkit.core.i18n import Text
from toolkit.core.text_table import TextTable
from toolkit.instrument.model import Instrument
from toolkit.instrument.official_wording import load_wording, with_wording


@dataclass(frozen=True, slots=True)
class Section:
    """A picture, when there is one, and the HTML under it."""

    html: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown under one tab: its heading and its sections."""

    title: str
    sections: tuple[Section, ...]


class Panel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The place of a page: a heading, and room for a number of sections.

    Notes
    -----
    Figures are put in `Output.outputs` as plain bundles. A `FigureWidget` draws blank axes in Voilà once changed, and
    shows its first state again after a page reload.
    """

    def __init__(self, rooms: int) -> None:
        self.heading = html_widget()
        self.pictures = [picture_area() for _ in range(rooms)]
        self.texts = [html_widget() for _ in range(rooms)]
        rooms_in_order = [part for pair in zip(self.pictures, self.texts, strict=True) for part in pair]
        super().__init__([self.heading, *rooms_in_order])

    def show(self, page: Page) -> None:
        """Show a page, in place of the one before."""
        self.heading.value = heading(page.title, 2)
        empty = [Section("")] * (len(self.texts) - len(page.sections))
        for section, picture, text in zip([*page.sections, *empty], self.pictures, self.texts, strict=True):
            self._show_picture(picture, section.picture)
            text.value = section.html

    @staticmethod
    def _show_picture(area: widgets.Output, picture: Picture | None) -> None:
        """Draw a picture in an area of its own height.

        Plotly forgets a figure's height when it resizes, and then takes that of its box. A box without height hides
        the figure and lets the text below run through it.
        """
        area.layout.height = f"{picture.layout.height}px" if picture else "auto"
        area.outputs = (output(picture),) if picture else ()


def output(picture: Picture) -> dict[str, object]:
    """Return a picture as an output of a notebook."""
    return {"output_type": "display_data", "metadata": {}, "data": picture.to_bundle()}


def picture_area() -> widgets.Output:
    """Return a place for a picture; its style sheet hands the height of the area down to the figure."""
    area = widgets.Output()
    area.add_class("handvat-picture")
    return area


def html_widget(value: str = "") -> widgets.HTML:
    """Return a piece of the page."""
    return widgets.HTML(value, layout=widgets.Layout(width="100%"))


def dropdown(label: str, options: Sequence[tuple[str, object]], value: object) -> widgets.Dropdown:
    """Return a list to choose from, under its label."""
    return widgets.Dropdown(options=options, value=value, description=label, layout=widgets.Layout(width="auto"))


def style() -> widgets.HTML:
    """The looks of an explorer, wherever it stands."""
    css = (files("toolkit.widgets") / "explorer.css").read_text(encoding="utf-8")
    return widgets.HTML(f"<style>{css}</style>", layout=widgets.Layout(display="none"))


# --- pieces of HTML, in which every text is escaped ---


def heading(words: str, level: int) -> str:
    """Return a heading."""
    return f"<h{level}>{escape(words)}</h{level}>"


def paragraphs(sentences: Sequence[str]) -> str:
    """Return a paragraph for each sentence."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)


def figures(text: Text, tables: Sequence[TextTable]) -> str:
    """Return the tables behind a page, folded away; each can be scrolled where the screen is narrow."""
    inside = "".join(scrolling(table) for table in tables)
    return f"<details><summary>{escape(text.say('explore.figures'))}</summary>{inside}</details>"


def scrolling(table: TextTable) -> str:
    """Return a table that can be moved sideways, with the keys as well, where it is wider than the screen."""
    label = escape(table.caption, quote=True)
    return f'<div class="handvat-wide" role="region" tabindex="0" aria-label="{label}">{table.to_html()}</div>'


def table_of(picture: Picture) -> TextTable:
    """Return the figures of a picture, under its title."""
    layout = picture.layout.title
    title = " · ".join(part.replace("<br>", " ") for part in (layout.text, layout.subtitle.text))
    return TextTable.from_frame(picture.table, _plain(title))


def _plain(title: str) -> str:
    """A title of plotly's as text: it knows a few tags and three escapes."""
    for code, character in (("<b>", ""), ("</b>", ""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        title = title.replace(code, character)
    return title


# --- a page of its own ---


def wording_of_this_page(checklist: Instrument) -> Instrument:
    """The checklist with the sentences that `handvat explore --wording` names in `HANDVAT_WORDING`."""
    path = os.environ.get("HANDVAT_WORDING")
    return with_wording(checklist, load_wording(path, checklist)) if path else checklist


def of_this_page(folder: str | Path) -> tuple[str | Path, str]:
    """Return the folder to explore and what the page's address asks for.

    `handvat explore` names another folder in `HANDVAT_FOLDER`; Voilà puts the address in `QUERY_STRING`.
    """
    return os.environ.get("HANDVAT_FOLDER", folder), os.environ.get("QUERY_STRING", "")


def read_address(address: str) -> dict[str, str]:
    """Return what a query string says: 'school=99AA00&step=2'; of what stands there twice the last."""
    return dict(parse_qsl(address.removeprefix("?"), max_num_fields=50)) if len(address) < 10_000 else {}


def page_title(title: str, lead: str) -> str:
    """The heading of a page that stands alone, and the line under it."""
    return heading(title, 1) + f'<p class="handvat-lead">{escape(lead)}</p>'


def write_address(choice: Mapping[str, str], language: str, title: str) -> str:
    """Return an unseen mark that tells the page what is chosen: its script puts that in the address bar."""
    marks = {"data-address": urlencode(choice), "data-language": language, "data-title": title}
    attributes = " ".join(f'{name}="{escape(value, quote=True)}"' for name, value in marks.items())
    return f'<span class="handvat-choice" hidden {attributes}></span>'
