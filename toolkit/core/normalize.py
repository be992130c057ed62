"""Texts that people type, normalized: case, spaces and punctuation make no difference."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache

_CODE = r"(\d\d)[ -]?([a-z]{2})[ ._/|‐-―-]{0,3}(\d\d)"
_SCHOOL_CODE = re.compile(rf"{_CODE}|(\d\d) ?([a-z]{{2}})", re.IGNORECASE)
_CODE_IN_TEXT = re.compile(rf"(?<![^\W_]){_CODE}(?![^\W_])", re.IGNORECASE)
_AROUND_CODE = re.compile(r"^[\s.,;:'\"()]+|[\s.,;:'\"()]+$")
_CODE_WORD = re.compile(r"\bbrin\w*|\b(?:school|vestigings?)?(?:code|nummer|nr)\b", re.IGNORECASE)
_CODE_LABEL = re.compile(r"(?:brin|school|vestigings?)?[ -]?(?:code|nummer|nr)?(?:\b|(?=\d))[ .:=#-]*", re.IGNORECASE)
_WAVE = re.compile(
    r"(?:(?:school ?jaar|s[jy]|school year|jaar)(?:\b|(?=\d))[.:]?\s*)?"
    r"(?:20|['‘’`])?(\d\d)\s*(?:[-‐-―/_|]|t/m|tot|to|(?<=20\d\d)\s(?=20))\s*(?:20|['‘’`])?(\d\d)"
    r"(?:\s*/\s*([1-9])|[\s,]*\(?(?:([1-9])e\s+(?:meting|moment)|(?:meting|moment)\s+([1-9]))\)?)?",
    re.IGNORECASE,
)


_NO_SCHOOL = frozenset({"nvt", "n v t", "onbekend", "weet niet", "geen", "idem", "zie boven", "unknown", "n a", "none"})
"""What people fill in where they name no school."""


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
    letters = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        letters = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
    return " ".join(re.findall(r"\w+", letters.casefold()))


@lru_cache(maxsize=4096)
def list_lines(text: str) -> list[str]:
    """The lines of a typed list, each without its bullet."""
    lines = (" ".join(line.split()).lstrip("-•*– ") for line in text.splitlines())
    return [line for line in lines if line]


def join_lines(text: str) -> str:
    r"""The lines of a typed list as one; a line that is no sentence ends in a semicolon.

    Examples
    --------
    >>> join_lines("- open morning\n- once a month. \n- show it")
    'open morning; once a month. show it'
    """
    return re.sub(r"([^.!?;:,])\n", r"\1; ", "\n".join(list_lines(text))).replace("\n", " ")


@lru_cache(maxsize=1024)
def read_school(text: str) -> str:
    """A school id: the one BRIN code in a text, in capitals, else the name on one line.

    Examples
    --------
    >>> read_school(" 12ab00 "), read_school("12ab-00"), read_school("BRIN: 12AB 00."), read_school("De  Regenboog")
    ('12AB00', '12AB00', '12AB00', 'De Regenboog')
    >>> read_school("12AB00 - De Regenboog"), read_school("De Regenboog (12AB00)"), read_school("12AB")
    ('12AB00', '12AB00', '12AB')
    """
    name = " ".join(unicodedata.normalize("NFKC", strip_invisible(text)).split())
    plain = _AROUND_CODE.sub("", name)
    label = _CODE_LABEL.match(plain)
    code = _SCHOOL_CODE.fullmatch(plain[label.end() :] if label else plain)
    if code:
        return "".join(filter(None, code.groups())).upper()
    codes = {"".join(parts).upper() for parts in _CODE_IN_TEXT.findall(plain)}
    if len(codes) == 1:
        return codes.pop()
    return name if plain.strip("-_/?") and normalize_text(plain) not in _NO_SCHOOL else ""


def name_beside_code(text: str) -> str:
    """The name beside a school's code in a text; empty where there is no code or no name.

    Examples
    --------
    >>> name_beside_code("De Regenboog (BRIN 12AB00)"), name_beside_code("BRIN: 12AB 00."), name_beside_code("De Brug")
    ('De Regenboog', '', '')
    """
    beside, n_codes = _CODE_IN_TEXT.subn(" ", strip_invisible(text))
    name = " ".join(_CODE_WORD.sub(" ", beside).split()).strip(" .,;:-–()[]/'\"")
    return "" if n_codes != 1 or name.lower() in ("school", "vestiging") else name


@lru_cache(maxsize=1024)
def read_wave(text: str) -> str | None:
    """A school year as `2025-2026`, a second moment as `2025-2026/2`; None for the rest.

    Examples
    --------
    >>> read_wave("2025/26"), read_wave("2025 – 2026/2"), read_wave("vorig jaar")
    ('2025-2026', '2025-2026/2', None)
    >>> read_wave("25-26"), read_wave("2025-'26"), read_wave("Schooljaar 2025/2026")
    ('2025-2026', '2025-2026', '2025-2026')
    """
    match = _WAVE.fullmatch(strip_invisible(text).rstrip(".,; "))
    if not match or (int(match[1]) + 1) % 100 != int(match[2]) or int(match[1]) > 79:
        return None
    number = match[3] or match[4] or match[5]
    moment = f"/{number}" if number and number != "1" else ""
    return f"20{match[1]}-{2001 + int(match[1])}{moment}"
