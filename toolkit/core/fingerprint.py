"""Hash of the package's own files: a cache made by other code is not used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def package_fingerprint() -> str:
    """SHA-256 of every file of the installed package, as hexadecimal digits."""
    return fingerprint(files("toolkit"))


def fingerprint(folder: Traversable) -> str:
    """SHA-256 over paths and contents of a folder, sub-folders included, `__pycache__` left out.

    Parameters
    ----------
    folder
        A `pathlib.Path` or an `importlib.resources` folder.

    Returns
    -------
    64 hexadecimal digits; they change with any byte of any file, and with any name.
    """
    digest = hashlib.sha256()
    for path, entry in sorted(_walk(folder, ""), key=lambda item: item[0]):
        content = entry.read_bytes()
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        path = f"{prefix}{entry.name}"
        if entry.is_file():
            yield path, entry
        elif entry.name != "__pycache__":
            yield from _walk(entry, f"{path}/")
