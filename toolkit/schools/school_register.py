"""The register: which schools take part, in which years, and facts of each school.

Besides a list of one's own it takes the open tables of school locations ("vestigingen") that DUO publishes per sector:
`;` between columns, a decimal comma, a school's code in two columns.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from toolkit.core.errors import FolderError, Problem, ProblemCode, RefusedError, RegisterWarning, ToolkitError
from toolkit.core.i18n import load_text, problem_message
from toolkit.core.normalize import cell_text, normalize_text, read_school, read_wave
from toolkit.instrument.arguments import check_type, explained
from toolkit.instrument.model import Instrument
from toolkit.schools.school_names import is_school_code, name_key, school_problem
from toolkit.spreadsheets.delimited import MAX_HEAD_ROWS, read_delimited
from toolkit.spreadsheets.guard import OLE, ZIP, read_regular_file
from toolkit.spreadsheets.reader import read_workbook

ROLES = ["director", "teacher", "care"]
COLUMNS = {
    "school": "school", "code": "school", "schoolcode": "school", "schoolnummer": "school", "id": "school",
    "brin6": "school", "brin6code": "school", "brinvestigingscode": "school",
    "wave": "wave", "schooljaar": "wave", "jaar": "wave", "name": "name", "naam": "name", "schoolnaam": "name",
    "naamschool": "name", "naamvandeschool": "name",
    "sector": "sector", "directie": "director", "directieleden": "director", "directeuren": "director",
    "director": "director", "directors": "director", "leraren": "teacher", "klassenleraren": "teacher",
    "leerkrachten": "teacher", "docenten": "teacher", "teacher": "teacher", "teachers": "teacher",
    "classteachers": "teacher", "zorg": "care", "ib": "care",
    "iber": "care", "ibers": "care", "internbegeleiders": "care", "zorgteam": "care", "schoolleiding": "director",
    "zorgprofessionals": "care", "care": "care", "careprofessionals": "care",
    "brin": "brin", "brin4": "brin", "brincode": "brin", "brinnummer": "brin", "brinnr": "brin",
    "instellingscode": "brin", "instellingsnummer": "brin",
    "vestigingscode": "location", "vestigingsnummer": "location", "vestigingsnr": "location",
    "brinvestigingsnummer": "school", "brinnummervestiging": "school", "instellingscodebrin": "brin",
    "oiecode": "school", "schoolcodebrin": "school", "onderwijslocatiecode": "school",
    "brinvestiging": "location", "brinvest": "location", "vestiging": "location",
    "vestigingsnaam": "name", "instellingsnaam": "name", "gemeentenaam": "municipality", "gemeente": "municipality",
    "vest": "location", "vestnr": "location", "schoolname": "name", "town": "town", "municipality": "municipality",
    "provincie": "province", "denominatie": "denomination", "plaatsnaam": "town", "plaats": "town",
    "soortpo": "sector", "soortonderwijs": "sector", "onderwijssoort": "sector",
}  # fmt: skip
"""Headings of a register, only their letters and digits and without `_NUMBER`, and the column of each."""

_NUMBER = re.compile(r"^(?:aantal|number of|n)[ _]+")
_BROKEN = re.compile(r"[-\u2010\u00ad]\s*\n\s*")
_TOTALS = re.compile(r"(?:eind|sub|grand |generaal |algemeen )?tota(?:al|len|l|ls)\b.*|gem|gemiddelde?|tot|som|σ")
_NOTES = re.compile(
    r"(?:som|aantal|alle scholen|all schools|bron|source|peildatum|opmerking|note)\b.*"
    r"|samen|n \d+|\d+ (?:scholen|schools)"
)
"""What the first cell of a row with no other words may be, where it is no school."""

MAX_REGISTER, MAX_REGISTER_COLUMNS, MAX_REGISTER_ROWS = 20_000_000, 200, 50_000
"""Bytes, columns and rows of a register; DUO's largest table has some 7,000 rows of 40."""

MIN_CODES, HALF = 0.8, 0.5
"""Part of a column that are complete school codes where its heading does not say that it names the school, or does."""

SECTORS = {
    "bo": "po", "basisonderwijs": "po", "primair onderwijs": "po", "voortgezet onderwijs": "vo", "sbo": "so",
    "speciaal basisonderwijs": "so", "vso": "so", "speciaal onderwijs": "so", "(v)so": "so",
}  # fmt: skip
_CODE = re.compile(r"(\d{1,2})([A-Za-z]{2})\W*(\d{0,2})")
_NO_CODE = re.compile(r"\d[\d.,]*E\+?\d+|\d+,\d+|\d{8,}|\d\d[A-Z]{2}\d\d\W+\d\d[A-Z]{2}\d\d", re.IGNORECASE)
_DECIMAL = re.compile(r"-?\d{1,3}(\.?\d{3})*(,\d+)?")


@dataclass(frozen=True, slots=True)
class Joined:
    """The schools of a table of responses, with their facts from a register.

    Attributes
    ----------
    schools
        One row per school of the responses: `school`, its facts, and `match`: `one`, `none` (not in the register) or
        `several` (there with different facts). Of the last two no fact is given.
    unmatched, double
        The codes of these two.
    unused
        Codes of the register that no response has.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> print(tk.join_register(responses, schools).summary())
    Scholen in het register: 20 van de 20.
    """

    schools: pd.DataFrame = field(repr=False)
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
    """School ids, and school years per school; a school without years takes part in every one.

    `names` has the code of each school by the key of its name, where no other school has that name.
    """

    waves: dict[str, frozenset[str]]
    names: Mapping[str, str] = field(default_factory=dict)

    def problems(self, school: str | None, wave: str | None) -> Iterator[Problem]:
        """Return the problems where a form contradicts the register."""
        if school is None:
            return
        if school not in self.waves:
            yield Problem(ProblemCode.UNKNOWN_SCHOOL, found=school)
        elif wave is not None and self.waves[school] and wave not in self.waves[school]:
            yield Problem(ProblemCode.OTHER_YEAR, found=wave)


@explained
def read_register(source: pd.DataFrame | str | Path) -> pd.DataFrame:
    r"""Read a register of schools.

    Parameters
    ----------
    source
        A table, or a file: `.xlsx`, or `.csv` with `;`, `,` or tabs, in UTF-8, UTF-16 or Windows' Latin. A column for
        the school is needed, or two for its institution and location (as DUO has them); headings may be Dutch or
        English. A code that lost its zeros on the way (`1AB`, `0`) gets them back.

    Returns
    -------
    Columns `school` and, where they are there, `name`, `sector` (po, vo, so), `municipality`, `province`,
    `denomination`, `town`, `wave` (all `str`) and a number per role; other columns unchanged, those of only numbers
    with a decimal comma as numbers. One row per line of the source.

    Raises
    ------
    ToolkitError
        The file can't be read, has no column for the school or no school, or has a row with more cells than headings.

    Warns
    -----
    RegisterWarning
        A row was left out that is no school: totals, or a note; or one without a code. A code is a number, half
        a code, or two.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> path = f"{tempfile.mkdtemp()}/schools.csv"
    >>> _ = Path(path).write_text("school;sector\n12AB00;po\n")
    >>> tk.read_register(path)["sector"].tolist()
    ['po']
    """
    check_type(source, "register", (str, Path, pd.DataFrame), '"scholen.csv"')
    table = source.copy() if isinstance(source, pd.DataFrame) else _read_file(Path(source))
    table.columns = pd.Index(_headings([str(name) for name in table.columns]))
    table = _with_school(table)
    if "school" not in table.columns or not table.columns.is_unique:
        raise ToolkitError(load_text().say("register.no_school", columns=", ".join(map(str, table.columns))))
    rows = [[cell_text(cell).strip() for cell in row] for row in table.fillna("").itertuples(index=False)]
    at = list(table.columns).index("school")
    others = [[*row[:at], *row[at + 1 :]] for row in rows]
    with_facts = table["school"][[any(texts) for texts in others]]
    coded = _has_codes(with_facts, HALF)  # then one cell alone is a sub-heading or a note
    is_school = [
        bool(row[at])
        and not _is_note(row[at], texts)
        and not (coded and not any(texts) and not is_school_code(_school_code(row[at])))
        for row, texts in zip(rows, others, strict=True)
    ]
    if not any(is_school):
        raise ToolkitError(load_text().say("register.without_schools"))
    texts = [next(filter(None, row)) for row, school in zip(rows, is_school, strict=True) if not school and any(row)]
    if texts:
        warnings.warn(load_text().say("register.totals", rows=", ".join(texts)), RegisterWarning, stacklevel=2)
    table = table[is_school].reset_index(drop=True)
    table["school"] = [_school_code(str(school)) for school in table["school"]]
    if "wave" in table.columns:
        years = [str(year).strip() for year in table["wave"].dropna().unique() if str(year).strip()]
        if odd_years := [year[:20] for year in years if read_wave(year) is None]:
            listing = ", ".join(odd_years[:20])
            warnings.warn(load_text().say("register.odd_years", years=listing), RegisterWarning, stacklevel=2)
    if odd := [code[:20] for code in table["school"].unique() if school_problem(code) or _NO_CODE.fullmatch(code)]:
        warnings.warn(load_text().say("register.odd_codes", schools=", ".join(odd[:20])), RegisterWarning, stacklevel=2)
    return _with_facts(table)


def _with_school(table: pd.DataFrame) -> pd.DataFrame:
    """Make one column `school` of an institution and its location; else of the column that has only school codes."""
    if "school" in table.columns:
        return _with_codes(table)
    if set(table.columns).isdisjoint(["brin", "location"]):
        coded = [name for name in table.columns if _has_codes(table[name]) and not is_school_code(read_school(name))]
        return table.rename(columns={coded[0]: "school"}) if len(coded) == 1 else table
    if {"brin", "location"} <= set(table.columns):
        pairs = zip(table["brin"], table["location"], strict=True)
        code = [_school_code(str(brin), str(location)) for brin, location in pairs]
        return table.drop(columns=["brin", "location"]).assign(school=code)
    return table.rename(columns={"brin": "school"} if "brin" in table.columns else {"location": "school"})


def _with_codes(table: pd.DataFrame) -> pd.DataFrame:
    """Where the column for the school has names and the codes are elsewhere, take the codes."""
    if not table.columns.is_unique or _has_codes(table["school"], HALF):
        return table
    if {"brin", "location"} <= set(table.columns):
        combined = _with_school(table.drop(columns="school"))
        coded, codes = ["brin"], combined["school"]
    else:
        coded = [name for name in table.columns if name != "school" and _has_codes(table[name])]
        codes = table[coded[0]] if coded else table["school"]
    if len(coded) != 1 or not _has_codes(codes):
        return table
    names = table.drop(columns=[*coded, *({"location"} & set(table.columns))])
    return names.rename(columns={} if "name" in names.columns else {"school": "name"}).assign(school=codes)


def _is_note(text: str, other_texts: Sequence[str]) -> bool:
    """Whether a row is a total, or a note under the table."""
    folded, has_text = normalize_text(text), any(letter.isalpha() for other in other_texts for letter in other)
    is_empty = not folded or text.startswith(("#", "*"))  # a line of dashes, an error of the program, a note
    return is_empty or _TOTALS.fullmatch(folded) is not None or (not has_text and _NOTES.fullmatch(folded) is not None)


def _has_codes(column: pd.Series, part: float = MIN_CODES) -> bool:
    codes = [is_school_code(read_school(str(value))) for value in column if str(value).strip()]
    return len(codes) > 0 and sum(codes) >= part * len(codes)


@explained
def join_register(responses: pd.DataFrame, register: pd.DataFrame | str | Path, sector: str | None = None) -> Joined:
    """Find the schools of the responses in a register by their code.

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

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> joined = tk.join_register(responses, schools)
    >>> len(joined.unmatched)
    0
    """
    table = read_register(register)
    if sector is not None and "sector" not in table.columns:
        table["sector"] = sector
    facts = table.drop(columns=[c for c in ("wave", *ROLES) if c in table.columns]).drop_duplicates()
    answering = pd.Index(responses["school"].dropna().astype("str").unique()).sort_values()
    double = facts.loc[facts["school"].duplicated(), "school"].unique()
    single_facts = facts[~facts["school"].isin(double)]
    schools = pd.DataFrame({"school": answering.astype("str")}).merge(single_facts, on="school", how="left")
    match = pd.Series("one", index=schools.index, dtype="str")
    match = match.mask(~schools["school"].isin(table["school"]), "none").mask(schools["school"].isin(double), "several")
    schools.insert(1, "match", match)
    by_match = [schools.loc[schools["match"] == kind, "school"].tolist() for kind in ("none", "several")]
    unused = sorted(set(table["school"]) - set(answering))
    return Joined(schools, by_match[0], by_match[1], unused)


def read_invited(
    source: pd.DataFrame | str | Path, responses: pd.DataFrame, checklist: Instrument
) -> pd.DataFrame | None:
    """Read the number of invited people per role from a register with these columns.

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
    """Return the register to check forms against."""
    table = read_register(source)
    waves: dict[str, set[str]] = {school: set() for school in table["school"]}
    if "wave" in table.columns:
        for school, wave in zip(table["school"], table["wave"], strict=True):
            if school_year := read_wave(str(wave)):
                waves[school].add(school_year)
    codes: dict[str, set[str]] = {}
    if "name" in table.columns:
        for school, name in zip(table["school"], table["name"], strict=True):
            codes.setdefault(name_key(str(name)), set()).add(school)
    names = {name: next(iter(schools)) for name, schools in codes.items() if name and len(schools) == 1}
    return Register({school: frozenset(years) for school, years in waves.items()}, names)


def _read_file(path: Path) -> pd.DataFrame:
    """Read a register's rows; the first row with a heading for the school is the headings."""
    if not path.is_file():
        key = "register.is_folder" if path.is_dir() else "register.missing"
        raise FolderError(load_text().say(key, file=path))
    try:
        data = read_regular_file(path.resolve(), MAX_REGISTER)
        rows = list(_numbered_rows(data))
    except RefusedError as refused:
        reason = problem_message(refused.problem)
        raise ToolkitError(load_text().say("register.unreadable", file=path.name, found=reason)) from refused
    except ValueError as error:
        reason = load_text().say("register.no_text")
        raise ToolkitError(load_text().say("register.unreadable", file=path.name, found=reason)) from error
    return _table(rows, path)


def _numbered_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if data[:100].lstrip().startswith(b"<"):  # a page that a program named .xls
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    if not data.startswith((ZIP, OLE)):
        yield from enumerate(read_delimited(data, _known_headings, MAX_REGISTER_COLUMNS), start=1)
        return
    sheets = [sheet for sheet in read_workbook(data).sheets if sheet.cells]
    best = max(sheets, key=lambda sheet: max(map(_known_headings, _head_rows(sheet.rows()))), default=None)
    if best is not None:
        if hidden := len(best.hidden_rows & best.rows().keys()):
            warnings.warn(load_text().say("register.hidden", n=hidden), RegisterWarning, stacklevel=2)
        width = min(MAX_REGISTER_COLUMNS, max(column for _, column in best.cells))
        for number, cells in best.rows().items():
            yield number, [cell_text(cells.get(column)) for column in range(1, width + 1)]


def _head_rows(rows: Mapping[int, Mapping[int, object]]) -> list[list[str]]:
    return [[cell_text(value) for value in rows[number].values()] for number in sorted(rows)[:MAX_HEAD_ROWS]]


def _known_headings(row: Sequence[str]) -> int:
    return sum(_heading(cell) is not None for cell in row)


def _table(rows: list[tuple[int, list[str]]], path: Path) -> pd.DataFrame:
    """Put rows under their headings; refuse a row with more cells than headings."""
    tests = (
        lambda row: {"school", "brin", "location"} & set(map(_heading, row)),
        lambda row: sum(map(bool, row)) > 1,
        lambda _: True,
    )
    heads = ([at for at, (_, row) in enumerate(rows[:MAX_HEAD_ROWS]) if is_head(row)] for is_head in tests)
    head = next((matches[0] for matches in heads if matches), 0)
    names = [name.strip() for name in rows[head][1]] if rows else []
    if head + 1 < len(rows) and (more := _second_headings(names, rows[head + 1][1])):
        names, head = more, head + 1
    while names and not names[-1]:
        names.pop()
    if not names:
        raise ToolkitError(
            load_text().say("register.unreadable", file=path.name, found=load_text().say("register.empty"))
        )
    if len(rows) > MAX_REGISTER_ROWS:
        raise ToolkitError(load_text().say("register.too_long", file=path.name, most=MAX_REGISTER_ROWS))
    body = []
    for number, row in rows[head + 1 :]:
        if row == rows[head][1]:
            continue  # the headings again, on a next page
        if any(cell.strip() for cell in row[len(names) :]):
            reason = load_text().say("register.line", line=number, cells=len(row), headings=len(names))
            raise ToolkitError(load_text().say("register.unreadable", file=path.name, found=reason))
        body.append([*row[: len(names)], *[""] * (len(names) - len(row))])
    return pd.DataFrame(body, columns=names, dtype="str")


def _second_headings(names: Sequence[str], row: Sequence[str]) -> list[str]:
    """Return headings completed from a second row of them, which has none for the school; empty where it is none."""
    filled = [(at, cell.strip()) for at, cell in enumerate(row) if cell.strip()]
    if not filled or any(_heading(cell) in (None, "school", "brin") for _, cell in filled):
        return []
    both = [*names, *[""] * (len(row) - len(names))]
    for at, cell in filled:
        both[at] = cell
    return both


def _headings(names: list[str]) -> list[str]:
    """Return our name of each known heading; a second column of one meaning keeps its own."""
    used: list[str] = []
    for name in names:
        ours = _heading(name) or name.strip()
        used.append(name.strip() if ours in used else ours)
    return used


def _heading(name: str) -> str | None:
    """Return our name of a heading; one that is broken over lines is put together again."""
    text = _NUMBER.sub("", normalize_text(_BROKEN.sub("", name)))
    return COLUMNS.get(re.sub(r"[\W_]+", "", text))


def _school_code(text: str, location: str = "") -> str:
    """Return a school's code, with the zeros that a spreadsheet took from it."""
    code_match, location_code = _CODE.fullmatch(text.strip()), location.strip().removesuffix(".0")
    if complete := _CODE.fullmatch(location_code):
        code_match, location_code = complete, ""
    if code_match is None:
        return read_school(text)
    number, letters, branch = code_match.groups()
    branch = branch or (location_code if re.fullmatch(r"\d{1,2}", location_code) else "")
    return f"{number.zfill(2)}{letters.upper()}{branch.zfill(2) if branch else ''}"


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
