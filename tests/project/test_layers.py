"""Data flows one way: a folder imports only from folders above it. And the project speaks only of itself."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import toolkit

PACKAGE = Path(toolkit.__file__).parent
ROOMS = [
    "core", "instrument", "spreadsheets", "schools", "forms", "responses", "intake", "privacy", "measures", "cohorts",
    "narrative", "charts", "results", "reports", "plan", "widgets", "research_export", "samples", "serve", "commands",
    "cli", "__init__",
]  # fmt: skip
MODULES = {
    ".".join(["toolkit", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports anywhere, inside functions too."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "toolkit":
            modules |= {
                name if (name := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            }
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names if alias.name.split(".")[0] == "toolkit"}
    return modules


def room(module: str) -> str:
    return [*module.split("."), "__init__"][1]


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module):
    upward = {
        imported_module
        for imported_module in imported(MODULES[module])
        if ROOMS.index(room(imported_module)) > ROOMS.index(room(module))
    }
    assert upward == set()


def test_no_module_imports_itself_by_a_detour():
    order = list(
        TopologicalSorter({module: imported(path) - {module} for module, path in MODULES.items()}).static_order()
    )
    assert set(MODULES) <= set(order)


def test_every_file_has_its_place_in_the_order():
    assert {room(module) for module in MODULES} == set(ROOMS)


def test_the_package_is_a_row_of_rooms_not_a_pile_of_files():
    assert len(list(PACKAGE.glob("*.py"))) <= 8


@pytest.mark.parametrize("package", [name for name, path in MODULES.items() if path.name == "__init__.py"])
def test_every_folder_says_in_a_line_what_it_is(package):
    line = ast.get_docstring(ast.parse(MODULES[package].read_text(encoding="utf-8"))).splitlines()[0]
    assert 20 < len(line) <= 120


def test_importing_the_package_makes_no_file_and_no_request(tmp_path):
    code = "import socket; socket.socket.connect = None; import toolkit"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
