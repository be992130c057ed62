"""Exports as files: the data, its codebook, a Data Package, and scripts that read it."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.core.atomic_write import atomic_write
from toolkit.core.i18n import load_text
from toolkit.core.paths import check_ending
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.research_export.data_package import PACKAGE, Archive, make_package
from toolkit.research_export.formats import WRITERS, to_csv
from toolkit.research_export.pseudonyms import make_key, pseudonym
from toolkit.research_export.scripts import make_scripts
from toolkit.research_export.table import codebook, exported_facts, label_columns, lone_schools, under_pseudonyms
from toolkit.responses import GROUP_COLUMNS, check_responses


@explained
def export(
    data: Intake | pd.DataFrame,
    path: str | Path,
    checklist: Instrument | None = None,
    *,
    secret: str | None = None,
    school_codes: bool = False,
    facts: pd.DataFrame | None = None,
    texts: bool = False,
    archive: Archive | None = None,
    language: str = "nl",
) -> list[Path]:
    """Write responses as `.sav` (SPSS), `.csv`, `.parquet` or `.xlsx`, ready to archive.

    Parameters
    ----------
    data
        An intake, or a responses table.
    path
        The format follows from its ending. Beside it come `<name>-codebook.csv`, the scripts `<name>.R` and
        `<name>.sps` (not for `.parquet`), which read and label the data and fit a multilevel model, and
        `datapackage.json`, which describes all exports of the folder.
    secret
        What pseudonyms are made with, at least 20 characters: the same secret gives the same pseudonyms, so keep it to
        link a later export, and keep it apart from the data. Without one every export has its own pseudonyms.
    school_codes
        Whether schools appear under their own code; under a pseudonym by default, since a school's director is a
        person.
    facts
        Table with `school` and facts to take along (sector, municipality, …), see `toolkit.join_register`. Under
        pseudonyms those that point at one school are left out: by their heading (name, town, address, telephone, …), or
        because most of their values are of one school each.
    texts
        Whether action points go along, in `<name>-texts.csv`; they may name people, so not by default.
    archive
        What `datapackage.json` says of title, contributors and licence.
    language
        Of the labels.

    Returns
    -------
    The files that were written. Each is there complete, or as it was before.

    Raises
    ------
    ToolkitError
        Another ending, a short secret, or `.sav` without the package pyreadstat.

    Notes
    -----
    Columns: `school, wave, role, respondent, form`, the facts (their headings as names of letters, digits and `_`, as
    SPSS wants them; the heading itself is the label), and per item `item_1_1` … with 0 (Nee), 1 (Beetje), 2
    (Ja). A missing answer is empty; in SPSS it is 9, declared missing. In CSV (`;`, decimal comma, UTF-8 with its mark,
    as a Dutch Excel opens it) a text that could be taken for a formula has a `'` before it.

    Pseudonyms do not hide that two exports hold the same forms: 33 answers are nearly always those of one person.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> [path.suffix for path in tk.export(intake, f"{folder}/data.csv", secret="keep this to yourself")][:1]
    ['.csv']
    """
    path, checklist = Path(path), checklist or load_instrument()
    ending = check_ending(path, WRITERS, load_text(language))
    key = make_key(secret)
    responses = check_responses(data.responses if isinstance(data, Intake) else data, checklist)
    table = under_pseudonyms(responses, key, school_codes, exported_facts(responses, facts, school_codes))
    frame, columns = label_columns(table, checklist, language)
    files = {path: WRITERS[ending](frame, columns)}
    files[path.with_name(f"{path.stem}-codebook.csv")] = to_csv(codebook(columns, language))
    if texts and isinstance(data, Intake):
        files[path.with_name(f"{path.stem}-texts.csv")] = to_csv(_texts(data.actions, key, school_codes))
    files |= make_scripts(path, frame, columns, checklist)
    package = path.with_name(PACKAGE)
    files[package] = make_package(package, path.name, files[path], frame, columns, checklist, archive or Archive())
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, content in files.items():
        atomic_write(target, content)
    return list(files)


def recognition_note(
    responses: pd.DataFrame, facts: pd.DataFrame | None, school_codes: bool = False, language: str = "nl"
) -> str:
    """Say how many schools are alone in their combination of facts, if any go along."""
    table = exported_facts(responses, facts, school_codes)
    if table is None or school_codes or len(table.columns) < 2:
        return ""
    text, names = load_text(language), [str(name) for name in table.columns if name != "school"]
    key = "export.lone_schools" if (lone := lone_schools(table)) else "export.no_lone_schools"
    return text.say(key, n=lone, of=len(table), facts=text.join(names))


def _texts(actions: pd.DataFrame, key: bytes, school_codes: bool) -> pd.DataFrame:
    """Action points without who wrote them, in an order that discloses nothing."""
    table = actions[[*GROUP_COLUMNS, "step", "text"]].copy()
    if not school_codes:
        table["school"] = [pseudonym(key, "s", str(school)) for school in table["school"]]
    order = [hmac.new(key, str(text).encode(), hashlib.sha256).digest() for text in table["text"]]
    table = table.iloc[np.argsort(np.array(order, dtype=object), kind="stable")] if len(table) else table
    return table.sort_values([*GROUP_COLUMNS, "step"], kind="stable")
