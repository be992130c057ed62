"""Interface words per language, and numbers the way that language writes them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from toolkit.core.errors import Problem, ProblemCode, ToolkitError

LANGUAGES = ("nl", "en")
"""The languages that have a locale file; the first is the default."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one language, found by dotted key.

    Examples
    --------
    >>> load_text("nl").say("count.answered", n=12, of=33)
    '12 van 33'
    """

    language: str
    phrases: Mapping[str, str]

    def say(self, key: str, **fields: object) -> str:
        """The words of `key` with `{fields}` filled in; for `n=1` those of `<key>_single`.

        Raises `ToolkitError` for an unknown key.

        Examples
        --------
        >>> [load_text("nl").say("count.forms", n=n) for n in (1, 2)]
        ['1 formulier', '2 formulieren']
        """
        try:
            template = self.phrases.get(f"{key}_single") if str(fields.get("n")) == "1" else None
            return (template or self.phrases[key]).format(**fields)
        except KeyError as missing:
            raise ToolkitError(f"locale {self.language}: no {missing} (asked for {key})") from missing

    def number(self, value: float, decimals: int = 0) -> str:
        """Return `value` with this language's decimal sign and thousands.

        Examples
        --------
        >>> load_text("nl").number(1234.56, 1)
        '1.234,6'
        """
        english = f"{round(value, decimals) + 0.0:,.{decimals}f}"  # + 0.0: no -0
        swap = str.maketrans({",": self.phrases["number.thousands"], ".": self.phrases["number.decimal"]})
        return english.translate(swap)

    def join(self, parts: list[str]) -> str:
        """Return the parts as a list in words: 'a, b en c'."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.phrases['list.and']} {parts[-1]}"

    def either(self, parts: list[str]) -> str:
        """Return the parts as a choice in words: 'a, b of c'."""
        return f"{', '.join(parts[:-1])} {self.phrases['list.or']} {parts[-1]}"


@cache
def load_text(language: str = "nl") -> Text:
    """Load the words of a language; raises `ToolkitError` when there is no such locale."""
    if language not in LANGUAGES:
        raise ToolkitError(f"Taal {language!r} is er niet; kies uit {', '.join(LANGUAGES)}.")
    file = files("toolkit") / "locales" / f"{language}.toml"
    return Text(language, dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")))))


def sentence_case(words: str) -> str:
    """Return the words with a capital as first letter; the rest stays as it is."""
    return words[:1].upper() + words[1:]


def problem_message(problem: Problem, language: str = "nl", source: str = "form") -> str:
    """Return the message for users: where, what, what to do.

    For an export (`source="export"`) the sentence addresses the person who exports, where there is a separate one.
    """
    text = load_text(language)
    source_key = f"{source}_problem.{problem.code}"
    key = source_key if source_key in text.phrases else f"problem.{problem.code}"
    where = [
        text.say(f"where.{name}", value=value)
        for name, value in (("sheet", problem.sheet), ("cell", problem.cell), ("item", problem.item))
        if value
    ]
    max_length = MAX_NAMES_LENGTH if problem.code in _NAMING else MAX_FOUND_LENGTH
    found = problem.found
    message = text.say(key, found=found if len(found) <= max_length else f"{found[: max_length - 1]}…")
    return f"{', '.join(where)}: {message}" if where else f"{sentence_case(message)}"


MAX_FOUND_LENGTH, MAX_NAMES_LENGTH = 60, 400
"""Maximum characters of a value that a message repeats; more where it lists names."""

_NAMING = (ProblemCode.SIMILAR_SCHOOLS, ProblemCode.ANSWERS_DECODED)


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
