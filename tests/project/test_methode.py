"""docs/methode.md describes what the code gives: every column, every reason, every constant, and tests that exist."""

import importlib
import re
from pathlib import Path

import pytest

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.core.errors import MissingReason, no_role
from toolkit.measures import intervals as interval_module
from toolkit.measures.consensus import MIN_FOR_INTERVAL
from toolkit.measures.level_change import change

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "methode.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`\n]+)`", TEXT))
CHECKLIST = tk.load_instrument()
MEASURES = {
    "levels": tk.levels,
    "agreement": tk.agreement,
    "agreement per item": lambda data, checklist: tk.agreement(data, checklist, per="item"),
    "consensus": tk.consensus,
    "item_table": tk.item_table,
    "self_other": tk.self_other,
    "sensitivity": tk.sensitivity,
    "change": lambda data, checklist: change(tk.levels(data, checklist)),
    "agenda": tk.agenda,
}


@pytest.fixture(scope="module")
def responses():
    forms = (same_everywhere("director", 2), same_everywhere("teacher", 1, 6), same_everywhere("care", 0, 5))
    return table(*forms)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_every_output_column_is_described(measure, responses):
    for data in (responses, tk.protect(responses, CHECKLIST)):
        assert set(measure(data, CHECKLIST).columns) <= CODE


def test_the_reference_table_is_described(responses):
    assert set(tk.reference_table(responses, CHECKLIST).columns) <= CODE
    assert set(tk.cohort_kappa(responses, CHECKLIST).columns) <= CODE


def test_every_reason_is_described():
    assert {*MissingReason, *(no_role(role) for role in CHECKLIST.shown_role_ids)} <= CODE


def test_every_test_that_is_named_exists():
    tests = {
        path.relative_to(ROOT / "tests").as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("*.py")
    }
    names = {name for text in tests.values() for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    test_names = re.findall(r"\b(test_\w+)\b(?!\.py)", TEXT)
    assert len(test_names) > 30
    assert set(test_names) <= names
    files = re.findall(r"`tests/([\w/]+\.py)`", TEXT)
    assert len(files) > 2
    assert set(files) <= set(tests)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PERSON_CORRELATION", interval_module.PERSON_CORRELATION), ("COLLEAGUES", interval_module.COLLEAGUES),
        ("JACKKNIFE_FROM", interval_module.JACKKNIFE_FROM),
        ("CORRELATION_OF_MANY", interval_module.CORRELATION_OF_MANY),
        ("ASSUMED_FREEDOM", interval_module.ASSUMED_FREEDOM),
        ("CONFIDENCE", interval_module.CONFIDENCE), ("MIN_FOR_INTERVAL", MIN_FOR_INTERVAL),
    ],
)  # fmt: skip
def test_the_constants_are_those_of_the_code(name, value):
    assert f"{name} = {value}" in CODE


def test_the_formulas_for_other_data_are_where_it_says():
    matches = [re.fullmatch(r"(toolkit\.(?:measures|cohorts)\.\w+)\.(\w+)", code) for code in CODE]
    functions = [getattr(importlib.import_module(match[1]), match[2]) for match in matches if match]
    assert len(functions) >= 7
    assert all(function.__doc__ for function in functions)


def test_it_opens_with_a_summary_in_dutch():
    assert TEXT.split("\n## ")[1].startswith("Samenvatting\n\nIedereen vult")
