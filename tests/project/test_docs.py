"""What README and guide say exists, runs, and has the names that are on the screen."""

import ast
import doctest
import functools
import importlib.util
import re
import shutil
from pathlib import Path

import pytest

import toolkit as tk
from start import ACTIONS
from toolkit.cli import main
from toolkit.core.i18n import load_text
from toolkit.privacy import LOWEST_MINIMUM

ROOT = Path(__file__).parents[2]
README, GUIDE = ROOT / "README.md", ROOT / "docs" / "handleiding.md"
DOCUMENTS = pytest.mark.parametrize("document", [README, GUIDE], ids=lambda path: path.name)
MADE_BY_START = ("data/example", ".venv")
IN_PROJECT = re.compile(r"[\w.-]+/[\w./-]*|[\w-]+\.(?:ipynb|md|py|toml|yml|cff)")
PICTURES = ROOT / "docs" / "pictures"


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def code_in(document: Path) -> list[str]:
    """Every piece of code, between backticks or in a block of its own."""
    text = text_of(document)
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))]


def names_in(document: Path, pattern: str) -> list[str]:
    names = [name for code in code_in(document) for name in re.findall(pattern, code)]
    assert names, f"{document.name} has no {pattern}: this test looks for what is not there"
    return names


def links_in(document: Path) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text_of(document)) if not link.startswith("http")]


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")


def mentions(label: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(label)}(?!\w)", text_of(GUIDE)) is not None


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0, command
    return capsys.readouterr().out


def labels(section: str) -> list[str]:
    """Words on the screen: what is neither a whole sentence nor to be filled in."""
    phrases = load_text("nl").phrases
    return [
        text
        for key, text in phrases.items()
        if key.startswith(f"{section}.") and "{" not in text and not text.endswith(".")
    ]


def test_the_example_in_the_readme_runs(example, tmp_path, monkeypatch):
    shutil.copytree(example.folder, tmp_path / "data" / "example")
    monkeypatch.chdir(tmp_path)
    ran = doctest.testfile(str(README), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (ran.failed, ran.attempted > 5) == (0, True)


@DOCUMENTS
def test_every_make_target_exists(document):
    targets = re.findall(r"^([a-z ]+):", text_of(ROOT / "Makefile"), re.MULTILINE)
    assert set(names_in(document, r"\bmake ([a-z]+)")) <= set(" ".join(targets).split())


@DOCUMENTS
def test_every_word_after_start_exists(document):
    assert set(names_in(document, r"\bstart\.py ([a-z]+)")) <= set(ACTIONS)


def test_every_handvat_command_has_the_options_it_is_shown_with(capsys):
    for command, rest in names_in(GUIDE, r"\bhandvat ([a-z-]+)(.*)"):
        explained = help_of(command, capsys)
        assert [option for option in re.findall(r"--[a-z-]+", rest) if option not in explained] == [], command


def test_every_option_named_by_itself_is_one_of_the_forms(capsys):
    explained = help_of("forms", capsys)
    assert [option for option in names_in(GUIDE, r"^--[a-z-]+") if option not in explained] == []


@DOCUMENTS
def test_every_name_in_the_toolkit_exists(document):
    for name in names_in(document, r"\btk\.([A-Za-z_.]+)"):
        functools.reduce(getattr, name.rstrip(".").split("."), tk)


def test_the_python_in_the_guide_is_python():
    for block in re.findall(r"^```python\n(.*?)^```", text_of(GUIDE), re.DOTALL | re.MULTILINE):
        ast.parse(block)


@DOCUMENTS
def test_every_file_and_folder_named_exists(document):
    paths = [code for code in code_in(document) if IN_PROJECT.fullmatch(code) and not code.startswith(MADE_BY_START)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@DOCUMENTS
def test_every_link_leads_somewhere(document):
    headings = {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)}
    files = [link for link in links_in(document) if not link.startswith("#")]
    assert files
    assert [link for link in files if not (document.parent / link).exists()] == []
    assert {link[1:] for link in links_in(document) if link.startswith("#")} <= headings


def test_the_guide_names_every_notebook():
    notebooks = [path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert notebooks
    assert [notebook for notebook in notebooks if notebook not in code_in(GUIDE)] == []


@pytest.mark.parametrize("section", ["explore", "status"])
def test_the_guide_has_the_words_that_are_on_the_screen(section):
    assert labels(section)
    assert [label for label in labels(section) if not mentions(label)] == []


def test_the_guide_has_the_numbers_of_the_protection():
    assert mentions(f"vanaf {tk.Policy().minimum} invullers")
    assert mentions(f"Lager dan {LOWEST_MINIMUM}")
    assert mentions(f"minder dan {tk.Policy().minimum} van een groep")


def test_the_examples_of_who_is_shown_are_what_protection_does(checklist):
    shown = {"beide groepen": {"teacher", "care"}, "alleen de leraren": {"teacher"}, "één groep van 6": {"team"}}
    shown["geen van beide; alleen de directie"] = set()
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (.+) \|$", text_of(GUIDE), re.MULTILINE)
    assert len(rows) == 4
    for teachers, care, sentence in rows:
        numbers = {"director": 1, "teacher": int(teachers), "care": int(care)}
        forms = [
            {"school": "99AA00", "wave": "2025-2026", "role": role, "1.1": 2}
            for role, n in numbers.items()
            for _ in range(n)
        ]
        safe = tk.protect(tk.make_responses(forms, checklist), checklist)
        assert set(safe.responses["role"]) == {"director", *shown[sentence]}


def test_every_picture_is_small_and_used():
    used = {Path(link).name for document in (README, GUIDE) for link in links_in(document) if link.endswith(".png")}
    pictures = list(PICTURES.glob("*.png"))
    assert {picture.name for picture in pictures} == used
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 200_000, picture.name


def test_every_picture_is_made_by_the_script(tmp_path):
    spec = importlib.util.spec_from_file_location("make_pictures", ROOT / "tools" / "make_pictures.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    pictures = {*script.charts(tmp_path / "example"), *script.DASHBOARD, "formulier"}
    assert {picture.stem for picture in PICTURES.glob("*.png")} == pictures
