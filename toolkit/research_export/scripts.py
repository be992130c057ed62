"""R and SPSS scripts with an export: read, label, and the model of docs/onderzoek.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from toolkit.core.version import VERSION
from toolkit.instrument.model import Instrument
from toolkit.research_export.formats import is_text
from toolkit.research_export.table import Column, item_column

R_READERS = {
    ".sav": "as.data.frame(haven::zap_labels(haven::zap_formats(haven::read_sav({file}))))",
    ".csv": 'read.csv2({file}, fileEncoding = "UTF-8-BOM", na.strings = "")',
    ".xlsx": 'as.data.frame(readxl::read_excel({file}, sheet = "data"))',
    ".parquet": "as.data.frame(arrow::read_parquet({file}))",
}
"""How R reads each format; its package is named in the call."""

SPSS_FORMATS = (".sav", ".csv", ".xlsx")
SPSS_LINE = 200
"""Characters in a text of SPSS syntax: a command's line may hold some 250."""


def make_scripts(
    path: Path, frame: pd.DataFrame, columns: Sequence[Column], checklist: Instrument
) -> dict[Path, bytes]:
    """Return the scripts that go with an export, by their path."""
    ending = path.suffix.lower()
    facts: dict[str, Any] = {
        "file": path.name,
        "stem": path.stem,
        "format": ending,
        "version": VERSION,
        "columns": columns,
        "steps": [_step(step) for step in checklist.steps],
    }
    scripts = {
        path.with_suffix(".R"): _render("analysis.R.j2", facts | {"read": R_READERS[ending].format(file=_r(path.name))})
    }
    if ending in SPSS_FORMATS:
        facts["types"] = {column.name: _spss_type(frame, column) for column in columns}
        facts["followed"] = bool(frame["respondent"].duplicated().any())
        scripts[path.with_suffix(".sps")] = b"\xef\xbb\xbf" + _render("analysis.sps.j2", facts)
    return scripts


def _step(step: Any) -> dict[str, Any]:
    items = [item_column(item.id) for item in step.items]
    return {"name": f"step_{step.number}", "items": items, "least": -(-len(items) // 2)}


def _render(name: str, facts: dict[str, Any]) -> bytes:
    return _environment().get_template(name).render(facts).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("toolkit", "research_export"), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    environment.filters |= {"r": _r, "spss": _spss}
    return environment


def _r(text: object) -> str:
    r"""Quote a text for R, with letters outside ASCII as `\u`: R reads the script in any locale.

    Examples
    --------
    >>> print(_r('Zeg "één"'))
    "Zeg \"\u00e9\u00e9n\""
    """
    return json.dumps(str(text))


def _spss(text: object) -> str:
    """Quote a text for SPSS, on one line of a length that it accepts.

    Examples
    --------
    >>> print(_spss("'t Zandpad"))
    '''t Zandpad'
    """
    return "'" + " ".join(str(text).split())[:SPSS_LINE].replace("'", "''") + "'"


def _spss_type(frame: pd.DataFrame, column: Column) -> str:
    """The format in which SPSS reads a column of a text file."""
    if column.values:
        return "F1.0"
    values = frame[column.name].dropna()
    if not is_text(values):
        return "F12.4"
    return f"A{max((len(str(value).encode()) for value in values), default=1) + 1}"
