"""Text from outside is safe where it goes: as a file name, in a cell, in a CSV file."""

import pytest

from toolkit.core.sanitize import decode_text, escape_formula, safe_filename, strip_bidi_controls

NAMES = (
    "../../etc/passwd",
    "a/b\\c",
    'De "Regenboog": 1?',
    "x" * 300,
    "...",
    "",
    "CON",
    "lpt1.txt",
    "a\u202eb",
    "a\nb",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_made_file_name_is_one_name_on_every_system(name, tmp_path):
    file_name = safe_filename(name)
    assert not set(file_name) & set('\\/:*?"<>|\n\u202e')
    assert file_name == file_name.strip(" .")
    assert 0 < len(file_name) <= 81
    assert file_name.partition(".")[0].upper() not in ("CON", "LPT1", "")
    (tmp_path / file_name).write_bytes(b"x")
    assert [path.name for path in tmp_path.iterdir()] == [file_name]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_text_file_reads_the_same_in_every_encoding(codec):
    text = "School;Gemeente\nDe Brug;Súdwest-Fryslân\n"
    assert decode_text(text.encode(codec)) == text


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ValueError, match="no text"):
        decode_text(bytes(range(256)) * 16)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "＝1"])
def test_a_text_in_a_csv_file_is_no_formula(text):
    assert escape_formula(text)[0] == "'"


def test_a_name_cannot_turn_the_line_around():
    assert strip_bidi_controls("a\u202eb\u2066c\x00") == "abc"
