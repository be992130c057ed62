"""Changes of groups of schools, and what the audit of their figures found, in words."""

from __future__ import annotations

import pandas as pd

from toolkit.core.i18n import Text, load_text
from toolkit.core.text_table import TextTable
from toolkit.instrument.arguments import as_checklist, as_role, check_columns, check_kind, explained
from toolkit.instrument.model import Instrument
from toolkit.privacy import require_protected


@explained
def summarise_changes(
    table: pd.DataFrame,
    role: str = "teacher",
    *,
    only_clear: bool = False,
    checklist: Instrument | None = None,
    language: str = "nl",
) -> TextTable:
    """Say per group, two waves and step (or item) how the level of a role changed.

    Parameters
    ----------
    table
        From `cohort_changes`, per step or per item.
    role
        Role id: `director`, `teacher`, `care` or `team`.
    only_clear
        Leaves out what may be chance (`q` of .05 or more, of a table without `q` an interval with 0 in it).
    checklist
        The instrument; the built-in one where none is given.
    language
        `nl` or `en`.

    Returns
    -------
    One row per group × two waves × step (or item): the change in points with its 95% interval, in how many schools it
    was measured, and how many left and joined; or why it is not shown.

    Raises
    ------
    UnprotectedError, ToolkitError
        The table is not protected, or of another function.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> changes = tk.cohort_changes(responses, tk.load_instrument(), schools, "sector")
    >>> tk.summarise_changes(changes).columns[3:5]
    ('Verandering', 'Scholen in beide jaren')
    """
    text = load_text(language)
    checklist = as_checklist(checklist, text)
    if isinstance(table, pd.DataFrame) and table.empty:  # of one school year
        return TextTable(text.say("changes.one_wave"), (), ())
    check_kind(require_protected(table, text), ["cohort_changes"], text)
    role = as_role(role, checklist, text)
    rows = table[table["measure"].eq("level") & table["role"].eq(role)]
    if only_clear:
        rows = rows[_is_clear(rows)]
    keys = ("group", "waves", "item" if "item" in table else "step", "change", "both", "left", "joined")
    columns = tuple(text.say(f"changes.{key}") for key in keys)
    caption = text.say("changes.caption", role=checklist.role(role).plural[language].lower())
    caption = f"{caption}. {text.say('changes.none')}" if only_clear and rows.empty else caption
    return TextTable(caption, columns, tuple(_row(row, checklist, text) for _, row in rows.iterrows()))


def _is_clear(rows: pd.DataFrame) -> pd.Series:
    if "q" in rows and rows["q"].notna().any():
        return rows["q"].lt(0.05).fillna(False)
    return (rows["low"].gt(0) | rows["high"].lt(0)).fillna(False)


def _row(row: pd.Series, checklist: Instrument, text: Text) -> tuple[str, ...]:
    item = row.get("item")
    label = checklist.step(int(row["step"])).label if pd.isna(item) else checklist.item(str(item)).label
    name = f"{row['step'] if pd.isna(item) else item} {label[text.language]}"
    counts = ["" if pd.isna(row[key]) else str(int(row[key])) for key in ("n_schools", "n_left", "n_joined")]
    return str(row["group"]), f"{row['wave_a']} → {row['wave_b']}", name, _change(row, text), *counts


def _change(row: pd.Series, text: Text) -> str:
    if pd.isna(row["change"]):
        code = row["why"] if pd.notna(row.get("why")) else row["reason"]
        return text.say("changes.hidden") if pd.isna(code) else text.say(f"cohort_why.{str(code).replace(' ', '_')}")
    signed = ["" if pd.isna(row[key]) else _signed(float(row[key]), text) for key in ("change", "low", "high")]
    return text.say("changes.range", change=signed[0], low=signed[1], high=signed[2]) if signed[1] else signed[0]


def _signed(value: float, text: Text) -> str:
    return ("+" if value > 0 else "") + text.number(value)


@explained
def summarise_audit(table: pd.DataFrame, most: int = 3, *, language: str = "nl") -> TextTable:
    """Name the schools of which the shown figures disclose most.

    Parameters
    ----------
    table
        From `audit_cohorts`. It holds the real figures of schools, so it is a researcher's own; these are left out.
    most
        Rows at most.
    language
        `nl` or `en`.

    Returns
    -------
    One row per figure of a school: the least and the most that it can be, in points, and the room between them.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=12, waves=1)
    >>> cohorts = tk.prepare_cohorts(responses, tk.load_instrument(), schools, "sector")
    >>> tk.summarise_audit(tk.audit_cohorts(cohorts, schools=schools["school"][:1]), most=2).columns[-1]
    'Ruimte'
    """
    check_columns(table, "table", ["room", "least", "most"], "tk.audit_cohorts(...)")
    text = load_text(language)
    keys = [key for key in ("school", "wave", "role", "step", "item", "least", "most", "room") if key in table]
    names = {role.id: role.plural[language] for role in as_checklist(None, text).roles}
    rows = table.dropna(subset="room").nsmallest(most, "room")
    if "role" in table:
        rows["role"] = rows["role"].map(
            lambda roles: " - ".join(names.get(role_id, role_id) for role_id in roles.split("-"))
        )
    shown = tuple(
        tuple(text.number(row[key]) if key in ("least", "most", "room") else _cell_text(row[key]) for key in keys)
        for row in rows.to_dict("records")
    )
    return TextTable(text.say("changes.audit"), tuple(text.say(f"changes.{key}") for key in keys), shown)


def _cell_text(value: object) -> str:
    return "" if value is None or value != value else str(value)
