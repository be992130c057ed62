"""How often the 95% intervals hold what they promise, by simulation: `python -m benchmarks.coverage`.

Many made-up schools are drawn from a population that is known; teachers are drawn, the two fixed sides are not. Each
figure's interval either holds the population's value or not. What is tested is the product, through `toolkit.levels`,
`toolkit.agreement` and `toolkit.consensus`: a researcher's own table ("ours"), and what leaves protection ("shown"), of
which the intervals follow from the counts per item at any size, in whole points. Below thirteen respondents these are
the same but for the rounding. Three others are computed here for the same schools: the moderated Wilson that the
toolkit had before, the plain jackknife-t interval and the percentile bootstrap over respondents. The interval score
adds to the width 2 / .05 times what the true value lies outside (Gneiting & Raftery, 2007): less is better.

One person's answers within a step share a normal factor: `correlation` is that of the normals behind two answers, and
thresholds make the shares of the population. The answers themselves then hang together less. So in some cells a person
has a stock answer per step instead, and gives it with a chance that makes `correlation` that of the answers. Two fixed
sides answer with the same teachers: a director who says Ja throughout and, in the place of the care professional, one
whose answers are mixed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import toolkit as tk
from toolkit.measures.intervals import wilson
from toolkit.responses import check_responses, step_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ends = tuple[Floats, Floats]

SEED = 20_240
TEACHERS = (3, 5, 8, 15, 30)
CORRELATIONS = (0.0, 0.3, 0.6, 0.9)
STOCK_TEACHERS, STOCK_CORRELATIONS = (3, 8, 30), (0.3, 0.6)
POPULATIONS = {
    "balanced": ((1 / 3, 1 / 3, 1 / 3),),
    "skewed": ((0.05, 0.15, 0.8),),
    "strongly skewed": ((0.02, 0.08, 0.9),),
    "the other way": ((0.9, 0.08, 0.02),),
    "polarised": ((0.45, 0.1, 0.45),),
    "items differ": ((1 / 3, 1 / 3, 1 / 3), (0.1, 0.3, 0.6), (0.02, 0.08, 0.9)),
}
"""Shares of Nee, Beetje and Ja; of several rows, the items take one after the other."""

FIXED = {"director": (2,), "care": (2, 1, 2, 0)}
"""Answers of the two fixed sides, item after item: all Ja, and mixed."""

MIN_SHOWN = 3
"""Care professionals there are, who all answer the same, and the minimum of a group that is shown."""

PER_PERSON = ("same", "lower", "higher", "linear", "level", "gap")
LEAST, PROMISED_UP_TO, MIN_FOR_CONSENSUS = 0.925, 0.6, 5
CONFIDENCE = 0.95
PRODUCT = ("ours", "shown")
METHODS = (*PRODUCT, "moderated Wilson", "jackknife-t", "bootstrap")
ANSWERED = (0.7, 0.8, 0.9)
"""Share of a team that answered, where its size is known."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting of the simulation."""

    teachers: int
    correlation: float
    population: str
    stock: bool = False


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is drawn: schools per cell, and how many of these for the jackknife-t and for the bootstrap."""

    schools: int = 2_000
    jackknifed: int = 1_000
    bootstrapped: int = 250
    replicates: int = 200


QUICK = Effort(400, 200, 100, 100)


# --- the population ---


def item_shares(population: str, checklist: tk.Instrument) -> Floats:
    """Shape (items, answers)."""
    rows = POPULATIONS[population]
    return np.array([rows[item % len(rows)] for item in range(len(checklist.item_ids))])


def fixed_answers(role: str, checklist: tk.Instrument) -> Ints:
    """Shape (items,)."""
    pattern = FIXED[role]
    return np.array([pattern[item % len(pattern)] for item in range(len(checklist.item_ids))])


def draw(cell: Cell, schools: int, rng: np.random.Generator, checklist: tk.Instrument) -> Ints:
    """Teachers' answers, shape (schools, teachers, items); the steps are independent of each other."""
    steps = step_matrix(checklist)
    person = rng.standard_normal((schools, cell.teachers, steps.shape[1])) @ steps.T
    per_item = rng.standard_normal((schools, cell.teachers, steps.shape[0]))
    if cell.stock:
        latent = np.where(rng.random(per_item.shape) < np.sqrt(cell.correlation), person, per_item)
    else:
        latent = np.sqrt(cell.correlation) * person + np.sqrt(1 - cell.correlation) * per_item
    upper = stats.norm.ppf(np.cumsum(item_shares(cell.population, checklist), axis=1)[:, :-1])
    answers: Ints = (latent[..., None] > upper).sum(axis=-1)
    return answers


def what_each_gives(fixed: Ints) -> dict[str, Floats]:
    """What a teacher who answers k adds to each figure, shape (items, answers); gap in -1..1."""
    k, d = np.arange(3)[None, :], fixed[:, None]
    tables = {
        "same": k == d,
        "lower": k < d,
        "higher": k > d,
        "linear": 1 - np.abs(k - d) / 2,
        "level": k / 2 + 0 * d,
        "gap": (d - k) / 2,
    }
    return {name: table.astype(float) for name, table in tables.items()}


def truth(cell: Cell, scores: Floats, checklist: tk.Instrument) -> Floats:
    """The population's value per step; NaN where nobody could answer otherwise, so that nothing is estimated."""
    shares, steps = item_shares(cell.population, checklist), step_matrix(checklist)
    mean = (shares * scores).sum(axis=1)
    spread = (shares * (scores - mean[:, None]) ** 2).sum(axis=1) @ steps
    return np.where(spread > 1e-12, mean @ steps / steps.sum(axis=0), np.nan)


def true_consensus(cell: Cell, checklist: tk.Instrument) -> Floats:
    below = np.cumsum(item_shares(cell.population, checklist), axis=1)[:, :-1]
    steps = step_matrix(checklist)
    return (1 - 2 * (below * (1 - below)).sum(axis=1)) @ steps / steps.sum(axis=0)


# --- the product ---


def responses(answers: Ints, checklist: tk.Instrument) -> pd.DataFrame:
    """A responses table of the drawn teachers and the two fixed sides, school after school."""
    schools, teachers, items = answers.shape
    fixed = ["director", *["care"] * MIN_SHOWN]
    sides = [np.broadcast_to(fixed_answers(role, checklist), (schools, 1, items)) for role in fixed]
    forms = np.concatenate([answers, *sides], axis=1)
    names = np.array([f"{number:06d}" for number in range(schools)])
    table = pd.DataFrame(forms.reshape(-1, items), columns=checklist.item_ids, dtype="Int8")
    roles = np.array(["teacher"] * teachers + fixed)
    places = {"school": np.repeat(names, len(roles)), "wave": "2025-2026", "role": np.tile(roles, schools)}
    return check_responses(table.assign(**places, respondent=None, form=None), checklist)


def product_intervals(answers: Ints, checklist: tk.Instrument, shown: bool = False) -> Iterator[tuple[str, str, Ends]]:
    """Side, measure and the product's interval, shape (schools, steps), shares in 0..1 and gap in -1..1."""
    forms = responses(answers, checklist)
    table = tk.counted(tk.protect(forms, checklist, tk.Policy(minimum=MIN_SHOWN)) if shown else forms, checklist)
    level = tk.levels(table, checklist)
    yield "", "level", _ends(level[level["role"] == "teacher"], "level", 100)
    for side in FIXED:
        pairs = tk.agreement(table, checklist, a=side, b="teacher")
        for name in PER_PERSON:
            if name != "level":
                yield side, name, _ends(pairs, name, 100 if name == "gap" else 1)
    if answers.shape[1] >= MIN_FOR_CONSENSUS:
        within = tk.consensus(table, checklist)
        yield "", "consensus", _ends(within[within["role"] == "teacher"], "consensus", 1)


def _ends(table: pd.DataFrame, name: str, scale: float) -> Ends:
    low, high = (table[f"{name}_{end}"].to_numpy(dtype=float).reshape(-1, 5) / scale for end in ("low", "high"))
    return low, high


# --- the two others ---


def per_person(answers: Ints, scores: Floats, checklist: tk.Instrument) -> Floats:
    """Each teacher's own share in a figure, shape (schools, teachers, steps)."""
    steps = step_matrix(checklist)
    return scores[np.arange(scores.shape[0]), answers] @ steps / steps.sum(axis=0)


def distances(answers: Ints, checklist: tk.Instrument) -> Floats:
    """Mean distance between each two teachers, shape (schools, steps, teachers, teachers)."""
    steps = step_matrix(checklist) / step_matrix(checklist).sum(axis=0)
    apart = np.zeros((*answers.shape[:2], answers.shape[1], steps.shape[1]))
    for other in range(answers.shape[1]):
        apart[:, :, other] = np.abs(answers - answers[:, [other]]) @ steps
    return np.moveaxis(apart, 3, 1)


def jackknife_t(value: Floats, left_out: Floats) -> Ends:
    """Value ± t on n - 1 degrees of freedom; `left_out` has the teachers on its first axis."""
    n = len(left_out)
    error = np.sqrt((n - 1) / n * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    half = stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * error
    return value - half, value + half


def jackknife_of_mean(values: Floats) -> Ends:
    n = values.shape[1]
    mean = values.mean(axis=1)
    return jackknife_t(mean, np.moveaxis((n * mean[:, None] - values) / (n - 1), 1, 0))


def jackknife_of_consensus(apart: Floats) -> Ends:
    n = apart.shape[-1]
    total, per_person_total = apart.sum(axis=(-2, -1)), apart.sum(axis=-1)
    left_out = 1 - (total[..., None] - 2 * per_person_total) / ((n - 1) * (n - 2))
    return jackknife_t(1 - total / (n * (n - 1)), np.moveaxis(left_out, -1, 0))


def moderated_wilson(value: Floats, left_out: Floats, items: Ints, pairs: bool = False) -> Ends:
    """The interval of before: Wilson on n / D, D the jackknife's design effect moderated by a prior of two people."""
    n = len(left_out)
    error = (n - 1) / n * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    variance, prior = value * (1 - value), (1 + 0.3 * (items - 1)) / items
    measured = np.clip(n * error / np.maximum(variance, 1e-12), 1 / items, 4 if pairs else 1)
    design = np.maximum(((n - 1) * np.where(variance > 1e-12, measured, prior) + 2 * prior) / (n + 1), prior)
    low, high = wilson(value, n / design, np.array(stats.t.ppf((1 + CONFIDENCE) / 2, 2 * (n + 1))))
    return np.minimum(low, left_out.min(axis=0)), np.maximum(high, left_out.max(axis=0))


def moderated_wilson_of_mean(values: Floats, scores: Floats, checklist: tk.Instrument) -> Ends:
    """For figures in 0..1; a gap in -1..1 is the level seen from a fixed one, so its interval is moved there."""
    n, mean, items = values.shape[1], values.mean(axis=1), step_matrix(checklist).sum(axis=0)
    left_out = np.moveaxis((n * mean[:, None] - values) / (n - 1), 1, 0)
    if not (scores < 0).any():
        return moderated_wilson(mean, left_out, items)
    highest = scores.max(axis=1) @ step_matrix(checklist) / items
    low, high = moderated_wilson(highest - mean, highest - left_out, items)
    return highest - high, highest - low


def moderated_wilson_of_consensus(answers: Ints, checklist: tk.Instrument) -> Ends:
    """For half the mean distance, a share of the greatest distance there is."""
    apart = distances(answers, checklist)
    n, total, of_person = apart.shape[-1], apart.sum(axis=(-2, -1)), apart.sum(axis=-1)
    left_out = (total[..., None] - 2 * of_person) / ((n - 1) * (n - 2)) / 2
    value = np.clip(total / (n * (n - 1)) / 2, 0, 1)
    low, high = moderated_wilson(value, np.moveaxis(left_out, -1, 0), step_matrix(checklist).sum(axis=0), pairs=True)
    return 1 - 2 * high, 1 - 2 * low


def bootstrap_weights(schools: int, teachers: int, replicates: int, rng: np.random.Generator) -> Floats:
    """How often each teacher is drawn, shape (schools, replicates, teachers)."""
    return rng.multinomial(teachers, np.full(teachers, 1 / teachers), (schools, replicates)).astype(float)


def percentiles(values: Floats) -> Ends:
    """Ends over the replicates (second axis)."""
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=1)
    return low, high


def bootstrapped_mean(values: Floats, weights: Floats) -> Floats:
    """The figure in each replicate, shape (schools, replicates, steps)."""
    return weights @ values / values.shape[1]


def bootstrapped_consensus(apart: Floats, weights: Floats) -> Floats:
    n = apart.shape[-1]
    drawn = weights[:, None]
    return 1 - np.moveaxis(((drawn @ apart) * drawn).sum(axis=-1), 1, 2) / (n * (n - 1))


def old_intervals(answers: Ints, checklist: tk.Instrument) -> Iterator[tuple[str, str, str, Ends]]:
    """Side, measure, method and interval of the moderated Wilson, for the figures of which the product has one."""
    for side in FIXED:
        for name, scores in what_each_gives(fixed_answers(side, checklist)).items():
            if name != "level" or side == "director":  # a level is of the teachers alone
                values = per_person(answers, scores, checklist)
                ends = moderated_wilson_of_mean(values, scores, checklist)
                yield "" if name == "level" else side, name, "moderated Wilson", ends
    if answers.shape[1] >= MIN_FOR_CONSENSUS:
        yield "", "consensus", "moderated Wilson", moderated_wilson_of_consensus(answers, checklist)


def other_intervals(
    answers: Ints, effort: Effort, rng: np.random.Generator, checklist: tk.Instrument
) -> Iterator[tuple[str, str, str, Ends]]:
    """Side, measure, method and interval of the jackknife-t and the bootstrap."""
    weights = bootstrap_weights(effort.bootstrapped, answers.shape[1], effort.replicates, rng)
    for side in FIXED:
        for name, scores in what_each_gives(fixed_answers(side, checklist)).items():
            values = per_person(answers[: effort.jackknifed], scores, checklist)
            yield side, name, "jackknife-t", jackknife_of_mean(values)
            yield side, name, "bootstrap", percentiles(bootstrapped_mean(values[: effort.bootstrapped], weights))
    if answers.shape[1] >= MIN_FOR_CONSENSUS:
        apart = distances(answers[: effort.bootstrapped], checklist)
        yield "", "consensus", "jackknife-t", jackknife_of_consensus(apart)
        yield "", "consensus", "bootstrap", percentiles(bootstrapped_consensus(apart, weights))


# --- counting ---


def run_cell(cell: Cell, effort: Effort, seed: int) -> pd.DataFrame:
    """Columns `teachers, correlation, population, stock, side, measure, method, items, held, trials, width,
    score`, summed."""
    checklist = tk.load_instrument()
    rng = np.random.default_rng(seed)
    answers = draw(cell, effort.schools, rng, checklist)
    rows = [(side, name, "ours", ends) for side, name, ends in product_intervals(answers, checklist)]
    rows += [(side, name, "shown", ends) for side, name, ends in product_intervals(answers, checklist, shown=True)]
    rows += list(old_intervals(answers, checklist))
    rows += other_intervals(answers, effort, rng, checklist) if effort.replicates else []
    return pd.concat([_counted(cell, *row, checklist) for row in rows], ignore_index=True)


def _counted(cell: Cell, side: str, name: str, method: str, ends: Ends, checklist: tk.Instrument) -> pd.DataFrame:
    scores = what_each_gives(fixed_answers(side or "director", checklist))
    value = true_consensus(cell, checklist) if name == "consensus" else truth(cell, scores[name], checklist)
    low, high = ends
    held = (low <= value + 1e-9) & (high >= value - 1e-9)
    per_step = pd.DataFrame(
        {
            "items": step_matrix(checklist).sum(axis=0),
            "held": held.sum(axis=0),
            "trials": len(low),
            "width": (high - low).sum(axis=0),
            "score": interval_score(low, high, value).sum(axis=0),
        }
    )
    # steps of the same length are replicates of each other, unless the items' populations differ between them
    by_length = per_step[~np.isnan(value)].groupby("items", as_index=False).sum()
    facts = {name: getattr(cell, name) for name in ("teachers", "correlation", "population", "stock")}
    return by_length.assign(**facts, side=side, measure=name, method=method)


def interval_score(low: Floats, high: Floats, value: Floats) -> Floats:
    """Width, and 2 / alpha times what the value lies outside (Gneiting & Raftery, 2007)."""
    outside = np.maximum(low - value, 0) + np.maximum(value - high, 0)
    result: Floats = high - low + 2 / (1 - CONFIDENCE) * np.nan_to_num(outside)
    return result


def known_size(size: int, correlation: float, schools: int, seed: int = SEED) -> pd.DataFrame:
    """Coverage of the level of a complete team of that size of whom 70, 80 or 90% answered, with the size known."""
    checklist = tk.load_instrument()
    rows = []
    for population, share in itertools.product(POPULATIONS, ANSWERED):
        answers = draw(Cell(size, correlation, population), schools, np.random.default_rng(seed), checklist)
        value = per_person(answers, what_each_gives(fixed_answers("director", checklist))["level"], checklist).mean(1)
        heard = responses(answers[:, : round(share * size)], checklist)
        with_size, without_size = (
            _ends(table[table["role"] == "teacher"], "level", 100)
            for table in (tk.levels(heard, checklist, team_size=size), tk.levels(heard, checklist))
        )
        held = (with_size[0] <= value + 1e-9) & (value <= with_size[1] + 1e-9)
        for items in sorted(set(step_matrix(checklist).sum(axis=0))):
            steps = step_matrix(checklist).sum(axis=0) == items
            widths = {name: (high - low)[:, steps].mean() for name, (low, high) in
                      {"width": with_size, "width_unknown": without_size}.items()}  # fmt: skip
            facts = {"size": size, "correlation": correlation, "population": population, "answered": share}
            rows.append(facts | {"items": items, "coverage": held[:, steps].mean(), **widths})
    return pd.DataFrame(rows)


def run(cells: list[Cell], effort: Effort, jobs: int = 1) -> pd.DataFrame:
    """Every cell's counts; the same whatever the number of jobs, because each cell has its own seed."""
    seeds = range(SEED, SEED + len(cells))
    efforts = itertools.repeat(effort, len(cells))
    if jobs == 1:
        tables = list(map(run_cell, cells, efforts, seeds))
    else:
        with ProcessPoolExecutor(jobs) as pool:
            tables = list(pool.map(run_cell, cells, efforts, seeds))
    table = pd.concat(tables, ignore_index=True)
    per_trial = {name: table[name] / table["trials"] for name in ("width", "score")}
    return table.assign(coverage=table["held"] / table["trials"], **per_trial)


def all_cells() -> list[Cell]:
    # the large ones first, so that no core waits for the last
    normal = itertools.product(TEACHERS[::-1], CORRELATIONS, POPULATIONS)
    stock = itertools.product(STOCK_TEACHERS[::-1], STOCK_CORRELATIONS, POPULATIONS, [True])
    return [Cell(*settings) for settings in (*normal, *stock)]


# --- what is printed ---


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Per measure, teachers and correlation: least and mean coverage and mean width of each method."""
    keys = ["measure", "teachers", "correlation"]
    parts = table.groupby([*keys, "method"])[["coverage", "width"]].agg({"coverage": ["min", "mean"], "width": "mean"})
    parts.columns = ["min", "mean", "width"]
    wide = parts.unstack("method").reorder_levels([1, 0], axis=1)
    order = [(method, figure) for method in METHODS for figure in ("min", "mean", "width") if (method, figure) in wide]
    return wide[order].reindex([*PER_PERSON, "consensus"], level="measure")


def mean_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Mean interval score over the cells, in points of 100, per number of teachers and method."""
    scores: pd.DataFrame = (100 * table.groupby(["teachers", "method"])["score"].mean()).unstack("method")
    return scores[[method for method in METHODS if method in scores]]


def below(table: pd.DataFrame, least: float = LEAST, methods: tuple[str, ...] = PRODUCT) -> pd.DataFrame:
    """Our cells that hold less often than they should, the worst first; `chance` is two simulation errors."""
    low = table[table["method"].isin(methods) & (table["coverage"] < least)].sort_values("coverage")
    chance = 2 * np.sqrt(low["coverage"] * (1 - low["coverage"]) / low["trials"])
    columns = ["method", "measure", "teachers", "correlation", "population", "side", "items", "coverage", "trials"]
    return low[columns].assign(chance=chance, beyond_chance=low["coverage"] + chance < least)


def promised(table: pd.DataFrame) -> pd.DataFrame:
    """The part in which 92.5% is promised: all measures but consensus, correlation of the normals up to 0.6."""
    return table[(table["measure"] != "consensus") & (table["correlation"] <= PROMISED_UP_TO) & ~table["stock"]]


def verdict(table: pd.DataFrame, method: str = "ours") -> str:
    """One line on whether our intervals hold what they promise."""
    ours = table[table["method"] == method]
    short = below(table, methods=(method,))
    counts = f"{len(ours)} cells, least {ours['coverage'].min():.1%}, mean {ours['coverage'].mean():.1%}"
    if short.empty:
        return f"HOLDS: every cell within {LEAST:.1%}-100%: {counts}."
    return (
        f"FALLS SHORT: {len(short)} of {counts}; below {LEAST:.1%} by more than two simulation errors in "
        f"{short['beyond_chance'].sum()}."
    )


def show(table: pd.DataFrame) -> None:
    """Print the tables and the verdicts."""
    within = table["measure"] == "consensus"
    halo = table["correlation"] > PROMISED_UP_TO
    parts = {
        "Correlation within a person 0 to 0.6 (promised: 92.5-100%)": promised(table),
        "Correlation within a person 0.9 (no promise)": table[~within & halo],
        "Correlation of a person's answers themselves 0.3 and 0.6 (no promise)": table[~within & table["stock"]],
        "Consensus, from five respondents (no promise beyond this table)": table[within & ~table["stock"]],
    }
    for title, part in parts.items():
        print(f"\n{title}\nCoverage over populations, items and fixed sides, in %; width in points of 100.")
        print((100 * summary(part)).round(1).to_string())
        over_all = part.groupby("method")["coverage"].agg(["min", "mean"]).reindex(METHODS)
        print("".join(f"{name}: least {low:.1%}, mean {mean:.1%}. " for name, low, mean in over_all.itertuples()))
        for method in PRODUCT:
            print(f"verdict on {method}: {verdict(part, method)}")
        print("Interval score, in points of 100 (less is better):")
        print(mean_scores(part).round(1).to_string())
        if not (short := below(part)).empty:
            print(short.head(40).round(3).to_string(index=False))


def main(arguments: list[str] | None = None) -> int:
    """Run the simulation and print what it gives; 1 when an interval falls short of its promise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer schools: a look, no verdict to rely on")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    effort = QUICK if options.quick else Effort()
    start = time.perf_counter()
    cells = all_cells()
    table = run(cells, effort, options.jobs)
    print(
        f"{len(cells)} settings × {effort.schools} schools for ours, {effort.jackknifed} for the jackknife-t, "
        f"{effort.bootstrapped} with {effort.replicates} replicates for the bootstrap; seed {SEED}; "
        f"{time.perf_counter() - start:.0f} s."
    )
    show(table)
    sizes = pd.concat(
        [known_size(n, r, max(effort.schools // 4, 100)) for n in (8, 12, 20, 43) for r in (0.0, 0.3, 0.6)]
    )
    print("\nSize of the team known (8 to 43), 70-90% answered: level")
    print((100 * sizes.groupby("size")[["coverage", "width", "width_unknown"]].mean()).round(1).to_string())
    print(f"least coverage {sizes['coverage'].min():.1%} over {len(sizes)} cells")
    return int(below(promised(table))["beyond_chance"].any())


if __name__ == "__main__":
    raise SystemExit(main())
