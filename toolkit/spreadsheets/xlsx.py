"""Read an Excel workbook (`.xlsx`, `.xlsm`) straight from its parts.

A spreadsheet library also builds styles and every blank in between, costs some ten times as much, silently takes the
last of two cells with one reference, and one stray cell can make it fill memory.
"""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.ooxml_package import CORE_PART
from toolkit.spreadsheets.guard import MAX_CACHED_PART, Attributes, Handler, local_attributes, parse, text_inside
from toolkit.spreadsheets.model import MAX_SHEETS, Budget, CellRef, SheetBuilder, Workbook, parse_cell_ref
from toolkit.spreadsheets.xlsx_sheet import read_sheet, unescape

Parts = Mapping[str, bytes]


def read_ooxml(parts: Parts) -> Workbook:
    """Read parts by name in lower case; `RefusedError` when they are no workbook."""
    root = dict(reversed(_relations(parts, "").values()))
    main = root.get("officeDocument", "xl/workbook.xml")
    outline = _cached(_parse_outline, _part(parts, main))
    targets = _relations(parts, main)
    shared = [target for kind, target in targets.values() if kind == "sharedStrings" and target.lower() in parts]
    strings = _cached(_parse_strings, _part(parts, shared[-1])) if shared else []
    sheets, budget = [], Budget()
    has_notes = any("comments" in name for name in parts)
    for name, target in _worksheets(outline, targets):
        builder = SheetBuilder(budget, notes=_notes(parts, target) if has_notes else set())
        sheets.append(read_sheet(_part(parts, target), strings, builder).sheet(name))
    problems = (Problem(ProblemCode.MACRO_IGNORED),) if any(name.endswith("vbaproject.bin") for name in parts) else ()
    return Workbook(sheets, _cached(_defined_names, _part(parts, main)), _modified(parts, root), problems)


def parse_timestamp(text: str) -> datetime | None:
    """Return the time in a text, in UTC where it names no zone; None where it is no time."""
    try:
        stamp = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def _worksheets(outline: _Outline, targets: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Name and part of each worksheet, no part twice: a small file could name one large sheet many times."""
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


def _cached(parse_part: Callable[..., _T], part: bytes, *context: str) -> _T:
    """Parse a part, or return the cached result for the same bytes, which nobody changes."""
    return (_parse_cached if len(part) <= MAX_CACHED_PART else _parse)(parse_part, part, *context)


def _parse(parse_part: Callable[..., _T], part: bytes, *context: str) -> _T:
    return parse_part(part, *context)


_parse_cached = lru_cache(maxsize=64)(_parse)


def _parse_outline(part: bytes) -> _Outline:
    return parse(_Outline(), part)


def _parse_strings(part: bytes) -> list[str]:
    return parse(_Strings(), part).texts


def _parse_relations(part: bytes, folder: str) -> dict[str, tuple[str, str]]:
    relations = {}
    for attributes in parse(_Relations(), part).relations:
        target = attributes.get("Target", "").replace("\\", "/")
        target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        relations[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)
    return relations


def _parse_modified(part: bytes) -> datetime | None:
    return parse_timestamp(text_inside("modified", part))


def _part(parts: Parts, name: str) -> bytes:
    try:
        return parts[name.lower()]
    except KeyError:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from None


def _notes(parts: Parts, sheet: str) -> set[CellRef]:
    """The cells of a sheet that have a note; its text is not read."""
    targets = [target for kind, target in _relations(parts, sheet).values() if kind == "comments"]
    handler = _Notes()
    for target in targets:
        with contextlib.suppress(RefusedError):  # an odd part of notes costs no answer
            parse(handler, parts.get(target.lower(), b"<a/>"))
    return set(filter(None, map(parse_cell_ref, handler.refs)))


def _relations(parts: Parts, source: str) -> dict[str, tuple[str, str]]:
    """Relation id to (kind, part) for a part; the source `""` is the package itself."""
    folder, name = posixpath.split(source)
    part = parts.get(posixpath.join(folder, "_rels", f"{name}.rels").lower())
    return {} if part is None else _cached(_parse_relations, part, folder)


def _defined_names(part: bytes) -> dict[str, tuple[str, CellRef]]:
    """Names of the workbook that point at one cell; other names are ignored."""
    names = {}
    for name, pieces in _cached(_parse_outline, part).names.items():
        sheet, _, cell = "".join(pieces).rpartition("!")
        if ref := parse_cell_ref(cell):
            names[name] = (sheet.strip("'").replace("''", "'"), ref)
    return names


def _modified(parts: Parts, root: Mapping[str, str]) -> datetime | None:
    """When the workbook was last saved. Packages made by .NET name the part with it in another way."""
    part = parts.get(root.get("core-properties", CORE_PART).lower())
    return None if part is None else _cached(_parse_modified, part)


class _Notes(Handler):
    """The cell of every note."""

    def __init__(self) -> None:
        self.refs = list[str]()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "comment":
            self.refs.append(attributes.get("ref", ""))


class _Relations(Handler):
    """The attributes of every relation."""

    def __init__(self) -> None:
        self.relations = list[Attributes]()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            self.relations.append(attributes)


class _Outline(Handler):
    """The sheets of a workbook as (name, relation id), and its defined names, not those of a single sheet."""

    def __init__(self) -> None:
        self.sheets, self.names = list[tuple[str, str]](), dict[str, list[str]]()
        self._pieces: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            local = local_attributes(attributes)
            self.sheets.append((local.get("name", ""), local.get("id", "")))
        elif name == "definedName" and "localSheetId" not in attributes:
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
        self._in_text, self._phonetic = False, 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._phonetic += 1
        self._in_text = name == "t" and not self._phonetic

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append(unescape("".join(self._pieces)))
        elif name == "rPh":
            self._phonetic -= 1
        self._in_text = False

    def data(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)
