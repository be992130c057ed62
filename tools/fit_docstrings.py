"""Makes docstrings fit the parser of the reference, which knows less of the NumPy style than people do.

It takes each line of a Returns or Yields in running text for a type: the type of the signature is put above the text.
It gives parameters that share a line the type and default of the first: each gets a line.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Function

SECTION = re.compile(r"^((?:Returns|Yields)\n-+\n)(.*?)(?=\n\n\w+\n-+\n|\Z)", re.DOTALL | re.MULTILINE)
SHARED = re.compile(r"^(\w+(?:, \w+)+)\n((?: {4}.*\n?)+)", re.MULTILINE)


class FittedDocstrings(Extension):
    """Called by mkdocstrings for every function."""

    def on_function_instance(self, *, func: Function, **_: Any) -> None:
        """Change the docstring before it is parsed."""
        if func.docstring and func.returns:
            func.docstring.value = with_type(each_parameter(func.docstring.value), str(func.returns))


def each_parameter(docstring: str) -> str:
    """Return the docstring with each of the parameters `a, b` on its own, with the same text."""
    return SHARED.sub(lambda found: "".join(f"{name}\n{found[2]}" for name in found[1].split(", ")), docstring)


def with_type(docstring: str, annotation: str) -> str:
    """Return the docstring with a type above each section that has none: no line of it is indented."""
    return SECTION.sub(lambda found: found[1] + _indented(found[2], annotation), docstring)


def _indented(text: str, annotation: str) -> str:
    lines = text.splitlines()
    if any(line.startswith("    ") for line in lines):
        return text
    return "\n".join([annotation, *(f"    {line}" if line else "" for line in lines)])
