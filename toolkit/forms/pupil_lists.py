"""Recognise a list of pupils: a teacher may hand one in by mistake.

The word "leerlingen" alone makes no such list: statements and plans of action have it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_FACTS_OF_PUPILS = frozenset({
    "leerlingnaam", "leerlingnummer", "leerlingnr", "naam leerling", "naam kind", "achternaam", "roepnaam", "voornaam",
    "geboortedatum", "bsn", "moedertaal", "thuistaal", "taal thuis", "gezinssamenstelling", "gezinssituatie",
    "opleiding ouders", "werk ouders", "contact ouders", "contact met ouders", "naam ouder", "naam ouders", "surname",
    "birthday", "date of birth", "first name", "last name", "home language",
})  # fmt: skip
"""Normalized headings that only a list of children has."""

_PUPILS = frozenset({"leerling", "leerlingen", "kind", "kinderen", "pupil", "pupils", "student", "students", "child"})
"""Words that head a list of children, and other tables as well."""

_PARENT_FACTS = re.compile(
    r"(opleiding|beroep|werk|taal|naam|telefoon|adres) (van (de )?)?(ouders?|vader|moeder)( \d)?"
)

_BESIDE_PUPILS = frozenset({"naam", "name", "groep", "klas", "class", "group", "geslacht", "adres", "telefoon"})
"""Headings that say nothing by themselves, and are part of a list of children together with one that does."""

_PLAN = frozenset({
    "wat", "wie", "wanneer", "hoe", "waar", "waarom", "actie", "acties", "actiepunt", "actiepunten", "doel", "doelen",
    "afspraak", "afspraken", "klaar", "deadline", "evaluatie", "what", "who", "when", "how", "action", "goal",
})  # fmt: skip
"""Headings of a plan of action."""

MAX_WORDS = 4
"""Words of a heading in a list of children: a longer text is a sentence."""


def heads_pupils(folded: str) -> bool:
    """Whether a normalized text may head a column in a list of children."""
    return _is_fact(folded) or (len(folded.split()) <= MAX_WORDS and not _PUPILS.isdisjoint(folded.split()))


def _is_fact(folded: str) -> bool:
    tokens = folded.split()
    short = len(tokens) <= MAX_WORDS
    is_listed = folded in _FACTS_OF_PUPILS or (short and not _FACTS_OF_PUPILS.isdisjoint(tokens))
    return is_listed or _PARENT_FACTS.fullmatch(folded) is not None


def lists_pupils(headings: Iterable[str]) -> bool:
    """Whether normalized headings head a list of children.

    Examples
    --------
    >>> lists_pupils(["leerling", "groep", "thuistaal"]), lists_pupils(["wat", "wie", "klas", "leerlingen"])
    (True, False)
    """
    different = set(headings) - {""}
    facts = {heading for heading in different if _is_fact(heading)}
    pupils = {heading for heading in different if heads_pupils(heading)}
    columns = pupils | (different & _BESIDE_PUPILS)
    if facts:
        return len(columns) > 1
    return len(columns) > 1 and bool(pupils) and different.isdisjoint(_PLAN)
