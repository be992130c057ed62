"""A workbook's bytes as plain cells: which sheets there are, what stands where. Knows nothing of forms.

Reads only the cells that are there, straight from the sheets' XML: a spreadsheet library also builds styles, merged
cells and every blank in between, costs some twenty times as much, takes the last of two cells that share one
reference without a word, and can be made to fill memory by a single stray cell in the last row.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from xml.parsers import expat

from toolkit.errors import Problem, RefusedError

MOST_BYTES = 12_000_000
"""Of one part, unpacked: three hundred times a form's sheet."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    cells
        Filled cells by (row, column), both from 1: text, a number as float, or a bool.
    formulas
        Cells that hold a formula; its value is what it last showed.
    twice
        Cells that stand in the file more than once: what they say is undecided.
    """

    name: str
    cells: Mapping[Place, object]
    formulas: frozenset[Place] = frozenset()
    twice: frozenset[Place] = frozenset()

    def rows(self) -> dict[int, dict[int, object]]:
        """The filled cells by row, then column."""
        rows: dict[int, dict[int, object]] = {}
        for (row, column), value in sorted(self.cells.items()):
            rows.setdefault(row, {})[column] = value
        return rows


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook: its sheets, the cells its defined names point at, and when it was last saved."""

    sheets: list[Sheet]
    names: Mapping[str, tuple[str, Place]]
    modified: datetime | None


def read_book(data: bytes) -> Book:
    """Read an Excel workbook (`.xlsx`); raises `RefusedError` when it is none."""
    if data.startswith(_OLE):
        raise RefusedError(Problem("password"))
    if not data.startswith(_ZIP):
        raise RefusedError(Problem("not_a_workbook"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _book(_Parts(package))
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        # what zipfile and expat raise for a broken, encrypted or oddly compressed package
        raise RefusedError(Problem("not_a_workbook")) from error


def cell_name(place: Place) -> str:
    """Return how people call a cell.

    Examples
    --------
    >>> cell_name((17, 4)), cell_name((1, 28))
    ('D17', 'AB1')
    """
    row, column = place
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def cell_place(name: str) -> Place | None:
    """Return (row, column) of a reference such as `D17` or `$D$17`; None for anything else.

    Examples
    --------
    >>> cell_place("$D$17"), cell_place("D1:D5")
    ((17, 4), None)
    """
    match = _REFERENCE.fullmatch(name)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


class _Parts:
    """The parts of a package; names are the same whatever their case, as the standard has it."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._names = {name.lower(): name for name in package.namelist()}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def read(self, name: str) -> bytes:
        """Unpack a part; raises `RefusedError` when it is missing or too large, whatever its header claims."""
        if name not in self:
            raise RefusedError(Problem("not_a_workbook"))
        with self._package.open(self._names[name.lower()]) as part:
            data = part.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise RefusedError(Problem("too_large"))
        return data


def _book(parts: _Parts) -> Book:
    main = _main_part(parts)
    outline = _parse(_Outline(), parts.read(main))
    targets = _relations(parts, main)
    strings: list[str] = []
    for kind, target in targets.values():
        if kind == "sharedStrings" and target in parts:
            strings = _parse(_Strings(), parts.read(target)).texts
    sheets = []
    for name, relation in outline.sheets:
        kind, target = targets.get(relation, ("", ""))
        if kind == "worksheet":
            grid = _parse(_Grid(strings), parts.read(target))
            sheets.append(Sheet(name, grid.cells, frozenset(grid.formulas), frozenset(grid.twice)))
    return Book(sheets, _names(outline.names), _modified(parts))


def _main_part(parts: _Parts) -> str:
    targets = _relations(parts, "")
    return next((target for kind, target in targets.values() if kind == "officeDocument"), "xl/workbook.xml")


def _relations(parts: _Parts, source: str) -> dict[str, tuple[str, str]]:
    """Relation id to (kind, part) for a part; "" stands for the package itself."""
    folder, name = posixpath.split(source)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    if file not in parts:
        return {}
    found = {}
    for attributes in _parse(_Collect("Relationship"), parts.read(file)).found:
        target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
        found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)
    return found


def _names(names: Mapping[str, str]) -> dict[str, tuple[str, Place]]:
    """Names that point at one cell; whatever else a name may hold is passed over."""
    found = {}
    for name, target in names.items():
        sheet, _, cell = target.rpartition("!")
        if place := cell_place(cell):
            found[name] = (sheet.strip("'").replace("''", "'"), place)
    return found


def _modified(parts: _Parts) -> datetime | None:
    if "docProps/core.xml" not in parts:
        return None
    text = _parse(_Texts("modified"), parts.read("docProps/core.xml")).text.strip()
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)


Attributes = dict[str, str]


class _Handler:
    """Listens to one XML part; names come without namespace."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text inside an element."""


_H = TypeVar("_H", bound=_Handler)


def _parse(handler: _H, xml: bytes) -> _H:
    """Let the handler listen to a part; a document type is refused, since it may define entities without end."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: handler.start(
        name.rpartition("}")[2], {key.rpartition("}")[2]: value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: handler.end(name.rpartition("}")[2])
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(xml, True)
    return handler


def _refuse_doctype(*_: object) -> None:
    raise RefusedError(Problem("not_a_workbook"))


class _Collect(_Handler):
    """The attributes of every element of one name."""

    def __init__(self, name: str) -> None:
        self.name, self.found = name, list[Attributes]()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == self.name:
            self.found.append(attributes)


class _Texts(_Handler):
    """All text inside elements of one name."""

    def __init__(self, name: str) -> None:
        self.name, self.text, self._inside = name, "", False

    def start(self, name: str, attributes: Attributes) -> None:
        self._inside = name == self.name

    def end(self, name: str) -> None:
        self._inside = False

    def data(self, text: str) -> None:
        if self._inside:
            self.text += text


class _Outline(_Handler):
    """The sheets of a workbook as (name, relation id), and its defined names."""

    def __init__(self) -> None:
        self.sheets, self.names = list[tuple[str, str]](), dict[str, str]()
        self._name = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "definedName":
            self._name = attributes.get("name", "")
            self.names[self._name] = ""

    def end(self, name: str) -> None:
        if name == "definedName":
            self._name = ""

    def data(self, text: str) -> None:
        if self._name:
            self.names[self._name] += text


class _Strings(_Handler):
    """The shared strings: all runs of a string together, without the reading aid of East Asian text."""

    def __init__(self) -> None:
        self.texts, self._pieces = list[str](), list[str]()
        self._text, self._phonetic = False, 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._phonetic += 1
        self._text = name == "t" and not self._phonetic

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append(unescape("".join(self._pieces)))
        elif name == "rPh":
            self._phonetic -= 1
        self._text = False

    def data(self, text: str) -> None:
        if self._text:
            self._pieces.append(text)


@dataclass(slots=True)
class _Grid(_Handler):
    """The cells of one sheet. A cell or row without a reference follows the one before it."""

    strings: list[str]
    cells: dict[Place, object] = field(default_factory=dict)
    formulas: set[Place] = field(default_factory=set)
    twice: set[Place] = field(default_factory=set)
    _met: set[Place] = field(default_factory=set)
    _place: Place = (0, 0)
    _kind: str = ""
    _pieces: list[str] = field(default_factory=list)
    _listening: bool = False
    _phonetic: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            given = attributes.get("r", "")
            self._place = (int(given) if given.isdigit() else self._place[0] + 1, 0)
        elif name == "c":
            self._place = cell_place(attributes.get("r", "")) or (self._place[0], self._place[1] + 1)
            self._kind, self._pieces = attributes.get("t", "n"), []
        elif name == "f":
            self.formulas.add(self._place)
        elif name == "rPh":
            self._phonetic += 1
        self._listening = name == "v" or (name == "t" and not self._phonetic)

    def end(self, name: str) -> None:
        self._listening = False
        if name == "rPh":
            self._phonetic -= 1
        elif name == "c":
            self._finish()

    def data(self, text: str) -> None:
        if self._listening:
            self._pieces.append(text)

    def _finish(self) -> None:
        if self._place in self._met:
            self.twice.add(self._place)
        self._met.add(self._place)
        value = _value(self._kind, "".join(self._pieces), self.strings)
        if value not in (None, ""):
            self.cells[self._place] = value


def _value(kind: str, text: str, strings: list[str]) -> object:
    if kind == "s":
        if not text.strip().isdigit() or int(text) >= len(strings):
            raise RefusedError(Problem("not_a_workbook"))
        return strings[int(text)]
    if kind == "b":
        return text.strip() == "1"
    if kind == "n" and text:
        try:
            return float(text)
        except ValueError:
            return text
    return unescape(text)


def unescape(text: str) -> str:
    """Return the text with Excel's own escapes such as `_x000D_` read back."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
