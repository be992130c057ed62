"""How much the members of one role agree among themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.core.errors import MissingReason
from toolkit.instrument.arguments import as_checklist, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints, group_mean, ratio, total
from toolkit.measures.counts import (
    Counted,
    TeamSize,
    counted,
    hidden_groups,
    hidden_items,
    known_size,
    one_team_size,
    reason_if,
    team_size_of,
    to_nullable_int,
    with_hidden_rows,
)
from toolkit.measures.intervals import added_colleague, squared_error
from toolkit.measures.level import sampled_forms, sampled_roles, step_rows
from toolkit.measures.shown_figures import round_shares
from toolkit.privacy import Protected
from toolkit.responses import GROUP_COLUMNS, Counts, HasResponses, step_matrix

MIN_FOR_INTERVAL = 5
GIVEN = ["consensus", "consensus_low", "consensus_high", "polarisation", "n", "n_items", "team_size", "reason"]


@explained
def consensus(
    data: pd.DataFrame | HasResponses | Protected | Counted,
    checklist: Instrument | None = None,
    invited: pd.DataFrame | None = None,
    *,
    team_size: TeamSize = None,
) -> pd.DataFrame:
    """Consensus and opposing pairs within each role, per step.

    Parameters
    ----------
    data, team_size, invited
        As in `levels`.

    Returns
    -------
    Columns `school, wave, role, step, consensus, consensus_low, consensus_high, polarisation, n, n_items, team_size,
    reason`.
    `consensus` is 1 minus the mean distance |k - l| of two members' answers (0 Nee .. 2 Ja), averaged over the items
    that at least two answered: 1 where all answer alike, 1/9 where every answer is as likely, below 0 where they stand
    opposed. `polarisation` is the share of pairs that answer Nee against Ja. The interval is for sampled roles, from 5
    respondents. From `Protected` also `suppressed, why`.

    Notes
    -----
    Blair & Lacy's (2000) l² with the correction for small groups n / (n - 1). Interval: the added colleague on
    half the mean distance, a share of the greatest distance there is; see docs/methode.md for what it covers.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> bool(tk.consensus(safe)["consensus"].max() <= 1)
    True
    """
    checklist = as_checklist(checklist)
    source = counted(data, checklist)
    size = one_team_size(team_size, invited)
    table = source.table(lambda counts: _consensus_of_part(counts, checklist, size))
    if source.protected is None:
        return table
    return round_shares(_with_hidden(table, source.protected, checklist), ["consensus", "polarisation"])


def consensus_of(counts: Ints, unbiased: bool = True) -> Floats:
    """Consensus of counts per answer (last axis), for any number of ordered answers.

    Parameters
    ----------
    unbiased
        With the correction n / (n - 1); without it, this is Blair & Lacy's l² as published.

    Returns
    -------
    1 - 4 / (K - 1) · sum_k F_k (1 - F_k), F the cumulative shares; NaN where nobody answered, and unbiased below two.

    Examples
    --------
    >>> float(consensus_of(np.array([0, 3, 7]), unbiased=False).round(2)), float(consensus_of(np.array([1, 0, 1])))
    (0.58, -1.0)
    """
    n = total(counts)
    below = ratio(np.cumsum(counts, axis=-1)[..., :-1], n[..., None])
    apart = 4 / (counts.shape[-1] - 1) * np.einsum("...k,...k->...", below, 1 - below)
    correction = ratio(n, n - 1) if unbiased else 1.0
    return np.where(n > int(unbiased), 1 - correction * apart, np.nan)


def polarisation_of(counts: Ints) -> Floats:
    """Share of pairs that give the lowest against the highest answer; NaN below two respondents."""
    n = total(counts)
    return ratio(2 * counts[..., 0] * counts[..., -1], n * (n - 1))


def consensus_without(counts: Ints) -> Floats:
    """Consensus per item once a respondent of each answer is left out; NaN below two left."""
    k = np.arange(counts.shape[-1])
    apart = np.abs(k[:, None] - k[None, :])
    to_others = counts @ apart
    ordered_pairs = total(counts * to_others)[..., None]
    n = total(counts)[..., None]
    scale = 2 / (counts.shape[-1] - 1)
    consensus = 1 - scale * ratio(ordered_pairs - 2 * to_others, (n - 1) * (n - 2))
    return np.where(n > 2, consensus, np.nan)


def _consensus_of_part(counts: Counts, checklist: Instrument, team_size: TeamSize) -> pd.DataFrame:
    steps = step_matrix(checklist)
    per_item = consensus_of(counts.answers)
    value, opposed = group_mean(per_item, steps), group_mean(polarisation_of(counts.answers), steps)
    low, high, size = _intervals(counts, checklist, per_item, value, team_size)
    cell, names = step_rows(counts, checklist)
    table = names.assign(
        consensus=value[cell],
        consensus_low=low[cell],
        consensus_high=high[cell],
        polarisation=opposed[cell],
        n=to_nullable_int(counts.respondents[cell]),
        n_items=to_nullable_int((~np.isnan(per_item) @ steps)[cell]),
        team_size=to_nullable_int(size[cell]),
    )
    return table.assign(reason=_reasons(table, checklist))


def _intervals(
    counts: Counts, checklist: Instrument, per_item: Floats, value: Floats, team_size: TeamSize
) -> tuple[Floats, Floats, Floats]:
    """Interval and team size per unit, role and step; NaN for roles that are a census."""
    low, high, size = np.full((3, *value.shape), np.nan)
    for role in sampled_roles(counts, checklist):
        everyone = np.full(len(counts.units), role)
        n = counts.respondents[:, role]
        sampled = sampled_forms(counts, everyone, step_matrix(checklist), n)
        answers = counts.answers[:, role]
        # half the mean distance: a share (0..1) of the greatest distance between two answers
        distance, without = (1 - per_item[:, role, :, None]) / 2, (1 - consensus_without(answers)[..., None]) / 2
        error = squared_error(sampled, answers, distance, without, pairs=True)[..., 0]
        people = team_size_of(team_size, counts, everyone, checklist)
        share = np.clip((1 - value[:, role]) / 2, 0, 1)
        ends = added_colleague(share, error, n, sampled.size, people[:, None], sampled.measured)
        near, far = (np.where(n < MIN_FOR_INTERVAL, np.nan, 1 - 2 * end) for end in ends)
        low[:, role], high[:, role] = far, near
        size[:, role] = known_size(people, n)
    return low, high, size


def _reasons(table: pd.DataFrame, checklist: Instrument) -> pd.Series:
    few = table["consensus"].isna() | table["n"].lt(MIN_FOR_INTERVAL) & table["role"].isin(checklist.sampled_role_ids)
    return reason_if(few, MissingReason.TOO_FEW_RESPONDENTS).fillna(
        reason_if(table["consensus_low"].isna(), MissingReason.CENSUS)
    )


def _with_hidden(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    steps = pd.DataFrame({"step": [step.number for step in checklist.steps]})
    keys = [*GROUP_COLUMNS, "step"]
    thinned = pd.MultiIndex.from_frame(table[keys]).isin(pd.MultiIndex.from_frame(hidden_items(data, checklist)[keys]))
    lost = table["n_items"].eq(0) & thinned
    shown = table.assign(suppressed=lost, why=reason_if(lost, MissingReason.TOO_FEW_ANSWERS))
    shown.loc[lost, GIVEN] = pd.NA
    return with_hidden_rows(shown, hidden_groups(data).merge(steps, how="cross"), keys, checklist.shown_role_ids)
