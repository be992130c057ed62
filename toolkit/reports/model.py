"""A report as data, sections of text, tables and pictures, for every writer."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from toolkit.charts.figure import Picture
from toolkit.core.text_table import TextTable


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; `secondary` ones are smaller."""

    text: str
    secondary: bool = False
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    texts: tuple[str, ...]
    kind: str = field(default="bullets", init=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts with its caption; `numeric` columns (by index) align right."""

    table: TextTable
    numeric: frozenset[int] = frozenset()
    kind: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and the texts that belong to it.

    Attributes
    ----------
    secondary
        Indices of the texts that are smaller. On paper these, and what follows them, are at the right of the first.
    details
        What is on a screen only.
    """

    term: str
    texts: tuple[str, ...]
    secondary: frozenset[int] = frozenset()
    details: str = ""


@dataclass(frozen=True, slots=True)
class DefinitionList:
    """Terms with texts under a heading; an introduction precedes or replaces them."""

    title: str
    entries: tuple[Entry, ...]
    introduction: str = ""
    kind: str = field(default="definitions", init=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its title; with `has_table` a `Table` of the report has the same figures."""

    picture: Picture
    title: str
    subtitle: str
    has_table: bool = False
    kind: str = field(default="figure", init=False)


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to read on, and a few words about it."""

    text: str
    url: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Places to read on."""

    links: tuple[Link, ...]
    kind: str = field(default="links", init=False)


Block = Paragraph | Bullets | Table | DefinitionList | Figure | Links


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its blocks; `extra` ones are folded up on a screen, not on paper."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """One school at one moment, in one language.

    Attributes
    ----------
    title, subtitle
        At the top.
    sections
        In the order of reading.
    make_tables
        Makes the protected tables by the name of their sheet in the workbook, with headings in words. Only the workbook
        asks for them.
    """

    title: str
    subtitle: str
    language: str
    sections: tuple[Section, ...]
    make_tables: Callable[[], Mapping[str, pd.DataFrame]]

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The protected tables; made each time it is asked for."""
        return self.make_tables()

    def figures(self) -> list[Figure]:
        """All pictures, in order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Figure)]


def picture_figure(picture: Picture, has_table: bool = False, subtitle: str | None = None) -> Figure:
    """Return a figure with the picture's own title, and its own or another subtitle."""
    title = picture.layout.title
    return Figure(picture, _plain(title.text), _plain(title.subtitle.text) if subtitle is None else subtitle, has_table)


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"</?b>", "", markup).replace("<br>", " "))


def figure_table(figure: Figure, caption: str) -> TextTable:
    """The figures that a picture shows, as a table."""
    return TextTable.from_frame(figure.picture.table, caption)


def numeric_columns(table: TextTable) -> frozenset[int]:
    """Indices of the columns that hold only numbers."""
    columns = range(1, len(table.columns))
    return frozenset(column for column in columns if all(_NUMBER.fullmatch(row[column]) for row in table.rows))


_NUMBER = re.compile(r"[\d.,%+−–() -]*")
