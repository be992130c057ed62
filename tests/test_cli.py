"""The `handvat` command: Dutch, and what it says it does."""

import re

import pytest

from tests.support.forms import all_answers, filled
from toolkit.cli import main
from toolkit.forms.blank_form import write_form
from toolkit.forms.keys import about_key, item_key
from toolkit.forms.template import fill_form, open_template
from toolkit.instrument.official_wording import with_wording
from toolkit.spreadsheets.reader import read_workbook


def test_forms_writes_a_prefilled_form(tmp_path, capsys):
    path = tmp_path / "formulier.xlsx"
    assert main(["forms", str(path), "--school", "12AB00", "--name", "De School", "--wave", "2025-2026"]) == 0
    assert "Geschreven" in capsys.readouterr().out
    assert {"12AB00", "2025-2026", "School: De School"} <= set(
        read_workbook(path.read_bytes()).sheets[0].cells.values()
    )


def test_example_then_read(tmp_path, capsys):
    assert main(["example", str(tmp_path / "in"), "--seed", "2"]) == 0
    assert "formulieren van 4 scholen" in capsys.readouterr().out
    assert main(["read", str(tmp_path / "in")]) == 0
    said = capsys.readouterr().out
    assert re.search(r"\d+ formulieren gelezen van 4 scholen; \d+ meldingen", said)


def test_read_names_file_place_and_remedy(tmp_path, capsys):
    (tmp_path / "a.xlsx").write_bytes(filled(all_answers() | {"2.4": "Ja/Nee"}))
    assert main(["read", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "a.xlsx" in said
    assert 'uitspraak 2.4: er staat "Ja/Nee". Kies één antwoord' in said


@pytest.mark.parametrize("command", [[], ["forms"], ["read"], ["example"], ["wording"], ["check"]])
def test_help_is_dutch(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("gebruik: handvat")
    assert not re.search(r"\b(usage|options|positional|arguments|show this)\b", said)


def test_what_does_not_work_is_said_without_a_traceback(tmp_path, capsys):
    assert main(["read", str(tmp_path / "weg")]) == 1
    assert "bestaat niet" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main(["leesje"])
    assert stop.value.code == 2
    assert "handvat --help" in capsys.readouterr().err


def test_forms_for_many_schools_then_read_with_register_and_report(tmp_path, capsys):
    register = tmp_path / "register.csv"
    register.write_text("school;naam;leraren\n12AB00;De School;2\n", encoding="utf-8")
    out, report = tmp_path / "out", tmp_path / "inleesrapport.xlsx"
    assert main(["forms", str(out), "--many", str(register), "--wave", "2025-2026"]) == 0
    assert "2 formulieren voor 1 scholen" in capsys.readouterr().out
    assert main(["read", str(out), "--register", str(register), "--report", str(report)]) == 0
    assert report.is_file()


def test_explore_says_which_folder_is_not_there(capsys, tmp_path):
    assert main(["explore", str(tmp_path / "weg")]) == 1
    assert "weg bestaat niet" in capsys.readouterr().err


def test_a_form_somebody_filled_in_is_never_written_over(tmp_path, capsys):
    path = tmp_path / "formulier.xlsx"
    assert main(["forms", str(path)]) == 0
    assert main(["forms", str(path), "--language", "en", "--school", "Ja"]) == 0, "a blank form may be made anew"
    assert main(["forms", str(path), "--priorities"]) == 0
    touched = fill_form(open_template(path.read_bytes()), {about_key("role"): "Directie"})
    for data in (filled(all_answers()), touched, b"a letter"):
        path.write_bytes(data)
        assert main(["forms", str(path)]) == 1
        assert "wat iemand invulde wordt nooit overschreven" in capsys.readouterr().err
        assert path.read_bytes() == data


def test_a_form_with_other_sentences_is_not_taken_for_a_blank_one(tmp_path, checklist):
    official = with_wording(checklist, {item: f"De officiële zin van {item}." for item in checklist.item_ids})
    path = write_form(tmp_path / "formulier.xlsx", official)
    path.write_bytes(fill_form(open_template(path.read_bytes()), {item_key("1.1"): "Ja"}))
    assert main(["forms", str(path)]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forms", "formulier.docx"], "eindigt op .xlsx"),
        (["forms", "formulier.xlsx", "--wave", "2025-2027"], "geen schooljaar"),
        (["check", "."], "handvat read ."),
        (["export", ".", "uit.csv"], "er is niets geschreven"),
        (["praatkaart", ".", "99AA00"], "er is niets geschreven"),
        (["report", ".", "--all"], "er is niets geschreven"),
    ],
)
def test_a_slip_is_said_with_what_to_do(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["raport"], "'raport' is er niet bij; kies uit"),
        (["report", "map"], "er ontbreekt iets: --school --all"),
        (["read", "map", "--regster", "x"], "dit is onbekend: --regster x"),
        (["read", "map", "--workers", "twee"], "'twee' is geen getal"),
        (["report", "map", "--all", "--school", "99AA00"], "kunnen niet samen"),
        (["read", "map", "--report"], "hoort nog iets"),
    ],
)
def test_a_slip_of_the_keyboard_is_said_in_dutch(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    error = capsys.readouterr().err
    assert said in error
    assert not re.search(r"invalid|required|unrecognized|expected|argument", error.replace("argumenten", ""))
