"""Made-up schools with a known truth, as forms in a folder or as a responses table.

Examples
--------
>>> import toolkit as tk
>>> tk.samples.responses(schools=4)["school"].nunique()
4
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import Generator

from toolkit.core.errors import FolderError, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.progress import track
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.keys import about_key, action_key, item_key
from toolkit.forms.template import fill_form, open_template
from toolkit.instrument.arguments import as_checklist, as_whole, explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import read_folder
from toolkit.responses import GROUP_COLUMNS, KEY_COLUMNS, UNIT_COLUMNS, check_responses, make_responses
from toolkit.schools.school_register import join_register

FIRST_YEAR = 2024

PROGRESS_BAR_FROM = 50
"""Schools from which writing their forms takes long."""


@dataclass(frozen=True, slots=True)
class School:
    """A made-up school: who fills in, and each role's view of the steps (0..100) in year one.

    Attributes
    ----------
    growth
        Points every view moves per year.
    halo
        How far one person's answers stay together, as the standard deviation of a personal shift in points.
    """

    id: str
    name: str
    sector: str
    staff: Mapping[str, int]
    views: Mapping[str, tuple[float, ...]]
    growth: float = 6.0
    halo: float = 10.0


SCHOOLS = (
    School(
        "99AA00", "Basisschool De Regenboog", "po",
        {"director": 1, "teacher": 14, "care": 7},
        {"director": (82, 80, 70, 45, 58), "teacher": (60, 66, 54, 48, 32), "care": (62, 76, 42, 50, 62)},
    ),
    School(
        "99AB00", "Basisschool 't Zandpad", "po",
        {"director": 1, "teacher": 4, "care": 2},
        {"director": (60, 72, 66, 52, 40), "teacher": (54, 60, 62, 50, 44), "care": (50, 64, 58, 46, 52)},
    ),
    School(
        "99AC00", "Scholengemeenschap De Vliet", "vo",
        {"director": 2, "teacher": 24, "care": 3},
        {"director": (94, 96, 92, 88, 90), "teacher": (30, 34, 26, 22, 20), "care": (44, 48, 36, 30, 56)},
    ),
    School(
        "99AD01", "Vakcollege Maasoever", "vo",
        {"director": 1, "teacher": 9, "care": 5},
        dict.fromkeys(("director", "teacher", "care"), (100, 100, 100, 100, 100)),
        growth=0.0, halo=0.0,
    ),
)  # fmt: skip
"""The built-in schools: an ordinary one, a small one, one that disagrees strongly, and one that is unanimous."""

ACTION_POINTS = (
    "Startgesprekken met alle ouders in de eerste drie weken inplannen.",
    "Ouders die we niet zien: zelf bellen i.p.v. nog een brief",
    "warme overdracht, ook van groep 8 naar de brugklas",
    "Meer vertalen / beeld gebruiken in de nieuwsbrief.\nEvt. een ouder vragen om te tolken.",
    "- inloopochtend 1x per maand\n- kind laat zelf zien wat het leert",
    "Leerling standaard bij het gesprek",
    "Weet niet goed wat kan bij armoede; graag overzicht van regelingen!",
    "samen met wijkteam een taalcafé voor ouders",
    "Rol van de mentor duidelijker afspreken",
    "?",
)

SPELLINGS = {0: ("Nee", "nee", "NEE"), 1: ("Beetje", "beetje", " een beetje"), 2: ("Ja", "ja", "Ja.", " JA ")}
"""How people write an answer; the first is what the drop-down gives, and by far the most used."""


UNCLEAR = ("?", "Ja/Nee", "x", "weet ik niet", "soms")
"""Unclear answers, as people type them; the known truth counts them as missing."""


@explained
def write_folder(
    folder: str | Path,
    schools: int = 4,
    waves: int = 2,
    seed: int = 1,
    checklist: Instrument | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Write made-up schools as real forms (`.xlsx`), a folder per school and school year.

    Parameters
    ----------
    folder
        A new or empty folder.
    schools
        The first four are the built-in schools; others are drawn.
    waves
        School years, from 2024-2025.
    seed
        The same number gives the same files.
    progress
        Show a bar in a terminal, and in a notebook for many schools.

    Returns
    -------
    The responses table that was planted; `respondent` is the file's path in the folder.

    Raises
    ------
    FolderError
        The folder is not empty.
    """
    checklist, schools, waves = as_checklist(checklist), as_whole(schools, "schools", 1), as_whole(waves, "waves", 1)
    root = Path(folder)
    if root.exists() and any(root.iterdir()):
        raise FolderError(load_text().say("cli.not_empty", folder=root))
    rng = np.random.default_rng(seed)
    drawn = [*SCHOOLS, *(_draw_school(number, rng) for number in range(len(SCHOOLS), schools))][:schools]
    planted = []
    for school in track(drawn, "school", progress, PROGRESS_BAR_FROM):
        for wave in range(waves):
            planted += _write_school(root, school, wave, checklist, rng)
    return make_responses(planted, checklist)


@explained
def responses(
    checklist: Instrument | None = None,
    schools: int = 1000,
    waves: int = 2,
    teachers: tuple[int, int] = (5, 40),
    seed: int = 1,
) -> pd.DataFrame:
    """Draw made-up schools straight as a responses table, without writing forms.

    Parameters
    ----------
    teachers
        Fewest and most teachers a school has.

    Returns
    -------
    A responses table (see `toolkit.responses`) with 1 or 2 directors, `teachers` teachers and 1 to 8 care professionals
    per school and wave, and about 3% blanks. Respondents keep their number in each wave.
    """
    checklist, schools, waves = as_checklist(checklist), as_whole(schools, "schools", 1), as_whole(waves, "waves", 1)
    rng = np.random.default_rng(seed)
    staff = np.column_stack(
        [
            rng.integers(1, 3, schools),
            rng.integers(teachers[0], teachers[1] + 1, schools),
            rng.integers(1, 9, schools),
        ]
    )
    school = np.repeat(np.arange(schools), staff.sum(axis=1))
    role = np.concatenate([np.repeat(np.arange(3), row) for row in staff])
    people = len(school)
    base = rng.uniform(25, 80, (schools, len(checklist.steps)))
    shift = np.stack([rng.normal(centre, 10, schools) for centre in (8, 0, 3)], axis=1)
    steps = np.array(checklist.item_steps) - 1
    tables = []
    for wave in range(waves):
        view = base[school][:, steps] + (shift[school, role] + rng.normal(0, 10, people) + 6 * wave)[:, None]
        answers = _draw_answers(view, rng).astype(float)
        answers[rng.random(answers.shape) < 0.03] = np.nan
        keys = {
            "school": _school_codes(school),
            "wave": _wave(wave),
            "role": np.array(checklist.role_ids)[role],
            "respondent": [f"p-{number}" for number in range(people)],
            "form": checklist.form,
        }
        tables.append(pd.DataFrame(keys).join(pd.DataFrame(answers, columns=checklist.item_ids)))
    return check_responses(pd.concat(tables, ignore_index=True), checklist)


@explained
def cohort(
    checklist: Instrument | None = None,
    schools: int = 60,
    waves: int = 3,
    seed: int = 1,
    dropout: float = 0.15,
    blanks: float = 0.08,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a made-up cohort: forms of tens of schools over some years, and their register.

    Parameters
    ----------
    dropout
        Part of the schools that does not take part in a year, drawn for each year.
    blanks
        Part of the answers that is left blank.

    Returns
    -------
    Responses as in `responses`, and a table `school, name, sector, municipality, programme`. The schools of the
    programme grow faster.
    """
    checklist = checklist or load_instrument()
    forms = responses(checklist, schools, waves, teachers=(4, 16), seed=seed)
    codes = forms["school"].unique()
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "school": codes,
            "name": [f"Voorbeeldschool {number}" for number in range(1, len(codes) + 1)],
            "sector": np.where(np.arange(len(codes)) % 3 < 2, "po", "vo"),
            "municipality": np.array(["Delft", "Dordrecht", "Rotterdam"])[rng.integers(0, 3, len(codes))],
            "programme": np.where(rng.random(len(codes)) < 0.4, "met programma", "zonder programma"),
        }
    ).astype("str")
    return _with_gaps(_with_growth(forms, table, checklist, rng), checklist, dropout, blanks, seed), table


@explained
def read_cohort(
    folder: str | Path | None = None, register: pd.DataFrame | str | Path | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the forms of a cohort (without folder: `cohort`) and their schools in a register.

    Parameters
    ----------
    folder
        See `toolkit.read_folder`. None gives made-up schools.
    register
        See `toolkit.read_register`; without one only all schools together can be shown.

    Returns
    -------
    Responses, and a table with `school` and its facts; as in `cohort`.

    Raises
    ------
    FolderError, ToolkitError
        See `toolkit.read_folder`; or no form counts.

    Examples
    --------
    >>> responses, schools = read_cohort()
    >>> len(schools)
    60
    """
    if folder is None:
        return cohort()
    intake = read_folder(folder, register=register)
    responses = intake.responses.dropna(subset=GROUP_COLUMNS)
    if responses.empty:
        raise ToolkitError(load_text().say("cohort.no_forms", folder=folder))
    if register is not None:
        return responses, join_register(responses, register).schools.drop(columns="match")
    codes = responses["school"].unique()
    return responses, pd.DataFrame({"school": codes, "alle": load_text().say("cohort_report.everyone")})


def _with_gaps(forms: pd.DataFrame, checklist: Instrument, dropout: float, blanks: float, seed: int) -> pd.DataFrame:
    """Take out the forms of schools that skip a year, and some answers."""
    rng = np.random.default_rng(seed + 1)
    units = pd.MultiIndex.from_frame(forms[UNIT_COLUMNS])
    skipped = rng.random(len(units.unique())) < dropout
    present = forms[~skipped[units.unique().get_indexer(units)]].reset_index(drop=True)
    blank = rng.random((len(present), len(checklist.item_ids))) < blanks
    present[checklist.item_ids] = present[checklist.item_ids].mask(blank)
    return present


def _with_growth(forms: pd.DataFrame, table: pd.DataFrame, checklist: Instrument, rng: Generator) -> pd.DataFrame:
    """Answers of the programme's schools move up now and then, more so each year after the first."""
    inside = forms["school"].isin(table.loc[table["programme"] == "met programma", "school"]).to_numpy()
    years = pd.factorize(forms["wave"], sort=True)[0]
    answers = forms[checklist.item_ids].to_numpy(dtype=float, na_value=np.nan)
    up = inside[:, None] & (rng.random(answers.shape) < 0.08 * years[:, None])
    grown = pd.DataFrame(np.minimum(answers + up, 2), columns=checklist.item_ids, index=forms.index)
    return check_responses(forms[KEY_COLUMNS].join(grown), checklist)


def _school_codes(number: np.ndarray) -> np.ndarray:
    """Codes such as 98CA01, in a range that no school has."""
    letters = np.array([chr(65 + i) for i in range(26)])
    first, second = letters[(number // 26 + 2) % 26], letters[number % 26]
    location = pd.Series(number // 676).astype("str").str.zfill(2).to_numpy()
    return np.asarray("98" + first.astype(object) + second + location)


def _wave(year: int) -> str:
    return f"{FIRST_YEAR + year}-{FIRST_YEAR + year + 1}"


def _draw_school(number: int, rng: Generator) -> School:
    base = rng.uniform(25, 80, 5)
    views = {
        role: tuple(base + rng.normal(centre, 8, 5)) for role, centre in (("director", 8), ("teacher", 0), ("care", 3))
    }
    staff = {"director": 1, "teacher": int(rng.integers(5, 20)), "care": int(rng.integers(1, 7))}
    return School(f"99B{chr(65 + number % 26)}{number // 26:02d}", f"Voorbeeldschool {number + 1}", "po", staff, views)


def _write_school(
    root: Path, school: School, wave: int, checklist: Instrument, rng: Generator
) -> list[dict[str, object]]:
    folder = root / f"{school.id} {school.name}" / _wave(wave)
    folder.mkdir(parents=True)
    people = [role for role, number in school.staff.items() for _ in range(number)]
    blank = form_bytes(checklist, school=school.id, school_name=school.name, wave=_wave(wave), language="nl")
    template = open_template(blank)
    rows = []
    for number, role in enumerate(rng.permutation(people), start=1):
        path = folder / f"formulier-{number:02d}.xlsx"
        answers = _person(school, str(role), wave, checklist, rng)
        texts = _texts(checklist, str(role), answers, _draw_action_points(checklist, rng), rng)
        # no two people save at the same moment: without this, equal answers would be one file handed in twice
        saved = datetime(FIRST_YEAR + 1 + wave, 3, 2, 8, tzinfo=UTC) + timedelta(minutes=7 * number)
        path.write_bytes(fill_form(template, texts, saved))
        unit = {"school": school.id, "wave": _wave(wave), "role": str(role)}
        respondent = path.relative_to(root).as_posix()
        rows.append({**unit, "respondent": respondent, "form": checklist.form, **answers})
    return rows


def _person(school: School, role: str, wave: int, checklist: Instrument, rng: Generator) -> dict[str, object]:
    """One person's answers: a personal shift around the role's view, with a blank here and there."""
    steps = np.array(checklist.item_steps) - 1
    view = np.array(school.views[role])[steps] + school.growth * wave
    values = _spread_answers(view, rng) if role == "director" else _draw_answers(view + rng.normal(0, school.halo), rng)
    blank = rng.random(len(values)) < (0.03 if school.halo else 0.0)
    return {item: int(v) for item, v, is_blank in zip(checklist.item_ids, values, blank, strict=True) if not is_blank}


def _draw_answers(view: np.ndarray, rng: Generator) -> np.ndarray:
    """Draw 0, 1 or 2: two coins with the chance that the view gives, so that its mean is the view."""
    chance = np.clip(view, 0, 100) / 100
    return np.asarray((rng.random(view.shape) < chance).astype(int) + (rng.random(view.shape) < chance))


def _spread_answers(view: np.ndarray, rng: Generator) -> np.ndarray:
    """Draw 0, 1 or 2 for one person with a mean close to the view: a school's only director is its whole role."""
    spread = (rng.permutation(len(view)) + 0.5) / len(view)
    return np.asarray(np.floor(np.clip(view, 0, 100) / 50 + spread).astype(int).clip(0, 2))


def _draw_action_points(checklist: Instrument, rng: Generator) -> dict[int, str]:
    """Action points for some of the steps, of about a third of the people."""
    if rng.random() > 0.35:
        return {}
    chosen = [step.number for step in checklist.steps if rng.random() < 0.5]
    return {step: str(rng.choice(ACTION_POINTS)) for step in chosen}


def _texts(
    checklist: Instrument,
    role: str,
    answers: Mapping[str, object],
    actions: Mapping[int, str],
    rng: Generator,
) -> dict[str, str]:
    """What this person typed, by the defined name of the cell."""
    texts = {item_key(item): _spelling(int(str(value)), rng) for item, value in answers.items()}
    blanks = [item_key(item) for item in checklist.item_ids if item not in answers]
    texts |= {name: str(rng.choice(UNCLEAR)) for name in blanks if rng.random() < 0.15}
    texts |= {action_key(step): text for step, text in actions.items()}
    return texts | {about_key("role"): checklist.role(role).label["nl"]}


def _spelling(answer: int, rng: Generator) -> str:
    ways = SPELLINGS[answer]
    return str(rng.choice(ways[1:])) if rng.random() < 0.04 else ways[0]
