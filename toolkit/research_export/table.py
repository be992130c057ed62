"""The exported table: rows under pseudonyms, facts of schools, a label per column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import pandas as pd

from toolkit.core.i18n import load_text
from toolkit.core.normalize import normalize_text
from toolkit.instrument.model import Instrument
from toolkit.research_export.pseudonyms import pseudonym
from toolkit.responses import KEY_COLUMNS, UNIT_COLUMNS

MISSING = 9
"""How a missing answer is written in SPSS: a user-missing value with a label. Elsewhere the cell is empty."""

IDENTIFYING = re.compile(
    r"naam|name|town|straat|huisnummer|postcode|plaats|telefoon|phone|internet|website|mail|adres|address|kvk"
    r"|instelling|vestiging|location|locatie|brin|schoolcode|bevoegd gezag|correspondentie|administratie|contact"
)
"""Headings of facts that name the school, or who runs it."""

SHARED = ("sector", "municipality", "province", "denomination")
"""Facts about the kind of school."""

RESERVED_IN_SPSS = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export.

    Attributes
    ----------
    name, label
        `values` maps each number to its label; empty where the column is text or a plain number.
    missing
        The number for missing in SPSS, with its label in `values`.
    """

    name: str
    label: str
    values: Mapping[int, str] = field(default_factory=dict)
    missing: int | None = None


def exported_facts(
    responses: pd.DataFrame, facts: pd.DataFrame | None, school_codes: bool = False
) -> pd.DataFrame | None:
    """Facts that go along: `school`, and those that do not point at one school.

    Parameters
    ----------
    school_codes
        Whether schools appear under their own code. Then every fact goes along.
    """
    if facts is None:
        return None
    names = [name for name in facts.columns if name not in (*responses.columns, "match")]
    names = [name for name in names if school_codes or not _points_at_a_school(facts[name])]
    table = facts[names].apply(_as_number_or_text).assign(school=facts["school"]).drop_duplicates("school")
    return table[table["school"].isin(responses["school"])]


def lone_schools(facts: pd.DataFrame) -> int:
    """Count the schools that no other school shares all exported facts with."""
    names = [name for name in facts.columns if name != "school"]
    if not names:
        return 0
    sizes = facts.groupby(names, dropna=False)["school"].transform("size")
    return int(sizes.eq(1).sum())


def under_pseudonyms(
    responses: pd.DataFrame, key: bytes, school_codes: bool, facts: pd.DataFrame | None
) -> pd.DataFrame:
    """Rows with pseudonyms and facts, sorted by pseudonym: no order to disclose."""
    table = responses if facts is None else responses.merge(facts, on="school", how="left")
    person = table[["school", "respondent"]].fillna("")
    copy = person.assign(wave=table["wave"]).groupby(["school", "respondent", "wave"], dropna=False).cumcount()
    people = zip(person["school"], person["respondent"], copy.astype("str"), strict=True)
    table = table.assign(respondent=[pseudonym(key, "r", *names) for names in people])
    if not school_codes:
        names = {school: pseudonym(key, "s", school) for school in table["school"].dropna().unique()}
        table = table.assign(school=table["school"].map(names).astype("str"))
    return table.sort_values([*UNIT_COLUMNS, "respondent"], ignore_index=True)


def _points_at_a_school(fact: pd.Series) -> bool:
    """Whether a fact identifies a school: by its heading, or because most of its values are of one school each.

    That finds telephone numbers, contact persons and codes of any kind, whatever their heading is.
    """
    if str(fact.name) in SHARED:
        return False
    times = fact.dropna().astype("str").value_counts()
    return bool(IDENTIFYING.search(normalize_text(str(fact.name)))) or 2 * int(times.eq(1).sum()) > len(times)


def _as_number_or_text(column: pd.Series) -> pd.Series:
    """A fact as a number or a text: yes and no as 1 and 0, a date as it is written."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype("Int64")
    return column if pd.api.types.is_numeric_dtype(column) else column.astype("str").where(column.notna())


def label_columns(table: pd.DataFrame, checklist: Instrument, language: str) -> tuple[pd.DataFrame, list[Column]]:
    """Return roles and answers as numbers, and every column with its label."""
    say = load_text(language).say
    answers = {answer.value: answer.label[language] for answer in checklist.answers}
    roles = {number: role.label[language] for number, role in enumerate(checklist.roles, start=1)}
    items = {item_column(item.id): item for item in checklist.items}
    codes = table["role"].cat.codes.astype("Int64") + 1
    frame = table.assign(role=codes.where(codes > 0))
    frame = frame.rename(columns={item.id: name for name, item in items.items()})
    columns: list[Column] = []
    headings = list(frame.columns)
    for position, name in enumerate(headings):
        if name in items:
            label = f"{items[name].id} {items[name].statement[language]}"
            columns.append(Column(name, label, answers | {MISSING: say("export.no_answer")}, MISSING))
        elif name == "role":
            columns.append(Column(name, say("export.role"), roles | {MISSING: say("export.no_role")}, MISSING))
        elif name in KEY_COLUMNS:
            columns.append(Column(name, say(f"export.{name}")))
        else:
            used_names = [*(column.name for column in columns), *map(str, headings[position + 1 :])]
            columns.append(Column(_variable(str(name), used_names), str(name)))
    return frame.set_axis([column.name for column in columns], axis=1), columns


def item_column(item: str) -> str:
    """Return the name of an item's column: `item_1_1`."""
    return f"item_{item.replace('.', '_')}"


def _variable(heading: str, used_names: Sequence[str]) -> str:
    """Turn a heading into a name that every package accepts."""
    ascii_text = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    name = re.sub(r"\W+", "_", ascii_text).strip("_")[:60] or "kolom"
    name = name if name[0].isalpha() else f"k_{name}"
    lower_names = {used_name.lower() for used_name in used_names}
    candidates = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return next(
        used_name
        for used_name in candidates
        if used_name.lower() not in lower_names and used_name.upper() not in RESERVED_IN_SPSS
    )


def codebook(columns: Sequence[Column], language: str) -> pd.DataFrame:
    """The codebook: per column its name, meaning, values and code for missing."""
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
