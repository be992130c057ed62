"""How an export writes its answers: as words, letters, numbers, or codes of its tool."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.core.errors import Problem, ProblemCode, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import normalize_text, strip_invisible
from toolkit.instrument.lookup import answer_words, read_answer
from toolkit.instrument.model import Instrument

MIN_COVERED, MAX_EXAMPLES = 0.8, 4
"""Part of the unclear answers that a short way of writing must explain; codes that a message names."""

MAX_WORDINGS = 20
"""Unclear answers that are looked for in full in the texts around the table."""

MIN_REPEATED = 10
"""Times that one unclear text is there from which it gets one message instead of one for each cell."""

_SHORT = (
    {"n": 0, "b": 1, "j": 2},
    {"n": 0, "p": 1, "y": 2},
    {"0": 0, "1": 1, "2": 2},
    {"0 0": 0, "1 0": 1, "2 0": 2},
)
"""Ways to write Nee, Beetje, Ja: by first letter in Dutch and English, and as numbers: 2 or 2.0."""

_NUMBERS = re.compile(r"\b[a-z]?\d+\b")
_LEGEND = re.compile(r"(\w{1,12})\s*(?:=|:|→|betekent|is|means)\s*(een beetje|\w+)", re.IGNORECASE)
_TURNED_LEGEND = re.compile(r"(een beetje|\w{1,12})\s*=\s*(\d{1,2})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AnswerReader:
    """Reads one export's answers.

    Attributes
    ----------
    codes
        What the export's short texts mean, by their folded text.
    unread
        Examples of texts that fill the answer columns and mean nothing here; empty where answers are readable.
    problem
        One message on the way the answers are written; None for plain words.
    """

    values: Mapping[str, int]
    codes: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    problem: Problem | None = None

    def read(self, text: str) -> int | None:
        """Return the answer's value, or None where it is not clear."""
        answer = read_answer(text, self.values)
        return self.codes.get(normalize_text(text)) if answer is None else answer


def make_answer_reader(
    checklist: Instrument,
    cells: Sequence[str],
    texts: Iterable[str],
    answers: Mapping[str, str] | None = None,
    own_export: bool = False,
) -> AnswerReader:
    """Decide how an export writes its answers.

    Parameters
    ----------
    cells
        Every filled cell under a statement.
    texts
        Texts around the table; a legend such as `2 = Ja, 1 = Beetje, 0 = Nee` is looked for in them.
    answers
        What the caller says that texts mean: `{"A1": "Ja"}`.
    own_export
        Whether this project wrote the table: its numbers need no message.

    Raises
    ------
    ToolkitError
        A meaning in `answers` is no answer of the checklist.
    """
    # One letter is an answer on our own form; in another table, B may as well be the second of A, B and C.
    values = {word: value for word, value in answer_words(checklist).items() if len(word) > 1}
    user_codes = _values_by_text(answers or {}, values)
    counts = Counter(map(strip_invisible, cells))
    unclear = Counter({text: n for text, n in counts.items() if text and read_answer(text, values) is None})
    if user_codes or not unclear:
        return AnswerReader(values, user_codes)
    if own_export:
        return AnswerReader(values, _SHORT[2])
    codes = _codes(
        unclear, dict(_meanings(texts, values, [text for text, _ in unclear.most_common(MAX_WORDINGS)])), values
    )
    if codes:
        used = sorted(unclear, key=lambda text: -codes.get(normalize_text(text), -1))
        label = {answer.value: answer.label["nl"] for answer in checklist.answers}
        pairs = {text: label[codes[normalize_text(text)]] for text in used if normalize_text(text) in codes}
        legend = ", ".join(f"{text} = {meaning}" for text, meaning in pairs.items())
        return AnswerReader(values, codes, problem=Problem(ProblemCode.ANSWERS_DECODED, found=legend))
    if 2 * unclear.total() > counts.total() and len(unclear) <= 2 * MAX_EXAMPLES:
        examples = tuple(text for text, _ in unclear.most_common(MAX_EXAMPLES))
        problem = Problem(ProblemCode.ANSWER_CODES, found=", ".join(sorted(examples)))
        return AnswerReader(values, unread=tuple(unclear), problem=problem)
    repeated = {text: n for text, n in unclear.most_common(MAX_EXAMPLES) if n >= MIN_REPEATED}
    if not repeated:
        return AnswerReader(values)
    listing = ", ".join(f'{n} × "{text}"' for text, n in repeated.items())
    return AnswerReader(values, unread=tuple(repeated), problem=Problem(ProblemCode.OTHER_ANSWERS, found=listing))


def _values_by_text(answers: Mapping[str, str], values: Mapping[str, int]) -> dict[str, int]:
    if wrong := [meaning for meaning in answers.values() if normalize_text(meaning) not in values]:
        raise ToolkitError(load_text().say("read_export.wrong_answers", found=", ".join(wrong)))
    return {normalize_text(text): values[normalize_text(meaning)] for text, meaning in answers.items()}


def _codes(unclear: Counter[str], legend: Mapping[str, int], values: Mapping[str, int]) -> dict[str, int]:
    """Return what the unclear answers mean: as the file says itself, else as is usual."""
    folded = Counter[str]()
    for text, n in unclear.items():
        folded[normalize_text(text)] += n
    numbered = {text: value for text in folded if (value := values.get(_NUMBERS.sub("", text).strip())) is not None}
    for way in (legend, numbered, *_SHORT):
        explained = sum(n for text, n in folded.items() if text in way)
        numbers_from_one = "2" in way and way is not legend and "0" not in folded
        numbers_from_one |= "2 0" in way and "0 0" not in folded
        enough = len(folded.keys() & way.keys()) > (way is not legend)  # one word alone may be a coincidence
        if explained >= MIN_COVERED * folded.total() and enough and not numbers_from_one:
            return dict(way)
    return {}


def _meanings(texts: Iterable[str], values: Mapping[str, int], unclear: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield what texts around the table say of the answers: of one word, and of the unclear ones in full."""
    full = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, unclear))})\s*[=:]\s*(een beetje|\w+)", re.IGNORECASE)
    for text in texts:
        if len(text) > 1_000:
            continue
        turned = [(code, meaning) for meaning, code in _TURNED_LEGEND.findall(text)]
        for code, meaning in (*_LEGEND.findall(text), *turned, *full.findall(text)):
            if (value := values.get(normalize_text(meaning))) is not None:
                yield normalize_text(code), value
