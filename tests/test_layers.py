"""Data flows one way: a file knows only what lies to its left. And the project speaks only of itself."""

import ast
import subprocess
from pathlib import Path

import pytest

import toolkit

PACKAGE = Path(toolkit.__file__).parent
LAYERS = [
    "version", "fingerprint", "whole", "progress", "errors", "text", "word_table", "instrument", "wording", "responses",
    "actions", "sources", "cache", "spread", "register", "many", "reading_report", "outcome", "settle", "intake", "upload",
    "forget", "samples", "privacy", "disclosure", "measures", "chosen", "summary", "agenda", "meeting", "movement",
    "priorities", "charts", "reports", "talk_sheet", "export", "explore", "action_board", "cli", "__init__",
]  # fmt: skip


def layer(module: str) -> str:
    return module.removeprefix("toolkit").lstrip(".").split(".")[0] or "__init__"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "toolkit":
            names = [alias.name for alias in node.names] if node.module == "toolkit" else [node.module]
            for name in names:
                other = layer(name if node.module != "toolkit" else f"toolkit.{name}")
                assert LAYERS.index(other) <= LAYERS.index(own), f"{own} imports {name}"


def test_every_file_has_its_place_in_the_order():
    found = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")}
    assert found == set(LAYERS)


def test_importing_the_package_makes_no_file_and_no_request(tmp_path):
    code = "import socket; socket.socket.connect = None; import toolkit"
    subprocess.run([__import__("sys").executable, "-c", code], check=True, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
