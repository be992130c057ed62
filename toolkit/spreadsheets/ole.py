"""The streams of an OLE container, in which Excel keeps old workbooks and encrypted ones.

Every length and place in it is checked against the bytes of the file, and no loop follows it for longer than it has
sectors.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.core.errors import Problem, ProblemCode, RefusedError

_END = 0xFFFFFFFE
_STREAM, _ROOT = 2, 5


class _Entry(NamedTuple):
    """One line of the directory; `left`, `right` and `child` are the numbers of others."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Container:
    """An OLE container: the names of all entries in lower case, and its outermost streams."""

    names: frozenset[str]
    _streams: dict[str, _Entry]
    _sectors: list[bytes]
    _table: list[int]
    _mini_sectors: list[bytes]
    _mini_table: list[int]
    _cutoff: int

    def stream(self, name: str) -> bytes | None:
        """Return a stream by lower-case name, or None; `RefusedError` if it was cut off.

        A stream in a folder of the container, such as a workbook pasted into this one, is not returned.
        """
        entry = self._streams.get(name)
        if entry is None:
            return None
        is_mini = entry.length < self._cutoff
        sectors, table = (self._mini_sectors, self._mini_table) if is_mini else (self._sectors, self._table)
        data = _chain(sectors, table, entry.start)
        if len(data) < entry.length:
            raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
        return data[: entry.length]


def open_container(data: bytes) -> Container:
    """Open a container; `struct.error`, `IndexError` or `RefusedError` if it is none."""
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    size = 1 << shift
    sectors = [data[offset : offset + size] for offset in range(size, len(data), size)]
    table = _sector_table(data, sectors, size)
    (directory_start,) = struct.unpack_from("<I", data, 48)
    cutoff, mini_start = struct.unpack_from("<II", data, 56)
    directory = _chain(sectors, table, directory_start)
    entries = [_read_entry(directory, offset) for offset in range(0, len(directory) - 127, 128)]
    mini = _chain(sectors, table, next((entry.start for entry in entries if entry.kind == _ROOT), _END))
    return Container(
        names=frozenset(entry.name.lower() for entry in entries),
        _streams={entry.name.lower(): entry for entry in reversed(_outermost(entries)) if entry.kind == _STREAM},
        _sectors=sectors,
        _table=table,
        _mini_sectors=[mini[offset : offset + 64] for offset in range(0, len(mini), 64)],
        _mini_table=_numbers(_chain(sectors, table, mini_start)),
        _cutoff=cutoff,
    )


def _outermost(entries: list[_Entry]) -> list[_Entry]:
    """The entries that are in no folder; all of them where the container does not tell which is in which."""
    pending = [entry.child for entry in entries if entry.kind == _ROOT][:1]
    visited: dict[int, _Entry] = {}
    while pending:
        number = pending.pop()
        if number < len(entries) and number not in visited:
            visited[number] = entries[number]
            pending += [entries[number].left, entries[number].right]
    return [visited[number] for number in sorted(visited)] or entries


def _sector_table(data: bytes, sectors: list[bytes], size: int) -> list[int]:
    """Which sector follows which, from no more sectors than it takes to list all."""
    blocks = _numbers(data[76:512])
    next_block, count = struct.unpack_from("<II", data, 68)
    max_blocks = len(sectors) * 4 // size + 1
    for _ in range(min(count, len(sectors))):
        if next_block >= len(sectors) or len(blocks) >= max_blocks:
            break
        block = _numbers(sectors[next_block])
        blocks, next_block = blocks + block[:-1], block[-1]
    return [number for sector in blocks[:max_blocks] if sector < len(sectors) for number in _numbers(sectors[sector])]


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _chain(sectors: list[bytes], table: list[int], start: int) -> bytes:
    """The sectors from one on; a chain that returns to itself stops after the number of sectors in the file."""
    pieces = []
    for _ in range(len(sectors)):
        if start >= len(sectors):
            break
        pieces.append(sectors[start])
        start = table[start] if start < len(table) else _END
    return b"".join(pieces)


def _read_entry(directory: bytes, offset: int) -> _Entry:
    length, kind = struct.unpack_from("<HB", directory, offset + 64)
    name = directory[offset : offset + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return _Entry(name, kind, *struct.unpack_from("<III36xII", directory, offset + 68))
