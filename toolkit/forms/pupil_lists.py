"""Headings that only a list of pupils has: a teacher may hand one in by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
