"""What was read before, by what it was read from: the file's own bytes and the code that read them.

A folder of Parquet files, each written whole or not at all: a crash at any moment leaves nothing half. A file that
can't be read, or is not ours, is passed over; what it held is read afresh.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from toolkit.core.atomic_write import atomic_write, remove_stale_temp_files
from toolkit.core.fingerprint import package_fingerprint
from toolkit.forms.form_reader import Form
from toolkit.instrument.model import Instrument

FOLDER = ".handvat-cache"
"""Beside the forms: it holds the same answers, so it stays where they are kept, and goes when they go."""

MAX_FILES = 24
"""Parts before they are put together in one."""

_COLUMNS = ["key", "form"]
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Form)


class FormCache:
    """Forms by the digest of their file; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, checklist: Instrument) -> None:
        self._folder = folder
        self._reader = _fingerprint(checklist)
        self._known: dict[str, bytes] = {}
        self._new: dict[str, bytes] = {}
        if folder is not None:
            for part in sorted(folder.glob("forms-*.parquet")):
                self._known |= _load(part)

    @property
    def filled(self) -> bool:
        """Whether there is anything to look up."""
        return bool(self._known)

    def get(self, digest: str) -> Form | None:
        """Return the form that these bytes gave before."""
        packed = self._known.get(self._key(digest))
        if packed is None:
            return None
        try:
            return _DECODER.decode(packed)
        except msgspec.DecodeError:  # also where it has other fields than a form
            return None

    def put(self, digest: str, form: Form) -> None:
        """Remember a form; it is kept with the next `save`."""
        if self._folder is not None:
            self._new[self._key(digest)] = _ENCODER.encode(form)

    def save(self) -> None:
        """Keep what is new. Where nothing may be written, nothing is kept: a cache is a convenience."""
        if self._folder is None or not self._new:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder, self._new)
            self._known |= self._new
            self._new = {}
            self._tidy(self._folder)

    def _tidy(self, folder: Path) -> None:
        """Put many parts together, and leave behind what an older reader read; what a crash left is the same twice."""
        remove_stale_temp_files(folder)
        parts = sorted(folder.glob("forms-*.parquet"))
        if len(parts) > MAX_FILES:
            whole = _write(folder, {key: form for key, form in self._known.items() if key.startswith(self._reader)})
            for part in parts:
                if part != whole:
                    part.unlink(missing_ok=True)

    def _key(self, digest: str) -> str:
        return f"{self._reader}:{digest}"


def _load(part: Path) -> dict[str, bytes]:
    try:
        table = pq.read_table(part, columns=_COLUMNS)
        return dict(zip(table["key"].to_pylist(), table["form"].to_pylist(), strict=True))
    except Exception:  # whatever Parquet makes of a file that is none
        return {}


def _write(folder: Path, forms: Mapping[str, bytes]) -> Path:
    """Write a part, whole or not at all."""
    columns = [pa.array(list(forms), pa.string()), pa.array(list(forms.values()), pa.binary())]
    table = pa.Table.from_arrays(columns, names=_COLUMNS)
    name = hashlib.sha256("".join(sorted(forms)).encode()).hexdigest()[:20]
    written, target = io.BytesIO(), folder / f"forms-{name}.parquet"
    pq.write_table(table, written, compression="zstd")
    atomic_write(target, written.getvalue())
    return target


def _fingerprint(checklist: Instrument) -> str:
    return hashlib.sha256(package_fingerprint().encode() + msgspec.json.encode(checklist)).hexdigest()[:16]
