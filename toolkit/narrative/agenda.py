"""The agenda of a team meeting: what goes well, what can be better, what to talk about.

Per item the views of the roles are compared. Where they differ, or where a group is divided, the item is to be
discussed. Else it goes well where all lean to Ja, and can be better where they don't. A complete step can be on the
agenda too. `toolkit.narrative.agenda_rule.Rule` has all numbers; docs/methode.md says why they are what they are. A
heading is the start of a conversation, never a verdict.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from toolkit.core.errors import MissingReason
from toolkit.core.i18n import Text, load_text, sentence_case
from toolkit.instrument.arguments import as_checklist, check_type, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.agreement import gap_table
from toolkit.measures.array_math import Floats, Ints, group_mean, mean_score
from toolkit.measures.counts import Counted, TeamSize, counted
from toolkit.measures.randomization_test import chance_of_gap
from toolkit.measures.shown_figures import round_points, round_shares
from toolkit.narrative.agenda_rule import (
    Bools,
    Rule,
    groups_differ,
    is_divided,
    lower_end,
    person_and_group_differ,
    share_on_far_side,
    step_differs,
)
from toolkit.privacy import Protected
from toolkit.responses import UNIT_COLUMNS, Counts, HasResponses, step_matrix

GOES_WELL, CAN_BE_BETTER = "goes_well", "can_be_better"
TO_DISCUSS, TOO_LITTLE_DATA = "to_discuss", "too_little_data"
HEADINGS = (GOES_WELL, CAN_BE_BETTER, TO_DISCUSS, TOO_LITTLE_DATA)

ROLES_DIFFER = "roles differ"
TEAM_DIFFERS = "team differs"
STEP_DIFFERS = "step differs"
PARTS = ["split", "difference", "sure", "about"]
"""The parts of a row's text: who answered what; which way that differs; how sure; and whom the item is about."""

TEXTS = ("school", "wave", "item", "heading", "roles", "views", "others", "divided", "pair")


@explained
def agenda(
    data: pd.DataFrame | HasResponses | Protected | Counted,
    checklist: Instrument | None = None,
    *,
    rule: Rule | None = None,
    team_size: TeamSize = None,
    language: str = "nl",
) -> pd.DataFrame:
    """Put every item under a heading, and the steps that are to be discussed as a whole.

    Parameters
    ----------
    data
        `Protected`, or responses (a researcher's own table); or either of them `counted`.
    rule
        `Rule()` where none is given.
    team_size
        As in `agreement`: it narrows the intervals of gaps, by which complete steps come on the agenda.
    language
        Of `text`.

    Returns
    -------
    One row per school × wave × item, and one per step that is to be discussed as a whole: `school, wave, step, item,
    heading, roles, reason, text, split, difference, sure, about, views, others, divided, level, gap, gap_low, gap_high,
    chance, far_share, far_share_low`. In the row of a step `item` is missing; it follows the step's items.

    `heading` is one of `HEADINGS`. `reason` says why a row is to be discussed (`roles differ`, `team differs`, of a
    step `step differs`) or has too little data. `roles` are the pairs that differ (`director-teacher`, in the
    instrument's order; several with a comma), `divided` the roles whose members are opposed, `views` the roles that
    were heard, `others` those of them that answered about others than themselves; `text` says it all, in its `PARTS`.
    `level` (0..100) is the mean of the views, each as heavy. `gap` (first role minus second) and its interval are of
    the pair furthest apart. Of a known person and a group, `far_share` (0..1) is the share of the group that answers on
    that side of the person, and `far_share_low` the lower end of it; of two groups, `chance` (0..1) is how often
    shuffling the people gives such a gap. From `Protected` also `suppressed, why`: of a hidden group or item nothing is
    in any column.

    Examples
    --------
    >>> from toolkit import load_instrument, make_responses
    >>> checklist = load_instrument()
    >>> forms = [{"school": "99AA00", "wave": "2025-2026", "role": role, "1.1": answer}
    ...          for role, answer in [("director", 2), *[("teacher", 0)] * 8, ("teacher", 1), ("teacher", 2)]]
    >>> table = agenda(make_responses(forms, checklist), checklist)
    >>> table.loc[table["item"] == "1.1", ["heading", "roles", "gap"]].to_dict("records")
    [{'heading': 'to_discuss', 'roles': 'director-teacher', 'gap': 85.0}]
    """
    check_type(rule, "rule", (Rule, type(None)), "None")
    rule, checklist = rule or Rule(), as_checklist(checklist, load_text(language))
    tally = counted(data, checklist)
    counts = tally.counts
    has_view = _has_view(counts.per_item, counts, checklist, rule)
    pairs = _pairs(counts, checklist, has_view, rule)
    divided = has_view & is_divided(counts.answers, _is_known_role(counts, checklist), rule)
    table = _item_rows(counts, checklist, has_view, pairs, divided, rule)
    table = _with_intervals(table, tally, checklist, team_size)
    if tally.protected is not None:
        table = round_points(_with_hidden(table, tally.protected, checklist), ["level", "gap"])
    writer = _Words(checklist, load_text(language), rule)
    steps = _step_rows(tally, checklist, rule, team_size)
    steps = _with_text(steps, [writer.of_step(row) for row in steps.to_dict("records")])
    result = _in_order([_items_in_words(table, counts, writer), steps])
    return result if tally.protected is None else round_shares(result, ["chance", "far_share", "far_share_low"])


# --- the rule, over arrays (units, roles, items) ---


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Per pair of roles the figures that decide and whether they differ, each (pairs, units, items)."""

    names: list[str]
    gap: Floats
    chance: Floats
    far_share: Floats
    far_share_low: Floats
    differ: Bools

    @classmethod
    def empty(cls, names: list[str], shape: tuple[int, ...]) -> _Pairs:
        shape = (len(names), *shape)
        gap, chance, share, low = np.full((4, *shape), np.nan)
        return cls(names, gap, chance, share, low, np.zeros(shape, dtype=bool))


def _is_known_role(counts: Counts, checklist: Instrument) -> Bools:
    """Shape (roles,): whether a role's members are known persons."""
    return np.array([role in checklist.known_role_ids for role in counts.roles])


def _has_view(n: Ints, counts: Counts, checklist: Instrument, rule: Rule) -> Bools:
    """Which roles have a view: a known person always, a group from the fewest answers."""
    fewest = np.where(_is_known_role(counts, checklist), 1, rule.fewest)
    return n >= fewest[:, None]


def _pairs(counts: Counts, checklist: Instrument, has_view: Bools, rule: Rule) -> _Pairs:
    role_pairs = _role_pairs(checklist)
    pairs = _Pairs.empty([f"{a}-{b}" for a, b in role_pairs], has_view[:, 0].shape)
    score, is_known = 100 * mean_score(counts.answers), _is_known_role(counts, checklist)
    for index, names in enumerate(role_pairs):
        a, b = map(counts.roles.index, names)
        overlap = has_view[:, a] & has_view[:, b]
        first, second = counts.answers[:, a][overlap], counts.answers[:, b][overlap]
        gap = (score[:, a] - score[:, b])[overlap]
        pairs.gap[index][overlap] = gap
        if is_known[a] or is_known[b]:
            person, group, towards = (first, second, gap) if is_known[a] else (second, first, -gap)
            far = share_on_far_side(person, group, towards)
            low = lower_end(far, group.sum(axis=-1), rule)
            pairs.far_share[index][overlap], pairs.far_share_low[index][overlap] = far, low
            pairs.differ[index][overlap] = person_and_group_differ(gap, low, rule)
        else:
            chance = chance_of_gap(first, second)
            pairs.chance[index][overlap] = chance
            larger = np.maximum(first.sum(axis=-1), second.sum(axis=-1))
            pairs.differ[index][overlap] = groups_differ(gap, chance, larger, rule)
    return pairs


def _role_pairs(checklist: Instrument) -> list[tuple[str, str]]:
    """Every two roles that can both be shown: a team is never compared with a part of itself."""
    pairs = combinations(checklist.shown_role_ids, 2)
    return [(a, b) for a, b in pairs if not (b == checklist.team.id and a in checklist.team.roles)]


def _item_rows(
    counts: Counts, checklist: Instrument, has_view: Bools, pairs: _Pairs, divided: Bools, rule: Rule
) -> pd.DataFrame:
    """The rows of the items, without what only protection or words add."""
    units, items = has_view.shape[0], has_view.shape[2]
    group_heard: Bools = np.asarray(has_view[:, ~_is_known_role(counts, checklist)].any(axis=1))
    mean, lowest = _over_views(np.where(has_view, 100 * mean_score(counts.answers), np.nan))
    furthest = _furthest(pairs)
    figures = {name: getattr(pairs, name) for name in ("gap", "chance", "far_share", "far_share_low")}
    columns = {
        "school": np.repeat(counts.units["school"].to_numpy(), items),
        "wave": np.repeat(counts.units["wave"].to_numpy(), items),
        "step": np.tile(np.array(checklist.item_steps), units),
        "item": np.tile(np.array(checklist.item_ids, dtype=object), units),
        "heading": np.select(
            [~group_heard, pairs.differ.any(axis=0) | divided.any(axis=1), lowest >= rule.well],
            [TOO_LITTLE_DATA, TO_DISCUSS, GOES_WELL],
            CAN_BE_BETTER,
        ).ravel(),
        "roles": _join_names(pairs.names, pairs.differ & group_heard),
        "views": _join_names(counts.roles, np.moveaxis(has_view, 1, 0)),
        "others": _join_names(counts.roles, np.moveaxis(has_view & _about_others(counts, checklist), 1, 0)),
        "divided": _join_names(counts.roles, np.moveaxis(divided & group_heard[:, None], 1, 0)),
        "level": np.where(group_heard, mean, np.nan).ravel(),
        **{name: np.take_along_axis(figure, furthest[None], axis=0)[0].ravel() for name, figure in figures.items()},
        "pair": np.array(pairs.names, dtype=object)[furthest].ravel(),
    }
    table = pd.DataFrame(columns).astype(dict.fromkeys(TEXTS, "str"))
    reasons = [table["heading"].eq(TOO_LITTLE_DATA), table["roles"].ne(""), table["divided"].ne("")]
    selection = np.select(
        [reason.to_numpy() for reason in reasons], [MissingReason.NO_ANSWERS, ROLES_DIFFER, TEAM_DIFFERS], ""
    )
    table["reason"] = pd.Series(selection, index=table.index, dtype="str").replace("", None)
    return table


def _over_views(level: Floats) -> tuple[Floats, Floats]:
    """Mean and lowest level of the views, each view as heavy; NaN where there is none."""
    present = ~np.isnan(level)
    mean = np.divide(np.nansum(level, axis=1), present.sum(axis=1), out=np.full(level[:, 0].shape, np.nan),
                     where=present.any(axis=1))  # fmt: skip
    return mean, np.where(present, level, np.inf).min(axis=1)


def _furthest(pairs: _Pairs) -> Ints:
    """Index of the pair furthest apart; of those that differ where any does."""
    distance = np.nan_to_num(np.abs(pairs.gap), nan=-1.0) + 1000 * pairs.differ
    return np.asarray(distance.argmax(axis=0))


def _about_others(counts: Counts, checklist: Instrument) -> Bools:
    """Shape (roles, items): whether an item is about others than that role."""
    parts = {role: {role} for role in counts.roles} | {checklist.team.id: set(checklist.team.roles)}
    return np.array([[not parts[role] & set(item.actors) for item in checklist.items] for role in counts.roles])


def _join_names(names: list[str], selection: Bools) -> list[str]:
    """Names of what is chosen, first axis, joined per unit and item."""
    flat = selection.reshape(len(names), -1).T
    joined: dict[bytes, str] = {}
    for row in np.unique(flat, axis=0):
        joined[row.tobytes()] = ", ".join(name for name, is_chosen in zip(names, row, strict=True) if is_chosen)
    return [joined[row.tobytes()] for row in np.ascontiguousarray(flat)]


def _with_intervals(table: pd.DataFrame, tally: Counted, checklist: Instrument, team_size: TeamSize) -> pd.DataFrame:
    """The interval of the gap, as `agreement` gives it per item for the pair furthest apart."""
    pairs = [pair.split("-") for pair in table.loc[table["gap"].notna(), "pair"].unique()]
    compared = [gap_table(tally, checklist, a, b, "item", team_size) for a, b in pairs]
    if not compared:
        return table.assign(gap_low=np.nan, gap_high=np.nan)
    # a role that is shown as the team has the pair of the team, which may have come twice
    keys = [*UNIT_COLUMNS, "item", "pair"]
    ends = pd.concat(compared).drop_duplicates(keys)[[*keys, "gap_low", "gap_high"]]
    return table.merge(ends, on=keys, how="left")


def _with_hidden(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    """The reason for too little data on an item, where figures are hidden."""
    hidden = data.hidden[data.hidden["why"].ne(MissingReason.SHOWN_AS_TEAM)]
    groups = hidden[hidden["item"].isna()].drop(columns="item").merge(
        pd.DataFrame({"item": checklist.item_ids}), how="cross"
    )  # fmt: skip
    why = pd.concat([groups, hidden.dropna(subset="item")]).groupby([*UNIT_COLUMNS, "item"])["why"].first()
    keys = pd.MultiIndex.from_frame(table[[*UNIT_COLUMNS, "item"]])
    is_lost = table["heading"].eq(TOO_LITTLE_DATA) & keys.isin(why.index)
    reason = pd.Series(why.reindex(keys).to_numpy(), index=table.index, dtype="str").where(is_lost, None)
    return table.assign(suppressed=is_lost, why=reason, reason=table["reason"].mask(is_lost, reason))


# --- complete steps ---


def _step_rows(tally: Counted, checklist: Instrument, rule: Rule, team_size: TeamSize) -> pd.DataFrame:
    """One row per step over which two roles differ, with every pair that does; the pair furthest apart has the gap."""
    compared = [_steps_of_pair(tally, checklist, a, b, team_size) for a, b in _role_pairs(checklist)]
    pairs = pd.concat([part for part in compared if len(part)] or compared[:1], ignore_index=True)
    gap, low, high = (pairs[name].to_numpy(dtype=float) for name in ("gap", "gap_low", "gap_high"))
    differ = step_differs(gap, low, high, rule)
    pairs = pairs[differ].assign(distance=pairs["gap"].abs())
    keys = [*UNIT_COLUMNS, "step"]
    names = pairs.groupby(keys)["pair"].agg(", ".join).rename("roles")
    rows = pairs.sort_values("distance", ascending=False, kind="stable").drop_duplicates(keys).merge(names, on=keys)
    rows = rows.merge(_step_views(tally.counts, checklist, rule), on=keys)
    empty = dict.fromkeys(("chance", "far_share", "far_share_low"), np.nan)
    rows = rows.assign(item=None, heading=TO_DISCUSS, reason=STEP_DIFFERS, others="", divided="", **empty)
    if tally.protected is not None:
        rows = rows.assign(suppressed=False, why=pd.Series(None, index=rows.index, dtype="str"))
        rows = round_points(rows, ["level"])
    return rows.astype(dict.fromkeys((*TEXTS, "reason"), "str"))


def _steps_of_pair(tally: Counted, checklist: Instrument, a: str, b: str, team_size: TeamSize) -> pd.DataFrame:
    """The gap of two roles per step, where both are shown under these names."""
    table = gap_table(tally, checklist, a, b, "step", team_size)
    return table[table["pair"].eq(f"{a}-{b}") & table["gap_low"].notna()]


def _step_views(counts: Counts, checklist: Instrument, rule: Rule) -> pd.DataFrame:
    """Columns `school, wave, step, views, level, levels, n`; the last two per role, as dicts."""
    has_view = _has_view(counts.respondents, counts, checklist, rule)
    per_role = np.where(has_view, 100 * group_mean(mean_score(counts.answers), step_matrix(checklist)), np.nan)
    units, steps = has_view.shape[0], has_view.shape[2]
    levels, n = (np.moveaxis(figure, 1, 2).reshape(-1, len(counts.roles)) for figure in (per_role, counts.respondents))
    return pd.DataFrame(
        {
            "school": np.repeat(counts.units["school"].to_numpy(), steps),
            "wave": np.repeat(counts.units["wave"].to_numpy(), steps),
            "step": np.tile([step.number for step in checklist.steps], units),
            "views": _join_names(counts.roles, np.moveaxis(has_view, 1, 0)),
            "level": _over_views(per_role)[0].ravel(),
            "levels": [dict(zip(counts.roles, row, strict=True)) for row in levels.tolist()],
            "n": [dict(zip(counts.roles, row, strict=True)) for row in n.tolist()],
        }
    )


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Items and steps in one table: a step follows its items."""
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    figures = ["level", "gap", "gap_low", "gap_high", "chance", "far_share", "far_share_low"]
    columns = [*UNIT_COLUMNS, "step", "item", "heading", "roles", "reason", "text", *PARTS, "views", "others",
               "divided", *figures, *(name for name in ("suppressed", "why") if name in table)]  # fmt: skip
    order = table.assign(is_step=table["item"].isna()).sort_values([*UNIT_COLUMNS, "step", "is_step"], kind="stable")
    return order[columns].reset_index(drop=True)


# --- words ---


def _items_in_words(table: pd.DataFrame, counts: Counts, writer: _Words) -> pd.DataFrame:
    answers = [dict(zip(counts.roles, item, strict=True)) for item in counts.answers.swapaxes(1, 2).reshape(
        -1, len(counts.roles), counts.answers.shape[-1]).tolist()]  # fmt: skip
    rows = zip(table.to_dict("records"), answers, strict=True)
    return _with_text(table, [writer.of_item(row, counts_by_role) for row, counts_by_role in rows])


def _with_text(table: pd.DataFrame, parts: list[tuple[str, ...]]) -> pd.DataFrame:
    columns = pd.DataFrame(parts, index=table.index, columns=PARTS, dtype="str")
    text = [" ".join(filter(None, row)) for row in columns.itertuples(index=False)]
    return table.join(columns).assign(text=pd.Series(text, index=table.index, dtype="str"))


@dataclass(frozen=True, slots=True)
class _Words:
    """What a row says to a team: who answered what, what that means, and how sure it is."""

    checklist: Instrument
    text: Text
    rule: Rule

    def of_item(self, row: dict[Hashable, Any], answers: dict[str, list[int]]) -> tuple[str, str, str, str]:
        """The `PARTS` of the text of an item; `answers` are its counts per role."""
        views = _split(str(row["views"]))
        split = " ".join(self._view(role, answers[role]) for role in views)
        if row["heading"] == TOO_LITTLE_DATA:
            why = self.text.say(f"reason.{str(row['reason']).replace(' ', '_')}", team="")
            return split, self.text.say("agenda.too_little", why=why), "", ""
        within = [*self._divided(row), *self._unequal_answers(row, {role: answers[role] for role in views})]
        gaps = {pair: _gap(*(answers[role] for role in pair.split("-"))) for pair in _split(str(row["roles"]))}
        difference = [*self._which_way(row, gaps, "agenda.differ", "agenda.differ_too"), *within]
        return split, " ".join(difference), " ".join(self._how_sure(row, answers)), self._about(row)

    def of_step(self, row: dict[Hashable, Any]) -> tuple[str, str, str, str]:
        """The `PARTS` of the text of a complete step."""
        views = [self._step_view(role, row) for role in _split(str(row["views"]))]
        pairs = [pair.split("-") for pair in _split(str(row["roles"]))]
        gaps = {f"{a}-{b}": row["levels"][a] - row["levels"][b] for a, b in pairs}
        which_way = self._which_way(row, gaps, "agenda.step_differs", "agenda.step_differs_too")
        return " ".join(views), " ".join(which_way), self._between(row), ""

    def _view(self, role: str, answers: list[int]) -> str:
        """Who answered what, in the order of the form: Ja, Beetje, Nee."""
        labels = [answer.label[self.text.language] for answer in self.checklist.answers]
        given_answers = [(count, label) for count, label in zip(answers, labels, strict=True) if count][::-1]
        name, n = self._name(role), sum(answers)
        if n == 1:
            return self.text.say("agenda.view_of_one", role=name, answer=given_answers[0][1])
        counted = self.text.join([f"{count} {label}" for count, label in given_answers])
        return self.text.say("agenda.view", role=name, n=n, counts=counted)

    def _step_view(self, role: str, row: dict[Hashable, Any]) -> str:
        level, n = self.text.number(row["levels"][role]), row["n"][role]
        key = "agenda.step_view_of_one" if n == 1 else "agenda.step_view"
        return self.text.say(key, role=self._name(role), n=n, level=level)

    def _which_way(self, row: dict[Hashable, Any], gaps: dict[str, float], first: str, second: str) -> Iterator[str]:
        """Of the pair furthest apart; then of every other pair that differs."""
        pairs = sorted(gaps, key=lambda pair: pair != row["pair"])
        for pair in pairs:
            gap = row["gap"] if pair == row["pair"] else gaps[pair]
            high, low = pair.split("-") if gap > 0 else pair.split("-")[::-1]
            names = {"high": self._the(high), "low": self._the(low), "gap": self.text.number(abs(gap))}
            yield sentence_case(self.text.say(first if pair == pairs[0] else second, **names))

    def _divided(self, row: dict[Hashable, Any]) -> Iterator[str]:
        for role in _split(str(row["divided"])):
            key = "agenda.divided_known" if role in self.checklist.known_role_ids else "agenda.divided"
            yield self.text.say(key, role=sentence_case(self._the(role)))

    def _unequal_answers(self, row: dict[Hashable, Any], answers: dict[str, list[int]]) -> Iterator[str]:
        """Known persons of one role who answered differently, where that is not said already."""
        for role in self.checklist.known_role_ids:
            if sum(count > 0 for count in answers.get(role, ())) > 1 and role not in _split(str(row["divided"])):
                yield self.text.say("agenda.unequal", role=self._the(role))

    def _how_sure(self, row: dict[Hashable, Any], answers: dict[str, list[int]]) -> Iterator[str]:
        """Between what bounds the difference lies, and what makes it one; of how many a group is divided."""
        if row["roles"] and pd.notna(row["gap_low"]):
            yield self._between(row)
        if row["roles"] and pd.notna(row["chance"]):
            yield self.text.say("agenda.chance", times=max(1, round(100 * row["chance"])))
        if row["roles"] and pd.notna(row["far_share"]):
            yield self._far_side(row, answers)
        if set(_split(str(row["divided"]))) - set(self.checklist.known_role_ids):
            yield self.text.say("agenda.divided_sure", share=self.text.number(100 * self.rule.divided))

    def _between(self, row: dict[Hashable, Any]) -> str:
        ends = sorted(round(-row[end] if row["gap"] < 0 else row[end]) for end in ("gap_low", "gap_high"))
        return self.text.say("agenda.between", low=ends[0], high=ends[1])

    def _far_side(self, row: dict[Hashable, Any], answers: dict[str, list[int]]) -> str:
        """How many of the group answer on that side of the known person."""
        a, b = str(row["pair"]).split("-")
        person, group = (a, b) if a in self.checklist.known_role_ids else (b, a)
        key = "agenda.far_lower" if (row["gap"] > 0) == (person == a) else "agenda.far_higher"
        n = sum(answers[group])
        names = {"group": self._name(group).lower(), "person": self._the(person)}
        return self.text.say(key, **names, n=n, count=round(n * row["far_share"]))

    def _about(self, row: dict[Hashable, Any]) -> str:
        """Whom the item is about, where somebody answered about others."""
        if not row["others"]:
            return ""
        actors = self.checklist.item(str(row["item"])).actors
        return self.text.say("agenda.about_others", actors=self.text.join([*map(self._the, actors)]))

    def _name(self, role: str) -> str:
        return self.checklist.role(role).plural[self.text.language]

    def _the(self, role: str) -> str:
        return self.text.say("list.the_role", role=self._name(role).lower())


def _gap(a: list[int], b: list[int]) -> float:
    first, second = 100 * mean_score(np.array([a, b]))
    return float(first - second)


def _split(names: str) -> list[str]:
    return names.split(", ") if names else []
