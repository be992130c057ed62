"""What people type, folded so that case, spaces and punctuation make no difference, and matched to what it means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache

from toolkit.instrument import Instrument

_BRIN = re.compile(r"(\d\d) ?([a-z]{2})(?:[ ./|‐-―-]{0,3}(\d\d))?", re.IGNORECASE)
_WAVE = re.compile(r"(20\d\d)\s*[-‐-―/]\s*(?:20)?(\d\d)(?:\s*/\s*([1-9]))?")

PUPIL_HEADINGS = frozenset({
    "leerling", "leerlingen", "leerlingnaam", "leerlingnummer", "naam leerling", "kind", "kinderen", "naam kind",
    "voornaam", "achternaam", "roepnaam", "geboortedatum", "bsn", "moedertaal", "thuistaal", "taal thuis",
    "gezinssamenstelling", "opleiding ouders", "werk ouders", "contact ouders", "contact met ouders", "naam ouder",
    "naam ouders", "pupil", "pupils", "student", "child", "surname", "birthday", "date of birth", "first name",
    "last name", "home language",
})  # fmt: skip
"""Folded headings of a list of children, which a teacher may hand in by mistake."""

_PUPIL_WORDS = frozenset({
    "leerling", "leerlingen", "leerlingnaam", "leerlingnummer", "leerlingnr", "geboortedatum", "bsn", "moedertaal",
    "thuistaal", "gezinssamenstelling", "gezinssituatie", "voornaam", "achternaam", "roepnaam", "pupil", "pupils",
    "student",
})  # fmt: skip
_PUPIL_FACTS = re.compile(r"(opleiding|beroep|werk|taal|naam|telefoon|adres) (van (de )?)?(ouders?|vader|moeder)( \d)?")
_BESIDE_PUPILS = frozenset({"naam", "name", "groep", "klas", "class", "group", "geslacht", "adres", "telefoon"})
"""Headings that say nothing by themselves, and are part of a list of children beside one that does."""


def heads_pupils(folded: str) -> bool:
    """Whether a folded heading is one that only a list of children has."""
    known = folded in PUPIL_HEADINGS or not _PUPIL_WORDS.isdisjoint(folded.split())
    return known or _PUPIL_FACTS.fullmatch(folded) is not None


def lists_pupils(headings: Iterable[str]) -> bool:
    """Whether folded headings head a list of children: one that only such a list has, and one more."""
    different = set(headings)
    pupils = {heading for heading in different if heads_pupils(heading)}
    return bool(pupils) and len(pupils | (different & _BESIDE_PUPILS)) >= 2


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


def visible(text: str) -> str:
    """Return the text without invisible marks and without white space around it."""
    if text.isprintable():
        return text.strip()
    return "".join(c for c in text if unicodedata.category(c) != "Cf").strip()


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Fold a text to its letters and digits: two texts that read the same become the same.

    Examples
    --------
    >>> fold("  ‘Een  béétje’! ") == fold("een beetje")
    True
    """
    kept = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        kept = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
    return " ".join(re.findall(r"\w+", kept.casefold()))


def answer_words(checklist: Instrument) -> dict[str, int]:
    """Every folded word that is an answer, in all languages, with its value."""
    return {
        fold(word): answer.value for answer in checklist.answers for word in (*answer.label.values(), *answer.aliases)
    }


def read_answer(text: str, words: Mapping[str, int]) -> int | None:
    """Return the value of what clearly is an answer, else None.

    Stops, quotes and brackets around it change nothing, nor does an accent: `néé`. Any other sign may: `Ja?`, `Ja -`,
    `Ja*`, `Ja 👎`, `Jä`.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Cf")
    return words.get(fold(text)) if _PLAIN.fullmatch(plain) else None


_PLAIN = re.compile(r"""[\w\s.,;:!()\[\]{}'"`´‘’‚‛“”„‟‹›«»\u0300-\u0301]*""")


def role_words(checklist: Instrument) -> dict[str, str]:
    """Every folded word that names a role, with the role's id."""
    return {
        fold(word): role.id
        for role in checklist.roles
        for word in (role.id, *role.label.values(), *role.plural.values(), *role.aliases)
    }


def statement_items(checklist: Instrument) -> dict[str, str]:
    """Every folded statement, in all languages, with its item id."""
    return {fold(statement): item.id for item in checklist.items for statement in item.statement.values()}


def read_school(text: str) -> str:
    """Return a school id: white space folded, a BRIN code in capitals and without what parts it.

    Examples
    --------
    >>> read_school(" 12ab00 "), read_school("12AB-00"), read_school("De  Regenboog")
    ('12AB00', '12AB00', 'De Regenboog')
    """
    name = " ".join(unicodedata.normalize("NFKC", visible(text)).split())
    code = _BRIN.fullmatch(name)
    return "".join(filter(None, code.groups())).upper() if code else name


def read_wave(text: str) -> str | None:
    """Return a school year as `2025-2026`, or `2025-2026/2` for a second moment; None for anything else.

    Examples
    --------
    >>> read_wave("2025/26"), read_wave("2025 – 2026/2"), read_wave("vorig jaar")
    ('2025-2026', '2025-2026/2', None)
    """
    match = _WAVE.fullmatch(visible(text))
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        return None
    moment = f"/{match[3]}" if match[3] and match[3] != "1" else ""
    return f"{match[1]}-{int(match[1]) + 1}{moment}"
