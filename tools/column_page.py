"""The reference page of columns, made when the documentation is built.

MkDocs calls `on_page_markdown`. The page is made of the docstrings, so that it can't go stale. It has what each
function returns, and every column with the functions that have it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import toolkit as tk

PAGE = "naslag/kolommen.md"
NO_COLUMNS = {"nl", "en", "levels", "counted", "True", "False", "None"}
INTRODUCTION = """# Kolommen

Elke tabel van het programma, met de kolommen en wat zij betekenen; daaronder elke kolom op alfabet. De teksten zijn in
het Engels, zoals de code. Deze bladzijde wordt gemaakt uit de beschrijving van de functies zelf.

Rollen: `director` (directie), `teacher` (leraren), `care` (zorgprofessionals) en `team` (leraren en zorgprofessionals
samen). Een antwoord is 0 (Nee), 1 (Beetje), 2 (Ja) of leeg. Een cijfer dat ontbreekt heeft een reden in `reason` of
`why`. Een interval heet als zijn cijfer, met `_low` en `_high` erachter. Wat een cijfer betekent, staat bij
[Begrippen](../begrippen.md); de formule staat bij [Methode](../methode.md).

## De antwoorden

`school, wave, role, respondent, form` and one column per item (`1.1` … `5.8`): one row per returned form. See
`make_responses` and `read_folder`.
"""


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Replace the empty page; called by MkDocs."""
    return column_page() if page.file.src_uri == PAGE else markdown


def column_page() -> str:
    """The page as Markdown."""
    tables = dict(_tables())
    parts = [INTRODUCTION, *(f"## {name}\n\n{text}\n" for name, text in tables.items())]
    where: dict[str, list[str]] = {}
    for name, text in tables.items():
        for column in columns_in(text):
            where.setdefault(column, []).append(f"[{name}](#{name.lower().replace('.', '')})")
    lines = [f"| `{column}` | {', '.join(where[column])} |" for column in sorted(where)]
    index = "\n".join(["## Alle kolommen op alfabet", "", "| kolom | in de tabel van |", "|---|---|", *lines])
    return "\n".join([*parts, index, ""])


def columns_in(text: str) -> list[str]:
    """The names between backticks where columns are listed: 'Columns `a, b`'."""
    listed = re.findall(r"`([\w]+(?:,?[\s(]+[\w]+\)?)*)`", text)
    names = [name for names in listed for name in re.findall(r"\w+", names)]
    return [name for name in dict.fromkeys(names) if name not in NO_COLUMNS and name.islower()]


def _tables() -> Iterator[tuple[str, str]]:
    """Public functions that return a table, and attributes of classes that are one: name and what is in it."""
    for name in tk.__all__:
        thing = getattr(tk, name)
        doc = inspect.getdoc(thing) or ""
        if inspect.isclass(thing):
            for attribute, text in _described(_section(doc, "Attributes")):
                if "olumns" in text:
                    yield f"{name}.{attribute}", text
        elif callable(thing):
            returned = _section(doc, "Returns")
            if re.search(r"[Cc]olumns|One row per", returned):
                yield name, returned


def _section(doc: str, heading: str) -> str:
    match = re.search(rf"^{heading}\n-+\n(.*?)(?=^\w[\w ]*\n-+$|\Z)", doc, re.MULTILINE | re.DOTALL)
    return match[1].strip() if match else ""


def _described(text: str) -> Iterator[tuple[str, str]]:
    """The names of a section with their descriptions."""
    for name, description in re.findall(r"^(\w+)[^\n]*\n((?:[ \t]+[^\n]*\n?|\n)+)", text, re.MULTILINE):
        yield name, inspect.cleandoc(description)
