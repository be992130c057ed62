"""Look before anything parses: no file may hang, kill or fill the process that reads it.

Every bound is far above what a filled-in form needs, and each refusal says what to do. Nothing here trusts what a file
claims about itself: sizes are counted while unpacking, and a name, link or pipe is looked at before it is opened.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from xml.parsers import expat

from toolkit.core.errors import Problem, ProblemCode, RefusedError

MAX_FILE = 5_000_000
MAX_MEMBERS = 400
MAX_UNPACKED, MAX_PART = 24_000_000, 12_000_000
MAX_TAGS = 600_000
MAX_KNOWN_TEXTS = 100_000
"""Bounds of a file: its bytes, the members of its package, their bytes and tags unpacked, and the bytes of a part that
is worth remembering.

How deep elements lie needs no bound: nothing here, expat included, calls itself to go deeper."""

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_HARMLESS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF8, _CHUNK = 0x1, 0x800, 65_536
_PREFIXED = re.compile(rb"<[^\s<>/!?=]+:")
Attributes = dict[str, str]


def read_regular_file(path: str | Path, most: int = MAX_FILE) -> bytes:
    """Read a file that is one: no link, pipe or device, and not larger than a form can be.

    Raises `RefusedError` with the reason. What was looked at is what is read: a file that is exchanged for a pipe in
    between is not waited for.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise RefusedError(Problem(ProblemCode.NOT_REGULAR))
        with open(path, "rb", opener=_open) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise RefusedError(Problem(ProblemCode.NOT_REGULAR))
            data = file.read(min(found.st_size, most) + 1)
    except OSError as error:
        raise RefusedError(Problem(ProblemCode.UNREADABLE, found=error.strerror or type(error).__name__)) from error
    if len(data) > most:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    return data


_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | _FLAGS)


def unpack(data: bytes) -> dict[str, bytes]:
    """Unpack a zip package in memory: part by name in lower case, as the standard has it.

    Every member is unpacked and its checksum held to it, also those that nobody reads: what is odd in one place is not
    trusted in another. Raises `RefusedError`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
            _check_members(members)
            parts: dict[str, bytes] = {}
            left, tags = MAX_UNPACKED, MAX_TAGS
            for member in members:
                content, its_tags = _unpacked(data, member, min(left, MAX_PART))
                parts[member.filename.lower()] = content
                left, tags = left - len(content), tags - its_tags
                if tags < 0:  # what takes time to read is the number of tags, in however many parts they are
                    raise RefusedError(Problem(ProblemCode.TOO_LARGE))
            return parts
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, OSError, ValueError) as error:
        # what zipfile raises for a package that is broken or oddly made
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from error


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise RefusedError(Problem(ProblemCode.PASSWORD))
    if any(member.compress_type not in _HARMLESS for member in members):
        raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
    if len({member.filename.casefold() for member in members}) < len(members):
        # readers differ in which of the two they take
        raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
    if not members or min(member.header_offset for member in members) != 0:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))


def _unpacked(data: bytes, member: zipfile.ZipInfo, most: int) -> tuple[bytes, int]:
    """Return a member's content, its name and checksum held to it, and its tags; zipfile takes twice as long."""
    start = member.header_offset
    signature, name_length, more = struct.unpack_from("<4s22xHH", data, start)
    name = data[start + 30 : start + 30 + name_length]
    if signature != ZIP or name.decode("utf-8" if member.flag_bits & _UTF8 else "cp437") != member.orig_filename:
        raise zipfile.BadZipFile
    begin = start + 30 + name_length + more
    packed, stored = data[begin : begin + member.compress_size], member.compress_type == zipfile.ZIP_STORED
    known = _small(packed, stored) if len(packed) < MAX_KNOWN_TEXTS // 8 else None
    content, checksum, tags = known or _content(packed, stored, most + 1)
    if len(content) > most:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    if len(content) != member.file_size or checksum != member.CRC:
        raise zipfile.BadZipFile
    return content, tags


@lru_cache(maxsize=64)
def _small(packed: bytes, stored: bool) -> tuple[bytes, int, int] | None:
    """What many forms share is unpacked once."""
    found = _content(packed, stored, MAX_KNOWN_TEXTS + 1)
    return found if len(found[0]) <= MAX_KNOWN_TEXTS else None


def _content(packed: bytes, stored: bool, most: int) -> tuple[bytes, int, int]:
    """The content, at most so long, its checksum and how many tags it has."""
    content = packed if stored else _inflate(packed, most)
    return content, zlib.crc32(content), content.count(b"<")


def _inflate(packed: bytes, most: int) -> bytes:
    """Inflate, and stop soon after `most`."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflater.decompress(packed, most)
    if not inflater.eof and len(content) < most:
        raise zipfile.BadZipFile
    return content


class Handler:
    """Listens to one XML part; element names come without prefix, attributes as they stand."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text inside an element."""


_H = TypeVar("_H", bound=Handler)


def parse(handler: _H, xml: bytes) -> _H:
    """Let the handler listen to a part.

    A document type is refused, since it may define entities without end. Raises `RefusedError`.
    """
    parser = _parser()
    parser.buffer_text, parser.buffer_size = True, _CHUNK
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    if _PREFIXED.search(xml) or b"\0" in xml[:4]:  # in UTF-16 the search doesn't see them
        local, begin, finish = _Local(), handler.start, handler.end
        parser.StartElementHandler = lambda name, attributes: begin(local[name], attributes)
        parser.EndElementHandler = lambda name: finish(local[name])
    parser.CharacterDataHandler = handler.data
    _finish(parser, xml)
    return handler


def check(xml: bytes) -> None:
    """Hold a part to all that `parse` does, and listen to nothing. Raises `RefusedError`."""
    _finish(_parser(), xml)


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _finish(parser: expat.XMLParserType, xml: bytes) -> None:
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError) as error:  # ValueError: an encoding that Python hasn't
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from error


class _Local(dict[str, str]):
    """Element names without their prefix, each worked out once."""

    def __missing__(self, name: str) -> str:
        self[name] = name.rpartition(":")[2]
        return self[name]


def text_inside(name: str, xml: bytes) -> str:
    """Return all text inside a part's elements of one name."""
    return "".join(parse(_Texts(name), xml).pieces)


def local_attributes(attributes: Mapping[str, str]) -> Attributes:
    """Return the attributes by their names without prefix."""
    return {name.rpartition(":")[2]: value for name, value in attributes.items()}


class _Texts(Handler):
    """All text inside elements of one name."""

    def __init__(self, name: str) -> None:
        self.name, self.pieces, self._inside = name, list[str](), False

    def start(self, name: str, attributes: Attributes) -> None:
        self._inside = name == self.name

    def end(self, name: str) -> None:
        self._inside = False

    def data(self, text: str) -> None:
        if self._inside:
            self.pieces.append(text)


def _refuse_doctype(*_: object) -> None:
    raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
