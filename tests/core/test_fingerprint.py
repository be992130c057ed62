"""What is cached is keyed by all code of the package: no moved or changed file serves old results."""

import shutil
from pathlib import Path

import pytest

import toolkit
from toolkit.core.fingerprint import fingerprint, package_fingerprint

PACKAGE = Path(toolkit.__file__).parent
FOLDERS = sorted({path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_file()})
FOLDERS = [folder for folder in FOLDERS if "__pycache__" not in folder.parts]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    target = tmp_path_factory.mktemp("package") / "toolkit"
    return shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))


def test_the_installed_package_has_the_fingerprint_of_its_folder(copy):
    assert package_fingerprint() == fingerprint(copy)


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_a_changed_byte_in_any_folder_changes_it(copy, folder):
    path = next(path for path in sorted((copy / folder).iterdir()) if path.is_file())
    before, content = fingerprint(copy), path.read_bytes()
    path.write_bytes(content + b" ")
    assert fingerprint(copy) != before
    path.write_bytes(content)
    assert fingerprint(copy) == before


def test_a_moved_file_changes_it_and_compiled_code_does_not(copy):
    before = fingerprint(copy)
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert fingerprint(copy) == before
    new_path = (copy / "responses.py").rename(copy / "charts" / "responses.py")
    assert fingerprint(copy) != before
    new_path.rename(copy / "responses.py")


def test_the_example_has_every_folder():
    assert len(FOLDERS) > 5
