"""The checklist as data: what it holds, and what a file that is off is told."""

from importlib.resources import files

import pytest

from toolkit.core.errors import InstrumentError
from toolkit.core.normalize import normalize_text
from toolkit.instrument.lookup import answer_words, role_words, statement_items
from toolkit.instrument.model import load_instrument, read_instrument


def source() -> str:
    return (files("toolkit") / "instrument" / "data" / "handvat-ouders-2023.toml").read_text(encoding="utf-8")


def test_33_items_in_five_steps(checklist):
    assert [len(step.items) for step in checklist.steps] == [3, 7, 8, 7, 8]
    assert len(set(checklist.item_ids)) == 33
    assert checklist.role_ids == ["director", "teacher", "care"]
    assert sorted({factor.number for step in checklist.steps for factor in step.success_factors}) == [*range(1, 15)]


def test_directors_have_seven_items_and_none_in_step_4(checklist):
    director_items = [item.id for item in checklist.items if "director" in item.actors]
    assert director_items == ["1.1", "2.1", "2.2", "2.6", "3.4", "3.8", "5.1"]


def test_no_two_words_for_people_mean_different_things(checklist):
    """A word that named two roles, or a statement that read like another, would be a guess when it comes back."""
    other_wordings = [
        words for item in checklist.items for words in (*item.earlier, *(variant.statement for variant in item.sectors))
    ]
    different = {normalize_text(text) for words in other_wordings for text in words.values()}
    statements = {normalize_text(text) for item in checklist.items for text in item.statement.values()}
    assert len(statements) == 2 * 33
    assert set(statement_items(checklist)) == statements | different
    assert set(answer_words(checklist).values()) == {0, 1, 2}
    words = [word.casefold() for role in checklist.roles for word in role.aliases]
    assert len(words) == len(set(words))
    assert role_words(checklist)["ib er"] == "care"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('id = "1.2"', 'id = "1.1"', "1.1"),
        ('id = "3.4"', 'id = "3.9"', "$.steps[2].items[3].id"),
        ('actors = ["care"]', 'actors = ["caretaker"]', "$.steps[4].items[4].actors"),
        ('actors = ["care"]', "actors = []", "$.steps[4].items[4].actors"),
        ('en = "Positive tone"', 'en = " "', "$.steps[2].items[5].label.en"),
        ('precondition = "F"', 'precondition = "X"', "$.steps[2].items[7].precondition"),
        ("factors = [5], label", "factors = [9], label", "$.steps[2].items[1].factors"),
        ('items = ["3.2"]', 'items = ["3.20"]', "$.steps[2].tools[0].items"),
        ('toolbox = "https:', 'toolbox = "javascript:', "$.source.toolbox"),
        ('url = "https:', 'url = "javascript:', "$.steps[0].tools[0].url"),
        ("[3, 7, 8, 7, 8]", "[3, 7, 8, 7, 9]", "$.steps"),
        ("number = 4\nid", "number = 6\nid", "$.steps[3].number"),
        ("value = 2", "value = 3", "$.answers[2].value"),
        ('precondition = "T"', 'preconditoin = "T"', "preconditoin"),
        ("year = 2023", 'year = "2023"', "$.source.year"),
        ('roles = ["teacher", "care"]', 'roles = ["teacher", "janitor"]', "$.team.roles"),
        ("[source]", "[source", "line"),
    ],
)
def test_a_file_that_is_off_is_refused_with_the_place(old, new, where):
    text = source()
    assert old in text
    with pytest.raises(InstrumentError) as error:
        read_instrument(text.replace(old, new, 1), "mijn.toml")
    assert where in str(error.value)
    assert "mijn.toml" in str(error.value)


def test_an_instrument_of_ones_own_is_read_from_a_path(tmp_path):
    path = tmp_path / "eigen.toml"
    path.write_text(source().replace('id = "handvat-ouders-2023"', 'id = "eigen"'), encoding="utf-8")
    assert load_instrument(path).form == "eigen/2"
    with pytest.raises(InstrumentError, match="geen-publicatie"):
        load_instrument("geen-publicatie")
