"""The register: which schools take part, and in which school years; who comes from elsewhere is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from toolkit.errors import FolderError, Problem, ToolkitError
from toolkit.instrument import Instrument
from toolkit.sources.words import fold, read_school, read_wave
from toolkit.text import load_text

COLUMNS = {
    "school": "school", "brin": "school", "code": "school", "schoolcode": "school", "id": "school",
    "wave": "wave", "schooljaar": "wave", "jaar": "wave", "name": "name", "naam": "name", "schoolnaam": "name",
    "sector": "sector", "directie": "director", "director": "director", "leraren": "teacher",
    "klassenleraren": "teacher", "teacher": "teacher", "zorg": "care", "zorgprofessionals": "care", "care": "care",
}  # fmt: skip
"""Headings of a register, folded, and the column they stand for."""


@dataclass(frozen=True, slots=True)
class Register:
    """School ids, and school years per school; a school without years takes part in every one."""

    waves: dict[str, frozenset[str]]

    def problems(self, school: str | None, wave: str | None) -> Iterator[Problem]:
        """What a form says that the register does not."""
        if school is None:
            return
        if school not in self.waves:
            yield Problem("unknown_school", found=school)
        elif wave is not None and self.waves[school] and wave not in self.waves[school]:
            yield Problem("other_year", found=wave)


def read_register(source: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Read a register of schools.

    Parameters
    ----------
    source
        A table, or a file: `.xlsx`, or `.csv` with `;` or `,`. A column for the school is needed; headings may be
        Dutch or English.

    Returns
    -------
    Columns `school` and, where they are there, `name`, `sector`, `wave` (all `str`) and a number per role; other
    columns as they stand. One row per line of the source.

    Raises
    ------
    ToolkitError
        The file can't be read, or has no column for the school.
    """
    table = source.copy() if isinstance(source, pd.DataFrame) else _read_file(Path(source))
    table.columns = pd.Index([COLUMNS.get(fold(str(name)), str(name)) for name in table.columns])
    if "school" not in table.columns or not table.columns.is_unique:
        raise ToolkitError(load_text().say("register.no_school", columns=", ".join(map(str, table.columns))))
    table = table[table["school"].notna() & (table["school"].astype("str").str.strip() != "")].reset_index(drop=True)
    table["school"] = [read_school(str(school)) for school in table["school"]]
    return table


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
    if path.suffix.lower() == ".csv":
        text = path.read_text(encoding="utf-8-sig")
        head = text.partition("\n")[0]
        separator = ";" if head.count(";") >= head.count(",") else ","
        return pd.read_csv(path, sep=separator, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    return pd.read_excel(path, engine="openpyxl", dtype="str", keep_default_na=False)
