"""The possible meanings of a text in a cell on a form of one checklist.

A form has about 200 texts. Only its action points are new, so meanings are cached.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from toolkit.core.i18n import LANGUAGES, Text, load_text
from toolkit.core.normalize import cell_text, normalize_text, strip_invisible
from toolkit.forms.keys import IDENTITY, about_key, action_key, item_of_key, tick_boxes
from toolkit.forms.pupil_lists import heads_pupils
from toolkit.instrument.lookup import answer_words, read_answer, role_words, statement_items
from toolkit.instrument.model import Instrument

MAX_CACHED_TEXTS, MAX_CACHED_LENGTH = 4_096, 1_000
"""Texts in the cache, and how long one may be: a longer one is no part of a form."""

_OPEN_FIELD = re.compile(r"\{(?:to|before)\}")
_BULLET = "•"
_BOX = re.compile(r"([☐☑☒✓✔✅])\s*(\w+)")
"""A box of an answer cell, and the answer after it; somebody may tick one by another sign."""
_BEFORE_ROOM, _ROOM_KINDS = "►", frozenset({"action"})
_WORDS_OF_RESPONDENTS = frozenset({"form.first_mark", "form.of"})
"""Locale keys of `form` whose words respondents may choose or type."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The possible meanings of one cell.

    Attributes
    ----------
    text
        The text as shown, without white space around it.
    raw_text
        The same with its invisible marks: an action point stays as it was written.
    answer
        The value of the answer it clearly is.
    statement, number, key
        The item of which it is the statement, the visible number or the hidden key.
    header
        It heads the column of answers.
    labels, metadata_key
        Of `IDENTITY`: what it is the visible label of, and what it is the hidden key of.
    action_label_step, action_key_step
        The step of whose room for action points it is the label, or the hidden key.
    is_pupil_heading
        It heads a column in a list of pupils.
    is_own_text
        The blank form has this text: nobody wrote it.
    is_free_text
        It is a text that somebody wrote: the form has none like it, and it is no answer.
    row_kinds
        The kinds of its row that follow from this cell: `item`, `about`, `action`, `pupils`, or `own`: another row of
        the form.
    """

    text: str
    raw_text: str
    answer: int | None = None
    statement: str | None = None
    number: str | None = None
    key: str | None = None
    header: bool = False
    labels: frozenset[str] = frozenset()
    metadata_key: str | None = None
    action_label_step: int | None = None
    action_key_step: int | None = None
    is_pupil_heading: bool = False
    is_own_text: bool = False
    is_free_text: bool = False
    row_kinds: frozenset[str] = frozenset()


class Vocabulary:
    """The words of one checklist in all languages. In another process it is built once."""

    def __init__(self, checklist: Instrument) -> None:
        self.checklist = checklist
        self.answers = answer_words(checklist)
        self.roles = role_words(checklist)
        self._statements = statement_items(checklist)
        self._items = set(checklist.item_ids)
        self._headers = _normalized("answer")
        self._labels = {
            "school": _normalized("school", "school_open"),
            "wave": _normalized("wave", "wave_open"),
            "role": _normalized("role"),
        }
        texts = [load_text(language) for language in LANGUAGES]
        self._count = re.compile(rf"\d+ (?:{'|'.join(text.say('form.of') for text in texts)}) \d+")  # 12 van 33
        self._action_labels = {
            normalize_text(text.say("form.actions", number=step.number)): step.number
            for text in texts
            for step in checklist.steps
        }
        self._own_texts = {normalize_text(line) for text in texts for line in form_texts(checklist, text)}
        self._beginnings = tuple(f"{sentence} " for text in texts for sentence in _beginnings(text))
        self._titles = {normalize_text(line) for text in texts for line in _titles(checklist, text)}
        self._untouched = {
            normalize_text(tick_boxes([answer.label[language] for answer in reversed(checklist.answers)]))
            for language in LANGUAGES
        }
        self._action_keys = {action_key(step.number): step.number for step in checklist.steps}
        self._metadata_keys = {about_key(name): name for name in IDENTITY}
        self.cached: dict[object, Meaning] = {}  # filled by `meaning`

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return _rebuild, (msgspec.msgpack.encode(self.checklist),)

    def meaning(self, value: object) -> Meaning:
        """Return the possible meanings of a cell's value; only a text can be part of a form."""
        if not isinstance(value, str):
            text = cell_text(value)
            return Meaning(strip_invisible(text), text.strip(), number=self._number(text), is_free_text=bool(text))
        cached = self.cached.get(value)
        if cached is None and len(value) > MAX_CACHED_LENGTH:
            return Meaning(strip_invisible(value), value.strip(), is_free_text=True)  # too long for a text of a form
        if cached is None:
            cached = self._meaning(value)
            if len(self.cached) < MAX_CACHED_TEXTS:
                self.cached[value] = cached
        return cached

    def _meaning(self, value: str) -> Meaning:
        label, sign, typed = value.partition(_BEFORE_ROOM)
        if sign and typed.strip() and (step := self._action_labels.get(normalize_text(label))):
            return Meaning(
                strip_invisible(typed), typed.strip(), action_label_step=step, is_free_text=True, row_kinds=_ROOM_KINDS
            )  # typed behind the label, in its own cell
        text, raw_text = strip_invisible(value), value.strip()
        plain = normalize_text(text)
        ticked = [word for mark, word in _BOX.findall(text) if mark != "☐"]
        if plain in self._untouched and "☐" in text and not ticked:
            return Meaning("", "", is_own_text=True)  # the boxes that an answer cell holds until it is filled in
        head = normalize_text(value.partition(":")[0]) if ":" in value else plain
        statement, key = self._statements.get(plain), item_of_key(text)
        labels = frozenset(name for name in IDENTITY if (head if name == "school" else plain) in self._labels[name])
        metadata_key = self._metadata_keys.get(value)
        label_step, key_step = self._action_labels.get(plain), self._action_keys.get(raw_text)
        header = plain in self._headers
        answer = read_answer(ticked[0] if len(ticked) == 1 else text, self.answers)
        title = plain in self._titles
        pupils = not title and heads_pupils(plain)
        is_own_text = bool(
            (plain in self._own_texts if plain else text == _BULLET)
            or plain.startswith(self._beginnings)
            or statement or key or labels or metadata_key or label_step or key_step or self._count.fullmatch(text)
        )  # fmt: skip
        kinds = {
            "item": statement or key,
            "about": labels or metadata_key,
            "action": label_step or key_step,
            "pupils": pupils,
            "own": title or header or key_step,
        }
        return Meaning(
            text,
            raw_text,
            answer=answer,
            statement=statement,
            number=self._number(text),
            key=key,
            header=header,
            labels=labels,
            metadata_key=metadata_key,
            action_label_step=label_step,
            action_key_step=key_step,
            is_pupil_heading=pupils,
            is_own_text=is_own_text,
            is_free_text=bool(text) and not is_own_text and answer is None,
            row_kinds=frozenset(kind for kind, applies in kinds.items() if applies),
        )

    def _number(self, text: str) -> str | None:
        number = text.rstrip(".")
        return number if number in self._items else None


def form_texts(checklist: Instrument, text: Text) -> Iterator[str]:
    """Yield every text of a blank form in one language, except its statements."""
    steps = [{"number": step.number, "title": step.title[text.language]} for step in checklist.steps]
    answers = [answer.label[text.language] for answer in reversed(checklist.answers)]
    facts = {
        "items": len(checklist.items),
        "steps": len(checklist.steps),
        "answers": text.either(answers),
        "mark": text.say("form.first_mark"),
        **_source_facts(checklist),
    }
    for key in text.phrases:
        if key.startswith("form.") and key not in _WORDS_OF_RESPONDENTS and not _OPEN_FIELD.search(text.phrases[key]):
            for fields in steps if "{number}" in text.phrases[key] else [{}]:
                yield text.say(key, **{**facts, **fields})


def _beginnings(text: Text) -> Iterator[str]:
    """The beginnings of the sentences that end with words of the school: where to return the form, and when."""
    for key, sentence in text.phrases.items():
        if key.startswith("form.") and (field := _OPEN_FIELD.search(sentence)):
            yield normalize_text(sentence[: field.start()])


def _titles(checklist: Instrument, text: Text) -> Iterator[str]:
    """The titles of the steps, and the note below them."""
    for step in checklist.steps:
        yield text.say("form.step", number=step.number, title=step.title[text.language])
    yield text.say("form.source", **_source_facts(checklist))


def _source_facts(checklist: Instrument) -> dict[str, object]:
    source = checklist.source
    return {
        "authors": " & ".join(source.authors), "year": source.year, "title": source.title, "publisher": source.publisher
    }  # fmt: skip


def _normalized(*keys: str) -> set[str]:
    return {normalize_text(load_text(language).say(f"form.{key}")) for language in LANGUAGES for key in keys}


@lru_cache(4)
def _rebuild(packed: bytes) -> Vocabulary:
    return Vocabulary(msgspec.msgpack.decode(packed, type=Instrument))
