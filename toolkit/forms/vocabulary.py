"""What a text in a cell may be on a form of one checklist; worked out once for each text.

Forms say much the same: of the two hundred texts on one, all but the action points were seen on another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from toolkit.core.i18n import LANGUAGES, Text, load_text
from toolkit.core.normalize import cell_text, normalize_text, strip_invisible
from toolkit.forms.keys import about_key, action_key, item_of_key, tick_boxes
from toolkit.forms.pupil_lists import heads_pupils
from toolkit.instrument.lookup import answer_words, read_answer, role_words, statement_items
from toolkit.instrument.model import Instrument

MAX_KNOWN_TEXTS, MAX_KNOWN_LENGTH = 4_096, 1_000
"""Texts that are remembered, and how long one may be: more is no part of a form."""

_COUNT = re.compile(r"\d+ \w+ \d+")
"""What the form counts by itself: 12 van 33."""

MAX_HEADING_LENGTH = 50
"""Of a column in a list of pupils."""

ABOUT = ("school", "wave", "role")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one cell may be.

    Attributes
    ----------
    text
        As people see it, without white space around it.
    written
        The same with its invisible marks: an action point stays as it was written.
    answer
        The value of the answer it clearly is.
    statement, number, key
        The item it is the statement, the visible number or the hidden key of.
    header
        It heads the column of answers.
    labels, about
        Of `ABOUT`: what it is the visible label of, and what it is the hidden key of.
    room, action
        The step of whose room for action points it is the label, or the hidden key.
    printed
        It is a title or a note that the form itself has.
    pupils
        It heads a column in a list of pupils.
    loose
        It is a text of which the form has none: somebody wrote it.
    tells
        What its row is by this cell: `item`, `about`, `action`, `pupils`, or `own`: the form's in another
        way.
    """

    text: str
    written: str
    answer: int | None = None
    statement: str | None = None
    number: str | None = None
    key: str | None = None
    header: bool = False
    labels: frozenset[str] = frozenset()
    about: str | None = None
    room: int | None = None
    action: int | None = None
    printed: bool = False
    pupils: bool = False
    loose: bool = False
    tells: frozenset[str] = frozenset()


class Vocabulary:
    """The words of one checklist in all languages. Sent to another process, it is made there once."""

    def __init__(self, checklist: Instrument) -> None:
        self.checklist = checklist
        self.answers = answer_words(checklist)
        self.roles = role_words(checklist)
        self._statements = statement_items(checklist)
        self._items = set(checklist.item_ids)
        self._header = _folded("answer")
        self._labels = {
            "school": _folded("school", "school_open"),
            "wave": _folded("wave", "wave_open"),
            "role": _folded("role"),
        }
        texts = [load_text(language) for language in LANGUAGES]
        self._rooms = {
            normalize_text(text.say("form.actions", number=step.number)): step.number
            for text in texts
            for step in checklist.steps
        }
        self._printed = {normalize_text(line) for text in texts for line in _printed(checklist, text)}
        self._untouched = {
            normalize_text(tick_boxes([answer.label[language] for answer in reversed(checklist.answers)]))
            for language in LANGUAGES
        }
        self._actions = {action_key(step.number): step.number for step in checklist.steps}
        self._abouts = {about_key(name): name for name in ABOUT}
        self.known: dict[object, Meaning] = {}  # what was worked out before; `meaning` fills it

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return _made, (msgspec.msgpack.encode(self.checklist),)

    def meaning(self, value: object) -> Meaning:
        """Return what a cell's value may be; only a text can be part of a form."""
        if not isinstance(value, str):
            text = cell_text(value)
            return Meaning(strip_invisible(text), text.strip(), number=self._number(text), loose=bool(text))
        known = self.known.get(value)
        if known is None and len(value) > MAX_KNOWN_LENGTH:
            return Meaning(
                strip_invisible(value), value.strip(), loose=True
            )  # no word or sentence of a form: only a text
        if known is None:
            known = self._meaning(value)
            if len(self.known) < MAX_KNOWN_TEXTS:
                self.known[value] = known
        return known

    def _meaning(self, value: str) -> Meaning:
        text, written = strip_invisible(value), value.strip()
        folded = normalize_text(text)
        if folded in self._untouched and "☐" in text:
            return Meaning("", "")  # the boxes that an answer cell holds until it is filled in
        head = normalize_text(value.partition(":")[0]) if ":" in value else folded
        statement, key = self._statements.get(folded), item_of_key(text)
        labels = frozenset(name for name in ABOUT if (head if name == "school" else folded) in self._labels[name])
        about, room, action = self._abouts.get(value), self._rooms.get(folded), self._actions.get(written)
        printed = folded in self._printed
        pupils = len(value) < MAX_HEADING_LENGTH and not printed and heads_pupils(folded)
        answer, own = read_answer(text, self.answers), printed or folded in self._header or action
        tells = {
            "item": statement or key,
            "about": labels or about,
            "action": room or action,
            "pupils": pupils,
            "own": own,
        }
        part = printed or labels or about or room or answer is not None or _COUNT.fullmatch(text)
        return Meaning(
            text,
            written,
            answer=answer,
            statement=statement,
            number=self._number(text),
            key=key,
            header=folded in self._header,
            labels=labels,
            about=about,
            room=room,
            action=action,
            printed=printed,
            pupils=pupils,
            loose=bool(text) and not part,
            tells=frozenset(kind for kind, is_one in tells.items() if is_one),
        )

    def _number(self, text: str) -> str | None:
        number = text.rstrip(".")
        return number if number in self._items else None


def _printed(checklist: Instrument, text: Text) -> Iterator[str]:
    """The titles of the steps, and the note below them."""
    for step in checklist.steps:
        yield text.say("form.step", number=step.number, title=step.title[text.language])
    source = checklist.source
    facts = {"authors": " & ".join(source.authors), "year": source.year, "title": source.title}
    yield text.say("form.source", publisher=source.publisher, **facts)


def _folded(*keys: str) -> set[str]:
    return {normalize_text(load_text(language).say(f"form.{key}")) for language in LANGUAGES for key in keys}


@lru_cache(4)
def _made(packed: bytes) -> Vocabulary:
    return Vocabulary(msgspec.msgpack.decode(packed, type=Instrument))
