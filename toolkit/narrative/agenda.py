"""The agenda of a team meeting: what goes well, what can be better, what to talk about.

Per item the views of the roles are held beside each other. Where they differ by more than chance would have it, or a
group stands divided, the item is to be discussed; else it goes well where all lean to Ja, and can be better where they
don't. `Rule` has all numbers, in one place; docs/methode.md says why they are what they are. A heading is the start of
a conversation, never a verdict.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.core.errors import MissingReason
from toolkit.core.i18n import Text, load_text
from toolkit.instrument.model import Instrument
from toolkit.measures.agreement import agreement
from toolkit.measures.array_math import Floats, mean_score, shares
from toolkit.measures.counts import Counted, Measurable, counted
from toolkit.measures.intervals import wilson
from toolkit.measures.randomization_test import chance_of_gap
from toolkit.privacy import Protected
from toolkit.responses import Counts

GOES_WELL, CAN_BE_BETTER = "goes_well", "can_be_better"
TO_DISCUSS, TOO_LITTLE_DATA = "to_discuss", "too_little_data"
Bools = NDArray[np.bool_]
HEADINGS = (GOES_WELL, CAN_BE_BETTER, TO_DISCUSS, TOO_LITTLE_DATA)

ROLES_DIFFER = "roles differ"
TEAM_DIFFERS = "team differs"
PARTS = ["split", "difference", "sure", "about"]
"""The parts of a row's text: who answered what; which way that differs; how sure; and whom the item is about."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When two roles differ, when a group is divided, and what goes well.

    Attributes
    ----------
    opposite, leeway
        Two roles differ when their gap is at least `opposite` - `leeway` / sqrt(n) points, n the people of the larger
        group: nearly two whole answers apart, with room for who happened to answer.
    team_of, chance, chance_small
        ... and when chance alone gives such a gap at most that often (see
        `toolkit.measures.randomization_test`); `chance_small`
        where n is below `team_of`, because there one answer weighs so heavily.
    sure
        They differ too at a smaller gap that chance gives seldom: (least gap, most chance), more than one.
    divided
        A group is divided when more than this share of it says Nee and more than this share says Ja: both intervals
        (Wilson, 95%) lie above it.
    well
        An item goes well when the level of every role that was heard is at least this; else it can be better.
    fewest
        A group with fewer answers has no view here; `protect` asks for more.
    """

    opposite: float = 85.0
    leeway: float = 51.0
    team_of: int = 10
    chance: float = 1 / 3
    chance_small: float = 1 / 6
    sure: tuple[tuple[float, float], ...] = ((65.0, 1 / 10), (40.0, 1 / 20))
    divided: float = 0.2
    well: float = 70.0
    fewest: int = 3


def agenda(data: Measurable, checklist: Instrument, *, rule: Rule | None = None, language: str = "nl") -> pd.DataFrame:
    """Put every item under a heading.

    Parameters
    ----------
    data
        `Protected`, or responses (a researcher's own table); or either of them `counted`.
    rule
        `Rule()` where none is given.
    language
        Of `text`.

    Returns
    -------
    One row per school × wave × item: `school, wave, step, item, heading, roles, reason, text, split, difference,
    sure, about, views, others, divided, level, gap, gap_low, gap_high, chance`.

    `heading` is one of `HEADINGS`. `reason` says why an item is to be discussed (`roles differ`, `team differs`) or has
    too little data. `roles` are the pairs that differ (`director-teacher`, in the instrument's order; several with a
    comma), `divided` the groups that stand divided, `views` the roles that were heard, `others` those of them that
    answered about others than themselves; `text` says it all, in its `PARTS`. `level` (0..100) is the mean of the
    views, each as heavy. `gap` (first role minus second), its interval and `chance` are of the pair furthest apart.
    From `Protected` also `suppressed, why`: of a hidden group or item nothing is in any column.

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
    rule = rule or Rule()
    once = counted(data, checklist)
    counts = once.counts
    heard = _heard(counts, checklist, rule)
    level = np.where(heard, 100 * mean_score(counts.answers), np.nan)
    pairs = _pairs(counts, checklist, heard, rule)
    divided = _divided(counts, checklist, heard, rule)
    table = _table(counts, checklist, heard, level, pairs, divided, rule)
    table = _with_intervals(table, counts, checklist)
    if once.protected is not None:
        table = _with_hidden(table, once.protected, checklist)
    return _in_words(table, counts, _Words(checklist, load_text(language), rule))


def differ(gap: Floats, chance: Floats, n: Floats, rule: Rule) -> Bools:
    """Whether two roles differ on an item.

    Parameters
    ----------
    gap
        In points, either sign; NaN where there is nothing to compare.
    chance
        From `chance_of_gap`.
    n
        People of the larger group.

    Examples
    --------
    One director says Ja; of ten teachers two say Ja and the others Nee, then five of ten:

    >>> differ(np.array([80.0, 50.0]), np.array([3 / 11, 6 / 11]), np.array([10, 10]), Rule()).tolist()
    [True, False]
    """
    apart, tiny = np.abs(gap), 1e-9
    allowed = np.where(n >= rule.team_of, rule.chance, rule.chance_small)
    opposite = (apart >= rule.opposite - rule.leeway / np.sqrt(np.maximum(n, 1)) - tiny) & (chance <= allowed + tiny)
    sure = [(apart >= least - tiny) & (chance <= most + tiny) for least, most in rule.sure]
    result: Bools = np.logical_or.reduce([opposite, *sure])
    return result


# --- the rule, over arrays (units, roles, items) ---


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Per pair of roles: gap, chance and whether they differ, each (pairs, units, items)."""

    names: list[str]
    gap: Floats
    chance: Floats
    differ: Bools


def _heard(counts: Counts, checklist: Instrument, rule: Rule) -> Bools:
    """Which roles have a view: a known person always, a group from the fewest answers."""
    known = {role.id for role in checklist.roles if role.known}
    fewest = np.array([1 if role in known else rule.fewest for role in counts.roles])
    result: Bools = counts.per_item >= fewest[:, None]
    return result


def _pairs(counts: Counts, checklist: Instrument, heard: Bools, rule: Rule) -> _Pairs:
    found = _role_pairs(checklist)
    place = [(counts.roles.index(a), counts.roles.index(b)) for a, b in found]
    score = 100 * mean_score(counts.answers)
    shape = (len(found), *heard[:, 0].shape)
    gap, chance, apart = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    for index, (a, b) in enumerate(place):
        both = heard[:, a] & heard[:, b]
        first, second = counts.answers[:, a][both], counts.answers[:, b][both]
        gap[index][both] = (score[:, a] - score[:, b])[both]
        chance[index][both] = chance_of_gap(first, second)
        larger = np.maximum(first.sum(axis=-1), second.sum(axis=-1)).astype(float)
        apart[index][both] = differ(gap[index][both], chance[index][both], larger, rule)
    return _Pairs([f"{a}-{b}" for a, b in found], gap, chance, apart)


def _role_pairs(checklist: Instrument) -> list[tuple[str, str]]:
    """Every two roles that can both be shown: a team never stands beside a part of itself."""
    pairs = combinations(checklist.shown_role_ids, 2)
    return [(a, b) for a, b in pairs if not (b == checklist.team.id and a in checklist.team.roles)]


def _divided(counts: Counts, checklist: Instrument, heard: Bools, rule: Rule) -> Bools:
    """Whether more than a few of a group say the lowest, and more than a few the highest answer."""
    known = np.array([role in {r.id for r in checklist.roles if r.known} for role in counts.roles])
    n = np.maximum(counts.per_item, 1).astype(float)
    part = np.nan_to_num(shares(counts.answers))
    quantile = np.array(1.959964)
    lows = [wilson(part[..., answer], n, quantile)[0] for answer in (0, -1)]
    result: Bools = heard & ~known[:, None] & (np.minimum(*lows) > rule.divided)
    return result


def _table(
    counts: Counts, checklist: Instrument, heard: Bools, level: Floats, pairs: _Pairs, divided: Bools, rule: Rule
) -> pd.DataFrame:
    """The rows, without what only protection or words add."""
    units, items = heard.shape[0], heard.shape[2]
    groups = [role for role in counts.roles if not _is_known(role, checklist)]
    group_heard = heard[:, [counts.roles.index(role) for role in groups]].any(axis=1)
    mean, lowest = _over_views(level)
    furthest = _furthest(pairs)
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
        "roles": _named(pairs.names, pairs.differ & group_heard),
        "views": _named(counts.roles, np.moveaxis(heard, 1, 0)),
        "others": _named(counts.roles, np.moveaxis(heard & _about_others(counts, checklist), 1, 0)),
        "divided": _named(counts.roles, np.moveaxis(divided, 1, 0)),
        "level": np.where(group_heard, mean, np.nan).ravel(),
        "gap": np.take_along_axis(pairs.gap, furthest[None], axis=0)[0].ravel(),
        "chance": np.take_along_axis(pairs.chance, furthest[None], axis=0)[0].ravel(),
        "pair": np.array(pairs.names, dtype=object)[furthest].ravel(),
    }
    table = pd.DataFrame(columns).astype(
        dict.fromkeys(("school", "wave", "item", "heading", "roles", "views", "others", "divided", "pair"), "str")
    )
    reasons = [table["heading"].eq(TOO_LITTLE_DATA), table["roles"].ne(""), table["divided"].ne("")]
    chosen = np.select(
        [reason.to_numpy() for reason in reasons], [MissingReason.NO_ANSWERS, ROLES_DIFFER, TEAM_DIFFERS], ""
    )
    table["reason"] = pd.Series(chosen, index=table.index, dtype="str").replace("", None)
    return table


def _is_known(role: str, checklist: Instrument) -> bool:
    return role in {r.id for r in checklist.roles if r.known}


def _over_views(level: Floats) -> tuple[Floats, Floats]:
    """Mean and lowest level of the views, each view as heavy; NaN where there is none."""
    there = ~np.isnan(level)
    mean = np.divide(np.nansum(level, axis=1), there.sum(axis=1), out=np.full(level[:, 0].shape, np.nan),
                     where=there.any(axis=1))  # fmt: skip
    return mean, np.where(there, level, np.inf).min(axis=1)


def _furthest(pairs: _Pairs) -> NDArray[np.int64]:
    """Index of the pair furthest apart; of those that differ where any does."""
    apart = np.nan_to_num(np.abs(pairs.gap), nan=-1.0) + 1000 * pairs.differ
    furthest: NDArray[np.int64] = apart.argmax(axis=0)
    return furthest


def _about_others(counts: Counts, checklist: Instrument) -> Bools:
    """Shape (roles, items): whether an item is about others than that role."""
    parts = {role: {role} for role in counts.roles} | {checklist.team.id: set(checklist.team.roles)}
    return np.array([[not parts[role] & set(item.actors) for item in checklist.items] for role in counts.roles])


def _named(names: list[str], chosen: Bools) -> list[str]:
    """Names of what is chosen, first axis, joined per unit and item."""
    flat = chosen.reshape(len(names), -1).T
    known: dict[bytes, str] = {}
    for row in np.unique(flat, axis=0):
        known[row.tobytes()] = ", ".join(name for name, here in zip(names, row, strict=True) if here)
    return [known[row.tobytes()] for row in np.ascontiguousarray(flat)]


def _with_intervals(table: pd.DataFrame, counts: Counts, checklist: Instrument) -> pd.DataFrame:
    """The interval of the gap, as `agreement` gives it per item for the pair furthest apart."""
    # as if nothing were hidden: what is hidden is not in the counts, and every pair here is one that may be shown
    seen = Counted(counts, None)
    keys = ["school", "wave", "item"]
    found = table.set_index([*keys, "pair"])[[]].assign(gap_low=np.nan, gap_high=np.nan)
    for pair in table.loc[table["gap"].notna(), "pair"].unique():
        a, b = pair.split("-")
        compared = agreement(seen, checklist, a, b, per="item").assign(pair=pair)
        found.update(compared.set_index([*keys, "pair"])[["gap_low", "gap_high"]])
    return table.assign(gap_low=found["gap_low"].to_numpy(), gap_high=found["gap_high"].to_numpy())


def _with_hidden(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    """Why an item has too little data, where that is because of what is not shown."""
    hidden = data.hidden[data.hidden["why"].ne(MissingReason.SHOWN_AS_TEAM)]
    whole = hidden[hidden["item"].isna()].drop(columns="item").merge(
        pd.DataFrame({"item": checklist.item_ids}), how="cross"
    )  # fmt: skip
    why = pd.concat([whole, hidden.dropna(subset="item")]).groupby(["school", "wave", "item"])["why"].first()
    place = pd.MultiIndex.from_frame(table[["school", "wave", "item"]])
    lost = table["heading"].eq(TOO_LITTLE_DATA) & place.isin(why.index)
    found = pd.Series(why.reindex(place).to_numpy(), index=table.index, dtype="str").where(lost, None)
    return table.assign(suppressed=lost, why=found, reason=table["reason"].mask(lost, found))


# --- words ---


def _in_words(table: pd.DataFrame, counts: Counts, words: _Words) -> pd.DataFrame:
    answers = [dict(zip(counts.roles, item, strict=True)) for item in counts.answers.swapaxes(1, 2).reshape(
        -1, len(counts.roles), counts.answers.shape[-1]).tolist()]  # fmt: skip
    said = pd.DataFrame(
        [words.of(row, given) for row, given in zip(table.to_dict("records"), answers, strict=True)],
        index=table.index, columns=PARTS, dtype="str",
    )  # fmt: skip
    everything = [" ".join(filter(None, parts)) for parts in said.itertuples(index=False)]
    table = table.join(said).assign(text=pd.Series(everything, index=table.index, dtype="str"))
    first = ["school", "wave", "step", "item", "heading", "roles", "reason", "text", *PARTS]
    first += ["views", "others", "divided"]
    rest = ["level", "gap", "gap_low", "gap_high", "chance", *(c for c in ("suppressed", "why") if c in table)]
    return table[[*first, *rest]]


@dataclass(frozen=True, slots=True)
class _Words:
    """What a row says to a team: who answered what, what that means, and how sure it is."""

    checklist: Instrument
    text: Text
    rule: Rule

    def of(self, row: dict[Hashable, Any], answers: dict[str, list[int]]) -> tuple[str, str, str, str]:
        """The `PARTS` of one row's text; `answers` are its counts per role."""
        split = " ".join(self._view(role, answers[role]) for role in _split(str(row["views"])))
        if row["heading"] == TOO_LITTLE_DATA:
            return split, self._too_little(str(row["reason"])), "", ""
        groups = [self.text.say("agenda.divided", role=self._the(role)) for role in _split(str(row["divided"]))]
        difference = [*self._which_way(row, answers), *groups] if row["roles"] else groups
        return split, " ".join(difference), " ".join(self._how_sure(row)), self._about(row)

    def _view(self, role: str, answers: list[int]) -> str:
        """Who answered what, in the order of the form: Ja, Beetje, Nee."""
        labels = [answer.label[self.text.language] for answer in self.checklist.answers]
        given = [(count, label) for count, label in zip(answers, labels, strict=True) if count][::-1]
        name, n = self.checklist.role(role).plural[self.text.language], sum(answers)
        if n == 1:
            return self.text.say("agenda.view_of_one", role=name, answer=given[0][1])
        counted = self.text.join([f"{count} {label}" for count, label in given])
        return self.text.say("agenda.view", role=name, n=n, counts=counted)

    def _which_way(self, row: dict[Hashable, Any], answers: dict[str, list[int]]) -> Iterator[str]:
        """Of the pair furthest apart; then of every other pair that differs."""
        pairs = sorted(_split(str(row["roles"])), key=lambda pair: pair != row["pair"])
        for pair in pairs:
            words = "agenda.differ" if pair == pairs[0] else "agenda.differ_too"
            a, b = pair.split("-")
            gap = row["gap"] if pair == row["pair"] else _gap(answers[a], answers[b])
            high, low = (a, b) if gap > 0 else (b, a)
            told = {"high": self._the(high), "low": self._the(low), "gap": self.text.number(abs(gap))}
            yield self.text.say(words, **told)

    def _how_sure(self, row: dict[Hashable, Any]) -> Iterator[str]:
        """Between what bounds the difference lies, how often chance alone gives it; of how many a group is divided."""
        if row["roles"] and pd.notna(row["gap_low"]):
            ends = sorted(round(-row[end] if row["gap"] < 0 else row[end]) for end in ("gap_low", "gap_high"))
            yield self.text.say("agenda.between", low=ends[0], high=ends[1])
        if row["roles"]:
            yield self.text.say("agenda.chance", times=max(1, round(100 * row["chance"])))
        if row["divided"]:
            yield self.text.say("agenda.divided_sure", share=self.text.number(100 * self.rule.divided))

    def _about(self, row: dict[Hashable, Any]) -> str:
        """Whom the item is about, where somebody answered about others."""
        others = _split(row["others"])
        if not others:
            return ""
        actors = self.checklist.item(str(row["item"])).actors
        told = {"actors": self._all(actors), "others": self._all(others)}
        return self.text.say("agenda.about_others", **told)

    def _all(self, roles: list[str]) -> str:
        return self.text.join([self._the(role) for role in roles])

    def _too_little(self, reason: str) -> str:
        return self.text.say("agenda.too_little", why=self.text.say(f"reason.{reason.replace(' ', '_')}", team=""))

    def _the(self, role: str) -> str:
        return self.text.say("list.the_role", role=self.checklist.role(role).plural[self.text.language].lower())


def _gap(a: list[int], b: list[int]) -> float:
    first, second = 100 * mean_score(np.array([a, b]))
    return float(first - second)


def _split(names: str) -> list[str]:
    return names.split(", ") if names else []
