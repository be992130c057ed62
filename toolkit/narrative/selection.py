"""Selects one school and wave from a protected table, with the words for its roles and gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

import pandas as pd

from toolkit.core.errors import MissingReason, SelectionError, ToolkitError, UnprotectedError
from toolkit.core.i18n import Text, load_text, sentence_case
from toolkit.core.normalize import normalize_text, read_wave
from toolkit.instrument.arguments import as_checklist, as_roles, check_kind, match_school
from toolkit.instrument.model import Instrument
from toolkit.privacy import require_protected

MAX_ITEMS_NAMED = 2
"""A sentence names no more items than this."""


_RESPONDENTS = {"role": "n", "role_a": "n_a", "role_b": "n_b", "actor": "n_self", "other": "n_other"}
"""The columns with a role, and the column with how many of that role answered."""


class DisplayOptions(TypedDict, total=False):
    """Options of everything that puts a table into words or a picture.

    Attributes
    ----------
    name
        The school's name; its id where none is given.
    checklist
        The instrument; the built-in one where none is given.
    language
        `nl` (default) or `en`.
    colors
        Of a picture: `"print"` for greys that stay apart on paper, or a colour (`"#0072B2"`) per role id, answer
        (`no, partly, yes`) or group. A role keeps its own dash and mark.
    """

    name: str | None
    checklist: Instrument | None
    language: str
    colors: str | Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of one school and wave, with names and texts for sentences."""

    rows: pd.DataFrame
    school: str
    wave: str
    checklist: Instrument
    text: Text
    name: str
    colors: str | Mapping[str, str] | None = field(default=None, kw_only=True)
    _by_role: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def origin(self) -> str:
        """The folder of the forms and when they were read; empty where that is not known."""
        folder, moment = self.rows.attrs.get("origin") or ("", "")
        return self.text.say("chart.origin", folder=folder, moment=moment) if folder else ""

    @property
    def language(self) -> str:
        """The language of the words."""
        return self.text.language

    @property
    def caption(self) -> str:
        """School and wave: the caption of a table."""
        return f"{self.name} · {self.wave}"

    @property
    def step_names(self) -> list[str]:
        """Number and label of every step."""
        return [self.step(step.number) for step in self.checklist.steps]

    def step(self, number: int) -> str:
        """Number and label of a step."""
        return f"{number} {self.checklist.step(number).label[self.language]}"

    def item(self, item: str) -> str:
        """Number and label of an item."""
        return f"{item} {self.checklist.item(item).label[self.language]}"

    def name_items(self, items: list[str]) -> str:
        """Items inside a sentence: by name, or their number where there are many."""
        if len(items) > MAX_ITEMS_NAMED:
            return self.text.say("chart.items", n=len(items))
        return self.text.join([self.item(item) for item in items])

    def role(self, role: str) -> str:
        """How people call a role, as a group."""
        return self.checklist.role(role).plural[self.text.language]

    def role_phrase(self, role: str) -> str:
        """The role's name inside a sentence: 'volgens de directie'."""
        return self.text.say("list.the_role", role=self.role(role).lower())

    def role_subject(self, role: str) -> str:
        """The role's name as the first words of a sentence: 'De directie'."""
        return sentence_case(self.role_phrase(role))

    def role_key(self, key: str, role: str) -> str:
        """The key of a sentence about this role: a known role has a singular verb in Dutch."""
        return f"{key}_known" if role in self.checklist.known_role_ids else key

    def of_steps(self, n: int, total: int | None = None) -> str:
        """'all 5 steps', or 'the 3 steps with enough answers'; of the instrument's by default."""
        return self.text.say("count.all_steps" if n == (total or len(self.step_names)) else "count.some_steps", n=n)

    def of_items(self, n: int, total: int) -> str:
        """'all 7 statements', or 'the 6 statements with enough answers'."""
        return self.text.say("count.all_items" if n == total else "count.some_items", n=n)

    def over_steps(self, n: int, total: int) -> list[str]:
        """A sentence with the number of steps with data, where that is not all of them."""
        return [self.text.say("count.over_steps", n=n, of=total)] if n < total else []

    def over_items(self, n: int, total: int) -> list[str]:
        """The same of items."""
        return [self.text.say("count.over_items", n=n, of=total)] if n < total else []

    def share(self, value: float) -> str:
        """A share (0..1) in percent; a missing one is empty."""
        return "" if pd.isna(value) else self.text.say("summary.share", share=self.text.number(100 * value))

    def reason(self, code: str) -> str:
        """A reason or `why` code in words."""
        if (role := code.removeprefix("no ")) in self.checklist.shown_role_ids:
            return self.text.say(
                "reason.no_answers_of" if self._has_answers(role) else "reason.no_role", role=self.role_phrase(role)
            )
        return self.text.say(f"reason.{code.replace(' ', '_')}", team=self.role(self.checklist.team.id).lower())

    def _has_answers(self, role: str) -> bool:
        """Whether a role answered in another row, or may have: its number is hidden, or the table leaves out a step."""
        if not {step.number for step in self.checklist.steps} <= set(self.rows.get("step", ())):
            return True
        return any(
            self.rows.loc[self.rows[side].eq(role), n].ne(0).fillna(True).any()
            for side, n in _RESPONDENTS.items()
            if {side, n} <= set(self.rows)
        )

    def note(self, role: str, why: str) -> str:
        """A line that says why a role is not shown."""
        return self.text.say("chart.note", role=self.role(role), why=self.reason(why))

    def rows_of_role(self, role: str) -> pd.DataFrame:
        """The rows of one role, indexed by step: every step, empty where the table has none."""
        if role not in self._by_role:
            rows = self.rows[self.rows["role"] == role].set_index("step")
            self._by_role[role] = rows.reindex([step.number for step in self.checklist.steps])
        return self._by_role[role]

    def shown_roles(self, roles: str | Iterable[str] | None = None) -> list[str]:
        """The roles that may be shown, in fixed order; the team for a wanted role of it."""
        roles = as_roles(roles, self.checklist, self.text)
        shown = self.rows.loc[~self.rows["suppressed"], "role"].unique()
        team = self.checklist.team
        names = self.checklist.shown_role_ids
        ask = names if roles is None else [*roles, *([team.id] if set(roles) & set(team.roles) else [])]
        return [role for role in names if role in shown and role in ask]

    def hidden_notes(self, roles: str | Iterable[str] | None = None) -> list[str]:
        """Why whole roles are not shown; roles shown as part of the team need no note."""
        roles = as_roles(roles, self.checklist, self.text)
        ask, hidden = self.checklist.role_ids if roles is None else roles, dict[str, str]()
        shown = set(self.rows.loc[~self.rows["suppressed"], "role"])
        for role, why in zip(self.rows["role"], self.rows["why"], strict=True):
            if role in ask and role not in shown and why != MissingReason.SHOWN_AS_TEAM:
                hidden.setdefault(role, why)
        return [self.note(role, why) for role, why in hidden.items()]


def select(
    table: pd.DataFrame,
    school: str | None,
    wave: str | None,
    kinds: Sequence[str] = (),
    **display: Unpack[DisplayOptions],
) -> Selection:
    """Take one school and wave out of a protected table.

    Parameters
    ----------
    school
        Its code, in any case, or its name where the table knows it. None takes the first, by name.
    wave
        None takes the last.
    kinds
        The functions whose tables will do, see `toolkit.instrument.arguments.TABLES`; none for any table.

    Raises
    ------
    UnprotectedError
        The table did not come through `protect`.
    SelectionError
        The school or wave is not in the table.
    ToolkitError
        The table is of another function, or there is no such option.
    """
    text = _checked(table, kinds, display)
    school = _find_value(table, "school", school, text, first=0)
    rows = table[table["school"] == school]
    wave = _find_value(rows, "wave", wave, text, first=-1)
    return _make_selection(rows[rows["wave"] == wave], school, wave, display)


def select_waves(
    table: pd.DataFrame,
    school: str | None,
    wave: str | None,
    kinds: Sequence[str] = (),
    **display: Unpack[DisplayOptions],
) -> list[Selection]:
    """Take the waves of one school up to this one, first wave first; else as `select`."""
    last = select(table, school, wave, kinds, **display)
    rows = table[table["school"] == last.school]
    waves = [wave for wave in sorted(rows["wave"].unique()) if wave <= last.wave]
    return [_make_selection(rows[rows["wave"] == wave], last.school, wave, display) for wave in waves]


def select_schools(
    table: pd.DataFrame,
    wave: str | None,
    names: Mapping[str, str] | None = None,
    kinds: Sequence[str] = (),
    **display: Unpack[DisplayOptions],
) -> list[Selection]:
    """Take every school that has a wave out of a protected table.

    Parameters
    ----------
    wave
        None takes the last of the table.
    names
        School id to the name it goes by; the schools come in the order of these names, which says nothing about them.

    Raises
    ------
    UnprotectedError, SelectionError
        As `select`.
    """
    wave = _find_value(table, "wave", wave, _checked(table, kinds, display), first=-1)
    names = names or {}
    selections = [
        _make_selection(rows, str(school), wave, display | {"name": names.get(str(school))})
        for school, rows in table[table["wave"] == wave].groupby("school", sort=True)
    ]
    return sorted(selections, key=lambda selection: selection.name)


def select_group(
    table: pd.DataFrame,
    group: str | None,
    wave: str | None,
    grouping: str | None = None,
    **display: Unpack[DisplayOptions],
) -> Selection:
    """Take the mean levels of one group and wave from a table of `compare_cohorts`.

    Parameters
    ----------
    group, grouping
        None takes the first of the table.
    wave
        None takes the last.

    Returns
    -------
    The group in the place of a school: of `rows`, per role, `level` is the mean over schools, `level_low, level_high`
    its interval, `n` the number of schools; other columns as they are.

    Raises
    ------
    UnprotectedError, SelectionError
        As `select`.
    """
    text = _checked(table, [] if "version" in table else ["compare_cohorts"], display)
    grouping = _find_value(table, "grouping", grouping or str(table["grouping"].iloc[0]), text, first=0)
    rows = table[table["grouping"] == grouping]
    group = _find_value(rows, "group", group, text, first=0)
    rows = rows[rows["group"] == group]
    wave = _find_value(rows, "wave", wave, text, first=-1)
    names = {"estimate": "level", "low": "level_low", "high": "level_high", "n": "respondents", "n_schools": "n"}
    return _make_selection(rows[rows["wave"] == wave].rename(columns=names), group, wave, display)


def select_actions(actions: pd.DataFrame, school: str | None, wave: str | None, text: Text) -> pd.DataFrame:
    """Take the action points of one school and wave: no rows where it has none.

    Raises
    ------
    UnprotectedError
        The texts still carry a respondent: they did not come through `protect`.
    SelectionError
        No form is of this school.
    """
    if not isinstance(actions, pd.DataFrame) or not {"school", "wave", "step", "text"} <= set(actions.columns):
        raise ToolkitError(text.say("argument.no_actions", found=type(actions).__name__))
    if "respondent" in actions:
        raise UnprotectedError(text.say("plan.unprotected"))
    schools = sorted(actions["school"].unique())
    codes = sorted({*schools, *actions.attrs.get("schools", schools)})
    if school is not None and "schools" in actions.attrs and (match_school(school, codes) or school) not in codes:
        raise SelectionError(text.say("select.school", wanted=school, there=", ".join(codes[:20])))
    rows = actions[actions["school"] == (match_school(school, codes) if school else actions["school"].min())]
    if wave and read_wave(str(wave)) is None:
        raise SelectionError(text.say("many.no_wave", wave=wave))
    return rows[rows["wave"] == (read_wave(str(wave)) if wave else rows["wave"].max())]


def select_groups(
    table: pd.DataFrame,
    wave: str | None,
    grouping: str | None = None,
    most: int | None = None,
    **display: Unpack[DisplayOptions],
) -> dict[str, Selection]:
    """Take the groups of a grouping in one wave, by name; otherwise as `select_group`."""
    first = select_group(table, None, wave, grouping, **display)
    rows = table[table["grouping"].eq(grouping or str(table["grouping"].iloc[0])) & table["wave"].eq(first.wave)]
    names = sorted(map(str, rows["group"].unique()))[:most]
    return {name: select_group(table, name, first.wave, grouping, **display) for name in names}


def _checked(table: pd.DataFrame, kinds: Sequence[str], display: DisplayOptions) -> Text:
    """Return the words to use, after a look at the table and the options."""
    text = load_text(display.get("language", "nl"))
    check_kind(require_protected(table, text), kinds, text)
    return text


def _make_selection(rows: pd.DataFrame, school: str, wave: str, display: DisplayOptions) -> Selection:
    text = load_text(display.get("language", "nl"))
    checklist, name_of_school = as_checklist(display.get("checklist"), text), rows.attrs.get("names", {}).get(school)
    name = display.get("name") or (f"{name_of_school} ({school})" if name_of_school else school)
    return Selection(rows, school, wave, checklist, text, name, colors=display.get("colors"))


def _find_value(table: pd.DataFrame, column: str, value: str | None, text: Text, first: int) -> str:
    names = table.attrs.get("names", {}) if column == "school" else {}
    options = sorted(table[column].unique(), key=lambda option: (normalize_text(names.get(option, "")), option))
    if not options:
        raise SelectionError(text.say("argument.no_rows"))
    if value is None:
        return str(options[first])
    if value in options:
        return str(value)
    clear = read_wave(str(value)) if column == "wave" else match_school(str(value), options, names)
    if clear in options:
        return str(clear)
    shown = [f"{names[option]} ({option})" if option in names else str(option) for option in options]
    raise SelectionError(text.say(f"select.{column}", wanted=value or "", there=", ".join(shown[:20])))
