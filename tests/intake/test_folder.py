"""A folder of returned forms: every file is accounted for, and no person leaves the intake."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec
import pandas as pd
import pytest
from openpyxl import load_workbook

import toolkit as tk
from tests.support.forms import all_answers, edited, filled, template
from toolkit.core.errors import FolderError
from toolkit.forms.keys import about_key, item_key
from toolkit.forms.template import fill_form
from toolkit.intake.folder import STATUSES
from toolkit.intake.folder import _read_file as real_read_file
from toolkit.intake.form_cache import load_part


def write_file(folder, name, data=b""):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def outcome(intake) -> dict[str, str]:
    return dict(zip(intake.files["file"], intake.files["status"], strict=True))


def test_every_file_met_is_accounted_for(tmp_path):
    write_file(tmp_path, "a.xlsx", filled(all_answers("Ja")))
    write_file(tmp_path, "groep/b.xlsx", filled(all_answers("Nee") | {"1.1": "?"}))
    write_file(tmp_path, "groep/copy of a.xlsx", filled(all_answers("Ja")))
    write_file(tmp_path, "broken.xlsx", b"PK\x03\x04")
    write_file(tmp_path, "letter.docx", b"PK\x03\x04")
    write_file(tmp_path, "~$a.xlsx", b"lock")
    write_file(tmp_path, ".DS_Store", b"x")
    write_file(tmp_path, "__MACOSX/._a.xlsx", b"x")
    write_file(tmp_path, "Thumbs.db", b"x")
    intake = tk.read_folder(tmp_path)
    assert outcome(intake) == {
        "a.xlsx": "read",
        "groep/b.xlsx": "read-with-problems",
        "groep/copy of a.xlsx": "duplicate",
        "broken.xlsx": "refused",
        "letter.docx": "refused",
        "~$a.xlsx": "ignored",
        ".DS_Store": "ignored",
        "__MACOSX/._a.xlsx": "ignored",
        "Thumbs.db": "ignored",
    }
    assert sum(intake.counts().values()) == len(intake.files) == 9
    assert tuple(intake.counts()) == STATUSES
    assert len(intake.responses) == 2
    assert set(intake.problems["code"]) == {"unclear_answer", "not_a_workbook", "unsupported"}
    assert intake.files.set_index("file").loc["groep/copy of a.xlsx", "detail"] == "zelfde bestand als a.xlsx"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
def test_links_and_pipes_are_refused_without_opening_them(tmp_path):
    outside = write_file(tmp_path, "outside/a.xlsx", filled(all_answers()))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.xlsx").symlink_to(outside)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.xlsx")
    assert outcome(tk.read_folder(folder)) == {"link.xlsx": "refused", "loop": "ignored", "pipe.xlsx": "refused"}


def test_a_folder_too_deep_to_open_is_met_and_refused(tmp_path):
    start_folder = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(20):  # past what one path may be long
            os.mkdir("m" * 250)
            os.chdir("m" * 250)
    finally:
        os.chdir(start_folder)
    intake = tk.read_folder(tmp_path)
    assert intake.counts()["refused"] == len(intake.files) == 1
    assert intake.problems["code"].tolist() == ["unreadable"]


def test_two_colleagues_with_the_same_blank_are_two_respondents(tmp_path):
    texts = {item_key(item): "Ja" for item in all_answers()} | {about_key("role"): "Directie"}
    for name, minute in (("a", 1), ("b", 2)):
        write_file(tmp_path, f"{name}.xlsx", fill_form(template(), texts, datetime(2026, 3, 1, 9, minute, tzinfo=UTC)))
    intake = tk.read_folder(tmp_path)
    assert intake.counts()["read"] == 2
    assert intake.responses["respondent"].nunique() == 2


def test_of_a_personal_form_the_last_saved_version_counts(tmp_path):
    def personal(answer):
        def edit(sheet):
            sheet.parent["_meta"]["B3"] = "F-0001"

        return edited(filled(all_answers(answer)), edit)

    write_file(tmp_path, "b-first.xlsx", personal("Nee"))
    later = with_stamp(personal("Ja"), datetime(2030, 1, 1, tzinfo=UTC))
    write_file(tmp_path, "a-later.xlsx", later)
    intake = tk.read_folder(tmp_path)
    assert outcome(intake) == {"a-later.xlsx": "read", "b-first.xlsx": "superseded"}
    assert intake.responses["1.1"].tolist() == [2]
    assert "a-later.xlsx" in intake.files.set_index("file").loc["b-first.xlsx", "detail"]


def with_stamp(data, moment):
    from tests.forms.test_form_reader import with_part

    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    import re

    return with_part(
        data, "docProps/core.xml", lambda xml: re.sub(r"(<dcterms:modified[^>]*>)[^<]*", rf"\g<1>{stamp}", xml)
    )


def test_no_name_path_or_author_leaves_the_intake(tmp_path):
    canary = "Kanarie-Jansen"

    def sign(sheet):
        sheet.parent.properties.creator = sheet.parent.properties.lastModifiedBy = canary
        sheet.parent.properties.title = canary
        sheet.title = canary

    write_file(tmp_path, f"{canary}/{canary}.xlsx", edited(filled(all_answers() | {"1.1": "?"}), sign))
    intake = tk.read_folder(tmp_path)
    for table in (intake.responses, intake.actions, intake.schools):
        assert canary not in table.to_csv()
    assert canary not in repr(intake) + intake.summary()
    assert canary.encode() not in pickle.dumps(
        tk.protect(intake.responses, tk.load_instrument(), actions=intake.actions)
    )
    assert canary in intake.files["file"][0], "the reading report says which file it is"


def test_the_same_folder_reads_the_same_whoever_reads_it(example, tmp_path):
    shutil.copytree(example.folder / "99AB00 Basisschool 't Zandpad", tmp_path / "in")
    one_process = tk.read_folder(tmp_path / "in")
    with ThreadPoolExecutor(2) as executor:
        parallel_intakes = [
            tk.read_folder(tmp_path / "in", executor=executor),
            tk.read_folder(tmp_path / "in", workers=2),
        ]
    for intake in parallel_intakes:
        for name in ("responses", "actions", "files", "problems", "schools"):
            pd.testing.assert_frame_equal(getattr(one_process, name), getattr(intake, name))


def test_a_folder_that_is_not_there_is_said_in_dutch(tmp_path):
    with pytest.raises(FolderError, match="bestaat niet"):
        tk.read_folder(tmp_path / "weg")
    with pytest.raises(FolderError, match="geen map"):
        tk.read_folder(write_file(tmp_path, "a.xlsx"))


def test_an_empty_folder_gives_empty_tables_with_all_columns(tmp_path, checklist):
    intake = tk.read_folder(tmp_path)
    assert list(intake.files.columns) == ["file", "status", "school", "wave", "role", "answered", "detail"]
    assert list(intake.problems.columns) == ["file", "sheet", "cell", "item", "code", "found", "message"]
    assert list(intake.actions.columns) == ["school", "wave", "role", "respondent", "step", "text"]
    assert list(intake.responses.columns) == ["school", "wave", "role", "respondent", "form", *checklist.item_ids]
    assert tk.levels(tk.protect(intake.responses, checklist, actions=intake.actions), checklist).empty


def test_messages_come_in_english_too(tmp_path):
    write_file(tmp_path, "broken.xlsx", b"x")
    intake = tk.read_folder(tmp_path, language="en")
    assert "not a readable Excel file" in intake.problems["message"][0]
    assert "refused" in intake.summary("en")


def personal(form_id, answers, **form):
    def edit(sheet):
        sheet.parent["_meta"]["B3"] = form_id

    return edited(filled(answers, **form), edit)


def some_answers():
    return {item: ("Nee", "Beetje", "Ja")[number % 3] for number, item in enumerate(all_answers())}


def test_the_same_answers_under_another_form_id_are_said_and_both_count(tmp_path):
    write_file(tmp_path, "a.xlsx", personal("F-1", some_answers()))
    write_file(tmp_path, "b.xlsx", personal("F-2", some_answers()))
    intake = tk.read_folder(tmp_path)
    assert intake.counts()["read"] == 2
    assert intake.problems[["file", "code", "found"]].to_numpy().tolist() == [["b.xlsx", "same_answers", "a.xlsx"]]


def test_colleagues_who_all_say_ja_are_no_copies(tmp_path):
    write_file(tmp_path, "a.xlsx", personal("F-1", all_answers()))
    write_file(tmp_path, "b.xlsx", personal("F-2", all_answers()))
    assert tk.read_folder(tmp_path).problems.empty


def test_an_arbitrary_choice_between_two_versions_is_said(tmp_path):
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    write_file(tmp_path, "a.xlsx", with_stamp(personal("F-1", all_answers("Ja")), moment))
    write_file(tmp_path, "b.xlsx", with_stamp(personal("F-1", all_answers("Nee")), moment))
    intake = tk.read_folder(tmp_path)
    assert sorted(intake.files["status"]) == ["read-with-problems", "superseded"]
    assert intake.problems["code"].tolist() == ["same_moment"]


def test_a_school_or_year_that_is_not_in_the_register_is_said(tmp_path):
    write_file(tmp_path, "in/a.xlsx", filled(all_answers()))
    register = pd.DataFrame({"BRIN": ["99aa00"], "schooljaar": ["2025-2026"]})
    assert tk.read_folder(tmp_path / "in", register=register).problems.empty
    other_year = register.assign(schooljaar="2024-2025")
    assert tk.read_folder(tmp_path / "in", register=other_year).problems["code"].tolist() == ["other_year"]
    other_school = tmp_path / "register.csv"
    other_school.write_text("school;naam\n12AB00;De School\n", encoding="utf-8")
    intake = tk.read_folder(tmp_path / "in", register=other_school)
    assert intake.problems["code"].tolist() == ["unknown_school"]
    assert len(intake.responses) == 1, "what was read stays read"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("mail jan@school.nl", ["looks_like_email"]),
        ("bel 06-1234 5678 of +31 6 12345678", ["looks_like_phone"]),
        ("010 - 123 45 67", ["looks_like_phone"]),
        ("kind 111222333", ["looks_like_bsn"]),
        ("kind 123.456.782", ["looks_like_bsn"]),
        ("123456789 staat de elfproef niet", []),
        ("in 2025-2026, 3x per jaar, groep 7/8", []),
        ("a" * 32_767, []),
        ("a@" * 16_000, []),
        ("1 " * 16_000, []),
    ],
)
def test_what_looks_like_a_person_in_an_action_point_is_flagged_without_repeating_it(text, codes, tmp_path):
    write_file(tmp_path, "a.xlsx", filled(all_answers(), actions={2: text}))
    intake = tk.read_folder(tmp_path)
    assert intake.problems["code"].tolist() == codes
    assert text not in intake.problems.to_csv()


def test_the_reading_report_holds_every_file_and_problem_as_text(tmp_path):
    write_file(tmp_path, "in/a.xlsx", filled(all_answers() | {"2.4": "=1+1"}))
    write_file(tmp_path, "in/=b.xlsx", b"x")
    intake = tk.read_folder(tmp_path / "in")
    report = intake.write_report(tmp_path / "inleesrapport.xlsx")
    assert report.read_bytes() == intake.write_report(tmp_path / "again.xlsx").read_bytes()
    book = load_workbook(report)
    assert book.sheetnames == ["Overzicht", "Bestanden", "Meldingen"]
    assert [row[0] for row in book["Bestanden"].iter_rows(min_row=2, values_only=True)] == ["=b.xlsx", "a.xlsx"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any("=1+1" in cell.value for cell in cells)


def frames_equal(intake, expected):
    for name in ("responses", "actions", "files", "problems", "schools"):
        pd.testing.assert_frame_equal(getattr(intake, name), getattr(expected, name))


def test_from_the_cache_comes_what_was_read_and_a_broken_or_foreign_cache_is_passed_over(example, tmp_path):
    folder, cache = tmp_path / "in", tmp_path / "cache"
    shutil.copytree(example.folder / "99AB00 Basisschool 't Zandpad", folder)
    fresh = tk.read_folder(folder, cache=False)
    frames_equal(fresh, tk.read_folder(folder, cache=cache))
    (part,) = cache.iterdir()
    frames_equal(fresh, tk.read_folder(folder, cache=cache))
    part_bytes = part.read_bytes()
    for damaged in (
        b"",
        part_bytes[: len(part_bytes) // 2],
        b"PAR1" + part_bytes[:50],
        packed({"other": 1}),
        packed([b"x"]),
    ):
        part.write_bytes(damaged)
        frames_equal(fresh, tk.read_folder(folder, cache=cache))
    part.write_bytes(part_bytes)
    forms = load_part(part)
    assert len(forms) == len(fresh.responses)
    for form in (b"\xc0", msgspec.msgpack.encode({"school": "99AA00"}), next(iter(forms.values()))[:-3]):
        part.write_bytes(packed(dict.fromkeys(forms, form)))
        frames_equal(fresh, tk.read_folder(folder, cache=cache))


def packed(content):
    return b"handvat-forms-1\n" + zlib.compress(msgspec.msgpack.encode(content))


def test_a_planted_cache_can_not_fill_memory_give_an_impossible_answer_or_lead_elsewhere(tmp_path):
    write_file(tmp_path, "in/a.xlsx", filled(all_answers()))
    fresh = tk.read_folder(tmp_path / "in", cache=False)
    cache, elsewhere = tmp_path / "in" / ".handvat-cache", tmp_path / "elsewhere"
    tk.read_folder(tmp_path / "in", cache=True)
    (part,) = cache.iterdir()
    forms = load_part(part)
    form = msgspec.msgpack.decode(next(iter(forms.values())))
    for wrong in ({"answers": {"1.1": 300}}, {"answers": {"9.9": 1}}, {"role": "boss"}):
        part.write_bytes(packed(dict.fromkeys(forms, msgspec.msgpack.encode(form | wrong))))
        frames_equal(fresh, tk.read_folder(tmp_path / "in", cache=True))
    bomb = zlib.compressobj(9)
    part.write_bytes(b"handvat-forms-1\n" + b"".join(bomb.compress(bytes(10**7)) for _ in range(100)) + bomb.flush())
    assert part.stat().st_size < 2_000_000
    code = f"import toolkit as tk; tk.read_folder({str(tmp_path / 'in')!r}, cache=True)"
    tell = "import re; print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    if sys.platform == "linux":
        ran = subprocess.run([sys.executable, "-c", f"{code}; {tell}"], capture_output=True, text=True, check=True)
        assert int(ran.stdout) < 800_000, "kB"
    shutil.rmtree(cache)
    elsewhere.mkdir()
    write_file(elsewhere, "forms-x.cache", packed({}))
    write_file(elsewhere, ".writing-x")
    os.utime(elsewhere / ".writing-x", (0, 0))
    cache.symlink_to(elsewhere, target_is_directory=True)
    tk.read_folder(tmp_path / "in", cache=True)
    tk.forget(tmp_path / "in", "99AA00")
    assert sorted(path.name for path in elsewhere.iterdir()) == [".writing-x", "forms-x.cache"]
    assert not cache.is_symlink()


def broken(data, vocabulary):
    raise ValueError


def test_the_cache_is_really_used_and_only_for_the_same_bytes(tmp_path, monkeypatch):
    write_file(tmp_path, "in/a.xlsx", filled(all_answers("Ja")))
    tk.read_folder(tmp_path / "in", cache=tmp_path / "cache")
    monkeypatch.setattr("toolkit.intake.folder.read_form", broken)
    assert tk.read_folder(tmp_path / "in", cache=tmp_path / "cache").counts()["read"] == 1
    write_file(tmp_path, "in/a.xlsx", filled(all_answers("Nee")))
    assert tk.read_folder(tmp_path / "in", cache=tmp_path / "cache").problems["code"].tolist() == ["broken_off"]


def test_a_mistake_of_ours_is_not_taken_for_a_broken_file(tmp_path, monkeypatch):
    write_file(tmp_path, "a.xlsx", filled(all_answers()))

    def mistaken(data, vocabulary):
        raise AttributeError("a mistake")

    monkeypatch.setattr("toolkit.intake.folder.read_form", mistaken)
    for workers in (1, 2):
        with pytest.raises(AttributeError, match="a mistake"):
            tk.read_folder(tmp_path, workers=workers)


def test_the_cache_beside_the_forms_is_no_file_met(tmp_path):
    write_file(tmp_path, "a.xlsx", filled(all_answers()))
    for _ in range(2):
        assert len(tk.read_folder(tmp_path, cache=True).files) == 1
    assert (tmp_path / ".handvat-cache").is_dir()
    shutil.rmtree(tmp_path / ".handvat-cache")
    tk.read_folder(tmp_path)
    assert not (tmp_path / ".handvat-cache").exists(), "a few forms need no cache"


KILLED_AT = """
import sys, toolkit.intake.form_cache, toolkit.intake.folder
toolkit.intake.folder.PROGRESS_BAR_FROM = 3  # keeps what it read often: many moments to be killed at
toolkit.intake.form_cache.MAX_PARTS = 2
toolkit.intake.folder.read_folder(sys.argv[1], cache=sys.argv[2])
print("read", flush=True)
"""


def test_killed_at_any_moment_the_next_reading_is_the_same(example, tmp_path):
    folder = tmp_path / "in"
    shutil.copytree(example.folder / "99AB00 Basisschool 't Zandpad", folder)
    fresh = tk.read_folder(folder, cache=False)
    for moment in (0.9, 1.0, 1.1, 1.2, 1.3):
        command = [sys.executable, "-c", KILLED_AT, str(folder), str(tmp_path / "cache")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(moment)
        process.kill()
        process.wait()
        frames_equal(fresh, tk.read_folder(folder, cache=tmp_path / "cache"))


def dies(file, **settings):
    if file == "killer.xlsx":
        os.kill(os.getpid(), signal.SIGKILL)
    return real_read_file(file, **settings)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_worker_that_dies_costs_only_its_own_file(example, tmp_path, monkeypatch):
    folder = tmp_path / "in"
    shutil.copytree(example.folder / "99AB00 Basisschool 't Zandpad", folder)
    write_file(folder, "killer.xlsx", filled(all_answers()))
    monkeypatch.setattr("toolkit.intake.folder._read_file", dies)
    intake = tk.read_folder(folder, workers=2)
    killed = intake.files.set_index("file").loc["killer.xlsx"]
    assert killed["status"] == "refused"
    assert intake.counts()["refused"] == 1
    assert len(intake.responses) == len(intake.files) - 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_cluster_reads_the_same_and_survives_a_worker(example, tmp_path, monkeypatch):
    import distributed

    folder = tmp_path / "in"
    shutil.copytree(example.folder / "99AB00 Basisschool 't Zandpad", folder)
    one_process = tk.read_folder(folder)
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with (
        distributed.LocalCluster(**settings, local_directory=tmp_path) as cluster,
        distributed.Client(cluster) as client,
    ):
        frames_equal(one_process, tk.read_folder(folder, executor=client.get_executor()))
        write_file(folder, "killer.xlsx", filled(all_answers()))
        monkeypatch.setattr("toolkit.intake.folder._read_file", dies)
        intake = tk.read_folder(folder, executor=client.get_executor(retries=0))
    assert intake.files.set_index("file").loc["killer.xlsx", "status"] == "refused"
    assert len(intake.responses) == len(one_process.responses)
