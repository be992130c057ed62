"""Cache of parsed forms, keyed by file hash and a fingerprint of the parsing code.

A folder of files, each written atomically: a crash at any moment leaves nothing half. A part that can't be read, is a
link, unpacks to too much or is not ours is ignored: its forms are read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import stat
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from toolkit.core.atomic_write import atomic_write, remove_stale_temp_files
from toolkit.core.errors import RefusedError
from toolkit.core.fingerprint import package_fingerprint
from toolkit.forms.form import Form
from toolkit.instrument.model import Instrument
from toolkit.spreadsheets.guard import read_regular_file

FOLDER = ".handvat-cache"
"""Beside the forms: it holds the same answers, so it stays where they are, and goes when they go."""

MAX_PARTS = 24
"""Parts before they are put together in one."""

MAX_PART, MAX_PART_UNPACKED = 100_000_000, 300_000_000
"""Bytes of a part, and of a part unpacked: 200,000 forms take some 140 million."""

_MARK, _PATTERN = b"handvat-forms-1\n", "forms-*.cache"
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Form)
_PART_DECODER = msgspec.msgpack.Decoder(dict[str, bytes])


class FormCache:
    """Forms by the digest of their file; without a folder nothing is cached."""

    def __init__(self, folder: Path | None, checklist: Instrument) -> None:
        self._folder = folder if folder is None or _is_own_folder(folder) else None
        reader = package_fingerprint().encode() + msgspec.json.encode(checklist)
        self._reader = hashlib.sha256(reader).hexdigest()[:16]
        self._items = {item: {answer.value for answer in checklist.answers} for item in checklist.item_ids}
        self._roles = {None, *checklist.role_ids}
        self._stored: dict[str, bytes] = {}
        self._pending: dict[str, bytes] = {}
        if self._folder is not None:
            for part in sorted(self._folder.glob(_PATTERN)):
                self._stored |= load_part(part)

    @property
    def has_entries(self) -> bool:
        """Whether there is anything to look up."""
        return bool(self._stored)

    def get(self, digest: str) -> Form | None:
        """Return the form that these bytes gave before."""
        packed = self._stored.get(self._key(digest))
        if packed is None:
            return None
        try:
            form = _DECODER.decode(packed)
        except (msgspec.DecodeError, ValueError):  # also where it has other fields than a form
            return None
        return form if self._is_possible(form) else None

    def put(self, digest: str, form: Form) -> None:
        """Remember a form; it is stored with the next `save`."""
        if self._folder is not None:
            self._pending[self._key(digest)] = _ENCODER.encode(form)

    def save(self) -> None:
        """Store new forms. Where nothing may be written nothing is stored: a cache is a convenience."""
        if self._folder is None or not self._pending:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder, self._pending)
            self._stored |= self._pending
            self._pending = {}
            self._compact(self._folder)

    def _is_possible(self, form: Form) -> bool:
        """Whether a form fits this checklist: somebody may have made the part."""
        answers = all(value in self._items.get(item, ()) for item, value in form.answers.items())
        return answers and form.role in self._roles and set(form.first) <= self._items.keys()

    def _compact(self, folder: Path) -> None:
        """Merge many parts into one, without forms of older readers."""
        remove_stale_temp_files(folder)
        parts = sorted(folder.glob(_PATTERN))
        if len(parts) > MAX_PARTS:
            merged = _write(folder, {key: form for key, form in self._stored.items() if key.startswith(self._reader)})
            for part in parts:
                if part != merged:
                    part.unlink(missing_ok=True)

    def _key(self, digest: str) -> str:
        return f"{self._reader}:{digest}"


def load_part(part: Path) -> dict[str, bytes]:
    """Return the packed forms in a part of a cache by their key; empty where it is none."""
    try:
        data = read_regular_file(part, MAX_PART)
        if not data.startswith(_MARK):
            return {}
        inflater = zlib.decompressobj()
        content = inflater.decompress(data[len(_MARK) :], MAX_PART_UNPACKED)
        return _PART_DECODER.decode(content) if inflater.eof else {}
    except (RefusedError, zlib.error, msgspec.DecodeError, ValueError):
        return {}


def _is_own_folder(folder: Path) -> bool:
    """Whether a folder is no link: behind one there may be anybody's files."""
    try:
        return stat.S_ISDIR(folder.lstat().st_mode)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _write(folder: Path, forms: Mapping[str, bytes]) -> Path:
    name = hashlib.sha256("".join(sorted(forms)).encode()).hexdigest()[:20]
    target = folder / f"forms-{name}.cache"
    atomic_write(target, _MARK + zlib.compress(_ENCODER.encode(dict(forms)), 1))
    return target
