"""Mistakes as users make them in a terminal: each gives one sentence that is true, and the right exit code."""

import shlex

import pytest

from toolkit.cli import main

FAILED, USAGE = 1, 2
MISTAKES = [
    # a file, folder or list that is not there, or not what it should be
    ("read nergens", FAILED, ["De map nergens bestaat niet"]),
    ("read leeg", FAILED, ["In leeg staat geen enkel bestand", "kies een andere map"]),
    ("read kapot.xlsx", FAILED, ["kapot.xlsx is een bestand, geen map"]),
    ("read leeg --register nergens.csv", FAILED, ["Het register nergens.csv is er niet"]),
    ("check nergens.xlsx", FAILED, ["Het bestand nergens.xlsx is er niet"]),
    ("check kapot.xlsx", FAILED, ["geen leesbaar Excel- of LibreOffice-bestand", "sla het op als .xlsx"]),
    ("check leeg", FAILED, ["leeg is een map", "handvat read leeg"]),
    ("read-export nergens.csv", FAILED, ["Het bestand nergens.csv is er niet"]),
    ("read-export lijst.csv", FAILED, ["geen kolom met een uitspraak", "Geef elke kolom het nummer"]),
    ("explore nergens", FAILED, ["De map nergens bestaat niet"]),
    ("close leeg", FAILED, ["geen formulier gelezen", "handvat read leeg"]),
    ("report leeg --all", FAILED, ["er is niets geschreven", "handvat read leeg"]),
    ("report leeg --all -o rapport.pdf", FAILED, ["-o een map", "--format"]),
    ("talk-sheet nergens 99AA00", FAILED, ["De map nergens bestaat niet"]),
    ("export leeg uit.csv", FAILED, ["geen formulier gelezen"]),
    ("status leeg --register lijst.csv", FAILED, ["geen kolom voor de school", "kleur, maat"]),
    ("cohort-report leeg lijst.csv", FAILED, ["geen formulier gelezen"]),
    ("forget leeg 99XX00", FAILED, ["geen formulier van school 99XX00", "Controleer de code"]),
    ("wording nergens.pdf", FAILED, ["Het bestand nergens.pdf is er niet"]),
    ("example .", FAILED, ["niet leeg", "kies een nieuwe map"]),
    # a name, year, number or word that cannot be
    ("forms formulier.pdf", FAILED, ["eindigt op .xlsx"]),
    ("forms formulier.xlsx --wave 2025", FAILED, ['"2025" is geen schooljaar', "2025-2026"]),
    ("forms map --many lijst.csv --wave 2025-2026", FAILED, ["geen kolom voor de school"]),
    ("online-form vragen.pdf", FAILED, [".docx", ".gs", ".txt"]),
    ("read leeg --workers 0", FAILED, ["workers: 0 kan niet", "vanaf 1"]),
    ("read leeg --workers twee", USAGE, ["'twee' is geen getal"]),
    ("forms formulier.xlsx --sector mbo", USAGE, ["'mbo' is er niet bij", "kies uit 'po', 'vo'"]),
    ("forms formulier.xlsx --language fr", USAGE, ["'fr' is er niet bij", "'nl', 'en'"]),
    ("report leeg --all --format pptx", USAGE, ["'pptx' is er niet bij", "'pdf'"]),
    # something too little, too much or mistyped
    ("raport leeg", USAGE, ["'raport' is er niet bij (bedoelt u report?)", "handvat --help"]),
    ("report leeg", USAGE, ["Kies één van deze: --school --all"]),
    ("report leeg --all --school 99AA00", USAGE, ["kan niet samen met --all"]),
    ("status leeg", USAGE, ["Er ontbreekt iets: --register"]),
    ("talk-sheet leeg", USAGE, ["Er ontbreekt iets: CODE"]),
    (
        "report leeg --all --fromat pdf",
        USAGE,
        ["Dit is onbekend: --fromat (bedoelt u --format?)", "handvat report --help"],
    ),
    ("READ leeg", FAILED, ["In leeg staat geen enkel bestand"]),
    ("lees leeg", USAGE, ["'lees' is er niet bij (bedoelt u read, read-export?)"]),
    ("xyz leeg", USAGE, ["'xyz' is er niet bij; kies uit forms, online-form, status"]),
    ("report --sectr po leeg --all", USAGE, ["--sectr (bedoelt u --sector?)", "handvat report --help"]),
    ("read leeg nog iets", USAGE, ["Dit is onbekend: nog iets", "handvat read --help"]),
    ("read leeg --mooi", USAGE, ["Dit is onbekend: --mooi", "handvat read --help"]),
    ("report leeg --school ''", USAGE, ["Één van de woorden is leeg", "handvat report --help"]),
    ("report leeg --all -o ''", USAGE, ["Één van de woorden is leeg"]),
    ("report leeg --all --sector PO --format PDF", FAILED, ["geen formulier gelezen"]),
    ("explore leeg --port abc", USAGE, ["'abc' is geen getal"]),
    ("explore leeg --port 99999999", FAILED, ["--port: 99999999 kan niet", "1 tot en met 65535"]),
    # a path that the operating system refuses: a file where a folder is asked, and the other way around
    ("example kapot.xlsx", FAILED, ["in dat pad staat een bestand waar een map hoort"]),
    ("templates kapot.xlsx", FAILED, ["kapot.xlsx is een bestand; hier hoort een map"]),
    ("forms kapot.xlsx/f.xlsx", FAILED, ["kapot.xlsx is een bestand; hier hoort een map"]),
    ("forms leeg/nieuw --many scholen.csv", FAILED, ['"" is geen schooljaar']),
    ("forms kapot.xlsx --many scholen.csv --wave 2025-2026", FAILED, ["een bestand waar een map hoort"]),
    ("forms nieuw --many scholen.csv --wave 2025-2026 --per-school 0", FAILED, ["per_school: 0 kan niet"]),
    ("forms map.xlsx", FAILED, ["map.xlsx is er al", "Kies een andere naam"]),
    ("forms f.docx", FAILED, ["f.docx: dit soort bestand wordt hier niet gemaakt", ".xlsx"]),
    ("wording map.xlsx", FAILED, ["map.xlsx is een map; hier hoort een bestand"]),
    ("read-export lijst.csv --columns nergens.csv", FAILED, ["nergens.csv is er niet"]),
    ("online-form kapot.xlsx/vragen.txt", FAILED, ["kapot.xlsx is een bestand; hier hoort een map"]),
    ("forget nergens 99AA00", FAILED, ["De map nergens bestaat niet"]),
    ("forget leeg '?'", FAILED, ["Geef de code van de school", "Er is niets verwijderd"]),
    ("forms", USAGE, ["Er ontbreekt iets: BESTAND", "handvat forms --help"]),
]


@pytest.mark.parametrize(("command", "code", "phrases"), MISTAKES, ids=[command for command, _, _ in MISTAKES])
def test_a_mistake_in_a_terminal_gives_one_sentence(command, code, phrases, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leeg").mkdir()
    (tmp_path / "kapot.xlsx").write_bytes(b"PK\x03\x04 en dan niets")
    (tmp_path / "lijst.csv").write_text("kleur;maat\nrood;3\n", encoding="utf-8")
    (tmp_path / "map.xlsx").mkdir()
    (tmp_path / "scholen.csv").write_text("school;naam\n99AA00;De Regenboog\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    if code == USAGE:
        with pytest.raises(SystemExit) as stop:
            main(shlex.split(command))
        assert stop.value.code == code
    else:
        assert main(shlex.split(command)) == code
    printed = capsys.readouterr()
    shown = printed.out + printed.err
    assert [word for word in phrases if word not in shown] == [], shown
    assert "Traceback" not in shown
    assert "Errno" not in shown
    assert sorted(tmp_path.rglob("*")) == before, "a mistake writes nothing"
