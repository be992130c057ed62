"""Data to take to R, SPSS or a spreadsheet, each file with its codebook and a Table Schema.

What goes out is a researcher's own data, form by form, under pseudonyms. Every column is a number with its labels or a
plain text, under one name in every format, so that whoever opens any of the files reads the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import normalize_text
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.responses import check_responses
from toolkit.spreadsheets.model import strip_control_chars

MISSING = 9
"""How a missing answer is written in SPSS: a user-missing value with a label; elsewhere the cell is empty."""

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
IDENTIFYING = re.compile(
    r"naam|name|town|straat|huisnummer|postcode|plaats|telefoon|phone|internet|website|mail|adres|address|kvk"
    r"|instelling|vestiging|location|locatie|brin|schoolcode|bevoegd gezag|correspondentie|administratie|contact"
)
"""In the heading of a fact: which school it is, or who runs it, is said by itself."""

SHARED = ("sector", "municipality", "province", "denomination")
"""Facts that say what kind of school it is, and not which one."""

SPSS_WORDS = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}
PACKAGE = "datapackage.json"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export.

    Attributes
    ----------
    name, label
        `values` maps each number to its label; empty where the column is text or a plain number.
    missing
        The number that stands for missing in SPSS, with its label in `values`.
    """

    name: str
    label: str
    values: Mapping[int, str] = field(default_factory=dict)
    missing: int | None = None


def export(
    data: Intake | pd.DataFrame,
    path: str | Path,
    checklist: Instrument | None = None,
    *,
    secret: str | None = None,
    school_codes: bool = False,
    facts: pd.DataFrame | None = None,
    texts: bool = False,
    language: str = "nl",
) -> list[Path]:
    """Write responses as `.sav` (SPSS), `.csv`, `.parquet` or `.xlsx`, with a codebook and a Table Schema.

    Parameters
    ----------
    data
        An intake, or a responses table.
    path
        The format follows from its ending. Beside it come `<name>-codebook.csv` and `datapackage.json`, which lists all
        exports of the folder.
    secret
        What pseudonyms are made with: the same secret gives the same pseudonyms, so keep it to link a later export, and
        keep it apart from the data. Without one every export has pseudonyms of its own.
    school_codes
        Whether schools stand under their own code; under a pseudonym by default, since a school's director is a person.
    facts
        Table with `school` and facts to take along (sector, municipality, …), see `toolkit.join_register`. Under
        pseudonyms those that point at one school stay behind: by their heading (name, town, address, telephone, …), or
        because most of their values are of one school each.
    texts
        Whether action points go along, in `<name>-texts.csv`; they may name people, so not by default.
    language
        Of the labels.

    Returns
    -------
    The files that were written.

    Raises
    ------
    ToolkitError
        Another ending, or `.sav` without the package pyreadstat.

    Notes
    -----
    Columns: `school, wave, role, respondent, form`, the facts (their headings as names of letters, digits and `_`, as
    SPSS wants them; the heading itself is the label), and per item `item_1_1` … with 0 (Nee), 1 (Beetje), 2
    (Ja). A missing answer is empty; in SPSS it is 9, declared missing. In CSV (`;`, decimal comma, UTF-8 with its mark,
    as a Dutch Excel opens it) a text that could be taken for a formula has a `'` before it.
    """
    path, checklist, say = Path(path), checklist or load_instrument(), load_text(language).say
    if path.suffix.lower() not in WRITERS:
        raise ToolkitError(say("export.format", found=path.suffix or path.name, formats=", ".join(WRITERS)))
    key = (secret or secrets.token_hex(32)).encode()
    responses = data.responses if isinstance(data, Intake) else data
    table = _pseudonymous(check_responses(responses, checklist), key, school_codes, facts)
    frame, columns = _coded(table, checklist, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[path.suffix.lower()](frame, columns, path)
    codebook = path.with_name(f"{path.stem}-codebook.csv")
    _write_csv(_codebook(columns, language), [], codebook)
    written = [path, codebook]
    if texts and isinstance(data, Intake):
        written.append(_write_texts(data.actions, key, school_codes, path))
    return [*written, _write_package(path, frame, columns)]


def pseudonym(secret: bytes, kind: str, *parts: str) -> str:
    """Return a name that says nothing without the secret: HMAC-SHA256, the first 64 bits of it.

    Examples
    --------
    >>> pseudonym(b"secret", "s", "12AB00") == pseudonym(b"secret", "s", "12AB00")
    True
    """
    return f"{kind}-{hmac.new(secret, chr(31).join((kind, *parts)).encode(), hashlib.sha256).hexdigest()[:16]}"


# --- the table ---


def _pseudonymous(table: pd.DataFrame, key: bytes, school_codes: bool, facts: pd.DataFrame | None) -> pd.DataFrame:
    """Schools and respondents under their pseudonym, in an order that tells nothing."""
    if facts is not None:
        extra = [name for name in facts.columns if name not in (*table.columns, "match")]
        going = [name for name in extra if school_codes or not _points_at_a_school(facts[name])]
        plain = facts[going].apply(_plain).assign(school=facts["school"])
        table = table.merge(plain.drop_duplicates("school"), on="school", how="left")
    who = table[["school", "respondent"]].fillna("")
    again = who.assign(wave=table["wave"]).groupby(["school", "respondent", "wave"], dropna=False).cumcount()
    people = zip(who["school"], who["respondent"], again.astype("str"), strict=True)
    table = table.assign(respondent=[pseudonym(key, "r", *person) for person in people])
    if not school_codes:
        names = {school: pseudonym(key, "s", school) for school in table["school"].dropna().unique()}
        table = table.assign(school=table["school"].map(names).astype("str"))
    return table.sort_values(["school", "wave", "respondent"], ignore_index=True)


def _points_at_a_school(fact: pd.Series) -> bool:
    """Whether a fact says which school it is: by its heading, or because most of its values are of one school each.

    A telephone number, a contact person or a code of any kind is known by that, whatever it is called.
    """
    if str(fact.name) in SHARED:
        return False
    times = fact.dropna().astype("str").value_counts()
    return bool(IDENTIFYING.search(normalize_text(str(fact.name)))) or 2 * int(times.eq(1).sum()) > len(times)


def _plain(column: pd.Series) -> pd.Series:
    """A fact as a number or a text: yes and no as 1 and 0, a date as it is written."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype("Int64")
    return column if pd.api.types.is_numeric_dtype(column) else column.astype("str").where(column.notna())


def _variable(heading: str, taken: Sequence[str]) -> str:
    """The heading as every package can have it as a name."""
    known = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    name = re.sub(r"\W+", "_", known).strip("_")[:60] or "kolom"
    name = name if name[0].isalpha() else f"k_{name}"
    others = {one.lower() for one in taken}
    free = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return next(one for one in free if one.lower() not in others and one.upper() not in SPSS_WORDS)


def _coded(table: pd.DataFrame, checklist: Instrument, language: str) -> tuple[pd.DataFrame, list[Column]]:
    """Roles and answers as numbers, and every column with its label."""
    say = load_text(language).say
    answers = {answer.value: answer.label[language] for answer in checklist.answers}
    roles = {number: role.label[language] for number, role in enumerate(checklist.roles, start=1)}
    items = {f"item_{item.id.replace('.', '_')}": item for item in checklist.items}
    codes = table["role"].cat.codes.astype("Int64") + 1
    frame = table.assign(role=codes.where(codes > 0))
    frame = frame.rename(columns={item.id: name for name, item in items.items()})
    columns: list[Column] = []
    headings = list(frame.columns)
    for place, name in enumerate(headings):
        if name in items:
            label = f"{items[name].id} {items[name].statement[language]}"
            columns.append(Column(name, label, answers | {MISSING: say("export.no_answer")}, MISSING))
        elif name == "role":
            columns.append(Column(name, say("export.role"), roles | {MISSING: say("export.no_role")}, MISSING))
        else:
            known = name in ("school", "wave", "respondent", "form")
            taken = [*(column.name for column in columns), *map(str, headings[place + 1 :])]
            own = name if known else _variable(str(name), taken)
            columns.append(Column(own, say(f"export.{name}") if known else str(name)))
    return frame.set_axis([column.name for column in columns], axis=1), columns


def _codebook(columns: Sequence[Column], language: str) -> pd.DataFrame:
    say = load_text(language).say
    rows = [
        (
            column.name,
            column.label,
            "; ".join(f"{value} = {label}" for value, label in column.values.items() if value != column.missing),
            "" if column.missing is None else say("export.missing", code=column.missing),
        )
        for column in columns
    ]
    return pd.DataFrame(rows, columns=[say(f"export.head_{name}") for name in ("name", "label", "values", "missing")])


# --- the formats ---


def _write_csv(frame: pd.DataFrame, columns: Sequence[Column], path: Path) -> None:
    safe = frame.apply(lambda column: column.map(_harmless) if _is_text(column) else column)
    safe.to_csv(path, sep=";", decimal=",", index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _harmless(value: object) -> object:
    """A text that a spreadsheet would compute gets a mark before it that makes it text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _write_parquet(frame: pd.DataFrame, columns: Sequence[Column], path: Path) -> None:
    frame.to_parquet(path, index=False)


def _write_xlsx(frame: pd.DataFrame, columns: Sequence[Column], path: Path) -> None:
    """The data on one sheet, the labels on another; every text is text, whatever it starts with."""
    book = Workbook(write_only=True)
    sheet, labels = book.create_sheet("data"), book.create_sheet("codebook")
    rows = frame.astype("object").where(frame.notna(), None).itertuples(index=False, name=None)
    for row in (tuple(frame.columns), *rows):
        sheet.append([_cell(sheet, value) for value in row])
    for column in columns:
        values = "; ".join(f"{value} = {label}" for value, label in column.values.items())
        labels.append([_cell(labels, text) for text in (column.name, column.label, values)])
    book.save(path)


def _cell(sheet: Any, value: object) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=strip_control_chars(value))
    cell.data_type = "s"
    return cell


def _write_sav(frame: pd.DataFrame, columns: Sequence[Column], path: Path) -> None:
    try:
        import pyreadstat
    except ImportError as missing:
        raise ToolkitError(load_text().say("export.no_pyreadstat")) from missing
    coded = {column.name: column for column in columns if column.values}
    numbers = frame.copy()
    for name in coded:
        numbers[name] = frame[name].astype("Int64").fillna(MISSING).astype("float64")
    for name in numbers.columns.difference(list(coded)):
        if _is_text(numbers[name]):
            numbers[name] = numbers[name].astype("object").where(numbers[name].notna(), "")
    pyreadstat.write_sav(
        numbers,
        str(path),
        column_labels={column.name: column.label[:250] for column in columns},
        variable_value_labels={
            name: {float(v): label for v, label in column.values.items()} for name, column in coded.items()
        },
        missing_ranges={name: [MISSING] for name in coded},
        variable_measure={name: "ordinal" if name.startswith("item_") else "nominal" for name in numbers.columns},
        variable_format=dict.fromkeys(coded, "F1.0"),
    )


WRITERS: dict[str, Callable[[pd.DataFrame, Sequence[Column], Path], None]] = {
    ".sav": _write_sav,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}


def _write_texts(actions: pd.DataFrame, key: bytes, school_codes: bool, path: Path) -> Path:
    """Action points without who wrote them: in an order that tells nothing."""
    table = actions[["school", "wave", "role", "step", "text"]].copy()
    if not school_codes:
        table["school"] = [pseudonym(key, "s", str(school)) for school in table["school"]]
    order = [hmac.new(key, str(text).encode(), hashlib.sha256).digest() for text in table["text"]]
    table = table.iloc[np.argsort(np.array(order, dtype=object), kind="stable")] if len(table) else table
    table = table.sort_values(["school", "wave", "role", "step"], kind="stable")
    target = path.with_name(f"{path.stem}-texts.csv")
    _write_csv(table, [], target)
    return target


def _write_package(path: Path, frame: pd.DataFrame, columns: Sequence[Column]) -> Path:
    """Table Schema of every export in the folder (specs.frictionlessdata.io)."""
    target = path.with_name(PACKAGE)
    package: dict[str, Any] = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else {}
    others = [resource for resource in package.get("resources", []) if resource["path"] != path.name]
    resource: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9_]+", "-", path.name.lower()),
        "path": path.name,
        "format": path.suffix.lower().removeprefix("."),
        "schema": {"fields": [_field(frame, column) for column in columns], "missingValues": [""]},
    }
    if path.suffix.lower() == ".csv":
        resource |= {"encoding": "utf-8", "dialect": {"delimiter": ";", "lineTerminator": "\r\n"}}
    resources = sorted([*others, resource], key=lambda one: str(one["path"]))
    whole = {"name": "samenwerken-met-ouders", "resources": resources}
    target.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return target


def _field(frame: pd.DataFrame, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "title": column.label}
    if not column.values:
        numeric = not _is_text(frame[column.name])
        return described | ({"type": "number", "decimalChar": ","} if numeric else {"type": "string"})
    there = {value: label for value, label in column.values.items() if value != column.missing}
    categories = [{"value": value, "label": label} for value, label in there.items()]
    return described | {"type": "integer", "constraints": {"enum": list(there)}, "categories": categories}
