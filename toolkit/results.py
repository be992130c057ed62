"""`SchoolResults`: all that is shown of schools; protected tables, computed on first use."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.core.errors import SelectionError, ToolkitError, UnprotectedError
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.core.normalize import normalize_text, read_wave
from toolkit.core.sanitize import strip_bidi_controls, strip_control_chars
from toolkit.instrument.arguments import as_checklist, as_number, match_school
from toolkit.instrument.model import Instrument
from toolkit.intake.folder import Intake
from toolkit.intake.intake import check_intake
from toolkit.measures.agreement import agreement
from toolkit.measures.consensus import consensus
from toolkit.measures.counts import Counted, TeamSize, counted
from toolkit.measures.level import item_table, levels
from toolkit.measures.level_change import change
from toolkit.measures.priorities import priorities
from toolkit.measures.self_other import self_other
from toolkit.narrative.agenda import agenda
from toolkit.narrative.findings import Findings, find
from toolkit.narrative.selection import DisplayOptions, Selection, select
from toolkit.privacy import Policy, Protected, protect
from toolkit.responses import GROUP_COLUMNS, UNIT_COLUMNS, check_responses
from toolkit.schools.school_register import read_invited

REFERENCE_ROLE, COMPARED_ROLE = "director", "teacher"
"""The two roles whose answers are compared."""

TABLES = (
    "people", "levels", "changes", "items", "consensus", "self_other", "per_step", "per_item", "actions", "priorities",
    "agenda", "invited",
)  # fmt: skip
"""The names of the tables; each has a column `school` and a column `wave`."""


TeamSizeSource = TeamSize | str | Path
"""How many people were asked: as `TeamSize`, or the path of a register with a number per role."""


class _Names(dict[str, str]):
    """Names by school. Pandas deep-copies `attrs` at each step: these it copies as one object."""

    def __deepcopy__(self, _: object) -> _Names:
        return self


@dataclass(frozen=True)
class _Forms:
    """The unprotected forms that the tables are computed from; never saved and never shown."""

    responses: pd.DataFrame
    actions: pd.DataFrame | None
    priorities: pd.DataFrame
    policy: Policy

    def of(self, school: str) -> _Forms:
        """The forms of one school."""
        narrowed = {name: _rows(getattr(self, name), school) for name in ("responses", "actions", "priorities")}
        return replace(self, **narrowed)


@dataclass(frozen=True)
class SchoolResults:
    """Protected tables of one or more schools, and the schools' names.

    Attributes
    ----------
    checklist
        The instrument that was answered.
    units
        Columns `school, wave`: every school and wave with an answer.
    names
        School id to name, of the schools whose forms carry their name.
    invited
        Columns `school, wave, role, invited`; no rows where it is not known.
    minimum
        A group with fewer respondents is not shown.
    wave
        The wave that every table is narrowed to; None for all waves.
    origin
        The name of the folder that was read, and when; a picture in a notebook says it. None where it is not known.

    Notes
    -----
    The tables are attributes, computed on first use: `people` (columns `school, wave, role, n`: respondents of the
    roles that may be shown), `levels`, `changes`, `items`, `consensus`, `self_other`, `per_step` and `per_item`
    (agreement), `actions`, `priorities` and `agenda` (in every language, with a column `language`). Each measure
    describes its own table. Nothing unprotected is in any of them.

    Examples
    --------
    >>> import toolkit as tk
    >>> checklist = tk.load_instrument()
    >>> responses = tk.samples.responses(checklist, schools=3, seed=1)
    >>> results = tk.SchoolResults.of_responses(responses, checklist)
    >>> school = results.schools()[0]
    >>> len(results.of(school).levels)  # three roles, five steps, two waves
    30
    """

    checklist: Instrument
    units: pd.DataFrame
    names: Mapping[str, str]
    invited: pd.DataFrame
    minimum: int = Policy().minimum
    wave: str | None = None
    origin: tuple[str, str] | None = field(default=None, repr=False, compare=False)
    _forms: _Forms | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of_intake(
        cls,
        intake: Intake,
        checklist: Instrument | None = None,
        policy: Policy | None = None,
        invited: TeamSizeSource = None,
    ) -> SchoolResults:
        """Return the results of the schools in an intake.

        Parameters
        ----------
        invited
            How many people of a role were asked: a table with the columns `school, wave, role, invited` (or
            `team_size`), one number for every sampled role, or the path of a register with a column per role. None
            takes the sizes that personal forms hold.

        Raises
        ------
        ToolkitError
            The register cannot be read, or has no column with numbers.
        UnprotectedError
            The policy is a researcher's. Nothing is hidden then, and no report or page is made of that.
        """
        check_intake(intake)
        sizes = intake.team_sizes if invited is None else invited
        results = cls.of_responses(intake.responses, checklist, policy, sizes)
        assert results._forms is not None
        forms = replace(results._forms, actions=intake.actions, priorities=intake.priorities)
        names = dict(zip(intake.schools["school"], intake.schools["name"], strict=True))
        origin = (intake.source.folder, intake.source.read_at) if intake.source and intake.source.folder else None
        return replace(results, names=names, origin=origin, _forms=forms)

    @classmethod
    def of_responses(
        cls,
        responses: pd.DataFrame,
        checklist: Instrument | None = None,
        policy: Policy | None = None,
        invited: TeamSizeSource = None,
    ) -> SchoolResults:
        """Return the results of a responses table; parameters and errors as in `of_intake`."""
        checklist, policy = as_checklist(checklist), policy or Policy()
        if policy.audience == "researcher":
            raise UnprotectedError(load_text().say("report.researcher"))
        complete_rows = check_responses(responses, checklist).dropna(subset=GROUP_COLUMNS)
        answered = complete_rows[complete_rows[checklist.item_ids].notna().any(axis=1)]
        units = answered[UNIT_COLUMNS].drop_duplicates().sort_values(UNIT_COLUMNS, ignore_index=True)
        n_invited = _invited_table(invited, units, checklist)
        marks = pd.DataFrame(columns=[*GROUP_COLUMNS, "respondent", "item"], dtype="str")
        return cls(checklist, units, {}, n_invited, policy.minimum, _forms=_Forms(complete_rows, None, marks, policy))

    # --- which schools and waves ---

    def name(self, school: str) -> str:
        """The school's name as it can be shown, or its id where no form carries its name."""
        return strip_bidi_controls(strip_control_chars(self.names.get(school, school)))

    def label(self, school: str) -> str:
        """The school's name with its code, or its id alone where that is its name."""
        name = self.name(school)
        return name if name == school else f"{name} ({school})"

    def schools(self) -> list[str]:
        """School ids, by name; quotes and capitals don't count."""
        return sorted(self.units["school"].unique(), key=lambda school: (normalize_text(self.name(school)), school))

    def find_school(self, school: str | None = None) -> str:
        """The id of a school, by its code in any case or by its name; None takes the first.

        Raises
        ------
        SelectionError
            There is no such school, or none at all.
        """
        schools = self.schools()
        if not schools:
            raise SelectionError(load_text().say("argument.no_schools"))
        names = {code: self.name(code) for code in schools}
        match = schools[0] if school is None else match_school(school, schools, names)
        if match is None:
            options = map(self.label, schools[:20])
            raise SelectionError(load_text().say("select.school", wanted=school, there=", ".join(options)))
        return match

    def waves(self, school: str) -> list[str]:
        """The waves of a school, the first one first.

        Raises
        ------
        SelectionError
            The school has no form.
        """
        return sorted(self.units.loc[self.units["school"] == self.find_school(school), "wave"].unique())

    def find_wave(self, school: str, wave: str | None = None) -> str:
        """The wave of a school, by its year in any spelling; None takes the last.

        Raises
        ------
        SelectionError
            The school has no forms of that year.
        """
        waves = self.waves(school)
        match = waves[-1] if wave is None else next((w for w in waves if w in (wave, read_wave(str(wave)))), None)
        if match is None:
            raise SelectionError(load_text().say("select.wave", wanted=wave, there=", ".join(waves)))
        return match

    def of(self, school: str, wave: str | None = None) -> SchoolResults:
        """The results of one school, or one wave of it; new tables need only its forms.

        Raises
        ------
        SelectionError
            There is no such school.
        """
        school = self.find_school(school)
        wave = wave and self.find_wave(school, wave)
        narrowed = replace(
            self,
            units=_rows(self.units, school, wave),
            names={school: self.names[school]} if school in self.names else {},
            invited=_rows(self.invited, school, wave),
            wave=wave or self.wave,
            _forms=None if self._forms is None else self._forms.of(school),
        )
        tables = {
            name: narrowed._with_attrs(_rows(self.__dict__[name], school, wave))
            for name in TABLES
            if name in self.__dict__ and name != "invited"
        }
        narrowed.__dict__.update(tables)
        if "_protected" in self.__dict__:  # protection looks at one school and year at a time
            narrowed.__dict__["_protected"] = _protected_rows(self._protected, school)
        agendas = self.__dict__.get("_agendas", {})
        narrowed.__dict__["_agendas"] = {
            language: narrowed._with_attrs(_rows(table, school, wave)) for language, table in agendas.items()
        }
        return narrowed

    def select(self, table: str, school: str | None = None, wave: str | None = None, **display: Any) -> Selection:
        """One school and wave of a table, for a chart or summary.

        Parameters
        ----------
        table
            One of `TABLES` that a chart or summary takes.
        school, wave, display
            The school's code in any case, or its name, and the school year. None takes the first school and its
            last year. The name is the school's own where none is given.
        """
        return select(getattr(self, table), school, wave, **self.display(school, **display))

    def display(self, school: str | None, **display: Any) -> DisplayOptions:
        """The options that put a table of this school into words: its name and the checklist."""
        defaults: dict[str, Any] = {"checklist": self.checklist}
        if school is not None:
            defaults["name"] = self.name(school)
        options: Any = defaults | display
        return options  # type: ignore[no-any-return]  # a TypedDict made of keywords

    def findings(self, school: str, wave: str | None = None, *, language: str = "nl", sector: str = "") -> Findings:
        """The findings of a school, the same ones in every output.

        Texts are in `language`; `sector` (`po` or `vo`) leaves out the tools of the other.
        """
        wave = wave or self.waves(school)[-1]
        cache: dict[tuple[str | None, ...], Findings] = self.__dict__.setdefault("_findings", {})
        key = (school, wave, language, sector)
        if key not in cache:
            results = self if set(self.units["school"]) == {school} else self.of(school)
            options: DisplayOptions = results.display(school, language=language)
            parts = (results.agenda_in(language), results.levels, results.per_step)
            cache[key] = find(*parts, school, wave, sector=sector, **options)
        return cache[key]

    # --- the tables ---

    @cached_property
    def _protected(self) -> Protected:
        if self._forms is None:
            raise SelectionError("these results were saved with every table; nothing else can be computed from them")
        return protect(self._forms.responses, self.checklist, self._forms.policy, self._forms.actions)

    @cached_property
    def _counts(self) -> Counted:
        return counted(self._protected, self.checklist)

    @cached_property
    def people(self) -> pd.DataFrame:
        """Respondents per school, wave and role that may be shown."""
        sizes = self._protected.responses.groupby(GROUP_COLUMNS, observed=True).size()
        return self._narrow_to_wave(sizes.rename("n").reset_index().astype({"role": "str"}))

    @cached_property
    def levels(self) -> pd.DataFrame:
        """From `levels`."""
        return self._narrow_to_wave(levels(self._counts, self.checklist, self._team_size))

    @cached_property
    def changes(self) -> pd.DataFrame:
        """From `toolkit.measures.level_change.change`."""
        every_wave = levels(self._counts, self.checklist, self._team_size) if self.wave else self.levels
        return self._narrow_to_wave(change(every_wave))

    @cached_property
    def items(self) -> pd.DataFrame:
        """From `item_table`."""
        return self._narrow_to_wave(item_table(self._counts, self.checklist))

    @cached_property
    def consensus(self) -> pd.DataFrame:
        """From `consensus`."""
        return self._narrow_to_wave(consensus(self._counts, self.checklist, self._team_size))

    @cached_property
    def self_other(self) -> pd.DataFrame:
        """From `self_other`."""
        return self._narrow_to_wave(self_other(self._counts, self.checklist))

    @cached_property
    def per_step(self) -> pd.DataFrame:
        """From `agreement` of the two roles, per step."""
        return self._narrow_to_wave(self._agreement("step"))

    @cached_property
    def per_item(self) -> pd.DataFrame:
        """From `agreement` of the two roles, per item."""
        return self._narrow_to_wave(self._agreement("item"))

    @cached_property
    def actions(self) -> pd.DataFrame:
        """Action points that may be shown.

        Columns `school, wave, role, step, text`. Texts without a letter or digit are left out.
        """
        actions = self._narrow_to_wave(self._protected.actions)
        return actions[actions["text"].str.contains(r"\w", regex=True).fillna(False).astype(bool)]

    @cached_property
    def priorities(self) -> pd.DataFrame:
        """From `priorities`; no rows where no form asked for them."""
        assert self._forms is not None
        return self._narrow_to_wave(priorities(self._forms.priorities, self._protected, self.checklist))

    @cached_property
    def agenda(self) -> pd.DataFrame:
        """From `agenda`, in every language; with a column `language`."""
        return pd.concat([self.agenda_in(language).assign(language=language) for language in LANGUAGES])

    def agenda_in(self, language: str) -> pd.DataFrame:
        """From `agenda`, in one language."""
        if "agenda" in self.__dict__:
            return self.agenda[self.agenda["language"] == language]
        cache: dict[str, pd.DataFrame] = self.__dict__.setdefault("_agendas", {})
        if language not in cache:
            table = agenda(self._counts, self.checklist, team_size=self._team_size, language=language)
            cache[language] = self._narrow_to_wave(table)
        return cache[language]

    @property
    def _team_size(self) -> pd.DataFrame | None:
        return None if self.invited.empty else self.invited

    def _agreement(self, per: str) -> pd.DataFrame:
        return agreement(self._counts, self.checklist, REFERENCE_ROLE, COMPARED_ROLE, per=per, invited=self._team_size)

    def _narrow_to_wave(self, table: pd.DataFrame) -> pd.DataFrame:
        return self._with_attrs(table if self.wave is None else table[table["wave"] == self.wave])

    def _with_attrs(self, table: pd.DataFrame) -> pd.DataFrame:
        """Name the schools of a table, and where they were read, for a picture made of it alone."""
        table.attrs |= {"names": _Names({school: self.name(school) for school in self.names}), "origin": self.origin}
        if "schools" in table.attrs:
            table.attrs["schools"] = sorted(self.units["school"].unique())
        return table

    # --- saving ---

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by its name, computed where it was not yet."""
        return {name: getattr(self, name) for name in TABLES}

    def without_forms(self) -> SchoolResults:
        """The same results with every table computed and no form in them."""
        tables = self.tables()
        # a school of which every answer is hidden has no row in any table
        units = self.units.merge(tables["levels"][UNIT_COLUMNS].drop_duplicates())
        bare = replace(self, units=units, _forms=None)
        bare.__dict__.update({name: table for name, table in tables.items() if name != "invited"})
        return bare

    def save(self, path: Path) -> None:
        """Write the tables, without the forms, for a page that may see no more than these."""
        path.write_bytes(pickle.dumps(self.without_forms()))

    @classmethod
    def load(cls, path: Path) -> SchoolResults:
        """Read what `save` wrote. Load only your own files: reading a pickle can run code."""
        results = pickle.loads(path.read_bytes())
        assert isinstance(results, cls)
        return results


def _rows(table: pd.DataFrame | None, school: str, wave: str | None = None) -> Any:
    """The rows of one school, and of one wave where it is given."""
    if table is None:
        return None
    rows = table["school"] == school
    return table[rows if wave is None else rows & (table["wave"] == wave)]


def _invited_table(invited: TeamSizeSource, units: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    """Columns `school, wave, role, invited`; a number is that of each sampled role of each school."""
    if isinstance(invited, str | Path):
        table = read_invited(invited, units, checklist)
        if table is None:
            raise ToolkitError(load_text().say("argument.no_team_sizes", file=invited))
        return table
    if isinstance(invited, pd.DataFrame):
        return invited.rename(columns={"team_size": "invited"})
    if invited is None:
        return pd.DataFrame(columns=[*GROUP_COLUMNS, "invited"])
    size = int(as_number(invited, "team_size", 1))
    return units.merge(pd.DataFrame({"role": checklist.sampled_role_ids}), how="cross").assign(invited=size)


def _protected_rows(data: Protected, school: str) -> Protected:
    """What may be seen of one school."""
    rows = {name: _rows(getattr(data, name), school) for name in ("responses", "hidden", "actions")}
    rows["actions"].attrs["schools"] = [name for name in data.actions.attrs["schools"] if name == school]
    return replace(data, **{name: table.reset_index(drop=True) for name, table in rows.items()})
