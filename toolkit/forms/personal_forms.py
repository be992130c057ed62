"""Write personal forms for many schools: one is built, the differing parts are patched.

Building a form for every person would take some fifty times as long.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack
from xml.sax.saxutils import escape

import pandas as pd

from toolkit.core.errors import FolderError, ToolkitError
from toolkit.core.i18n import Text, load_text
from toolkit.core.normalize import read_wave
from toolkit.core.ooxml_package import pack, unpack
from toolkit.core.progress import track
from toolkit.core.sanitize import safe_filename, strip_control_chars
from toolkit.core.word_document import new_document, to_bytes
from toolkit.forms.blank_form import FormStyle, form_bytes
from toolkit.forms.form_reader import read_form
from toolkit.forms.keys import TEAM_SIZE, about_key, write_team_size
from toolkit.forms.template import Template, fill_form, open_template
from toolkit.instrument.arguments import as_whole, explained
from toolkit.instrument.model import Instrument
from toolkit.schools.school_register import read_register

PROGRESS_BAR_FROM = 50
"""Schools from which writing their forms takes long."""

_SCHOOL, _NAME, _ID, _SIZE = "#SCHOOL#", "#NAME#", "#FORM#", "#SIZE#"


@dataclass(frozen=True, slots=True)
class _School:
    """One school of the register: number of forms per role; "" is for people who choose a role."""

    id: str
    name: str
    forms: Mapping[str, int]


@explained
def write_forms(
    folder: str | Path,
    checklist: Instrument,
    schools: pd.DataFrame | str | Path,
    *,
    wave: str,
    per_school: int = 30,
    progress: bool = True,
    **style: Unpack[FormStyle],
) -> pd.DataFrame:
    r"""Write a personal form for everyone, in a folder per school, with a letter to send along.

    A personal form has an id of its own: of two versions that come back, the later one counts. It also holds, hidden,
    for how many people of each role forms were made: intervals are narrower where that is known.

    Parameters
    ----------
    folder
        A new or empty folder, or one that holds nothing but what the same call wrote before.
    schools
        A register (see `toolkit.schools.school_register.read_register`): `school`, and where they are there `name`
        and a number per
        role. Without such numbers a school gets `per_school` forms on which people choose their role.
    wave
        School year, such as `2025-2026`.
    style
        `language, priorities, return_to, deadline, sector`: see `toolkit.forms.blank_form.FormStyle`.

    Returns
    -------
    Columns `school, role, form_id, file`, one row per form. The same arguments always give the same files.

    Raises
    ------
    FolderError
        The folder contains other files; nothing is ever overwritten.
    ToolkitError
        The school year or a number is not valid, or a school is in the register twice.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> register = f"{tempfile.mkdtemp()}/schools.csv"
    >>> _ = Path(register).write_text("school;directie;leraren\n12AB00;1;2\n")
    >>> made = tk.write_forms(tempfile.mkdtemp() + "/forms", tk.load_instrument(), register, wave="2025-2026")
    >>> len(made)
    3
    """
    root, text = Path(folder), load_text(style.get("language", "nl"))
    if read_wave(wave) != wave:
        raise ToolkitError(text.say("many.no_wave", wave=wave))
    planned = _schools(read_register(schools), checklist, as_whole(per_school, "per_school", 1, text), text)
    _check_folder(root, planned, text)
    blank = form_bytes(checklist, school=_SCHOOL, school_name=_NAME, wave=wave, **style)
    template = _with_hidden_facts(open_template(blank), checklist)
    rows: list[dict[str, str]] = []
    letter_parts = _letter_template(wave, text)
    for school in track(planned, "school", progress, PROGRESS_BAR_FROM):
        rows += _write_school(root, school, template, checklist, wave, text)
        letter_path = root / _folder_name(school) / text.say("many.letter_file")
        _write_or_complete(letter_path, _letter_file(letter_parts, school), text)
    return pd.DataFrame(rows, columns=["school", "role", "form_id", "file"], dtype="str")


@explained
def letter(name: str, wave: str, forms: int, *, language: str = "nl") -> str:
    """The text to send along with personal forms: the school's `name`, how many `forms`.

    Examples
    --------
    >>> import toolkit as tk
    >>> print(tk.letter("De Linde", "2025-2026", forms=9).splitlines()[0])
    Aan het team van De Linde
    """
    text = load_text(language)
    if read_wave(str(wave)) is None:
        raise ToolkitError(text.say("many.no_wave", wave=wave))
    return text.say("many.letter", name=name, wave=wave, forms=as_whole(forms, "forms", 1, text))


def _schools(register: pd.DataFrame, checklist: Instrument, per_school: int, text: Text) -> list[_School]:
    repeated = register["school"][register["school"].duplicated()]
    if not repeated.empty:
        raise ToolkitError(text.say("many.twice", school=repeated.iloc[0]))
    roles = [role for role in checklist.role_ids if role in register.columns]
    planned = []
    for row in register.to_dict("records"):
        forms = {role: _count(row[role], str(row["school"]), text) for role in roles} or {"": per_school}
        if not any(forms.values()):
            raise ToolkitError(text.say("many.no_forms", school=row["school"]))
        name = row.get("name")
        planned.append(_School(str(row["school"]), "" if pd.isna(name) else str(name).strip(), forms))
    return planned


def _check_folder(root: Path, planned: list[_School], text: Text) -> None:
    """Raise where the folder has files that this call would not write; the others are compared when written."""
    ours = {f"{_folder_name(school)}/{name}" for school in planned for name in _file_names(school, text)}
    existing = {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}
    if not existing <= ours:
        raise FolderError(text.say("cli.not_empty", folder=root))


def _file_names(school: _School, text: Text) -> Iterator[str]:
    yield text.say("many.letter_file")
    for role, count in school.forms.items():
        yield from (f"{_file_name(role, number, text)}.xlsx" for number in range(1, count + 1))


def _write_or_complete(path: Path, data: bytes, text: Text) -> None:
    """Write a file that does not exist yet, or that an interrupted run left incomplete."""
    existing = path.read_bytes() if path.exists() else b""
    if not data.startswith(existing):  # somebody worked in it
        raise FolderError(text.say("cli.other_form", folder=path.parent.parent, file=f"{path.parent.name}/{path.name}"))
    if existing != data:
        path.write_bytes(data)


def _count(value: object, school: str, text: Text) -> int:
    written = "" if pd.isna(value) else str(value).strip().removesuffix(".0")  # type: ignore[call-overload]
    if not re.fullmatch(r"\d{0,4}", written):
        raise ToolkitError(text.say("many.no_number", school=school, found=written))
    return int(written or 0)


def _with_hidden_facts(template: Template, checklist: Instrument) -> Template:
    """The template with a place for the form's id in its row of the hidden sheet, and a last row for the team size."""
    sheet, row = "xl/worksheets/sheet2.xml", r'(<row r="3"[^>]*>.*?)(<c r="B3"[^>]*?(?:/>|>.*?</c>))?(</row>)'
    cell = f'<c r="B3" t="inlineStr"><is><t>{_ID}</t></is></c>'
    part = re.sub(row, rf"\g<1>{cell}\g<3>", template.parts[sheet].decode(), count=1, flags=re.DOTALL)
    assert part.count(_ID) == 1, checklist.id
    last = 1 + max(map(int, re.findall(r'<row r="(\d+)"', part)))
    cells = (
        f'<c r="{at}{last}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in (("A", TEAM_SIZE), ("B", _SIZE))
    )
    part = part.replace("</sheetData>", f'<row r="{last}">{"".join(cells)}</row></sheetData>')
    part = re.sub(r'<dimension ref="A1:B\d+"', f'<dimension ref="A1:B{last}"', part)
    return Template({**template.parts, sheet: part.encode()}, template.cells)


def _of_school(template: Template, school: _School) -> Template:
    school_name = school.name or school.id
    parts = {name: _fill_in_school(part, school.id, school_name) for name, part in template.parts.items()}
    parts = {name: part.replace(_SIZE.encode(), write_team_size(school.forms).encode()) for name, part in parts.items()}
    return Template(parts, template.cells)


def _fill_in_school(part: bytes, school: str, name: str) -> bytes:
    if _SCHOOL.encode() not in part and _NAME.encode() not in part:
        return part
    xml = part.decode()
    # in a page's footer & begins a code
    xml = re.sub(r"<oddFooter>.*?</oddFooter>", lambda m: m[0].replace(_NAME, escape(name.replace("&", "&&"))), xml)
    return xml.replace(_SCHOOL, escape(school)).replace(_NAME, escape(name)).encode()


def _write_school(
    root: Path, school: _School, template: Template, checklist: Instrument, wave: str, text: Text
) -> Iterator[dict[str, str]]:
    folder = root / _folder_name(school)
    folder.mkdir(parents=True, exist_ok=True)
    school_template = _of_school(template, school)
    for role, count in school.forms.items():
        for number in range(1, count + 1):
            form_id = hashlib.sha256(f"{checklist.form}|{school.id}|{wave}|{role}|{number}".encode()).hexdigest()[:16]
            data = _personal(school_template, checklist, role, form_id, text.language)
            if number == 1:
                _check(data, checklist, school, wave, role, form_id)
            path = folder / f"{_file_name(role, number, text)}.xlsx"
            _write_or_complete(path, data, text)
            yield {"school": school.id, "role": role, "form_id": form_id, "file": path.relative_to(root).as_posix()}


def _letter_template(wave: str, text: Text) -> dict[str, bytes]:
    """The parts of the letter as a Word document, to change and to send; made once, since that takes long."""
    document = new_document(text.say("form.title"), text.language)
    for paragraph in text.say("many.letter", name=_NAME, wave=wave, forms=_SIZE).strip().split("\n\n"):
        document.add_paragraph(paragraph)
    return unpack(to_bytes(document))


def _letter_file(parts: Mapping[str, bytes], school: _School) -> bytes:
    name, n_forms = strip_control_chars(school.name or school.id), str(sum(school.forms.values())).encode()
    return pack(
        {part: _fill_in_school(data.replace(_SIZE.encode(), n_forms), school.id, name) for part, data in parts.items()}
    )


def _personal(template: Template, checklist: Instrument, role: str, form_id: str, language: str) -> bytes:
    sheet = "xl/worksheets/sheet2.xml"
    parts = {**template.parts, sheet: template.parts[sheet].replace(_ID.encode(), form_id.encode())}
    texts = {about_key("role"): checklist.role(role).label[language]} if role else {}
    return fill_form(Template(parts, template.cells), texts)


def _check(data: bytes, checklist: Instrument, school: _School, wave: str, role: str, form_id: str) -> None:
    """Read a form back before it goes out: one wrong form comes back wrong a hundred times."""
    form = read_form(data, checklist)
    if (form.school, form.wave, form.role, form.form_id) != (school.id, wave, role or None, form_id):
        raise ToolkitError(load_text().say("many.not_read_back", school=school.id))


def _folder_name(school: _School) -> str:
    return safe_filename(" ".join(filter(None, (school.id, school.name))), default="school")


def _file_name(role: str, number: int, text: Text) -> str:
    return text.say("many.file", role=text.say(f"many.{role}") if role else "", number=f"{number:03d}").strip("- ")
