"""Where two roles see a school the same or differently."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.core.errors import MissingReason, ToolkitError, no_role
from toolkit.core.i18n import load_text
from toolkit.core.kinds import quote
from toolkit.instrument.arguments import as_checklist, as_choice, as_number, as_role, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints, group_mean, mean_score, ratio, scores, shares, total
from toolkit.measures.counts import (
    Counted,
    TeamSize,
    counted,
    first_reason,
    hidden_groups,
    hidden_items,
    known_size,
    one_team_size,
    take_text,
    team_size_of,
    to_nullable_int,
)
from toolkit.measures.intervals import Sampled, added_colleague, squared_error, without_one
from toolkit.measures.kappa import (
    COHORT,
    UNIFORM,
    disagreement,
    expected_disagreement,
    schools_with_both,
    uniform_disagreement,
)
from toolkit.measures.level import enough_items, sampled_forms
from toolkit.measures.shown_figures import round_points, round_shares, round_split
from toolkit.privacy import MIN_SCHOOLS, Protected
from toolkit.responses import GROUP_COLUMNS, UNIT_COLUMNS, Counts, HasResponses, step_matrix

SPLIT = ["same", "lower", "higher"]
SHARES = [*SPLIT, "linear"]
WITH_INTERVAL = [*SHARES, "gap", "kappa"]
VALUES = [
    *(column for name in WITH_INTERVAL for column in (name, f"{name}_low", f"{name}_high")),
    "opposite", "yardstick", "d_o", "d_e", "n_a", "n_b", "n_items", "n_unequal", "team_size",
]  # fmt: skip
COUNTS = ["n_a", "n_b", "n_items", "n_unequal", "team_size"]


@explained
def agreement(
    data: pd.DataFrame | HasResponses | Protected | Counted,
    checklist: Instrument | None = None,
    a: str = "director",
    b: str = "teacher",
    per: str = "step",
    invited: pd.DataFrame | None = None,
    reference: str | pd.DataFrame = UNIFORM,
    partly: float = 0.5,
    *,
    team_size: TeamSize = None,
) -> pd.DataFrame:
    """Split, gap, yardstick and kappa of two roles, per step or per item.

    With p the shares of the answers k within a role, per item that both roles answered: `same` = sum_k p_a p_b, `lower`
    and `higher` the chance that a random respondent of b answers lower or higher than one of a; `opposite` Nee against
    Ja, `linear` = same + (1 - same - opposite) / 2; each averaged over the shared items. `gap` is a's level minus b's
    over the shared items. `yardstick` is how often two respondents of b agree among themselves
    (sum_k c (c - 1) / (n (n - 1)), over items with n of at least 2): were a just one more of b, `same` would be it.
    `kappa` = 1 - d_o / d_e holds the mean distance between answers of a and b (`d_o`) against what chance would give
    (`d_e`).

    Parameters
    ----------
    data
        Responses or an `Intake`, `Protected`, or one of these `counted`. Of what is protected, a role that is shown as
        part of the team is compared as `team`.
    a, b
        Role ids; a is the reference.
    per
        `"step"` or `"item"`.
    team_size, invited
        As in `levels`: how many people the sampled role has (of a team the sum); narrows the intervals.
    reference
        What chance gives: `"uniform"` (every answer as likely, 8/9), `"cohort"` (the schools in `data`, per wave:
        values change when schools join), or a table from `reference_table` of these two roles, stored with its version.
    partly
        What Beetje counts for in the gap, 0..1.

    Returns
    -------
    One row per school × wave × step (or item): `school, wave, step, (item,) role_a, role_b`; `same, lower, higher,
    linear, gap, kappa`, each with `_low` and `_high`; `opposite, yardstick, d_o, d_e, n_a, n_b, n_items, n_unequal,
    team_size, reference, reason`. Shares in 0..1, `gap` in -100..100 (positive: a more positive); all but `yardstick`
    and `d_e` are missing where fewer than half of a step's items are shared. `n_a, n_b` are respondents with an answer
    in the step (item), `n_unequal` the shared items on which known persons of one role gave different answers,
    `team_size` the size that the interval took; `reason` where a value is missing, the first that applies.
    Intervals are of the sampled role (teachers or team); of two roles that are a census there are none. From
    `Protected` also `suppressed, why`.

    Raises
    ------
    ToolkitError
        An unknown role or reference, twice the same role, `per` is neither, or a table that lacks what it should have.

    Examples
    --------
    >>> from toolkit import load_instrument, make_responses
    >>> checklist = load_instrument()
    >>> forms = [{"school": "99AA00", "wave": "2025-2026", "role": role, "1.1": answer, "1.2": answer}
    ...          for role, answer in [("director", 2), ("teacher", 2), ("teacher", 1), ("teacher", 0), ("teacher", 0)]]
    >>> row = agreement(make_responses(forms, checklist), checklist).iloc[0]
    >>> [float(row[name]) for name in ("same", "lower", "higher", "gap")]
    [0.25, 0.75, 0.0, 62.5]
    """
    checklist, partly = as_checklist(checklist), as_number(partly, "partly", 0, 1)
    a, b, per = _check_arguments(checklist, a, b, per)
    source, size = counted(data, checklist), one_team_size(team_size, invited)
    grouping = _Grouping.steps(checklist) if per == "step" else _Grouping.items(checklist)
    expected = _Expected.of(source, checklist, a, b, reference)

    def of_part(counts: Counts) -> pd.DataFrame:
        pair = _pair(source, counts, checklist, a, b)
        values = _values(pair, grouping, checklist, partly)
        values |= _kappa(pair, grouping, expected.at(counts), ~np.isnan(values["same"]))
        values |= _intervals(counts, pair, grouping, values, checklist, size, partly)
        table = _long(counts, pair, grouping, values, expected.name)
        return table.assign(reason=_reasons(table, a, b))

    table = source.table(of_part)
    if source.protected is None:
        return table
    return _rounded(_with_hidden(table, source.protected, checklist, a, b))


def gap_table(
    source: Counted, checklist: Instrument, a: str, b: str, per: str, team_size: TeamSize = None
) -> pd.DataFrame:
    """The gap of two roles as in `agreement`, without its other figures: a tenth of the work.

    Columns `school, wave, step` (or `item`), `pair, gap, gap_low, gap_high`. `pair` names the roles as they are shown
    (`director-team`).
    """
    grouping = _Grouping.steps(checklist) if per == "step" else _Grouping.items(checklist)

    def of_part(counts: Counts) -> pd.DataFrame:
        pair = _pair(source, counts, checklist, a, b)
        values = _values(pair, grouping, checklist, 0.5)
        values |= dict.fromkeys(("kappa", "d_e"), np.full(values["gap"].shape, np.nan))
        values |= _intervals(counts, pair, grouping, values, checklist, team_size, 0.5)
        unit = np.repeat(np.arange(len(counts.units)), len(grouping.columns[per]))
        roles = np.array(counts.roles, dtype=object)
        return pd.DataFrame(
            {
                **{name: take_text(counts.units[name], unit) for name in UNIT_COLUMNS},
                per: _repeated(grouping.columns[per], len(counts.units)),
                "pair": pd.Series((roles[pair.index_a] + "-" + roles[pair.index_b])[unit], dtype="str"),
                **{name: values[name].reshape(-1) for name in ("gap", "gap_low", "gap_high")},
            }
        )

    table = source.table(of_part)
    return table if source.protected is None else round_points(table, ["gap"])


@dataclass(frozen=True, slots=True)
class _Pair:
    """Answers of two roles side by side: counts (units, items, answers), and which role it is in each unit."""

    a: Ints
    b: Ints
    respondents_a: Ints
    respondents_b: Ints
    index_a: Ints
    index_b: Ints
    known_a: NDArray[np.bool_]
    known_b: NDArray[np.bool_]

    @property
    def unequal(self) -> Ints:
        """Which shared items known persons of one role answered differently, 0 or 1."""
        sides = ((self.a, self.known_a), (self.b, self.known_b))
        several = [((side > 0).sum(axis=-1) > 1) & by_person[:, None] for side, by_person in sides]
        return np.asarray(self.shared * (several[0] | several[1]))

    @property
    def n_a(self) -> Ints:
        """Respondents of a per item."""
        return total(self.a)

    @property
    def n_b(self) -> Ints:
        """Respondents of b per item."""
        return total(self.b)

    @property
    def shared(self) -> Ints:
        """Which items both roles answered, 0 or 1."""
        return ((self.n_a > 0) & (self.n_b > 0)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Groups of items that figures are taken over, steps or single items, and the columns that name them."""

    groups: Ints
    columns: dict[str, list[object]]
    is_step: bool

    @classmethod
    def steps(cls, checklist: Instrument) -> _Grouping:
        return cls(step_matrix(checklist), {"step": [step.number for step in checklist.steps]}, True)

    @classmethod
    def items(cls, checklist: Instrument) -> _Grouping:
        columns: dict[str, list[object]] = {"step": [*checklist.item_steps], "item": [*checklist.item_ids]}
        return cls(np.eye(len(checklist.item_ids), dtype=np.int64), columns, False)

    def n(self, respondents: Ints, per_item: Ints) -> Ints:
        """Respondents per group."""
        return respondents if self.is_step else per_item


def _check_arguments(checklist: Instrument, a: str, b: str, per: str) -> tuple[str, str, str]:
    a, b = as_role(a, checklist), as_role(b, checklist)
    if a == b:
        raise ToolkitError(load_text().say("argument.same_role", wanted=a))
    return a, b, as_choice(per, "per", ("step", "item"))


def _shown_role(source: Counted, counts: Counts, checklist: Instrument, role: str) -> Ints:
    """Index per unit of the role, or of the team if only that may be shown."""
    index = np.full(len(counts.units), counts.roles.index(role))
    if source.protected is not None and role in checklist.team.roles:
        team = counts.roles.index(checklist.team.id)
        index[counts.forms[:, team] > 0] = team
    return index


def _pair(source: Counted, counts: Counts, checklist: Instrument, a: str, b: str) -> _Pair:
    first, second = (_shown_role(source, counts, checklist, role) for role in (a, b))
    unit = np.arange(len(counts.units))
    answers, respondents = counts.answers, counts.respondents
    is_person = np.array([name in checklist.known_role_ids for name in counts.roles])
    return _Pair(
        answers[unit, first], answers[unit, second], respondents[unit, first], respondents[unit, second],
        first, second, is_person[first], is_person[second],
    )  # fmt: skip


def _values(pair: _Pair, grouping: _Grouping, checklist: Instrument, partly: float) -> dict[str, Floats]:
    apart = mean_score(pair.a, partly) - mean_score(pair.b, partly)
    per_item = split_of(pair.a, pair.b) | {"gap": 100 * apart, "yardstick": yardstick_of(pair.b)}
    values: dict[str, Floats] = {name: group_mean(value, grouping.groups) for name, value in per_item.items()}
    n_items = pair.shared @ grouping.groups
    enough = _enough(n_items, grouping, checklist)
    values |= {name: np.where(enough, values[name], np.nan) for name in (*SHARES, "opposite", "gap")}
    n_a, n_b = grouping.n(pair.respondents_a, pair.n_a), grouping.n(pair.respondents_b, pair.n_b)
    counts = {"n_a": n_a, "n_b": n_b, "n_items": n_items, "n_unequal": pair.unequal @ grouping.groups}
    return values | {name: count.astype(float) for name, count in counts.items()}


def _enough(n_items: Ints, grouping: _Grouping, checklist: Instrument) -> NDArray[np.bool_]:
    """Whether this number of shared items is enough for a figure of the pair."""
    return enough_items(n_items, checklist) if grouping.is_step else n_items > 0


def split_of(a: Ints, b: Ints) -> dict[str, Floats]:
    """Split of two roles' counts (…, items, answers) per item; NaN where one gave none."""
    p_a, p_b = shares(a), shares(b)
    sides = _contribution_per_answer(p_b, "a").items()
    split = {name: np.einsum("...k,...k->...", p_a, terms) for name, terms in sides}
    return split | {"opposite": p_a[..., 0] * p_b[..., -1] + p_a[..., -1] * p_b[..., 0]}


def yardstick_of(counts: Ints) -> Floats:
    """How often two respondents of one role agree, per item; NaN below two respondents."""
    n = total(counts)
    return ratio(total(counts * (counts - 1)), n * (n - 1))


# --- kappa ---


@dataclass(frozen=True, slots=True)
class _Expected:
    """Expected disagreement per item, for each wave that has its own, and the name of where it comes from."""

    name: str
    per_wave: dict[str, Floats]
    otherwise: Floats

    @classmethod
    def of(cls, source: Counted, checklist: Instrument, a: str, b: str, reference: str | pd.DataFrame) -> _Expected:
        items, answers = len(checklist.item_ids), len(checklist.answers)
        if isinstance(reference, pd.DataFrame):
            table = _reference_of_pair(reference, a, b)
            by_item = table.set_index("item")["d_e"].reindex(checklist.item_ids)
            return cls(", ".join(table["version"].astype("str").unique()), {}, by_item.to_numpy(dtype=float))
        if reference == UNIFORM:
            return cls(UNIFORM, {}, np.full(items, uniform_disagreement(answers)))
        if reference != COHORT:
            found = quote(reference)
            raise ToolkitError(f"reference {found}: kies {UNIFORM}, {COHORT} of een tabel van reference_table.")
        pair, wave = _pair(source, source.counts, checklist, a, b), source.counts.units["wave"]
        two = pair.index_a != pair.index_b  # where both are shown as one team there are no two to compare
        waves = {name: (wave == name).to_numpy() & two for name in wave.unique()}
        fewest = 2 if source.protected is None or source.protected.is_raw else MIN_SCHOOLS
        per_wave = {name: _of_cohort(pair.a[units], pair.b[units], fewest) for name, units in waves.items()}
        return cls(COHORT, per_wave, np.full(items, np.nan))

    def at(self, counts: Counts) -> Floats:
        """Shape (units, items)."""
        rows = [self.per_wave.get(wave, self.otherwise) for wave in counts.units["wave"]]
        return np.array(rows).reshape(len(rows), len(self.otherwise))


def _of_cohort(a: Ints, b: Ints, fewest: int) -> Floats:
    """Expected disagreement per item; missing for fewer schools, where it would be that of the other school."""
    return np.where(schools_with_both(a, b) >= fewest, expected_disagreement(a, b), np.nan)


def _reference_of_pair(reference: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """The rows of these two roles; which of them is the reference makes no difference to a distance."""
    if missing := {"item", "d_e", "version"} - set(reference.columns):
        raise ToolkitError(
            f"reference: kolom {', '.join(sorted(missing))} ontbreekt; maak de tabel met reference_table."
        )
    table = reference.astype({"item": "str"})  # read back from a file they may have become numbers
    if {"role_a", "role_b"} <= set(table.columns):
        table = table[[{a, b} == {*pair} for pair in zip(table["role_a"], table["role_b"], strict=True)]]
    if table.empty:
        raise ToolkitError(f"reference: de tabel gaat niet over {a} en {b}; maak er een met reference_table.")
    if table["item"].duplicated().any():
        raise ToolkitError("reference: een uitspraak staat er twee keer in; geef één versie tegelijk.")
    return table


def _kappa(pair: _Pair, grouping: _Grouping, expected: Floats, enough: NDArray[np.bool_]) -> dict[str, Floats]:
    """Ratio of sums over the shared items; where an item has no expectation there is none for the step."""
    observed = disagreement(pair.a, pair.b)
    used = np.where(pair.shared > 0, expected, 0.0)
    lacking = np.isnan(used).astype(np.int64) @ grouping.groups > 0
    d_o = np.where(enough, group_mean(observed, grouping.groups), np.nan)
    d_e = np.where(lacking, np.nan, ratio(np.nan_to_num(used) @ grouping.groups, pair.shared @ grouping.groups))
    return {"d_o": d_o, "d_e": d_e, "kappa": 1 - ratio(d_o, np.where(np.round(d_e, 12) == 0, 0.0, d_e))}


# --- intervals ---


def _intervals(
    counts: Counts,
    pair: _Pair,
    grouping: _Grouping,
    values: dict[str, Floats],
    checklist: Instrument,
    team_size: TeamSize,
    partly: float,
) -> dict[str, Floats]:
    """Low and high of each figure, by how it would move had others of the sampled role answered; and the team size."""
    names = [*(f"{name}_{end}" for name in WITH_INTERVAL for end in ("low", "high")), "team_size"]
    ends = {name: np.full(values["same"].shape, np.nan) for name in names}
    for side, units in _sampled_sides(counts, pair, checklist).items():
        answers, other, index = (pair.b, pair.a, pair.index_b) if side == "b" else (pair.a, pair.b, pair.index_a)
        sampled = sampled_forms(counts, index, grouping.groups, values[f"n_{side}"].astype(np.int64))
        people = team_size_of(team_size, counts, index, checklist)
        ends_of_side = _sampled_intervals(sampled, answers, other, values, people, partly, side)
        for name, values_of_side in (ends_of_side | {"team_size": known_size(people, sampled.n)}).items():
            ends[name][units] = values_of_side[units]
    # kappa is 1 - 2 (1 - linear) / d_e, in the units of d_o, so its interval is that of linear
    scale = pair.a.shape[-1] - 1
    for end in ("low", "high"):
        expected = np.where(np.isnan(values["kappa"]), np.nan, values["d_e"])
        ends[f"kappa_{end}"] = 1 - ratio(scale * (1 - ends[f"linear_{end}"]), expected)
    return ends


def _sampled_sides(counts: Counts, pair: _Pair, checklist: Instrument) -> dict[str, NDArray[np.bool_]]:
    """In which units each side is the sampled one: b where it is, else a; care is a census until it is in a team."""
    sampled = [counts.roles.index(role) for role in checklist.sampled_role_ids]
    b = np.isin(pair.index_b, sampled)
    sides = {"b": b, "a": np.isin(pair.index_a, sampled) & ~b}
    return {side: units for side, units in sides.items() if units.any()}


def _sampled_intervals(
    sampled: Sampled, answers: Ints, other: Ints, values: dict[str, Floats], team_size: Floats, partly: float, side: str
) -> dict[str, Floats]:
    """Low and high of the split, and of the gap: the sampled role's level seen from the other's fixed one."""
    terms = _contribution_per_answer(shares(other), side)
    score = np.broadcast_to(scores(answers.shape[-1], partly), answers.shape)
    terms_of_score = np.where(np.isnan(terms["same"]), np.nan, score)
    all_terms = np.stack([*(terms[name] for name in SHARES), terms_of_score], axis=-1)
    per_item = ratio((answers[..., None, :] @ all_terms)[..., 0, :], total(answers)[..., None])
    error = squared_error(sampled, answers, per_item, without_one(answers, per_item, all_terms))
    level = np.where(np.isnan(values["gap"]), np.nan, group_mean(per_item[..., -1], sampled.groups))
    share = np.stack([*(values[name] for name in SHARES), level], axis=-1)
    low, high = added_colleague(
        share, error, sampled.n[..., None], sampled.size[:, None], team_size[:, None, None], sampled.measured[..., None]
    )
    ends = {
        f"{name}_{end}": table[..., index]
        for index, name in enumerate(SHARES)
        for end, table in (("low", low), ("high", high))
    }
    if side == "b":
        fixed = values["gap"] + 100 * level
        return ends | {"gap_low": fixed - 100 * high[..., -1], "gap_high": fixed - 100 * low[..., -1]}
    fixed = 100 * level - values["gap"]
    return ends | {"gap_low": 100 * low[..., -1] - fixed, "gap_high": 100 * high[..., -1] - fixed}


def _contribution_per_answer(p_other: Floats, side: str) -> dict[str, Floats]:
    """What one respondent of the sampled side who answers k adds to each figure, shape (units, items, answers)."""
    k = np.arange(p_other.shape[-1])
    above = p_other @ (k[:, None] > k[None, :]).astype(float)
    below = p_other @ (k[:, None] < k[None, :]).astype(float)
    linear = p_other @ (1 - np.abs(k[:, None] - k[None, :]) / max(len(k) - 1, 1))
    lower, higher = (above, below) if side == "b" else (below, above)
    return {"same": p_other, "lower": lower, "higher": higher, "linear": linear}


# --- the table ---


def _long(counts: Counts, pair: _Pair, grouping: _Grouping, values: dict[str, Floats], reference: str) -> pd.DataFrame:
    units, width = len(counts.units), grouping.groups.shape[1]
    unit = np.repeat(np.arange(units), width)
    numbers = {name: values[name].reshape(-1) for name in VALUES}
    counted_values = {name: to_nullable_int(numbers[name]) for name in COUNTS}
    return pd.DataFrame(
        {
            "school": take_text(counts.units["school"], unit),
            "wave": take_text(counts.units["wave"], unit),
            **{name: _repeated(column, units) for name, column in grouping.columns.items()},
            "role_a": take_text(counts.roles, pair.index_a[unit]),
            "role_b": take_text(counts.roles, pair.index_b[unit]),
            **numbers,
            **counted_values,
            "reference": take_text([reference], np.zeros(len(unit), dtype=np.int64)),
        }
    )


def _repeated(column: list[object], times: int) -> pd.Series:
    return pd.Series(column * times, dtype="str" if isinstance(column[0], str) else "int64")


def _reasons(table: pd.DataFrame, a: str, b: str) -> pd.Series:
    """The first reason that applies to a row in which something is missing."""
    cases = {
        no_role(a): table["n_a"].eq(0),
        no_role(b): table["n_b"].eq(0),
        MissingReason.NO_SHARED_ITEMS: table["n_items"].eq(0),
        MissingReason.TOO_FEW_ITEMS: table["gap"].isna(),
        MissingReason.TOO_FEW_SCHOOLS: table["d_e"].isna(),
        MissingReason.NO_DISAGREEMENT_EXPECTED: table["kappa"].isna(),
        MissingReason.TOO_FEW_RESPONDENTS: table["yardstick"].isna(),
        MissingReason.CENSUS: table["same_low"].isna(),
    }
    return first_reason({reason: case.to_numpy(dtype=bool) for reason, case in cases.items()})


def _with_hidden(table: pd.DataFrame, data: Protected, checklist: Instrument, a: str, b: str) -> pd.DataFrame:
    """Empty the rows of which one side is hidden, and say why."""
    why = _why_hidden(table, data, a, b)
    keys = [*UNIT_COLUMNS, "item" if "item" in table else "step"]
    thin = hidden_items(data, checklist)
    for side in ("role_a", "role_b"):
        hit = pd.MultiIndex.from_frame(table[[*keys, side]]).isin(pd.MultiIndex.from_frame(thin[[*keys, "role"]]))
        why = why.mask(why.isna() & hit & table["n_items"].eq(0), MissingReason.TOO_FEW_ANSWERS)
    hidden = why.notna()
    emptied = table.copy()
    emptied.loc[hidden, [*VALUES, "reason"]] = pd.NA
    return emptied.assign(suppressed=hidden, why=why)


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Whole points and per cents, as everything that leaves protection."""
    table = round_points(round_split(table, SPLIT), ["gap"])
    return round_shares(table, ["linear", "opposite", "yardstick", "kappa", "d_o", "d_e"])


def _why_hidden(table: pd.DataFrame, data: Protected, a: str, b: str) -> pd.Series:
    """Why a row has nothing to compare: a group is hidden, or both roles are one team."""
    groups = hidden_groups(data).set_index(GROUP_COLUMNS)["why"]
    why = pd.Series(None, index=table.index, dtype="str")
    same_group = table["role_a"].eq(table["role_b"])
    for role, side in ((a, "role_a"), (b, "role_b")):
        reasons = groups.reindex(pd.MultiIndex.from_frame(table[UNIT_COLUMNS].assign(role=role))).to_numpy()
        as_itself = table[side].eq(role)
        why = why.where(why.notna() | ~(as_itself | same_group), pd.Series(reasons, index=table.index, dtype="str"))
    return why
