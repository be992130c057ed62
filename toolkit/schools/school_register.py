"""The register: which schools take part, in which years, and what is known of them; who comes from elsewhere is said.

Besides a list of one's own it takes the open tables of school locations ("vestigingen") that DUO publishes per sector:
`;` between columns, a decimal comma, a school's code in two columns.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from toolkit.core.errors import FolderError, Problem, ProblemCode, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import normalize_text, read_school, read_wave
from toolkit.instrument.model import Instrument

ROLES = ["director", "teacher", "care"]
COLUMNS = {
    "school": "school", "brin": "school", "code": "school", "schoolcode": "school", "id": "school",
    "wave": "wave", "schooljaar": "wave", "jaar": "wave", "name": "name", "naam": "name", "schoolnaam": "name",
    "sector": "sector", "directie": "director", "directieleden": "director", "directeuren": "director",
    "director": "director", "directors": "director", "leraren": "teacher", "klassenleraren": "teacher",
    "leerkrachten": "teacher", "teacher": "teacher", "teachers": "teacher", "class teachers": "teacher", "zorg": "care",
    "zorgprofessionals": "care", "care": "care", "care professionals": "care",
    "instellingscode": "brin", "brin nummer": "brin", "brinnummer": "brin", "brin_nummer": "brin",
    "vestigingscode": "location", "vestigingsnummer": "location", "brin_vestiging": "location",
    "brin vestiging": "location", "vestiging": "location",
    "vestigingsnaam": "name", "instellingsnaam": "name", "gemeentenaam": "municipality", "gemeente": "municipality",
    "provincie": "province", "denominatie": "denomination", "plaatsnaam": "town", "plaats": "town",
    "soort po": "sector", "soort onderwijs": "sector", "onderwijssoort": "sector",
}  # fmt: skip
"""Headings of a register, folded and without `_NUMBER`, and the column they stand for."""

_NUMBER = re.compile(r"^(?:aantal|number of|n)[ _]+")


FACTS = ["name", "sector", "municipality", "province", "denomination", "town"]
"""Facts of a school that have a name of their own; other columns keep theirs."""

SECTORS = {
    "bo": "po", "basisonderwijs": "po", "primair onderwijs": "po", "voortgezet onderwijs": "vo", "sbo": "so",
    "speciaal basisonderwijs": "so", "vso": "so", "speciaal onderwijs": "so", "(v)so": "so",
}  # fmt: skip
_CODE = re.compile(r"(\d{1,2})([A-Za-z]{2})\W*(\d{0,2})")
_DECIMAL = re.compile(r"-?\d{1,3}(\.?\d{3})*(,\d+)?")


@dataclass(frozen=True, slots=True)
class Joined:
    """The schools of a table of responses, with what a register says of them.

    Attributes
    ----------
    schools
        One row per school of the responses: `school`, its facts, and `match`: `one`, `none` (not in the register) or
        `several` (there with different facts). Of the last two no fact is given.
    unmatched, double
        The codes of these two.
    unused
        Codes of the register that no response has.
    """

    schools: pd.DataFrame
    unmatched: list[str]
    double: list[str]
    unused: list[str]

    def summary(self, language: str = "nl") -> str:
        """Say in words which schools were found, and name those that were not."""
        say = load_text(language).say
        lines = [say("register.joined", n=len(self.schools), found=int(self.schools["match"].eq("one").sum()))]
        if self.unmatched:
            lines.append(say("register.unmatched", schools=", ".join(self.unmatched)))
        if self.double:
            lines.append(say("register.double", schools=", ".join(self.double)))
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Register:
    """School ids, and school years per school; a school without years takes part in every one."""

    waves: dict[str, frozenset[str]]

    def problems(self, school: str | None, wave: str | None) -> Iterator[Problem]:
        """What a form says that the register does not."""
        if school is None:
            return
        if school not in self.waves:
            yield Problem(ProblemCode.UNKNOWN_SCHOOL, found=school)
        elif wave is not None and self.waves[school] and wave not in self.waves[school]:
            yield Problem(ProblemCode.OTHER_YEAR, found=wave)


def read_register(source: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Read a register of schools.

    Parameters
    ----------
    source
        A table, or a file: `.xlsx`, or `.csv` with `;`, `,` or tabs, in UTF-8, UTF-16 or Windows' Latin. A column for
        the school is needed, or two for its institution and location (as DUO has them); headings may be Dutch or
        English. A code that lost its zeros on the way (`1AB`, `0`) gets them back.

    Returns
    -------
    Columns `school` and, where they are there, `name`, `sector` (po, vo, so), `municipality`, `province`,
    `denomination`, `town`, `wave` (all `str`) and a number per role; other columns as they stand, those of only numbers
    with a decimal comma as numbers. One row per line of the source.

    Raises
    ------
    ToolkitError
        The file can't be read, or has no column for the school.
    """
    table = source.copy() if isinstance(source, pd.DataFrame) else _read_file(Path(source))
    table.columns = pd.Index(_headings([str(name) for name in table.columns]))
    if "school" not in table.columns and {"brin", "location"} <= set(table.columns):
        code = [_code(str(brin), str(place)) for brin, place in zip(table["brin"], table["location"], strict=True)]
        table = table.drop(columns=["brin", "location"]).assign(school=code)
    if "school" not in table.columns:  # a location's code by itself is the whole one
        table = table.rename(columns={"brin": "school"} if "brin" in table.columns else {"location": "school"})
    if "school" not in table.columns or not table.columns.is_unique:
        raise ToolkitError(load_text().say("register.no_school", columns=", ".join(map(str, table.columns))))
    table = table[table["school"].notna() & (table["school"].astype("str").str.strip() != "")].reset_index(drop=True)
    table["school"] = [_code(str(school)) for school in table["school"]]
    return _with_facts(table)


def join_register(responses: pd.DataFrame, register: pd.DataFrame | str | Path, sector: str | None = None) -> Joined:
    """Find the schools of the responses in a register, by their code; every school is accounted for.

    Parameters
    ----------
    responses
        Anything with a column `school`.
    register
        See `read_register`.
    sector
        The sector of all its schools, where the register doesn't say (DUO's tables are per sector).

    Returns
    -------
    A `Joined`; its `schools` table is what `compare_cohorts` takes as groups.

    Raises
    ------
    ToolkitError
        See `read_register`.
    """
    table = read_register(register)
    if sector is not None and "sector" not in table.columns:
        table["sector"] = sector
    facts = table.drop(columns=[c for c in ("wave", *ROLES) if c in table.columns]).drop_duplicates()
    there = pd.Index(responses["school"].dropna().astype("str").unique()).sort_values()
    double = facts.loc[facts["school"].duplicated(), "school"].unique()
    once = facts[~facts["school"].isin(double)]
    schools = pd.DataFrame({"school": there.astype("str")}).merge(once, on="school", how="left")
    match = pd.Series("one", index=schools.index, dtype="str")
    match = match.mask(~schools["school"].isin(table["school"]), "none").mask(schools["school"].isin(double), "several")
    schools.insert(1, "match", match)
    by_match = [schools.loc[schools["match"] == kind, "school"].tolist() for kind in ("none", "several")]
    unused = sorted(set(table["school"]) - set(there))
    return Joined(schools, by_match[0], by_match[1], unused)


def read_invited(
    source: pd.DataFrame | str | Path, responses: pd.DataFrame, checklist: Instrument
) -> pd.DataFrame | None:
    """Read how many people of each role were asked, out of a register that says so.

    Parameters
    ----------
    responses
        Where the register names no school years, its numbers hold for every moment of the school in here.

    Returns
    -------
    Columns `school, wave, role, invited`, without what is not a number; None where the register has no numbers.
    """
    table = read_register(source)
    roles = [role for role in checklist.role_ids if role in table.columns]
    if not roles:
        return None
    if "wave" in table.columns:
        table["wave"] = [read_wave(str(wave)) for wave in table["wave"]]
    else:
        table = table.merge(responses[["school", "wave"]].dropna().drop_duplicates(), on="school")
    long = table.melt(["school", "wave"], roles, var_name="role", value_name="invited")
    long["invited"] = pd.to_numeric(long["invited"], errors="coerce")
    return long.dropna().drop_duplicates(["school", "wave", "role"], ignore_index=True)


def make_register(source: pd.DataFrame | str | Path) -> Register:
    """Return the register a form can be held to."""
    table = read_register(source)
    waves: dict[str, set[str]] = {school: set() for school in table["school"]}
    if "wave" in table.columns:
        for school, wave in zip(table["school"], table["wave"], strict=True):
            if known := read_wave(str(wave)):
                waves[school].add(known)
    return Register({school: frozenset(years) for school, years in waves.items()})


def _read_file(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise FolderError(load_text().say("register.missing", file=path))
    try:
        if path.suffix.lower() == ".csv":
            text = _decoded(path.read_bytes())
            if re.match("sep=.\\s", text):  # a line that Excel writes, and reads, for itself
                text = text.partition("\n")[2]
            separator = max(";,\t", key=text.partition("\n")[0].count)
            return pd.read_csv(io.StringIO(text), sep=separator, dtype="str", keep_default_na=False)
        return pd.read_excel(path, engine="openpyxl", dtype="str", keep_default_na=False)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ToolkitError(load_text().say("register.unreadable", file=path.name, found=error)) from error


def _decoded(data: bytes) -> str:
    """UTF-8 or UTF-16, with their marks or without; else what Windows programs write."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _headings(names: list[str]) -> list[str]:
    """Our name of each heading we know, the first time; a second column of the same meaning keeps its own."""
    used: list[str] = []
    for name in names:
        ours = COLUMNS.get(_NUMBER.sub("", normalize_text(name)), name.strip())
        used.append(name.strip() if ours in used else ours)
    return used


def _code(text: str, location: str = "") -> str:
    """A school's code; of an institution and a location together, with the zeros a spreadsheet took from them."""
    found, place = _CODE.fullmatch(text.strip()), location.strip().removesuffix(".0")
    if whole := _CODE.fullmatch(place):
        found, place = whole, ""
    if found is None:
        return read_school(text)
    number, letters, own = found.groups()
    own = own or place
    return f"{number.zfill(2)}{letters.upper()}{own.zfill(2) if own else ''}"


def _with_facts(table: pd.DataFrame) -> pd.DataFrame:
    """Facts without the space around them, sectors by one name, and numbers as numbers."""
    for name in table.columns:
        if name == "school" or not pd.api.types.is_string_dtype(table[name]):
            continue
        table[name] = table[name].str.strip()
        filled = table[name][table[name].fillna("") != ""]
        if name not in COLUMNS.values() and filled.str.contains(",").any() and filled.str.fullmatch(_DECIMAL).all():
            plain = table[name].str.replace(".", "").str.replace(",", ".")
            table[name] = pd.to_numeric(plain, errors="coerce")
    if "sector" in table.columns:
        folded = table["sector"].str.lower()
        table["sector"] = folded.map(SECTORS).fillna(folded)
    return table
