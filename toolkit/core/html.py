"""HTML from the templates of the package, in which every text is escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


def html_template(name: str) -> Template:
    """Return a template by its path in the package, such as `reports/page.html.j2`."""
    return _environment().get_template(name)


@cache
def package_text(name: str) -> str:
    """Return a file of the package, such as a style sheet, by its path in it."""
    return (files("toolkit") / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("toolkit", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
