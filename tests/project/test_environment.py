"""What is installed, by whatever road: pyproject.toml, the two locks and environment.yml say the same."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import metadata, packages_distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler import MatchSpec

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCKS = ["requirements/users.lock", "requirements/hosting.lock", "requirements/dev.lock"]


def asked_by_users() -> dict[str, SpecifierSet]:
    """Packages and bounds that a user's environment asks for."""
    lines = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dashboard"]
    return {line.name: line.specifier for line in map(Requirement, lines)}


def locked(name: str) -> list[Requirement]:
    """Every line of a lock; a package has more than one where versions differ per Python."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [Requirement(line.rstrip("\\ ")) for line in text.splitlines() if line[:1].isalnum()]


def test_conda_asks_for_the_same_packages_and_bounds():
    bounds_by_name = {
        name: SpecifierSet(bound) for name, _, bound in (line.partition(" ") for line in CONDA["dependencies"])
    }
    assert bounds_by_name.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert bounds_by_name.pop("pip") == SpecifierSet()
    assert bounds_by_name == asked_by_users()


def test_conda_itself_can_read_every_line():
    specs = [MatchSpec(line) for line in CONDA["dependencies"]]
    assert len(specs) == len(asked_by_users()) + 2


def test_conda_takes_everything_from_one_channel():
    assert CONDA["channels"] == ["conda-forge"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_stays_within_the_bounds(name):
    bounds = asked_by_users()
    pins = [line for line in locked(name) if line.name in bounds]
    assert {line.name for line in pins} == set(bounds)
    for line in pins:
        (pin,) = line.specifier
        assert pin.version in bounds[line.name], line


def test_the_lock_has_a_jupyterlab_of_today():
    """One careless dependency pulls it back by years, without an error from anyone."""
    (pin,) = next(line.specifier for line in locked("requirements/users.lock") if line.name == "jupyterlab")
    assert pin.version in SpecifierSet(">=4.5")


def test_developers_have_the_versions_that_users_have():
    # only the versions: what a package is installed on may be wider where a developer's package wants it too
    user, dev = (
        {(pin.name, str(pin.specifier)) for pin in locked(file)}
        for file in ("requirements/users.lock", "requirements/dev.lock")
    )
    assert user <= dev


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_its_hash(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\w)", text)
    assert len(entries) == len(locked(name))
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("name", ["jupytext", "nbdime"])
def test_what_disturbs_voila_stays_out_of_the_users_environment(name):
    assert name not in {line.name for line in locked("requirements/users.lock")}


def test_what_is_installed_is_what_was_locked():
    for line in locked("requirements/dev.lock"):
        if line.marker is None or line.marker.evaluate():
            assert version(line.name) in line.specifier, line


def licence(name: str) -> str:
    """What a package says of its licence; of a whole text pasted in, only the title."""
    about = metadata(name)
    title = (about.get("License") or "").strip().partition("\n")[0]
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return " | ".join([about.get("License-Expression") or "", title, *classifiers])


def test_no_licence_in_the_users_environment_reaches_over_to_this_project():
    """The project is MIT: a package under the GPL would bind everyone who passes the whole on."""
    installed = [line.name for line in locked("requirements/users.lock") if not line.marker or line.marker.evaluate()]
    licences = {name: licence(name) for name in installed}
    assert len(licences) > 50
    reaching = r"(?<!Lesser )General Public License|\bA?GPL"
    assert {name: licence_text for name, licence_text in licences.items() if re.search(reaching, licence_text)} == {}


def dependency_lines() -> list[str]:
    """Lines of pyproject.toml that name a dependency."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r'^    "[A-Za-z].*>=.*$', text, flags=re.MULTILINE)


def test_every_dependency_has_a_reason_and_no_upper_bound():
    assert len(dependency_lines()) == len(PROJECT["dependencies"]) + sum(
        map(len, PROJECT["optional-dependencies"].values())
    )
    for line in dependency_lines():
        assert re.search(r",\s+# \S", line), line
        assert "<" not in line, line


def committed() -> list[Path]:
    """Files in the project, those included that are about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(command, cwd=ROOT, text=True, encoding="utf-8").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_place_on_someones_computer():
    """A lock, an output or a log that names its source no longer works elsewhere, and tells where it was made."""
    hosts = [
        ".".join(parts) for parts in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com")]
    ]
    hosts += [".".join(parts) for parts in [("anaconda", "org"), ("debian", "org"), ("ubuntu", "com")]]
    telling = [text.encode() for text in [*hosts, f"{ROOT}/", f"{Path.home()}/"]]
    files = committed()
    assert ROOT / "pyproject.toml" in files
    telling_files = {str(path): text for path in files for text in telling if text in path.read_bytes()}
    assert telling_files == {}


def test_the_citation_names_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["title"] == PROJECT["name"]
    assert citation["version"] == PROJECT["version"]
    assert str(citation["date-released"]) >= "2026-11-26"


def imported() -> set[str]:
    """Top-level packages that toolkit/ imports anywhere, inside functions too."""
    modules = set()
    for path in (ROOT / "toolkit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    return modules - set(sys.stdlib_module_names) - {"toolkit"}


def test_what_the_toolkit_imports_is_asked_for():
    requirements = PROJECT["dependencies"] + [
        line for name, lines in PROJECT["optional-dependencies"].items() if name != "dev" for line in lines
    ]
    names = {canonicalize_name(Requirement(line).name) for line in requirements}
    assert len(imported()) > 5
    gives = packages_distributions()
    assert {name for name in imported() if not names & set(map(canonicalize_name, gives.get(name, [])))} == set()
