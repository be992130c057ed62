"""Questions of the checklist to import in MS Forms, Google Forms or LimeSurvey.

Every tool puts the text of a question above its column in an export. The questions have the number and the sentence of
their statement, and the titles of the paper form, so that `read_export` understands such an export by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import Text, load_text
from toolkit.core.normalize import read_wave
from toolkit.core.word_document import new_document, to_bytes
from toolkit.forms.blank_form import FormOptions, check_texts
from toolkit.instrument.arguments import as_checklist, explained
from toolkit.instrument.model import Instrument, for_sector


@dataclass(frozen=True, slots=True)
class Question:
    """A question, with the answers to choose from; without these it asks for text."""

    code: str
    sentence: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A title and its questions."""

    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class OnlineForm:
    """The complete form, of which every tool has its own file."""

    title: str
    introduction: str
    pages: tuple[Page, ...]
    language: str


@explained
def write_online_form(path: str | Path, checklist: Instrument | None = None, **options: Unpack[FormOptions]) -> Path:
    """Write the questions for a survey tool.

    Parameters
    ----------
    path
        The ending decides the tool: `.docx` (MS Forms, Quick import), `.gs` (a script that makes a Google Form) or
        `.txt` (LimeSurvey, tab-separated survey structure).
    options
        `school, school_name, wave, language, sector`: see `toolkit.forms.blank_form.FormOptions`. School and year are
        questions with one answer where they are given, else respondents type them.

    Returns
    -------
    The path written. The same arguments always give the same bytes.

    Raises
    ------
    ToolkitError
        Another ending, or `wave` is no school year.

    Examples
    --------
    >>> import tempfile
    >>> from toolkit import load_instrument
    >>> write_online_form(f"{tempfile.mkdtemp()}/questions.gs", load_instrument(), wave="2025-2026").name
    'questions.gs'
    """
    path, text = Path(path), load_text(options.get("language", "nl"))
    check_texts(options)
    wave = options.get("wave", "")
    if wave and read_wave(wave) != wave:
        raise ToolkitError(text.say("many.no_wave", wave=wave))
    write = FORMATS.get(path.suffix.lower())
    if write is None:
        raise ToolkitError(text.say("online.unknown", file=path.name))
    atomic_write(
        path, write(_online_form(for_sector(as_checklist(checklist), options.get("sector", "")), text, options))
    )
    return path


def _online_form(checklist: Instrument, text: Text, options: FormOptions) -> OnlineForm:
    say = text.say
    about = (
        Question("role", say("online.role"), tuple(role.label[text.language] for role in checklist.roles), True),
        _metadata_question("school", options.get("school", ""), text),
        _metadata_question("wave", options.get("wave", ""), text),
    )
    pages = [Page(say("online.about"), about), *_step_pages(checklist, text)]
    name = options.get("school_name") or options.get("school", "")
    title = " · ".join(filter(None, [say("form.title"), name, options.get("wave", "")]))
    introduction = " ".join(say(f"form.{key}") for key in ("why", "who_sees", "no_names"))
    return OnlineForm(title, introduction, tuple(pages), text.language)


def _metadata_question(name: str, value: str, text: Text) -> Question:
    """School or year: typed, or the one answer there is."""
    label = text.say(f"form.{name}") if value else text.say(f"form.{name}_open").removesuffix("►").strip()
    return Question(name, label, (value,) if value else (), True)


def _step_pages(checklist: Instrument, text: Text) -> Iterator[Page]:
    answers = tuple(answer.label[text.language] for answer in reversed(checklist.answers))
    for step in checklist.steps:
        questions = [
            Question(f"item{item.id.replace('.', 'x')}", f"{item.id} {item.statement[text.language]}", answers)
            for item in step.items
        ]
        label = text.say("form.actions", number=step.number).removesuffix("►").strip()
        title = text.say("form.step", number=step.number, title=step.title[text.language])
        yield Page(title, (*questions, Question(f"action{step.number}", label)))


# --- MS Forms ---


def _to_word(form: OnlineForm) -> bytes:
    """Numbered questions with lettered answers, as Quick import reads them; one without answers asks for text."""
    document = new_document(form.title, form.language)
    document.add_heading(form.title, 1)
    document.add_paragraph(form.introduction)
    questions = [question for page in form.pages for question in page.questions]
    for number, question in enumerate(questions, start=1):
        document.add_paragraph(f"{number}. {question.sentence}")
        for letter, choice in zip("ABCDEFGH", question.choices, strict=False):
            document.add_paragraph(f"{letter}. {choice}")
        document.add_paragraph("")
    return to_bytes(document)


# --- Google Forms ---

_SCRIPT = """\
// {how}
function makeForm() {{
  const content = {content};
  const form = FormApp.create(content.title);
  form.setDescription(content.introduction);
  form.setCollectEmail(false);
  content.pages.forEach((page, place) => {{
    if (place) form.addPageBreakItem().setTitle(page.title);
    page.questions.forEach(question => {{
      const item = question.choices.length
        ? form.addMultipleChoiceItem().setChoiceValues(question.choices)
        : form.addParagraphTextItem();
      item.setTitle(question.sentence).setRequired(question.required);
    }});
  }});
  Logger.log(form.getEditUrl());
}}
"""


def _to_script(form: OnlineForm) -> bytes:
    """A script that makes the form in somebody's own Google account."""
    pages = [
        {"title": page.title, "questions": [
            {"words": q.sentence, "choices": q.choices, "required": q.required} for q in page.questions
        ]} for page in form.pages
    ]  # fmt: skip
    content = {"title": form.title, "introduction": form.introduction, "pages": pages}
    instruction = load_text(form.language).say("online.google")
    return _SCRIPT.format(how=instruction, content=json.dumps(content, ensure_ascii=False, indent=2)).encode()


# --- LimeSurvey ---

_COLUMNS = ("class", "type/scale", "name", "relevance", "text", "help", "language", "mandatory", "other")


def _to_limesurvey(form: OnlineForm) -> bytes:
    """The survey's structure as a table with tabs; names and addresses of respondents are not stored."""
    settings = {"language": form.language, "anonymized": "Y", "format": "G", "ipaddr": "N", "datestamp": "N"}
    rows = [{"class": "S", "name": name, "text": value} for name, value in settings.items()]
    for name, value in (("surveyls_title", form.title), ("surveyls_welcometext", form.introduction)):
        rows.append({"class": "SL", "name": name, "text": value, "language": form.language})
    for number, page in enumerate(form.pages, start=1):
        about = {"relevance": "1", "language": form.language}
        rows.append({"class": "G", "type/scale": str(number), "name": page.title} | about)
        for question in page.questions:
            rows += _limesurvey_question(question, about)
    lines = [_COLUMNS, *([row.get(column, "") for column in _COLUMNS] for row in rows)]
    return ("\ufeff" + "".join("\t".join(line) + "\r\n" for line in lines)).encode()


def _limesurvey_question(question: Question, about: dict[str, str]) -> Iterator[dict[str, str]]:
    kind = "L" if question.choices else "T"
    mandatory = {"mandatory": "Y" if question.required else "N", "other": "N"}
    yield {"class": "Q", "type/scale": kind, "name": question.code, "text": question.sentence} | about | mandatory
    for number, choice in enumerate(question.choices, start=1):
        answer = {"class": "A", "type/scale": "0", "name": f"A{number}", "text": choice}
        yield answer | {"language": about["language"]}


FORMATS: dict[str, Callable[[OnlineForm], bytes]] = {".docx": _to_word, ".gs": _to_script, ".txt": _to_limesurvey}
"""What writes the questions, by the ending of the file's name."""
