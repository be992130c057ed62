"""What people type, folded so that case, spaces and punctuation make no difference, and matched to what it means."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache

_BRIN = re.compile(r"(\d\d) ?([a-z]{2})(?:[ ./|‐-―-]{0,3}(\d\d))?", re.IGNORECASE)
_WAVE = re.compile(r"(20\d\d)\s*[-‐-―/]\s*(?:20)?(\d\d)(?:\s*/\s*([1-9]))?")


def cell_text(value: object) -> str:
    """Return a cell's value as text; a whole number has no decimals, nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def strip_invisible(text: str) -> str:
    """Return the text without invisible marks and without white space around it."""
    if text.isprintable():
        return text.strip()
    return "".join(c for c in text if unicodedata.category(c) != "Cf").strip()


@lru_cache(maxsize=4096)
def normalize_text(text: str) -> str:
    """Fold a text to its letters and digits: two texts that read the same become the same.

    Examples
    --------
    >>> normalize_text("  ‘Een  béétje’! ") == normalize_text("een beetje")
    True
    """
    kept = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        kept = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
    return " ".join(re.findall(r"\w+", kept.casefold()))


def read_school(text: str) -> str:
    """Return a school id: white space folded, a BRIN code in capitals and without what parts it.

    Examples
    --------
    >>> read_school(" 12ab00 "), read_school("12AB-00"), read_school("De  Regenboog")
    ('12AB00', '12AB00', 'De Regenboog')
    """
    name = " ".join(unicodedata.normalize("NFKC", strip_invisible(text)).split())
    code = _BRIN.fullmatch(name)
    return "".join(filter(None, code.groups())).upper() if code else name


def read_wave(text: str) -> str | None:
    """Return a school year as `2025-2026`, or `2025-2026/2` for a second moment; None for anything else.

    Examples
    --------
    >>> read_wave("2025/26"), read_wave("2025 – 2026/2"), read_wave("vorig jaar")
    ('2025-2026', '2025-2026/2', None)
    """
    match = _WAVE.fullmatch(strip_invisible(text))
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        return None
    moment = f"/{match[3]}" if match[3] and match[3] != "1" else ""
    return f"{match[1]}-{int(match[1]) + 1}{moment}"
