"""The official sentences, from a school's own copy: the project never holds them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import FolderError, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.sanitize import decode_text
from toolkit.instrument.arguments import check_type, explained
from toolkit.instrument.model import Instrument

COLUMNS = ("item", "text")
MAX_BYTES = 40_000_000
"""Of a publication: one with pictures is large."""

MAX_TABLE_BYTES = 1_000_000
"""Of a table of sentences: 33 of them take some 10 kB."""

_START = re.compile(r"^\s*checklist\s+\S.{0,60}$", re.IGNORECASE)
_HEADING = re.compile(r"^\s*ja\s+beetje\s+nee\s*$", re.IGNORECASE)
_END = re.compile(r"^\s*actiepunten\b.{0,20}$", re.IGNORECASE)
_PREFIX = re.compile(r"(?:^|\s)\((?:in|on|her|ver|be)\)$")
"""The first half of a word such as (in)formeel, at the end of a line."""

_JOINED = re.compile(r"\w+-\w+")


def read_wording(path: str | Path, checklist: Instrument) -> dict[str, str]:
    """Find the sentences in a copy of the publication (`.txt` or `.pdf`).

    Returns
    -------
    The sentence for every item id, in order.

    Raises
    ------
    ToolkitError
        Not every step has exactly its number of sentences; the message names the step and what was found.
    """
    return find_wording(_text(Path(path)), checklist)


def find_wording(text: str, checklist: Instrument) -> dict[str, str]:
    """Find the sentences in the text of the publication (see `read_wording`)."""
    say = load_text().say
    text = text.replace("\u00ad\n", "-\n").replace("\u00ad", "").replace("\f", "\n\n")
    blocks = _blocks(text.splitlines())
    if len(blocks) != len(checklist.steps):
        raise ToolkitError(say("wording.no_lists", found=len(blocks), wanted=len(checklist.steps)))
    hyphenated = {word.casefold() for word in _JOINED.findall(text)}
    wording: dict[str, str] = {}
    for step, block in zip(checklist.steps, blocks, strict=True):
        # blank lines part the sentences; in a text that lost them, a line that ends a sentence does
        tries = [[_joined(lines, hyphenated) for lines in _split(block, ended)] for ended in (False, True)]
        fitting = next((sentences for sentences in tries if len(sentences) == len(step.items)), None)
        if fitting is None or not all(sentence.endswith((".", "!", "?")) for sentence in fitting):
            raise ToolkitError(say("wording.not_all", step=step.number, found=len(tries[0]), wanted=len(step.items)))
        wording |= {item.id: sentence for item, sentence in zip(step.items, fitting, strict=True)}
    return wording


def write_wording(path: str | Path, wording: Mapping[str, str]) -> Path:
    """Write the sentences as a table `item, text`, to look through before it is used."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([COLUMNS, *wording.items()])
    path = Path(path)
    atomic_write(path, written.getvalue().encode("utf-8-sig"))  # with its mark, so that Excel reads é as é
    return path


@explained
def load_wording(path: str | Path, checklist: Instrument) -> dict[str, str]:
    r"""Read a table of sentences back, also with the `;` of a Dutch Excel.

    Raises `ToolkitError` when an item is missing, unknown, empty or there twice.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> checklist, path = tk.load_instrument(), f"{tempfile.mkdtemp()}/wording.csv"
    >>> _ = Path(path).write_text("item;text\n" + "".join(f"{item};Sentence\n" for item in checklist.item_ids))
    >>> len(tk.load_wording(path, checklist))
    33
    """
    say = load_text().say
    path = Path(path)
    text = _read_limited(path, MAX_TABLE_BYTES).decode("utf-8-sig", errors="replace")
    separator = ";" if text.partition("\n")[0].strip().strip('"').startswith("item;") else ","
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row)]
    except csv.Error as error:  # such as a cell of 200,000 signs
        raise ToolkitError(say("wording.table", file=path.name, items=error)) from error
    items = [row[0].strip() for row in rows[1:]]
    wording = {row[0].strip(): " ".join(row[1].split()) for row in rows[1:] if len(row) >= 2}
    if sorted(items) != sorted(checklist.item_ids) or not all(wording.get(item) for item in items):
        wrong = sorted(set(items) ^ set(checklist.item_ids)) or [item for item in items if not wording.get(item)]
        raise ToolkitError(say("wording.table", file=path.name, items=", ".join(wrong or sorted(items))[:200]))
    return {item: wording[item] for item in checklist.item_ids}


@explained
def with_wording(checklist: Instrument, wording: Mapping[str, str]) -> Instrument:
    """Return the checklist with these sentences in the language of the publication.

    Item ids stay the same, so answers compare; forms with our own sentences are still read.

    Examples
    --------
    >>> import toolkit as tk
    >>> checklist = tk.load_instrument()
    >>> own = {item.id: item.statement["nl"] for item in checklist.items}
    >>> tk.with_wording(checklist, own).id
    'handvat-ouders-2023'
    """
    check_type(checklist, "checklist", Instrument, "tk.load_instrument()")
    check_type(wording, "wording", Mapping, 'tk.load_wording("uitspraken.csv", checklist)')
    language = checklist.language_of_source
    if missing := [item for item in checklist.item_ids if item not in wording]:
        raise ToolkitError(load_text().say("wording.table", file="wording", items=", ".join(missing)[:200]))
    steps = []
    for step in checklist.steps:
        items = [
            msgspec.structs.replace(
                item,
                statement={**item.statement, language: wording[item.id], "own": item.statement[language]},
                sectors=[],
                earlier=[*item.earlier, *(variant.statement for variant in item.sectors)],
            )
            for item in step.items
        ]
        steps.append(msgspec.structs.replace(step, items=items))
    return msgspec.structs.replace(checklist, steps=steps)


def _text(path: Path) -> str:
    say = load_text().say
    data = _read_limited(path, MAX_BYTES)
    if path.suffix.lower() != ".pdf":
        return decode_text(data)
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise ToolkitError(say("wording.no_pypdf")) from error
    try:
        return "\n\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    except (PyPdfError, OSError, ValueError) as error:
        raise ToolkitError(say("wording.no_pdf", file=path.name)) from error


def _read_limited(path: Path, max_bytes: int) -> bytes:
    """Read a regular file up to a number of bytes, also where it grows meanwhile; no link, pipe or device."""
    say = load_text().say
    if path.is_symlink() or not path.is_file():
        raise FolderError(say("os_error.is_folder" if path.is_dir() else "wording.missing", file=path))
    with path.open("rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ToolkitError(say("wording.too_large", file=path.name))
    return data


def _blocks(lines: list[str]) -> list[list[str]]:
    """The lines of each checklist: from its title to its room for action points, without the answers' heading.

    The heading tells a checklist from a line that happens to begin with the word; a sentence may come before it.
    """
    blocks = []
    for start, line in enumerate(lines):
        if not _START.match(line):
            continue
        block: list[str] = []
        for later in lines[start + 1 :]:
            if _END.match(later) or _START.match(later):
                break
            block.append(later)
        else:
            continue
        if any(_HEADING.match(later) for later in block):
            blocks.append(["" if _HEADING.match(later) else later.strip() for later in block])
    return blocks


def _split(block: list[str], ended: bool) -> Iterator[list[str]]:
    """Parts of a block between blank lines, and where asked after a line that ends a sentence."""
    lines: list[str] = []
    for line in [*block, ""]:
        if lines and (not line or (ended and lines[-1].endswith("."))):
            yield lines
            lines = []
        if line:
            lines.append(line)


def _joined(lines: list[str], hyphenated: set[str]) -> str:
    """One sentence out of its lines."""
    sentence = lines[0]
    for line in lines[1:]:
        sentence = _with_line(sentence, line, hyphenated)
    return " ".join(sentence.split())


def _with_line(sentence: str, line: str, hyphenated: set[str]) -> str:
    """The sentence with a line more; a hyphen between them goes, unless the word has it elsewhere in the text too."""
    if _PREFIX.search(sentence):
        return sentence + line
    before, after = re.search(r"(\w+)-$", sentence), re.match(r"\w+", line)
    if not before or not after or after[0] in ("en", "of"):
        return f"{sentence} {line}"
    if f"{before[1]}-{after[0]}".casefold() in hyphenated:
        return sentence + line
    return sentence[:-1] + line
