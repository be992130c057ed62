"""Weights of schools, by their size or to a population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_checklist, as_role, check_columns, explained
from toolkit.responses import GROUP_COLUMNS, UNIT_COLUMNS

COUNT = "n_schools"
"""Column of a population table: the number of schools of a kind."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight per school and wave, with its source; without weights all count the same.

    Attributes
    ----------
    table
        Columns `school, wave, weight`; the mean over the schools of a wave is 1.
    kind
        `size` or `population`.
    by
        Facts that the population is divided by; for `size` the role whose number invited is the size.
    left_out
        Schools without a weight: their size or kind is not known.
    uncovered
        Per wave the part of the population (0..1) of a kind of which no school took part: no school represents it.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> invited = responses.groupby(["school", "wave", "role"], observed=True).size().rename("invited").reset_index()
    >>> weights = tk.size_weights(responses, invited)
    >>> bool(weights.table["weight"].min() > 0)
    True
    """

    table: pd.DataFrame
    kind: str
    by: tuple[str, ...]
    left_out: tuple[str, ...]
    uncovered: dict[str, float]

    def effective_schools(self) -> pd.Series:
        """Kish's effective number of schools per wave, (sum w)² / sum w²: fewer than there are."""
        weight = self.table.set_index("wave")["weight"]
        sums = weight.groupby(level="wave").sum()
        return (sums**2 / (weight**2).groupby(level="wave").sum()).rename("n_effective")

    def summary(self, language: str = "nl") -> str:
        """Describe the weights in words: their source, design effect and gaps."""
        text = load_text(language)
        say, number = text.say, text.number
        lines = [say(f"weights.{self.kind}", by=text.join(list(self.by)))]
        for wave, effective in self.effective_schools().items():
            schools = int(self.table["wave"].eq(str(wave)).sum())
            lines.append(say("weights.effective", wave=wave, n=schools, effective=number(float(effective))))
            if share := self.uncovered.get(str(wave), 0.0):
                lines.append(say("weights.uncovered", wave=wave, share=number(100 * share)))
        if self.left_out:
            lines.append(say("weights.left_out", n=len(self.left_out)))
        return "\n".join(lines)


@explained
def size_weights(responses: pd.DataFrame, invited: pd.DataFrame, role: str = "teacher") -> Weights:
    """Weights by the people invited of a role: means over people instead of schools.

    Parameters
    ----------
    responses
        Which schools took part, and when (columns `school, wave`).
    invited
        Columns `school, wave, role, invited`.

    Raises
    ------
    ToolkitError
        Of no school the number is known.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> invited = responses.groupby(["school", "wave", "role"], observed=True).size().rename("invited").reset_index()
    >>> print(tk.size_weights(responses, invited).summary().splitlines()[0])
    Gewogen naar grootte: een school telt naar het aantal uitgenodigden in de rol teacher.
    """
    if missing := {*GROUP_COLUMNS, "invited"} - set(getattr(invited, "columns", ())):
        raise ToolkitError(load_text().say("cohort.no_invited", missing=", ".join(sorted(missing))))
    present = _present(responses)
    role = as_role(role, as_checklist(None))
    of_role = invited[invited["role"].eq(role)].dropna(subset="invited").drop_duplicates(UNIT_COLUMNS)
    table = present.merge(of_role[[*UNIT_COLUMNS, "invited"]], on=UNIT_COLUMNS, how="left")
    sized = table.assign(weight=pd.to_numeric(table["invited"], errors="coerce").astype("float64"))
    return _weights(sized, "size", (role,), {})


@explained
def population_weights(
    responses: pd.DataFrame, schools: pd.DataFrame, population: pd.DataFrame, by: str | Sequence[str] | None = None
) -> Weights:
    """Post-stratification: weights to a population's number of schools of each kind.

    Parameters
    ----------
    responses
        Which schools took part, and when (columns `school, wave`).
    schools
        Columns `school` and those of `by`, see `toolkit.join_register`.
    population
        Columns of `by` and `n_schools`: how many schools of each kind there are.
    by
        Such as `["sector", "province"]`; all columns of the population but `n_schools` where none are given.

    Raises
    ------
    ToolkitError
        A column is missing, a kind is there twice, a number is below 0, or no school is of any kind.

    Examples
    --------
    >>> responses = pd.DataFrame({"school": ["a", "b", "c"], "wave": "2025-2026"})
    >>> schools = pd.DataFrame({"school": ["a", "b", "c"], "sector": ["po", "po", "vo"]})
    >>> population = pd.DataFrame({"sector": ["po", "vo"], "n_schools": [60, 60]})
    >>> population_weights(responses, schools, population).table["weight"].tolist()
    [0.75, 0.75, 1.5]
    """
    check_columns(schools, "schools", ["school"], "tk.read_register(...)")
    if not isinstance(population, pd.DataFrame):
        raise ToolkitError(load_text().say("weights.no_column", missing=COUNT))
    names = [by] if isinstance(by, str) else list(by or [name for name in population.columns if name != COUNT])
    count = _check_population(schools, population, names)
    present = _present(responses)
    kinds = schools[["school", *names]].drop_duplicates("school").dropna()
    table = present.merge(kinds, on="school", how="left").merge(count, on=names, how="left")
    size = table.groupby(["wave", *names])["school"].transform("size")
    weighted = table.assign(weight=table[COUNT] / size)
    uncovered = {}
    for wave, rows in weighted.groupby("wave"):
        absent = count.merge(rows[names].drop_duplicates(), on=names, how="left", indicator=True)["_merge"].eq(
            "left_only"
        )
        uncovered[str(wave)] = float(count[COUNT][absent.to_numpy()].sum() / count[COUNT].sum())
    return _weights(weighted, "population", tuple(names), uncovered)


def _present(responses: pd.DataFrame) -> pd.DataFrame:
    return responses[UNIT_COLUMNS].dropna().drop_duplicates().sort_values(["wave", "school"], ignore_index=True)


def _check_population(schools: pd.DataFrame, population: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    say = load_text().say
    missing = [name for name in names if name not in schools.columns or name not in population.columns]
    missing = missing if COUNT in population.columns else [COUNT]
    if missing:
        raise ToolkitError(say("weights.no_column", missing=", ".join(missing)))
    if population.duplicated(names).any():
        raise ToolkitError(say("weights.twice"))
    count = population[[*names, COUNT]].assign(
        **{COUNT: pd.to_numeric(population[COUNT], errors="coerce").astype("float64")}
    )
    if not count[COUNT].ge(0).all():
        raise ToolkitError(say("weights.below_zero"))
    return count.reset_index(drop=True)


def _weights(table: pd.DataFrame, kind: str, by: tuple[str, ...], uncovered: dict[str, float]) -> Weights:
    """Weights with mean 1 over the schools of a wave."""
    usable = table["weight"].gt(0) & np.isfinite(table["weight"])
    if not usable.any():
        raise ToolkitError(load_text().say("weights.none"))
    chosen = table[usable]
    mean = chosen.groupby("wave")["weight"].transform("mean")
    scaled = chosen[UNIT_COLUMNS].assign(weight=chosen["weight"] / mean).reset_index(drop=True)
    left_out = tuple(sorted(set(table.loc[~usable, "school"])))
    return Weights(scaled, kind, by, left_out, uncovered)
