"""Who may see which school: one TOML file of the administrator."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SCHOOL = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
"""A school's code is the name of its folder, and so never leads to another one."""

NAME = re.compile(r"[0-9a-z][0-9a-z._@+-]*")


class DirectorsError(Exception):
    """The file can't be used; its message says where, what, and what to do."""


UNFIT = re.compile(r"[^0-9a-z._-]")
"""Signs that one proxy writes as they are and another as a code: a name with them has two addresses."""

NOBODY = "-"
"""A name that nobody in the file can have."""


@dataclass(frozen=True, slots=True)
class Director:
    """Somebody who may see one school.

    Attributes
    ----------
    login
        The name that the login gives, in small letters.
    page
        The name in the hub and in the address of the page: the same, without signs that don't go well in an address.
    """

    login: str
    page: str
    school: str
    folder: Path


def names_in_hub(directors: Iterable[Director]) -> dict[str, str]:
    """Return the hub's name for the name that somebody logs in with.

    Who logs in with a name that only came out of this gets no page: it is somebody else's.
    """
    logins = {director.login: director.page for director in directors}
    return dict.fromkeys(logins.values(), NOBODY) | logins


def read_directors(path: Path) -> list[Director]:
    """Return who may see what.

    Raises
    ------
    DirectorsError
        The file is missing or no TOML, has no `folder` or `directors`, or has an unfit name or code, the same name
        twice, or a school without a folder. A server that guesses here shows a school to the wrong person.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        root, directors = Path(settings["folder"]), dict(settings["directors"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DirectorsError(
            f"{path}: dit bestand kan niet worden gebruikt ({error}). Vul `folder` en `[directors]` in, "
            "zoals in deploy/directors.example.toml."
        ) from error
    by_page: dict[str, Director] = {}
    for name, school in directors.items():
        director = _director(path, root, str(name).lower(), str(school))  # the hub lowers every name as well
        if director.page in by_page:
            other = by_page[director.page].login
            raise DirectorsError(f"{path}: '{other}' en '{name}' zijn niet uit elkaar te houden. Laat één regel staan.")
        by_page[director.page] = director
    return list(by_page.values())


def _director(path: Path, root: Path, login: str, school: str) -> Director:
    if not NAME.fullmatch(login):
        raise DirectorsError(f"{path}: '{login}' is geen inlognaam. Gebruik letters, cijfers en . _ @ + -")
    if not SCHOOL.fullmatch(school):
        raise DirectorsError(f"{path}: '{school}' (bij {login}) is geen schoolcode. Gebruik letters, cijfers, - en _.")
    folder = (root / school).absolute()
    if folder.is_symlink() or not folder.is_dir():
        raise DirectorsError(f"{path}: de map {folder} (bij {login}) is er niet, of is een koppeling. Maak haar aan.")
    return Director(login, UNFIT.sub("-", login), school, folder)
