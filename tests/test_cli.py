"""The `handvat` command: Dutch, and what it says it does."""

import argparse
import re
import subprocess
import sys

import pytest

from tests.support.forms import all_answers, filled
from toolkit.cli import COMMANDS, main
from toolkit.core.version import VERSION
from toolkit.forms.blank_form import write_form
from toolkit.forms.keys import about_key, item_key
from toolkit.forms.template import fill_form, open_template
from toolkit.instrument.model import load_instrument
from toolkit.instrument.official_wording import with_wording
from toolkit.spreadsheets.reader import read_workbook

PLACED = {"school": "99AX00", "wave": "2025-2026"}


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
    output = capsys.readouterr().out
    assert re.search(r"\d+ formulieren gelezen van 4 scholen; \d+ meldingen", output)


def test_read_names_file_place_and_remedy(tmp_path, capsys):
    (tmp_path / "a.xlsx").write_bytes(filled(all_answers() | {"2.4": "Ja/Nee"}))
    assert main(["read", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert "a.xlsx" in output
    assert 'uitspraak 2.4: er staat "Ja/Nee". Kies één antwoord' in output


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
    assert "2 formulieren voor 1 school geschreven" in capsys.readouterr().out
    assert main(["read", str(out), "--register", str(register), "--report", str(report)]) == 0
    assert report.is_file()


def test_explore_says_which_folder_is_not_there(capsys, tmp_path):
    assert main(["explore", str(tmp_path / "weg")]) == 1
    assert "weg bestaat niet" in capsys.readouterr().err


def test_a_form_somebody_filled_in_is_never_written_over(tmp_path, capsys):
    path = tmp_path / "formulier.xlsx"
    assert main(["forms", str(path)]) == 0
    assert main(["forms", str(path), "--language", "en", "--school", "Ja"]) == 0, "a blank form may be made again"
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
    ("arguments", "phrase"),
    [
        (["forms", "formulier.docx"], "eindigt op .xlsx"),
        (["forms", "formulier.xlsx", "--wave", "2025-2027"], "geen schooljaar"),
        (["check", "."], "handvat read ."),
        (["export", ".", "uit.csv"], "er is niets geschreven"),
        (["talk-sheet", ".", "99AA00"], "er is niets geschreven"),
        (["report", ".", "--all"], "er is niets geschreven"),
    ],
)
def test_a_slip_is_said_with_what_to_do(arguments, phrase, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert phrase in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["raport"], "'raport' is er niet bij (bedoelt u report?)"),
        (["report", "map"], "Kies één van deze: --school --all"),
        (
            ["read", "map", "--regster", "x"],
            "Dit is onbekend: --regster (bedoelt u --register?). Hulp: handvat read --help",
        ),
        (["read", "map", "--workers", "twee"], "--workers: 'twee' is geen getal"),
        (["report", "map", "--all", "--school", "99AA00"], "--school: dit kan niet samen met --all"),
        (["read", "map", "--report"], "--report: hier hoort nog iets achter"),
        (["read", "map", "--re", "x"], "--re kan van alles zijn: --register, --report"),
        (["report", "map", "--all=ja"], "--all: hier hoort niets achter"),
        (["report", "map", "--all", "--sector", "PO!"], "--sector: 'po!' is er niet bij"),
        (["status", "map"], "Er ontbreekt iets: --register"),
        ([], "Er ontbreekt iets: OPDRACHT"),
    ],
)
def test_a_slip_of_the_keyboard_is_said_in_dutch(arguments, phrase, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    error = capsys.readouterr().err
    assert phrase in error
    assert not re.search(r"invalid|required|unrecognized|expected|argument|ambiguous|error", error)


def test_every_command_explains_itself_in_dutch(capsys):
    for command in COMMANDS:
        with pytest.raises(SystemExit) as stop:
            main([command, "--help"])
        assert stop.value.code == 0
        output = capsys.readouterr().out
        assert output.startswith(f"gebruik: handvat {command}")
        assert not re.search(r"\b(usage|options|positional|arguments|show this)\b", output), command


def test_the_names_of_commands_are_english_and_the_old_one_still_works(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.findall(r"^    ([a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    assert listed == [name for name in COMMANDS if name != "templates"], "that one is for developers"
    with pytest.raises(SystemExit) as stop:
        main(["praatkaart", "--help"])
    assert stop.value.code == 0


def test_version_is_that_of_the_project(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"handvat {VERSION}\n"


def test_other_programs_keep_the_english_of_argparse(capsys):
    with pytest.raises(SystemExit):
        main(["raport"])
    with pytest.raises(SystemExit):
        argparse.ArgumentParser().parse_args(["--nothing"])
    assert "unrecognized arguments" in capsys.readouterr().err


def test_help_imports_no_table_and_no_chart():
    """`handvat --help` comes in a blink: it reads the texts, and none of what a command works with."""
    code = "import sys; from toolkit.cli import make_parser; make_parser('').format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "numpy", "plotly", "scipy", "openpyxl", "ipywidgets", "msgspec"} & set(loaded)


def test_an_empty_folder_is_an_error(tmp_path, capsys):
    assert main(["read", str(tmp_path)]) == 1
    assert "staat geen enkel bestand" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("metadata", "role", "answers", "missing"),
    [
        ({"school": ""}, "Leraar", None, "de school ontbreekt"),
        ({"wave": ""}, "Leraar", None, "het schooljaar ontbreekt"),
        ({"school": "", "wave": ""}, "", None, "de school, het schooljaar en de rol ontbreekt"),
        ({}, "Leraar", {}, "ieder antwoord ontbreekt"),
    ],
)
def test_a_form_that_counts_nowhere_is_not_called_fine(metadata, role, answers, missing, tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    path.write_bytes(filled(all_answers() if answers is None else answers, role, **{**PLACED, **metadata}))
    assert main(["check", str(path)]) == 1
    output = capsys.readouterr().out
    assert missing in output
    assert "Goed gelezen" not in output


def test_a_form_that_counts_is_called_fine(tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    path.write_bytes(filled(all_answers(), "Leraar", **PLACED))
    assert main(["check", str(path)]) == 0
    assert "Goed gelezen: 33 van 33" in capsys.readouterr().out


def test_reports_say_what_was_refused_and_what_did_not_count(tmp_path, capsys):
    forms = tmp_path / "in"
    forms.mkdir()
    for number in range(5):
        answers = all_answers() | {"1.1": ("Ja", "Nee")[number % 2], "1.2": ("Ja", "Beetje", "Nee")[number % 3]}
        (forms / f"{number}.xlsx").write_bytes(filled(answers, "Leraar", {1: f"{number}"}, **PLACED))
    (forms / "zonder rol.xlsx").write_bytes(filled(all_answers("Nee"), "", **PLACED))
    (forms / "brief.docx").write_bytes(b"een brief")
    (forms / "kapot.xlsx").write_bytes(b"PK")
    assert main(["report", str(forms), "--all", "--format", "xlsx", "-o", str(tmp_path / "uit"), "--sector", "po"]) == 0
    output = capsys.readouterr().out
    assert "1 rapport geschreven" in output
    assert "2 bestanden zijn geweigerd" in output
    assert "1 formulier telt nergens mee" in output


ORDERS = "a\x1b]0;pwned\x07\x9b31m\u202e"
"""Signs with which a terminal changes its title, colour or direction."""


@pytest.mark.parametrize(
    ("phrase", "code"),
    [
        (["read", "{folder}"], 1),
        (["check", "{folder}/{orders}.xlsx"], 1),
        (["status", "{folder}", "--register", "{folder}/{orders}.csv"], 1),
        (["report", "{folder}", "--school", "{orders}"], 1),
        (["forms", "{folder}/{orders}-formulier.xlsx", "--deadline", "{orders}", "--return-to", "{orders}"], 0),
        (["read", "{folder}", "{folder}/{orders}.xlsx"], 2),
        (["export", "{folder}", "{orders}", "--{orders}"], 2),
    ],
)
def test_a_file_name_cannot_give_the_terminal_orders(phrase, code, tmp_path, capsys):
    (tmp_path / f"{ORDERS}.xlsx").write_bytes(b"PK")
    try:
        ended = main([word.format(folder=tmp_path, orders=ORDERS) for word in phrase])
    except SystemExit as refused:
        ended = refused.code
    out = capsys.readouterr()
    assert ended == code
    assert not re.search("[\x1b\x07\x9b\u202e]", out.out + out.err)


def test_status_says_per_school_what_is_not_back_and_names_nobody(tmp_path, capsys):
    register = tmp_path / "register.csv"
    register.write_text(
        "school;naam;directie;leraren\n99AX00;De Otter;1;3\n99AY00;De Bever;1;0\n99AZ00;;0;2\n", encoding="utf-8"
    )
    out, returned = tmp_path / "uit", tmp_path / "terug"
    assert main(["forms", str(out), "--many", str(register), "--wave", "2025-2026"]) == 0
    returned.mkdir()
    sent = sorted(path for path in out.rglob("*.xlsx") if "99AZ00" not in str(path))
    for path in [path for path in sent if path.stem != "formulier-leraar-002"]:
        answered = fill_form(open_template(path.read_bytes()), {item_key("1.1"): "Ja"})
        (returned / f"Jan de Vries {path.parent.name} {path.name}").write_bytes(answered)
    capsys.readouterr()
    assert main(["status", str(returned), "--register", str(register)]) == 0
    output = capsys.readouterr().out
    assert "De Otter (99AX00), 2025-2026\nNog niet terug: 1 formulier (3 van 4 ontvangen)." in output
    assert "Leraren: 2 van 3" in output
    assert "99AZ00, 2025-2026\nNog niet terug: 2 formulieren (0 van 2 ontvangen)." in output, (
        "also where nothing is back"
    )
    assert "Alles is terug van De Bever (99AY00)." in output
    assert "Jan" not in output
    assert "geen school in de lijst" not in output
    other = tmp_path / "anders.xlsx"
    assert main(["forms", str(other), "--school", "99AW00", "--wave", "2025-2026"]) == 0
    (returned / "anders.xlsx").write_bytes(fill_form(open_template(other.read_bytes()), {item_key("1.1"): "Ja"}))
    assert main(["status", str(returned), "--register", str(register)]) == 0
    assert "1 formulier is van geen school in de lijst" in capsys.readouterr().out


@pytest.mark.parametrize(("error", "code", "said"), [(KeyboardInterrupt, 130, "Gestopt."), (BrokenPipeError, 0, "")])
def test_a_user_who_stops_and_a_pipe_that_closes_get_no_traceback(error, code, said):
    script = (
        "import sys, toolkit.cli as cli\n"
        f"def fail(options): raise {error.__name__}\n"
        "cli.parse = lambda tokens: cli.argparse.Namespace(run=fail)\n"
        "sys.exit(cli.main(['read']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (code, said)


def test_status_needs_numbers_and_a_year(tmp_path, capsys):
    register = tmp_path / "register.csv"
    register.write_text("school;naam\n99AX00;De Otter\n", encoding="utf-8")
    assert main(["status", str(tmp_path), "--register", str(register)]) == 1
    assert "geen aantallen per rol" in capsys.readouterr().err
    register.write_text("school;leraren\n99AX00;3\n", encoding="utf-8")
    assert main(["status", str(tmp_path), "--register", str(register)]) == 1
    assert "--wave 2025-2026" in capsys.readouterr().err
    assert main(["status", str(tmp_path), "--register", str(register), "--wave", "2025-2026"]) == 0
    assert "99AX00, 2025-2026" in capsys.readouterr().out


def test_an_export_without_a_school_year_gets_it_from_the_command(tmp_path, capsys):
    file, out = tmp_path / "antwoorden.csv", tmp_path / "uit.csv"
    items = load_instrument().item_ids
    lines = [";".join(["School", "Rol", *items]), *[";".join(["99AA00", "Leraar", *["Ja"] * len(items)])] * 6]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert main(["export", str(file), str(out)]) == 1
    assert main(["export", str(file), str(out), "--wave", "2025-2026"]) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 7
