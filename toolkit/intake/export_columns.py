"""What each column of an export is: a statement, school, year, role, or action point.

A column is found by the text of its statement. A number counts only where the numbering of the file fits the checklist
as a whole: survey tools number their questions too.

To add a survey tool, add its titles to the tables below, normalized (see `normalize_text`): of columns that it adds by
itself to `_ADDED_BY_TOOLS`, its words for a kind of question to `_QUESTION_KINDS`, its titles for school, year and role
to `_KEY_TITLES`, and its sign between a question and a statement to `_DELIMITER`. Answers are in `export_answers.py`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.core.normalize import normalize_text, read_wave
from toolkit.forms.row_matching import is_changed_statement
from toolkit.instrument.lookup import answer_words, read_answer, read_role, role_words, statement_items
from toolkit.instrument.model import Instrument

MAX_MISSING_NUMBERS, MIN_NUMBERS = 3, 3
"""Items that a numbering may lack and still fit the checklist; with less, numbers that statements must confirm."""

MAX_TITLE_WORDS, SAMPLE = 14, 200
"""Words of a title that asks for school, year or role; rows in which its answers are looked at."""

MIN_BEGINNING = 40
"""Characters of a statement that survey tools cut off, from which it is recognised."""

_ADDED_BY_TOOLS = frozenset({
    "id", "begintijd", "starttijd", "tijd van voltooien", "voltooiingstijd", "tijd voltooid", "e mail", "e mailadres",
    "email", "email address", "naam", "name", "laatst gewijzigd", "laatst gewijzigd op",
    "tijd van laatste wijziging", "last modified time",
    "start time", "completion time", "timestamp", "tijdstempel", "gebruikersnaam", "username", "response id",
    "antwoord id", "submitdate", "date submitted", "datum verzonden", "datum ingezonden", "lastpage", "last page",
    "laatste pagina", "startlanguage", "start language", "starttaal", "begintaal", "seed", "token", "toegangscode",
    "access code", "startdate", "start date", "date started", "datum gestart", "datestamp", "date last action",
    "datum laatste actie", "ipaddr", "ip address", "ipaddress", "ip adres", "refurl", "referrer url",
    "verwijzende url", "firstname", "first name", "voornaam", "lastname", "last name", "achternaam",
    "quiz feedback", "quizfeedback", "score", "punten", "points", "feedback", "naam2",
    "respondent id", "collector id", "date created", "date modified", "custom data 1", "responseid", "enddate",
    "end date", "status", "response type", "progress", "duration in seconds", "finished", "recordeddate",
    "recorded date", "recipientlastname", "recipient last name", "recipientfirstname", "recipient first name",
    "recipientemail", "recipient email", "externalreference", "external data reference", "locationlatitude",
    "location latitude", "locationlongitude", "location longitude", "distributionchannel", "distribution channel",
    "userlanguage", "user language", "respondent", "respondentnr", "respondentnummer",
    "form", "nr", "volgnummer", "volgnr", "datum", "date", "datum tijd", "taal", "language", "start", "end", "einde",
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__",
    "_tags", "_index", "_submission__id", "start date utc", "stage date utc", "submit date utc", "network id", "tags",
    "ending", "participant id", "participant status", "site abbreviation", "participant creation date", "record id",
    "record_id", "survey package name", "survey identifier", "survey timestamp", "redcap_survey_identifier", "complete",
    "interview id", "interview state", "totale tijd", "total time", "interviewtime",
})  # fmt: skip
"""Titles of columns that a survey tool adds by itself: who, when, with which address. Nobody needs them here."""

_QUIZ = re.compile(r"^(?:punten|points|feedback|score)\b |^tota\w* ?(?:aantal ?)?(?:punten|points|score)$")
_TIMING = re.compile(r"^(?:groepstijd|vraagtijd|group time|question time)\b|\w_(?:timestamp|complete)$")
_GROUP = re.compile(r"^(?:[A-Za-z]\w*/)+")
_MONTHS = {
    name: n
    for n, names in enumerate(("jan", "feb", "mrt maa mar", "apr", "mei may", "jun", "jul", "aug"), 1)
    for name in names.split()
}
_DAY = re.compile(
    r"(\d{1,2})[- ]([a-z]{3})[a-z]*(?:[- ]\d{2,4})?|20\d\d-(\d\d)-(\d\d)(?:[T ][\d:]+)?|(4\d{4})", re.IGNORECASE
)
"""A heading such as 1.2 that a spreadsheet took for a date: as text, in full, or as the number of its day."""
_FIRST_DAY = date(1899, 12, 30)

_REMARK = re.compile(r"\b(?:toelichting|opmerking(?:en)?|comments?|anders|namelijk|other)\b")
_QUESTION_KINDS = frozenset({
    "response", "antwoord", "reactie", "open ended response", "open reactie", "selected choice", "text", "tekst",
    "string", "radio", "radio button", "select", "select one", "single", "single choice", "multiple choice", "choice",
    "keuze", "meerkeuze", "likert", "matrix", "dropdown", "rating", "scale", "schaal",
})  # fmt: skip
"""What tools write in a row below the headings, or behind one: the kind of question."""

_OTHER = frozenset({"anders", "anders namelijk", "other", "other please specify", "anders geef nadere toelichting"})

_KEY_TITLES = {
    "school": {"school", "schoolcode", "brin", "brin code", "brincode", "school code", "schoolnaam", "naam school"},
    "wave": {"schooljaar", "wave", "school year", "meetmoment", "jaar"},
    "role": {"rol", "role", "uw rol", "your role", "functie", "uw rol op school", "uw functie"},
}
_QUESTION_TITLES = {
    "wave": re.compile(r"school ?jaar|school ?year|meetmoment"),
    "role": re.compile(
        r"\b(?:rol|role|functie|beroep|position|hoedanigheid|wie)\b|^ik (?:ben|(?:ben|werk|vul) .*(?:als|een))$"
    ),
    "school": re.compile(r"school|brin|vestiging"),
}
_SCHOOL_TITLE_WORDS = frozenset({
    "op", "van", "bij", "aan", "welke", "wat", "is", "de", "het", "naam", "uw", "je", "jouw", "jullie", "u",
    "jij", "ik", "mijn", "onze", "werk", "werkt", "werken", "bent", "ben", "zit", "vul", "in", "kies",
    "selecteer", "geef", "hier", "code", "nummer", "met", "of", "en", "brin", "brincode", "schoolcode",
    "brinnummer", "vestiging", "vestigingscode", "school", "schoolnaam", "heet", "hoe", "verbonden", "deze",
    "dit", "vragenlijst", "vult", "formulier", "voor", "waar", "waarop", "name", "which", "what", "do", "you", "work",
    "at", "the", "your", "for", "are", "employed", "select", "enter", "please",
})  # fmt: skip
"""Words allowed in a title that asks for the school, such as "Op welke school werkt u?"."""

_ITEM_NUMBER = re.compile(
    r"^\W*(?:(?:item|stap|vraag|uitspraak|stelling|question|step|statement|nr|[iqsvx])[\s_.:]*)?(\d{1,2})[._](\d{1,2})\b"
    r"[\s.:)\]]*(.*)$",
    re.DOTALL | re.IGNORECASE,
)
_NUMBER_WORD = r"(?:stap|step|vraag|uitspraak|stelling|item|question|statement|nr|[iqsvx])[\W_]*"
_BARE_ITEM_NUMBER = re.compile(
    rf"\W*(?:{_NUMBER_WORD})?(\d{{1,2}})(?: ?[-\u2010-\u2015,/] ?|[\W_]+{_NUMBER_WORD})(\d{{1,2}})\W*",
    re.IGNORECASE,
)
"""Two numbers with another sign than a stop between them; only where the heading has nothing else."""
_TRAILING_REMARK = re.compile(r"\s*\([^()]{1,60}\)\W*$")
_BRACKETS = re.compile(r"\[([^\[\]]{1,600})\]\s*$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_DELIMITER = re.compile(r"\s[-‐-―>|]\s|:\s|[\n/]")
_LEADING_CODE = re.compile(
    r"(?:[a-z]{0,4}\d\w{0,8}|[a-z]|vraag|stap|item|uitspraak|stelling|question|step|statement|nr)"
)
_IMPROVE = r"(?:actiepunt(?:en)?|action points?|verbeteren|verbeterpunt(?:en)?|improve)\b"
_ACTION = re.compile(
    rf"{_IMPROVE}.*?\b(?:stap|step) (\d)\b|\b(?:stap|step) (\d)\b.*\b{_IMPROVE}|(?:action|actie)_?(\d)$"
)


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """What one column of an export is.

    Attributes
    ----------
    heading
        Its title, as the file has it.
    kind
        `item`, `school`, `wave`, `role` or `action`; `added` by a survey tool; `number`: a question number that is no
        statement's; `changed`: a statement's number before another text; `unknown`.
    target
        The item, or the step of an action point.
    by
        How it was found: `text`, `number`, `title` or `columns` (the caller's mapping).
    """

    heading: str
    kind: str
    target: str = ""
    by: str = ""


class HeadingReader:
    """Recognises the headings of one checklist.

    Parameters
    ----------
    mapping
        What the caller says of columns: heading to item, `school`, `wave`, `role`, `action_1` …, or "" for nothing.
    """

    def __init__(self, checklist: Instrument, mapping: Mapping[str, str] | None = None) -> None:
        self.checklist = checklist
        self._labels = {normalize_text(label): item.id for item in checklist.items for label in item.label.values()}
        numbered = {normalize_text(f"{item} {label}"): item for label, item in self._labels.items()}
        self._statements = statement_items(checklist) | numbered
        self._items = set(checklist.item_ids)
        self._roles, self._answers = role_words(checklist), answer_words(checklist)
        self._mapping = {normalize_text(heading): target for heading, target in (mapping or {}).items()}
        self._check_mapping(mapping or {})
        self.item_by_text: Callable[[str], str | None] = lru_cache(4096)(self._item_by_text)

    def score(self, row: Sequence[str]) -> int:
        """Return the number of items and mapped columns that a row has as headings."""
        texts = {self.item_by_text(heading) for heading in row} - {None}
        numbers = {number for heading in row if (number := self._number(heading)[0]) in self._items}
        mapped = {heading for heading in map(normalize_text, row) if heading in self._mapping}
        return 2 * self._labels_fit(map(self._item_by_label, row)) + max(2 * len(texts), len(numbers)) + 3 * len(mapped)

    def columns(self, heads: Sequence[Sequence[str]], body: Sequence[Sequence[str]]) -> list[ExportColumn]:
        """Decide what each column is, from its rows of headings and the answers under them."""
        width = max(map(len, heads), default=0)
        titles = [[head[at] for head in heads if at < len(head) and head[at].strip()] for at in range(width)]
        fits = self._numbering_fits(titles)
        columns = [self._column(column_titles, fits) for column_titles in titles]
        labelled = [next(filter(None, map(self._item_by_label, column_titles)), "") for column_titles in titles]
        if self._labels_fit(labelled):
            columns = [
                ExportColumn(column.heading, "item", item, "text")
                if item and column.kind in ("unknown", "added")
                else column
                for column, item in zip(columns, labelled, strict=True)
            ]
        return self._add_key_columns(columns, titles, body)

    def is_answer(self, text: str) -> bool:
        """Whether a cell has one of the answers, in full."""
        return len(text) > 1 and read_answer(text, self._answers) is not None

    def is_numbered_answer(self, row: Sequence[str]) -> bool:
        """Whether a row has a number and an answer and no text: a table of statements in rows."""
        texts = [cell for cell in row if cell.strip()]
        return (
            any(cell in self._items for cell in texts)
            and any(map(self.is_answer, texts))
            and not any(map(is_changed_statement, texts))
        )

    def fits(self, row: Sequence[str]) -> bool:
        """Whether the numbers, or the short labels, in a row of headings are those of the checklist."""
        return self._numbering_fits([[heading] for heading in row]) or bool(
            self._labels_fit(map(self._item_by_label, row))
        )

    def is_heading(self, row: Sequence[str]) -> bool:
        """Whether a row below the headings is one more: import ids, item numbers, kinds of question."""
        filled = [cell for cell in row if cell.strip()]
        if filled and all(cell.lstrip().startswith('{"ImportId"') for cell in filled):
            return True
        return bool(filled) and (all(normalize_text(cell) in _QUESTION_KINDS for cell in filled) or self.fits(row))

    def _check_mapping(self, mapping: Mapping[str, str]) -> None:
        actions = {f"action_{step.number}" for step in self.checklist.steps}
        allowed = self._items | actions | {"school", "wave", "role", ""}
        if wrong := [f"{heading}: {target}" for heading, target in mapping.items() if target not in allowed]:
            raise ToolkitError(load_text().say("read_export.wrong_columns", found=", ".join(wrong)))

    def _column(self, titles: Sequence[str], fits: bool) -> ExportColumn:
        heading = titles[-1] if titles else ""
        for title in titles:
            if (target := self._mapping.get(normalize_text(title))) is not None:
                return ExportColumn(title, *_mapped(target), "columns")
        if any(_is_added(title) for title in titles):
            return ExportColumn(heading, "added")
        for title in titles:
            if item := self.item_by_text(title):
                return ExportColumn(title, "item", item, "text")
        for title in titles:
            if step := self._action_step(title):
                return ExportColumn(title, "action", str(step), "title")
        for title in titles:
            number, text = self._number(title)
            if number and (fits or not is_changed_statement(text)):
                kind = "number" if not fits or number not in self._items else "item"
                return ExportColumn(title, "changed" if fits and is_changed_statement(text) else kind, number, "number")
        return ExportColumn(heading, "unknown" if heading else "added")

    def _numbering_fits(self, titles: Sequence[Sequence[str]]) -> bool:
        """Whether the numbers in the headings are the checklist's: all, or nearly all."""
        numbers, agreeing, contradicting = set[str](), 0, 0
        for column_titles in titles:
            number = next(filter(None, (self._number(title)[0] for title in column_titles)), "")
            item = next(filter(None, map(self.item_by_text, column_titles)), None)
            if number:
                numbers.add(number)
                agreeing += item == number
                contradicting += item not in (None, number)
        if not numbers or contradicting or not numbers <= self._items:
            return False
        nearly_all = len(self._items) - len(numbers) <= MAX_MISSING_NUMBERS
        return nearly_all or (len(numbers) >= MIN_NUMBERS and 2 * agreeing >= len(numbers))

    def _labels_fit(self, items: Iterable[str]) -> int:
        """The number of items that headings have the label of; 0 where these are not all, or nearly all."""
        n_labels = len({*items} - {""})
        return n_labels if len(self._items) - n_labels <= MAX_MISSING_NUMBERS else 0

    def _item_by_label(self, heading: str) -> str:
        return next((item for text in _candidates(heading) if (item := self._labels.get(normalize_text(text)))), "")

    @staticmethod
    def _number(heading: str) -> tuple[str, str]:
        heading = _GROUP.sub("", heading)
        if match := _ITEM_NUMBER.match(heading):
            return f"{int(match[1])}.{int(match[2])}", match[3]
        bare_number = _BARE_ITEM_NUMBER.fullmatch(heading)
        return (f"{int(bare_number[1])}.{int(bare_number[2])}" if bare_number else _number_of_day(heading), "")

    def _item_by_text(self, heading: str) -> str | None:
        plain = html.unescape(_TAG.sub(" ", heading))
        normalized = normalize_text(plain)
        if _QUIZ.match(normalized):
            return None
        return self._statements.get(normalized) or next(
            (item for text in _candidates(plain) if (item := self._by_statement(text))), None
        )

    def _by_statement(self, text: str) -> str | None:
        normalized = normalize_text(text)
        if item := self._statements.get(normalized):
            return item
        tokens = re.sub(r" ?\d{1,2}$", "", normalized).split()  # a survey tool numbers questions with the same title
        for start in range(min(5, len(tokens))):
            if item := self._statements.get(" ".join(tokens[start:])):
                return item
            if not _LEADING_CODE.fullmatch(tokens[start]):
                break
        return self._by_beginning(normalized)

    def _by_beginning(self, normalized: str) -> str | None:
        """The item whose statement begins like a heading that was cut off; None where several do."""
        if len(normalized) < MIN_BEGINNING:
            return None
        items = {item for statement, item in self._statements.items() if statement.startswith(normalized)}
        return items.pop() if len(items) == 1 else None

    def _action_step(self, heading: str) -> int:
        match = _ACTION.search(normalize_text(heading))
        step = int(next(filter(None, match.groups()))) if match else 0
        return step if step in {step.number for step in self.checklist.steps} else 0

    def _add_key_columns(
        self, columns: list[ExportColumn], titles: Sequence[Sequence[str]], body: Sequence[Sequence[str]]
    ) -> list[ExportColumn]:
        """Find the columns of school, year and role: by their usual title, else by a question."""
        for name in ("wave", "role", "school"):
            if any(column.kind == name for column in columns):
                continue
            labels = _KEY_TITLES[name] | _form_labels(name)
            open_columns = [at for at, column in enumerate(columns) if column.kind in ("unknown", "number")]
            exact = [at for at in open_columns if any(normalize_text(title) in labels for title in titles[at])]
            matches = [at for at in open_columns if any(self._asks_for(title, name, at, body) for title in titles[at])]
            for at in (exact or matches)[:1]:
                columns[at] = ExportColumn(columns[at].heading, name, "", "title")
                following = at + 1
                if name == "school" and following in open_columns and _asks_other(titles[at], titles[following]):
                    columns[following] = ExportColumn(columns[following].heading, name, "", "title")
        return columns

    def _asks_for(self, title: str, name: str, at: int, body: Sequence[Sequence[str]]) -> bool:
        """Whether a title asks for the school, year or role, and its answers are of that kind."""
        tokens = normalize_text(re.sub(r"\([^()]*\)", " ", title)).split()
        if not tokens or len(tokens) > MAX_TITLE_WORDS or not _QUESTION_TITLES[name].search(" ".join(tokens)):
            return False
        if name == "school":
            return _SCHOOL_TITLE_WORDS.issuperset(token for token in tokens if not _LEADING_CODE.fullmatch(token))
        answers = [row[at] for row in body[:SAMPLE] if at < len(row) and row[at].strip()]
        read_value = read_wave if name == "wave" else lambda text: read_role(text, self._roles)
        return 2 * sum(read_value(answer) is not None for answer in answers) >= max(len(answers), 1)


def _mapped(target: str) -> tuple[str, str]:
    if target.startswith("action_"):
        return "action", target.removeprefix("action_")
    if target in ("school", "wave", "role"):
        return target, ""
    return ("item", target) if target else ("added", "")


def _candidates(plain: str) -> Iterator[str]:
    """Yield the parts of a heading that may be a statement."""
    inside = _BRACKETS.search(plain)
    if inside and not _REMARK.search(normalize_text(inside[1])):
        yield inside[1]
    if _REMARK.search(normalize_text(inside[1] if inside else plain[:40])):
        return
    yield plain
    if (behind := _TRAILING_REMARK.search(plain)) and not _REMARK.search(normalize_text(behind[0])):
        yield plain[: behind.start()]
    for match in list(_DELIMITER.finditer(plain))[:12]:
        yield plain[match.end() :]
        if normalize_text(plain[match.end() :]) in _QUESTION_KINDS:
            yield plain[: match.start()]


def _is_added(heading: str) -> bool:
    normalized = normalize_text(heading)
    return (
        normalized in _ADDED_BY_TOOLS
        or normalize_text(heading.split(".")[0]) in _ADDED_BY_TOOLS
        or bool(_QUIZ.match(normalized) or _TIMING.search(normalized))
    )


def _number_of_day(heading: str) -> str:
    """Return the number of a statement that a spreadsheet took for a day and a month; empty for anything else."""
    match = _DAY.fullmatch(heading.strip())
    if match is None:
        return ""
    day, name, month_of_iso, day_of_iso, serial = match.groups()
    if serial:
        at = _FIRST_DAY + timedelta(days=int(serial))
        return f"{at.day}.{at.month}"
    month = int(month_of_iso) if month_of_iso else _MONTHS.get(name.lower(), 0)
    return f"{int(day_of_iso or day)}.{month}" if month else ""


def _asks_other(titles: Sequence[str], following: Sequence[str]) -> bool:
    """Whether a column has what people fill in for "anders" at the question of the column before it."""
    heading = normalize_text(titles[-1]) if titles else ""
    rests = (normalize_text(title).removeprefix(heading).strip() for title in following)
    return any(rest in _OTHER for rest in rests)


@lru_cache(8)
def _form_labels(name: str) -> set[str]:
    keys = [name] if name == "role" else [name, f"{name}_open"]
    return {normalize_text(load_text(language).say(f"form.{key}")) for language in LANGUAGES for key in keys}
