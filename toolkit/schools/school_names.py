"""School codes and names as typed: spellings of one school, and names that look alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from toolkit.core.errors import Problem, ProblemCode
from toolkit.core.normalize import normalize_text

MAX_SCHOOL_LENGTH = 120
"""Bytes of a school's code or name in UTF-8: it becomes part of a file name."""

MAX_COMPARED, MIN_ALIKE = 200, 0.85
"""Names that are compared with each other for slips of the keyboard, and the likeness (0 to 1) that is reported."""

_CODE = re.compile(r"\d\d[A-Z]{2}\d\d")
_ODD_CODE = re.compile(
    r"[0-9OoIl]{1,2}[ -]?[A-Za-z]{2}(?:[ .-]?[0-9OoIl]{1,2})?|\d\d[A-Za-z]\d{3}|0?\d\d\w{2}\d{2,3}[A-Za-z]?"
    r"|\w{2}\d\d[A-Za-z]{2}\d\d"
)
_KIND = frozenset({
    "basisschool", "school", "bs", "obs", "cbs", "rkbs", "pcbs", "kbs", "sbo", "so", "vso", "de", "het", "een",
    "t", "van", "der", "den", "dr", "en", "the", "primary", "kindcentrum", "ikc", "college", "lyceum",
    "pcb", "rk", "scholengemeenschap", "openbare", "christelijke", "katholieke", "protestantse", "vestiging", "locatie",
})  # fmt: skip
"""Words that say what kind of school it is, and not which one."""


@dataclass(frozen=True, slots=True)
class SchoolNames:
    """One spelling for each school, and groups of schools whose names look alike.

    Attributes
    ----------
    spelling
        The school of each text that people typed.
    alike
        Per school the other schools it looks like; every school of a group of them has an entry.
    """

    spelling: Mapping[str, str]
    alike: Mapping[str, tuple[str, ...]]


def is_school_code(school: str) -> bool:
    """Whether a school is named by a complete code: institution and location."""
    return _CODE.fullmatch(school) is not None


def name_key(name: str) -> str:
    """Return what spellings of a name share that differ in case, spaces and signs only.

    Examples
    --------
    >>> name_key("'De Regenboog'.") == name_key("de  regen-boog") == name_key("DE REGENBOOG")
    True
    """
    return normalize_text(name).replace(" ", "").replace("_", "")


def school_problem(school: str) -> Problem | None:
    """Return the problem of a school's code or name: incomplete, or too long."""
    if len(school.encode(errors="replace")) > MAX_SCHOOL_LENGTH:
        return Problem(ProblemCode.LONG_SCHOOL, found=school)
    pieces = [piece for piece in re.split(r"[\W_]+", school.upper()) if is_school_code(piece)]
    looks_odd = _ODD_CODE.fullmatch(school) or is_school_code(re.sub(r"[\W_]", "", school.upper())) or len(pieces) > 1
    if not is_school_code(school) and looks_odd:
        return Problem(ProblemCode.ODD_SCHOOL_CODE, found=school)
    return None


def unify_names(
    forms_per_school: Mapping[str, int],
    register_names: Mapping[str, str] | None = None,
    names_with_code: Mapping[str, str] | None = None,
) -> SchoolNames:
    """Decide which school each text means.

    Parameters
    ----------
    forms_per_school
        Every text that names a school, with its number of forms. The most frequent spelling becomes the school's.
    register_names
        The code of a school by the `name_key` of its name; such a name becomes the code.
    names_with_code
        The same from forms with a code and a name on them, prefilled or typed; such a name is reported with the code.
    """
    spellings: dict[str, list[str]] = {}
    for school in forms_per_school:
        spellings.setdefault(name_key(school) or school, []).append(school)
    spelling: dict[str, str] = {}
    for key, texts in spellings.items():
        best = min(texts, key=lambda text: (-forms_per_school[text], _oddness(text), text))
        spelling |= dict.fromkeys(texts, (register_names or {}).get(key, best))
    schools = sorted(set(spelling.values()))
    alike = _alike(schools)
    for school in schools:
        code = (names_with_code or {}).get(name_key(school), school)
        if code != school:
            alike[school] = (*alike.get(school, ()), code)
            alike[code] = (*alike.get(code, ()), school)
    return SchoolNames(spelling, alike)


def _oddness(text: str) -> tuple[bool, int]:
    """How little a spelling looks like a name: all in one case, or with signs in it."""
    return text.isupper() or text.islower(), sum(not (sign.isalnum() or sign == " ") for sign in text)


def _alike(schools: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group the schools without a code whose names look alike."""
    by_core: dict[str, list[str]] = {}
    for school in schools:
        if not is_school_code(school):
            by_core.setdefault(_core(school), []).append(school)
    groups: list[list[str]] = []  # of cores
    for core in sorted(by_core)[:MAX_COMPARED]:
        near = [group for group in groups if any(_looks_like(core, like_name) for like_name in group)]
        groups = [group for group in groups if group not in near] + [
            [core, *(member for group in near for member in group)]
        ]
    groups += [[core] for core in sorted(by_core)[MAX_COMPARED:]]
    alike: dict[str, tuple[str, ...]] = {}
    for group in groups:
        names = sorted(name for core in group for name in by_core[core])
        alike |= {
            name: tuple(like_name for like_name in names if like_name != name) for name in names if len(names) > 1
        }
    return alike


def _core(name: str) -> str:
    """A name without the words for a kind of school; all of it where nothing else is left."""
    name_words = re.sub(r"(\w{4,})school\b", r"\1", normalize_text(name).replace("ij", "y")).split()
    return " ".join(word for word in name_words if word not in _KIND) or " ".join(name_words)


def _looks_like(first: str, second: str) -> bool:
    fewer_words, more_words = sorted((set(first.split()), set(second.split())), key=len)
    if fewer_words < more_words and not any(word.isdecimal() for word in more_words - fewer_words):
        return True  # the same name, and a place or location after it
    if re.findall(r"\d+", first) != re.findall(r"\d+", second) or abs(len(first) - len(second)) > 4:
        return False
    return SequenceMatcher(None, first, second).ratio() >= MIN_ALIKE
