"""What CONTRIBUTING asks of the code and can be counted: short functions, short first lines, plain words."""

import ast
import re
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "toolkit").rglob("*.py"))
TRANSLATED = re.compile(r"\b(a[n]ew|in one g[o]|who[e]ver|what s[t]ands|is s[a]id|are s[a]id|held t[o])\b")
MAX_FIRST_LINE, MAX_BODY, MEDIAN_BODY, MAX_PARAMETERS, WITH_MORE_PARAMETERS = 90, 60, 6, 6, 25


def definitions(*kinds: type) -> list[tuple[str, ast.AST]]:
    return [
        (f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}", node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kinds)
    ]


def length(function: ast.FunctionDef) -> int:
    """Lines of the body, without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def parameters(function: ast.FunctionDef) -> int:
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]]
    return len([name for name in names if name not in ("self", "cls")])


def test_a_public_docstring_has_a_first_line_of_90_characters_at_most():
    documented = definitions(ast.Module, ast.ClassDef, ast.FunctionDef)
    assert len(documented) > 1_000
    firsts = {
        location: (ast.get_docstring(node) or "").partition("\n")[0]
        for location, node in documented
        if not getattr(node, "name", "").startswith("_")
    }
    assert {location: line for location, line in firsts.items() if len(line) > MAX_FIRST_LINE} == {}


def test_functions_are_short_and_few_have_many_parameters():
    functions = definitions(ast.FunctionDef)
    assert statistics.median(length(function) for _, function in functions) <= MEDIAN_BODY
    assert [location for location, function in functions if length(function) > MAX_BODY] == []
    with_many_parameters = [location for location, function in functions if parameters(function) > MAX_PARAMETERS]
    assert len(with_many_parameters) <= WITH_MORE_PARAMETERS, with_many_parameters


def test_no_translated_dutch_in_code_and_english_pages():
    folders = [path for folder in ("toolkit", "tests", "benchmarks", "deploy") for path in (ROOT / folder).rglob("*.*")]
    texts = [path for path in folders if path.suffix in (".py", ".md")]
    texts += [ROOT / name for name in ("start.py", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    assert len(texts) > 200
    phrases_found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if TRANSLATED.search(line)
    ]
    assert phrases_found == []
