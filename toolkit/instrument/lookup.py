"""Words that people type, matched to the answers, roles and statements of a checklist."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from toolkit.core.normalize import normalize_text
from toolkit.instrument.model import Instrument


def answer_words(checklist: Instrument) -> dict[str, int]:
    """Every folded word that is an answer, in all languages, with its value."""
    return {
        normalize_text(word): answer.value
        for answer in checklist.answers
        for word in (*answer.label.values(), *answer.aliases)
    }


def read_answer(text: str, answer_values: Mapping[str, int]) -> int | None:
    """Return the value of what clearly is an answer, else None.

    Stops, quotes and brackets around it change nothing, nor does an accent: `néé`. Any other sign may: `Ja?`, `Ja -`,
    `Ja*`, `Ja 👎`, `Jä`.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Cf")
    return answer_values.get(normalize_text(text)) if _PLAIN.fullmatch(plain) else None


_PLAIN = re.compile(r"""[\w\s.,;:!()\[\]{}'"`´‘’‚‛“”„‟‹›«»\u0300-\u0301]*""")


def role_words(checklist: Instrument) -> dict[str, str]:
    """Every folded word that names a role, with the role's id."""
    return {
        normalize_text(word): role.id
        for role in checklist.roles
        for word in (role.id, *role.label.values(), *role.plural.values(), *role.aliases)
    }


def statement_items(checklist: Instrument) -> dict[str, str]:
    """Item id by normalized statement: all languages, sectors and earlier forms."""
    return {
        normalize_text(statement): item.id
        for item in checklist.items
        for wording in (*item.earlier, *(variant.statement for variant in item.sectors), item.statement)
        for statement in wording.values()
    }


def read_role(text: str, role_names: Mapping[str, str]) -> str | None:
    """The role a text names, also with a group or task; None for none or for two.

    Examples
    --------
    >>> words = {"leerkracht": "teacher", "ib": "care", "intern begeleider": "care"}
    >>> read_role("Leerkracht groep 5/6", words), read_role("intern begeleider (IB)", words)
    ('teacher', 'care')
    >>> read_role("leerkracht en ib", words), read_role("ouder van een leerkracht", words)
    (None, None)
    """
    folded = normalize_text(text)
    if role := role_names.get(folded):
        return role
    tokens, roles = folded.split(), set[str]()
    while tokens:
        size = next((size for size in range(min(4, len(tokens)), 0, -1) if " ".join(tokens[:size]) in role_names), 0)
        if size:
            roles.add(role_names[" ".join(tokens[:size])])
        elif not (tokens[0] in _ROLE_DETAILS or _GROUP.fullmatch(tokens[0])):
            return None
        tokens = tokens[size or 1 :]
    return roles.pop() if len(roles) == 1 else None


_GROUP = re.compile(r"\d{1,2}[a-z]?|[a-z]|\d{1,2}e")
_ROLE_DETAILS = frozenset({
    "groep", "groepen", "klas", "klassen", "leerjaar", "jaar", "unit", "cluster", "onderbouw", "middenbouw",
    "bovenbouw", "kleuters", "kleutergroep", "po", "vo", "so", "ik", "ben", "een", "de", "het", "en", "van",
    "in", "op", "bij", "met", "als", "onze", "mijn", "school", "team", "vmbo", "havo", "vwo", "mavo",
    "brugklas", "parttime", "fulltime", "vaste", "waarnemend", "group", "class", "year", "lower", "upper",
    "the", "a", "of", "teacher's", "primary", "secondary",
})  # fmt: skip
"""Words that say which group or class somebody has; with them a role is still that role."""
