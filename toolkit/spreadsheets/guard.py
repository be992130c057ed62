"""Checks before anything parses: no file may hang, kill or fill the process that reads it.

Every bound is far above what a filled-in form needs, and each refusal says what to do. Nothing here trusts what a file
claims about itself: sizes are counted while unpacking, and links and pipes are refused before they are opened.
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
"""Bounds of a file: its bytes, the members of its package, and their bytes and tags once unpacked.

The depth of elements needs no bound: nothing here is recursive, expat included."""

MAX_CACHED_PART = 100_000
"""Bytes of a part that is cached: the forms of a school share most of their parts."""

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ALLOWED_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF8, _CHUNK = 0x1, 0x800, 65_536
_PREFIXED = re.compile(rb"<[^\s<>/!?=]+:")
Attributes = dict[str, str]


def read_regular_file(path: str | Path, max_bytes: int = MAX_FILE) -> bytes:
    """Read a regular file: no link, pipe or device, and of at most `max_bytes`.

    The file that was checked is the file that is read: one that is replaced by a pipe in between does not block.
    Raises `RefusedError` with the reason.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise RefusedError(Problem(ProblemCode.NOT_REGULAR))
        with open(path, "rb", opener=_open) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise RefusedError(Problem(ProblemCode.NOT_REGULAR))
            data = file.read(min(status.st_size, max_bytes) + 1)
    except OSError as error:
        raise RefusedError(Problem(ProblemCode.UNREADABLE, found=error.strerror or type(error).__name__)) from error
    if len(data) > max_bytes:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    return data


_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | _FLAGS)


def unpack(data: bytes) -> dict[str, bytes]:
    """Unpack a zip package in memory, as parts by name in lower case.

    The checksum of every member is checked, also of those that nobody reads: a package that is odd in one place is not
    trusted in another. Raises `RefusedError`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
            names = [_part_name(member.filename.lower()) for member in members]
            _check_members(members, names)
            parts: dict[str, bytes] = {}
            max_bytes, max_tags = MAX_UNPACKED, MAX_TAGS
            for name, member in zip(names, members, strict=True):
                content, tags = _unpack_member(data, member, min(max_bytes, MAX_PART))
                parts[name] = content
                max_bytes, max_tags = max_bytes - len(content), max_tags - tags
                if max_tags < 0:  # the time to read a package depends on its tags, in however many parts they are
                    raise RefusedError(Problem(ProblemCode.TOO_LARGE))
            return parts
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, OSError, ValueError) as error:
        # all that zipfile raises for a broken or odd package
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from error


def _part_name(name: str) -> str:
    """Return a member's name with `/` between its parts, as the standard has it.

    Some programs on Windows write a backslash, or a slash in front.
    """
    return name.replace("\\", "/").lstrip("/") if "\\" in name or name[:1] == "/" else name


def _check_members(members: list[zipfile.ZipInfo], names: list[str]) -> None:
    if len(members) > MAX_MEMBERS:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise RefusedError(Problem(ProblemCode.PASSWORD))
    if any(member.compress_type not in _ALLOWED_METHODS for member in members):
        raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
    if len({name.casefold() for name in names}) < len(members):
        # readers differ in which of the two they take
        raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
    if not members or min(member.header_offset for member in members) != 0:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))


def _unpack_member(data: bytes, member: zipfile.ZipInfo, max_bytes: int) -> tuple[bytes, int]:
    """Return a member's content, with name, size and checksum checked, and its tags. Zipfile takes twice as long."""
    offset = member.header_offset
    signature, name_length, extra_length = struct.unpack_from("<4s22xHH", data, offset)
    name = data[offset + 30 : offset + 30 + name_length]
    if signature != ZIP or name.decode("utf-8" if member.flag_bits & _UTF8 else "cp437") != member.orig_filename:
        raise zipfile.BadZipFile
    start = offset + 30 + name_length + extra_length
    packed, stored = data[start : start + member.compress_size], member.compress_type == zipfile.ZIP_STORED
    cached = _inflate_cached(packed, stored) if len(packed) < MAX_CACHED_PART // 8 else None
    content, checksum, tags = cached or _inflate_and_check(packed, stored, max_bytes + 1)
    if len(content) > max_bytes:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    if len(content) != member.file_size or checksum != member.CRC:
        raise zipfile.BadZipFile
    return content, tags


@lru_cache(maxsize=64)
def _inflate_cached(packed: bytes, stored: bool) -> tuple[bytes, int, int] | None:
    """Inflate a part that many forms share once; None where it is too large for the cache."""
    result = _inflate_and_check(packed, stored, MAX_CACHED_PART + 1)
    return result if len(result[0]) <= MAX_CACHED_PART else None


def _inflate_and_check(packed: bytes, stored: bool, max_bytes: int) -> tuple[bytes, int, int]:
    """Return the content up to `max_bytes`, its checksum and its number of tags."""
    content = packed if stored or not packed else _inflate(packed, max_bytes)  # an empty member may hold no byte at all
    return content, zlib.crc32(content), content.count(b"<")


def _inflate(packed: bytes, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflater.decompress(packed, max_bytes)
    if not inflater.eof and len(content) < max_bytes:
        raise zipfile.BadZipFile
    return content


class Handler:
    """Handles events of one XML part: element names without prefix, attributes unchanged."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text inside an element."""


_H = TypeVar("_H", bound=Handler)


def parse(handler: _H, xml: bytes) -> _H:
    """Parse a part with a handler, and return the handler.

    A document type is refused, since it may define endless entities. Raises `RefusedError`.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.buffer_text, parser.buffer_size = True, _CHUNK
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    if _PREFIXED.search(xml) or b"\0" in xml[:4]:  # the search does not find prefixes in UTF-16
        local, start, end = _LocalNames(), handler.start, handler.end
        parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
        parser.EndElementHandler = lambda name: end(local[name])
    parser.CharacterDataHandler = handler.data
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: an unknown encoding
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from error
    return handler


class _LocalNames(dict[str, str]):
    """Element names without their prefix, each computed once."""

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
