"""Read an Excel workbook (`.xlsx`, `.xlsm`) straight from its parts.

A spreadsheet library also builds styles, merged cells and every blank in between, costs some ten times as much, takes
the last of two cells that share one reference without a word, and can be made to fill memory by one stray cell.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.spreadsheets.guard import Attributes, Handler, local_attributes, parse, text_inside
from toolkit.spreadsheets.model import MAX_SHEETS, Budget, CellRef, SheetBuilder, Workbook, parse_cell_ref
from toolkit.spreadsheets.xlsx_sheet import read_sheet, unescape

Parts = Mapping[str, bytes]


def read_ooxml(parts: Parts) -> Workbook:
    """Read a workbook's parts, by name in lower case; raises `RefusedError` when they are none."""
    main = _main_part(parts)
    outline = _known(_outline, _part(parts, main))
    targets = _relations(parts, main)
    shared = [target for kind, target in targets.values() if kind == "sharedStrings" and target.lower() in parts]
    strings = _known(_strings, _part(parts, shared[-1])) if shared else []
    sheets, budget = [], Budget()
    for name, target in _worksheets(outline, targets):
        sheets.append(read_sheet(_part(parts, target), strings, SheetBuilder(budget)).sheet(name))
    problems = (Problem(ProblemCode.MACRO_IGNORED),) if any(name.endswith("vbaproject.bin") for name in parts) else ()
    return Workbook(sheets, _known(_names, _part(parts, main)), _modified(parts), problems)


def _worksheets(outline: _Outline, targets: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Name and part of each worksheet, no part twice: a small file could have one large sheet read without end."""
    kinds = [(name, *targets.get(relation, ("", ""))) for name, relation in outline.sheets]
    sheets = [(name, target) for name, kind, target in kinds if kind == "worksheet"]
    if len({target.lower() for _, target in sheets}) < len(sheets):
        raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
    if len(sheets) > MAX_SHEETS:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    return sheets


_T = TypeVar("_T")
MAX_NAMES = 20_000
"""Defined names of a workbook: a form has some fifty."""

MAX_KNOWN_TEXTS = 100_000
"""Bytes of a part that is worth keeping; the forms of a school share most of their parts."""


def _known(read: Callable[[bytes], _T], part: bytes) -> _T:
    """Read a part, or take what the same bytes gave before; what is read is never changed."""
    return _remembered(read, part) if len(part) <= MAX_KNOWN_TEXTS else read(part)


@lru_cache(maxsize=32)
def _remembered(read: Callable[[bytes], _T], part: bytes) -> _T:
    return read(part)


def _outline(part: bytes) -> _Outline:
    return parse(_Outline(), part)


def _strings(part: bytes) -> list[str]:
    return parse(_Strings(), part).texts


def _relation_list(part: bytes) -> list[Attributes]:
    return parse(_Relations(), part).found


def _part(parts: Parts, name: str) -> bytes:
    try:
        return parts[name.lower()]
    except KeyError:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from None


def _main_part(parts: Parts) -> str:
    targets = _relations(parts, "")
    return next((target for kind, target in targets.values() if kind == "officeDocument"), "xl/workbook.xml")


def _relations(parts: Parts, source: str) -> dict[str, tuple[str, str]]:
    """Relation id to (kind, part) for a part; "" stands for the package itself."""
    folder, name = posixpath.split(source)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    if file.lower() not in parts:
        return {}
    found = {}
    for attributes in _known(_relation_list, _part(parts, file)):
        target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
        found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)
    return found


def _names(part: bytes) -> dict[str, tuple[str, CellRef]]:
    """Names that point at one cell; whatever else a name may hold is passed over."""
    found = {}
    for name, pieces in _known(_outline, part).names.items():
        target = "".join(pieces)
        sheet, _, cell = target.rpartition("!")
        if place := parse_cell_ref(cell):
            found[name] = (sheet.strip("'").replace("''", "'"), place)
    return found


def _modified(parts: Parts) -> datetime | None:
    if "docprops/core.xml" not in parts:
        return None
    return moment(text_inside("modified", parts["docprops/core.xml"]))


def moment(text: str) -> datetime | None:
    """Return the moment a text says, in UTC where it names no zone; None where it says none."""
    try:
        stamp = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)


class _Relations(Handler):
    """The attributes of every relation."""

    def __init__(self) -> None:
        self.found = list[Attributes]()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            self.found.append(attributes)


class _Outline(Handler):
    """The sheets of a workbook as (name, relation id), and its defined names."""

    def __init__(self) -> None:
        self.sheets, self.names = list[tuple[str, str]](), dict[str, list[str]]()
        self._pieces: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            own = local_attributes(attributes)
            self.sheets.append((own.get("name", ""), own.get("id", "")))
        elif name == "definedName":
            self._pieces = self.names[attributes.get("name", "")] = []
            if len(self.names) > MAX_NAMES:
                raise RefusedError(Problem(ProblemCode.TOO_LARGE))

    def end(self, name: str) -> None:
        if name == "definedName":
            self._pieces = None

    def data(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)


class _Strings(Handler):
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
