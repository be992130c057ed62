"""Words per language: complete, with the same fields, and numbers as people write them."""

import re
from pathlib import Path
from string import Formatter

import pytest

import toolkit
from toolkit.cli import COMMANDS
from toolkit.core.errors import MissingReason, Problem, ProblemCode, ToolkitError
from toolkit.core.i18n import LANGUAGES, load_text, problem_message

PACKAGE = Path(toolkit.__file__).parent


def fields(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


def test_every_language_has_the_same_keys_with_the_same_fields():
    dutch, english = (load_text(language).phrases for language in LANGUAGES)
    assert dutch.keys() == english.keys()
    assert [key for key in dutch if fields(dutch[key]) != fields(english[key])] == []


def test_every_key_that_code_asks_for_is_there_and_every_key_is_asked_for():
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.j2")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    phrases = load_text().phrases
    sections = "|".join({key.split(".")[0] for key in phrases})
    keys_in_code = set(re.findall(rf"""["']((?:{sections})\.[a-z_]+)["']""", code))
    assert keys_in_code <= phrases.keys()
    built_keys = (
        "problem.",
        "export_problem.",
        "status.",
        "reason.",
        "where.",
        "form.",
        "summary.",
        "select.",
        "reading.",
        "many.",
        "export.",
        "cohort_why.",
        "cohort_head.",
        "cohort_measure.",
        "cohort_chart.",
        "meeting.",
        "finding.",
        "sheet.",
        "split.",
        "report.method_",
        "plan.",
        "movement.",
        "changes.",
        "board.",
        "talk.",
        "online.how_",
        "first.",
        "explore.",
        "explore_cohort.",
        "weights.",
        "shown.",
        *(f"cli.{command.replace('-', '_')}" for command in COMMANDS),
        "cohort_report.",
        "figure.",
    )  # put together in code
    keys_in_code |= {f"{key}_known" for key in keys_in_code}  # with the known role as subject
    keys_in_code |= {f"{key}_single" for key in keys_in_code}  # of one thing
    assert [key for key in phrases if key not in keys_in_code and not key.startswith(built_keys)] == []


def test_every_problem_has_its_sentence_and_every_sentence_its_problem():
    for language in LANGUAGES:
        sentences = {key.removeprefix("problem.") for key in load_text(language).phrases if key.startswith("problem.")}
        assert sentences == set(ProblemCode)


def test_every_missing_reason_has_its_words():
    reasons = {f"reason.{reason.replace(' ', '_')}" for reason in MissingReason}
    for language in LANGUAGES:
        assert reasons <= load_text(language).phrases.keys()


def test_a_problem_says_where_what_and_what_to_do():
    problem = Problem("unclear_answer", "Checklist", "D17", "2.4", "Ja/Nee")
    assert problem_message(problem) == (
        'Blad "Checklist", cel D17, uitspraak 2.4: er staat "Ja/Nee". '
        "Kies één antwoord, of laat de cel leeg als u het niet weet."
    )
    assert len(problem_message(Problem("unclear_answer", found="x" * 32_767))) < 200


def test_numbers_are_written_as_the_language_does():
    assert load_text("nl").number(1234.5, 1) == "1.234,5"
    assert load_text("en").number(1234.5, 1) == "1,234.5"


def test_one_thing_is_not_called_by_its_plural():
    for language in LANGUAGES:
        ones = [
            key for key in load_text(language).phrases if key.endswith("_single") and key.startswith(("count.", "cli."))
        ]
        assert len(ones) > 5
        for key in ones:
            singular, plural = (
                load_text(language).say(key.removesuffix("_single"), n=n, folder="", schools="") for n in (1, 2)
            )
            assert singular.replace("1", "") != plural.replace("2", ""), key


def test_a_language_or_key_that_is_not_there_is_said():
    with pytest.raises(ToolkitError, match="fy"):
        load_text("fy")
    with pytest.raises(ToolkitError, match=r"form\.nothing"):
        load_text().say("form.nothing")
