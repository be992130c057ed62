"""Earlier showings decide what is shown now: two disclose no group below the minimum.

Somebody with both showings subtracts one from the other, and is left with the forms that changed in between. A group
is therefore renewed only when at least the minimum of its forms changed, compared with each earlier showing, or when
the round is closed. Until then it is shown as it was. What was shown is stored as keyed digests of forms, in which no
answer can be read.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pandas as pd

from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import FolderError, RefusedError, ToolkitError, UnprotectedError
from toolkit.core.i18n import load_text
from toolkit.instrument.model import Instrument
from toolkit.intake.folder import OWN_FILES, Intake
from toolkit.intake.intake import check_intake
from toolkit.privacy.protection import Policy, shown_roles
from toolkit.responses import GROUP_COLUMNS, PERSON_COLUMNS, UNIT_COLUMNS
from toolkit.spreadsheets.guard import read_regular_file

RECORD = OWN_FILES[0]
"""Name of the record of what was shown of a folder of forms."""

MAX_BYTES = 100_000_000
HELD_COLUMNS = [*GROUP_COLUMNS, "waiting", "why"]


class ShownWave(msgspec.Struct, forbid_unknown_fields=True):
    """What was shown of a school and wave: per role the digests of its forms, latest last."""

    closed: bool = False
    groups: dict[str, list[list[str]]] = {}


class Record(msgspec.Struct, forbid_unknown_fields=True):
    """What was shown of a folder: the key of its digests, its minimum, and each `ShownWave`."""

    key: str
    minimum: int
    schools: dict[str, dict[str, ShownWave]] = {}


@dataclass(frozen=True, slots=True)
class Showing:
    """What may be shown now, and the record of it.

    Attributes
    ----------
    intake
        The forms that may be shown now, before protection.
    held
        Columns `school, wave, role, waiting, why`: groups that are not renewed, with the number of forms that wait.
        `why` is `few` (too few changed), `gone` (a form that was shown has changed or is gone: the group is not shown)
        or `team` (roles and team are not shown one after the other). For the person who holds the forms only.
    """

    intake: Intake
    held: pd.DataFrame
    path: Path
    record: Record

    def save(self) -> None:
        """Record this showing. `FolderError` where that fails: nothing may be shown then."""
        _save(self.path, self.record)


def record_folder(source: Path) -> Path:
    """Folder of the record of a folder, zip or export: the digests add nothing there."""
    return source if source.is_dir() else source.parent


def next_showing(
    intake: Intake,
    checklist: Instrument,
    policy: Policy | None,
    folder: Path,
    *,
    closing: bool = False,
) -> Showing:
    """Decide which forms may be shown now; `Showing.save` comes before they are shown.

    Parameters
    ----------
    folder
        Where the record is stored (`RECORD`).
    closing
        Renew every group of rounds that were not closed before, however few forms changed, and close them.

    Raises
    ------
    ToolkitError
        Another minimum was used before, or the record can't be read.
    UnprotectedError
        The policy is a researcher's.
    """
    check_intake(intake)
    policy, path = policy or Policy(), folder / RECORD
    if policy.audience == "researcher":
        raise UnprotectedError(load_text().say("report.researcher"))
    record = _load(path, policy.minimum)
    if record.minimum != policy.minimum:
        raise ToolkitError(load_text().say("shown.minimum", before=record.minimum, now=policy.minimum, file=path))
    forms = _add_digests(intake, checklist, bytes.fromhex(record.key))
    roles = shown_roles(forms, checklist, policy).dropna()
    forms = forms.merge(roles, on=GROUP_COLUMNS, how="left")
    shown_forms, waiting = list[pd.DataFrame](), list[tuple[object, ...]]()
    for (school, wave), rows in forms.groupby(UNIT_COLUMNS, sort=False):
        waves = record.schools.setdefault(str(school), {})
        before = waves.get(str(wave), ShownWave())
        decision = _decide_unit(rows, before, checklist, policy.minimum, force=closing and not before.closed)
        waves[str(wave)] = ShownWave(before.closed or closing, decision.groups)
        shown_forms.append(decision.rows)
        waiting += [(school, wave, *reason) for reason in decision.held]
    held = pd.DataFrame(waiting, columns=HELD_COLUMNS)
    return Showing(_keep_shown_forms(intake, shown_forms, checklist), held, path, record)


# --- one school and wave ---


@dataclass(frozen=True, slots=True)
class _Decision:
    rows: pd.DataFrame
    groups: dict[str, list[list[str]]]
    held: list[tuple[str, int, str]]


def _decide_unit(rows: pd.DataFrame, before: ShownWave, checklist: Instrument, minimum: int, force: bool) -> _Decision:
    """Renew each group that may be renewed, and take the others as they were shown."""
    current = {str(group): forms for group, forms in rows.dropna(subset="shown").groupby("shown")}
    team = checklist.team.id
    hidden = rows[rows["shown"].isna()]  # protection hides these again
    if before.groups and current and (team in current) != (team in before.groups):
        results = {group: _as_before(rows, showings[-1], "team") for group, showings in before.groups.items()}
        hidden = hidden.iloc[:0]  # together with forms that were shown they could be a group
    else:
        results = {
            group: _renew_group(current.get(group), rows, before.groups.get(group), checklist, minimum, force)
            for group in sorted(current.keys() | before.groups.keys())
        }
    shown = [forms for forms, _ in results.values()]
    groups = {group: _add_showing(before.groups.get(group, []), forms) for group, (forms, _) in results.items()}
    held = [
        (group, len(current.get(group, rows).index.difference(forms.index)), why)
        for group, (forms, why) in results.items()
        if why
    ]
    return _Decision(pd.concat([hidden, *shown]), {**before.groups, **groups}, held)


def _renew_group(
    forms: pd.DataFrame | None,
    rows: pd.DataFrame,
    before: list[list[str]] | None,
    checklist: Instrument,
    minimum: int,
    force: bool,
) -> tuple[pd.DataFrame, str]:
    if before is None:  # never shown: nothing to subtract
        assert forms is not None
        return forms, ""
    if forms is not None and (force or all(_may_renew(forms, shown, checklist, minimum) for shown in before)):
        return forms, ""
    return _as_before(rows, before[-1], "few")


def _add_showing(showings: list[list[str]], forms: pd.DataFrame) -> list[list[str]]:
    """The showings, and this one where it is another than the last."""
    digests = sorted(forms["digest"])
    return showings if not digests or digests in showings[-1:] else [*showings, digests]


def _may_renew(forms: pd.DataFrame, before: list[str], checklist: Instrument, minimum: int) -> bool:
    """Whether the new answers to each item are none, or a group large enough to be shown."""
    old = Counter(before)
    added = _forms_not_in(forms, old)
    removed = len(before) - (len(forms) - len(added))
    if added.empty:
        return removed == 0 or removed >= minimum
    answered = added[checklist.item_ids].notna().sum()
    enough = answered.ge(minimum)
    if not removed or removed >= minimum:
        enough |= answered.eq(0)
    return bool(enough.all())


def _as_before(rows: pd.DataFrame, before: list[str], why: str) -> tuple[pd.DataFrame, str]:
    """The forms that were shown, or none where one of them is gone: its figures can't be shown again."""
    digests = Counter(before)
    shown = rows.drop(index=_forms_not_in(rows, digests).index)
    return (shown, why) if len(shown) == len(before) else (rows.iloc[:0], "gone")


def _forms_not_in(forms: pd.DataFrame, before: Counter[str]) -> pd.DataFrame:
    """Forms that are not among those of before; of equal forms as many as there are more."""
    nth_copy = forms.groupby("digest").cumcount()
    return forms[nth_copy >= forms["digest"].map(before).fillna(0)]


# --- forms ---


def _add_digests(intake: Intake, checklist: Instrument, key: bytes) -> pd.DataFrame:
    """Answered forms of roles that are shown as a group, with a keyed digest of all that is in them."""
    items = checklist.item_ids
    grouped = checklist.grouped_role_ids
    forms = intake.responses.dropna(subset=GROUP_COLUMNS)
    forms = forms[forms["role"].isin(grouped) & forms[items].notna().any(axis=1)]
    forms = forms.astype({"role": "str", "respondent": "str"})
    answers = forms[items].fillna(9).to_numpy(dtype="int8")
    texts, first = _texts(intake.actions, "text"), _texts(intake.priorities, "item")
    digests = [
        _digest(
            key, "\x1f".join([*person[:3], answered.tobytes().hex(), *texts.get(person, ()), *first.get(person, ())])
        )
        for person, answered in zip(forms[PERSON_COLUMNS].itertuples(index=False, name=None), answers, strict=True)
    ]
    return (
        forms[[*PERSON_COLUMNS, *items]]
        .assign(digest=pd.Series(digests, index=forms.index, dtype="str"))
        .reset_index(drop=True)
    )


def _digest(key: bytes, form: str) -> str:
    return hmac.digest(key, form.encode("utf-8", "surrogatepass"), "sha256").hex()[:20]


def _texts(table: pd.DataFrame, column: str) -> dict[tuple[str, ...], list[str]]:
    rows = table.dropna(subset=PERSON_COLUMNS).astype("str")
    return {key: sorted(texts) for key, texts in rows.groupby(PERSON_COLUMNS)[column]}  # type: ignore[misc]


def _keep_shown_forms(intake: Intake, shown_forms: list[pd.DataFrame], checklist: Instrument) -> Intake:
    """The intake with these forms, and with all forms of known persons."""
    people = set().union(*(set(rows[PERSON_COLUMNS].itertuples(index=False, name=None)) for rows in shown_forms))
    known_roles = checklist.known_role_ids

    def shown(table: pd.DataFrame) -> pd.DataFrame:
        keys = table[PERSON_COLUMNS].astype("str").itertuples(index=False, name=None)
        mask = [key in people or key[2] in known_roles for key in keys]
        return table[pd.Series(mask, index=table.index, dtype="bool")]

    return replace(
        intake,
        responses=shown(intake.responses),
        actions=shown(intake.actions),
        priorities=shown(intake.priorities),
    )


# --- the record ---


def _load(path: Path, minimum: int) -> Record:
    if not os.path.lexists(path):
        return Record(secrets.token_hex(32), minimum)
    try:
        return msgspec.json.decode(read_regular_file(path, MAX_BYTES), type=Record)
    except (RefusedError, msgspec.DecodeError) as error:
        raise ToolkitError(load_text().say("shown.unreadable", file=path)) from error


def _save(path: Path, record: Record) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, msgspec.json.format(msgspec.json.encode(record), indent=1))
    except OSError as error:
        raise FolderError(load_text().say("shown.not_written", folder=path.parent)) from error


def forget_shown(folder: Path, school: str) -> None:
    """Delete what the record of a folder holds of a school."""
    path = folder / RECORD
    if os.path.lexists(path):
        record = _load(path, 0)
        record.schools.pop(school, None)
        _save(path, record)
