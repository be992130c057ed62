"""The Data Package of exports (specs.frictionlessdata.io): what an archive asks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.core.fingerprint import package_fingerprint
from toolkit.core.version import VERSION
from toolkit.instrument.arguments import check_fields
from toolkit.instrument.model import Instrument
from toolkit.research_export.formats import is_text
from toolkit.research_export.table import Column

PACKAGE = "datapackage.json"
SOFTWARE = "samenwerken-met-ouders"
OPEN_LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
}
"""Licences with an address. Any other text is taken as the title of the researcher's own terms."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive asks that the data do not say.

    Attributes
    ----------
    title
        Of the data.
    contributors
        Names of those who collected or edited the data.
    licence
        One of `OPEN_LICENCES`, or terms in words. Answers under a pseudonym are personal data, so by default none is
        granted.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.Archive("Ouders en school").title
    'Ouders en school'
    """

    title: str = ""
    contributors: tuple[str, ...] = ()
    licence: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind: one name as `contributors` would be taken for its letters."""
        check_fields(self)


def make_package(
    target: Path,
    file: str,
    content: bytes,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    checklist: Instrument,
    archive: Archive,
) -> bytes:
    """Return the descriptor of all exports in a folder, with this file's description new.

    Parameters
    ----------
    target
        The descriptor; what it says of other files, and of title, contributors and licence, stays.
    file, content
        Name and bytes of the exported file.

    Notes
    -----
    `missingValues` is per format: an empty cell, and in SPSS also 9 for every column with labels.
    """
    before: dict[str, Any] = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else {}
    other_resources = [resource for resource in before.get("resources", []) if resource["path"] != file]
    resources = sorted([*other_resources, _resource(file, content, frame, columns)], key=lambda item: str(item["path"]))
    source = checklist.source
    package = {
        "name": SOFTWARE,
        "title": archive.title or before.get("title") or source.title,
        "version": datetime.now(UTC).strftime("%Y.%m.%d"),
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [_licence(archive.licence)] if archive.licence else before.get("licenses") or [_licence("")],
        "contributors": _contributors(archive)
        if archive.contributors
        else before.get("contributors") or _contributors(archive),
        "sources": [{"title": f"{' & '.join(source.authors)} ({source.year}). {source.title}. {source.publisher}."}],
        "software": {"name": SOFTWARE, "version": VERSION},
        "checklist": {"id": checklist.id, "form": checklist.form, "items": len(checklist.items)},
        "rules": {"version": VERSION, "fingerprint": package_fingerprint()},
        "resources": resources,
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _licence(licence: str) -> dict[str, str]:
    if licence in OPEN_LICENCES:
        return {"name": licence, "path": OPEN_LICENCES[licence]}
    return {"name": "other-closed", "title": licence or "Personal data under pseudonyms: no licence is granted."}


def _contributors(archive: Archive) -> list[dict[str, str]]:
    """The people, and the software that made the files."""
    people = [{"title": name, "role": "author"} for name in archive.contributors]
    return [*people, {"title": f"The contributors of {SOFTWARE}", "role": "wrangler"}]


def _resource(file: str, content: bytes, frame: pd.DataFrame, columns: Sequence[Column]) -> dict[str, Any]:
    ending = Path(file).suffix.lower()
    is_spss = ending == ".sav"
    resource: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9_]+", "-", file.lower()),
        "path": file,
        "format": ending.removeprefix("."),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [_field(frame, column, is_spss) for column in columns],
            "missingValues": [""],
        },
    }
    if ending == ".csv":
        resource |= {"encoding": "utf-8", "dialect": {"delimiter": ";", "lineTerminator": "\r\n"}}
    if ending in (".sav", ".parquet"):  # readers of Data Packages check the bytes of these, and do not open them
        resource["type"] = "file"
    return resource


def _field(frame: pd.DataFrame, column: Column, is_spss: bool) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "title": column.label}
    if not column.values:
        numeric = not is_text(frame[column.name])
        return described | ({"type": "number", "decimalChar": ","} if numeric else {"type": "string"})
    answers = {value: label for value, label in column.values.items() if value != column.missing}
    categories = [{"value": value, "label": label} for value, label in answers.items()]
    missing = {"missingValues": ["", str(column.missing)]} if is_spss else {}
    return described | {"type": "integer", "constraints": {"enum": list(answers)}, "categories": categories} | missing
