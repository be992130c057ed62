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


def read_answer(text: str, words: Mapping[str, int]) -> int | None:
    """Return the value of what clearly is an answer, else None.

    Stops, quotes and brackets around it change nothing, nor does an accent: `néé`. Any other sign may: `Ja?`, `Ja -`,
    `Ja*`, `Ja 👎`, `Jä`.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Cf")
    return words.get(normalize_text(text)) if _PLAIN.fullmatch(plain) else None


_PLAIN = re.compile(r"""[\w\s.,;:!()\[\]{}'"`´‘’‚‛“”„‟‹›«»\u0300-\u0301]*""")


def role_words(checklist: Instrument) -> dict[str, str]:
    """Every folded word that names a role, with the role's id."""
    return {
        normalize_text(word): role.id
        for role in checklist.roles
        for word in (role.id, *role.label.values(), *role.plural.values(), *role.aliases)
    }


def statement_items(checklist: Instrument) -> dict[str, str]:
    """Every folded statement, in all languages, with its item id."""
    return {normalize_text(statement): item.id for item in checklist.items for statement in item.statement.values()}
