"""Pseudonyms of schools and respondents, and the secret they are made with."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text

MIN_SECRET_LENGTH = 20
"""A school code has some 7 million forms, and a computer tries 80,000 a second: a short secret can be guessed too."""


def pseudonym(secret: bytes, kind: str, *parts: str) -> str:
    """Return a pseudonym: HMAC-SHA256 of the parts under the secret, its first 64 bits.

    Examples
    --------
    >>> pseudonym(b"secret", "s", "12AB00") == pseudonym(b"secret", "s", "12AB00")
    True
    """
    return f"{kind}-{hmac.new(secret, chr(31).join((kind, *parts)).encode(), hashlib.sha256).hexdigest()[:16]}"


def make_key(secret: str | None) -> bytes:
    """Return the key of pseudonyms: of the secret, or a random one where none is given.

    Raises
    ------
    ToolkitError
        The secret has fewer than `MIN_SECRET_LENGTH` characters.
    """
    if secret is None:
        return secrets.token_bytes(32)
    if len(secret) < MIN_SECRET_LENGTH:
        raise ToolkitError(load_text().say("export.short_secret", length=len(secret), minimum=MIN_SECRET_LENGTH))
    return secret.encode()


def load_secret(path: str | Path) -> tuple[str, bool]:
    """Read the secret in a file, and make the file with 32 random bytes where there is none.

    Returns
    -------
    The secret, and whether the file is new. Only its owner can read a new file.
    """
    path = Path(path)
    if path.exists():
        return path.read_text(encoding="utf-8-sig").strip(), False
    secret = secrets.token_hex(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")
    return secret, True
