"""Groups of schools and years, at the size of the country and against planted truth: `python -m benchmarks.cohorts`.

With `--shown`: how much is shown of cohorts of 12 to 6,500 schools with drop-out and blanks, how little room the audit
leaves a school, and how long it takes.

A made-up national round: 6,500 schools, two years, forms in both. Ours: means, differences and changes, per step and
per item, of 3 sectors, 12 provinces and all schools, protected. The other way: a researcher's pandas groupby-apply per
school and step, of which some schools are timed and scaled.

Planted truth: schools are drawn from populations whose means are known. An interval either holds the true mean,
difference or change, or it doesn't; an item called different at q below .05 either was planted so, or is a false
discovery.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

import toolkit as tk
from benchmarks.measures import peer_agreement, peer_levels
from toolkit.cohorts.room import MIN_RANGE
from toolkit.cohorts.sums import make_program, published, shown_sums

SIZES = (1_000, 2_000, 4_000, 6_500)
TEACHERS = (4, 15)
PEER_SCHOOLS = 60
REPEATS, PER_GROUP = 300, 30
PLANTED = 12
"""Points by which some items of the second group differ."""

CHECKLIST = tk.load_instrument()


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the wall and of the processor."""

    wall: float
    processor: float


def main(arguments: list[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer repeats")
    parser.add_argument("--shown", action="store_true", help="only what is shown, and the audit")
    parser.add_argument("--sizes", default="12,40,150,600,6500", help="numbers of schools for --shown")
    parser.add_argument("--blanks", default="0.02,0.08,0.2", help="parts of the answers left blank for --shown")
    options = parser.parse_args(arguments)
    if any(float(part) > 1 for part in options.blanks.split(",")):
        parser.error("--blanks are parts of 1, not percentages: write 0.08 for 8%")
    if options.shown:
        for line in shown(*([float(part) for part in text.split(",")] for text in (options.sizes, options.blanks))):
            print(line, flush=True)
        return
    quick = options.quick
    sizes = (250, 500, 1_000) if quick else SIZES
    print(*speed(sizes), sep="\n")
    print()
    print(truth(40 if quick else REPEATS).to_string(index=False))


# --- what is shown ---

AUDITED = {"step": 12, "item": 4}
"""Schools of which the ranges are computed."""

NEAR_FROM, ITEMS_APART = 500, 8
"""From so many schools those of the school's smallest group move first, and only every eighth item is looked at."""


def shown(sizes: list[float], blanks: list[float]) -> Iterator[str]:
    """Lines of the table of what is shown: the part of what passes the minima, the audit's least range, seconds."""
    yield "schools | blanks | shown of means | of changes | least range | one answer | wall | cpu"
    for schools in map(int, sizes):
        for part in blanks:
            responses, groups = tk.samples.cohort(CHECKLIST, schools=schools, waves=2, blanks=part)
            rng = np.random.default_rng(1)
            towns = [f"town {n}" for n in rng.integers(0, max(schools // 20, 3), len(groups))]
            groups = groups.assign(all="all", municipality=towns)
            wall, processor = time.perf_counter(), time.process_time()
            cohorts = tk.prepare_cohorts(responses, CHECKLIST, groups, ["all", "sector", "programme", "municipality"])
            means = [tk.compare_cohorts(cohorts, per=per) for per in ("step", "item")]
            changes = [tk.cohort_changes(cohorts, per=per) for per in ("step", "item")]
            for per in ("step", "item"):
                tk.cohort_differences(cohorts, per=per)
            took = Took(time.perf_counter() - wall, time.process_time() - processor)
            room, items = _ranges(cohorts, "step").min(), _ranges(cohorts, "item")
            yield (
                f"{schools:>7,} | {part:>6.0%} | {_shown_part(means):>14.1%} | {_shown_part(changes):>10.1%} | "
                f"{room:>11.0f} | {int((items < 1).sum()):>10} | {took.wall:.1f} | {took.processor:.1f}"
            )


def _ranges(cohorts: tk.Cohorts, per: str) -> np.ndarray:
    """Ranges of the levels of some schools; of a large cohort the least that is proven."""
    if len(cohorts.schools) < NEAR_FROM:
        return tk.audit_cohorts(cohorts, per=per, schools=list(cohorts.schools[: AUDITED[per]]))["room"].to_numpy()
    sums = shown_sums(cohorts, per, published(cohorts), set(CHECKLIST.role_ids))
    roles = CHECKLIST.role_ids if per == "step" else CHECKLIST.known_role_ids
    ranges = []
    for school in range(AUDITED[per]):
        groups = cohorts.member[cohorts.member[:, school]]
        near = np.flatnonzero(groups[groups.sum(axis=1).argmin()])
        for column in range(0, sums.truth.shape[2], 1 if per == "step" else ITEMS_APART):
            for block in [index for index, (role, _) in enumerate(sums.blocks) if role in roles]:
                if not np.isnan(sums.truth[block, school, column]):
                    level = np.array([[block, school]])
                    some, every = (make_program(sums, column, part) for part in (near, np.arange(len(cohorts.schools))))
                    moved = sum(some.reach(int(some.find(level)[0])))
                    ranges.append(moved if moved >= MIN_RANGE else sum(every.reach(int(every.find(level)[0]))))
    return np.array(ranges)


def _shown_part(tables: list[pd.DataFrame]) -> float:
    """Part that is shown of what is large enough to be shown."""
    why = pd.concat([table["why"] for table in tables])
    return float(why.isna().sum() / max(why.isna().sum() + why.eq("derivable").sum(), 1))


# --- speed ---


def speed(sizes: tuple[int, ...]) -> Iterator[str]:
    """Lines of the table of speed."""
    yield f"{'schools':>8} | {'forms':>8} | {'wall':>7} | {'cpu':>7} | {'cpu per 1,000 schools':>21} | most memory"
    for size in sizes:
        responses, groups = national(size)
        took = timed(responses, groups)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        yield (
            f"{size:>8,} | {len(responses):>8,} | {took.wall:5.1f} s | {took.processor:5.1f} s | "
            f"{1000 * took.processor / size:19.2f} s | {peak:.2f} GB"
        )
    few = responses[responses["school"].isin(groups["school"].iloc[:PEER_SCHOOLS])]
    began = time.process_time()
    peer_levels(few, CHECKLIST), peer_agreement(few, CHECKLIST)
    peer = (time.process_time() - began) * sizes[-1] / PEER_SCHOOLS
    yield (
        f"pandas groupby-apply per school and step ({PEER_SCHOOLS} schools timed, scaled to {sizes[-1]:,}), only the "
        f"schools' own values: {peer:,.0f} s cpu, {peer / took.processor:,.0f} times ours with everything"
    )


def national(schools: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forms of two years, and groups of the schools."""
    responses = tk.samples.responses(CHECKLIST, schools=schools, waves=2, teachers=TEACHERS)
    rng = np.random.default_rng(1)
    codes = responses["school"].unique()
    groups = pd.DataFrame(
        {
            "school": codes,
            "sector": rng.choice(["po", "vo", "so"], len(codes), p=[0.8, 0.15, 0.05]),
            "province": rng.choice([f"province {n}" for n in range(12)], len(codes)),
            "all": "all schools",
        }
    )
    return responses, groups


def timed(responses: pd.DataFrame, groups: pd.DataFrame) -> Took:
    """Make every table of cohorts once."""
    wall, processor = time.perf_counter(), time.process_time()
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, groups)
    for per in ("step", "item"):
        tk.compare_cohorts(cohorts, per=per)
        tk.cohort_differences(cohorts, per=per)
        tk.cohort_changes(cohorts, per=per)
    return Took(time.perf_counter() - wall, time.process_time() - processor)


# --- planted truth ---


def truth(repeats: int) -> pd.DataFrame:
    """How often intervals held and discoveries were false, over made-up cohorts of two groups and two years."""
    held: dict[str, list[float]] = {}
    for seed in range(repeats):
        for name, share in _one(np.random.default_rng(seed)).items():
            held.setdefault(name, []).append(share)
    promised = dict.fromkeys(held, "0.93-0.97") | {
        "false discoveries, 10 of 33 items differ": "<= 0.05",
        "false discoveries, no item differs": "<= 0.05",
        "found of the 10 items that differ": "",
    }
    rows = [(name, promised[name], float(np.mean(values)), repeats) for name, values in held.items()]
    return pd.DataFrame(rows, columns=["what", "promised", "share", "cohorts"]).round({"share": 3})


def _one(rng: np.random.Generator) -> dict[str, float]:
    """Draw one cohort, compare it, and check each interval against the planted values."""
    shift = np.zeros(33)
    different = np.arange(33) % 3 == 0
    different[30:] = False
    shift[different] = PLANTED
    responses, groups = _drawn(rng, shift)
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, groups)
    shares = _intervals(cohorts, shift) | _discoveries(cohorts, different, "10 of 33 items differ")
    nothing, groups = _drawn(rng, np.zeros(33))
    equal = tk.prepare_cohorts(nothing, CHECKLIST, groups)
    none = tk.cohort_differences(equal, per="item").query("measure == 'level' and role == 'teacher'")
    first = none[none["wave"] == none["wave"].iloc[0]]
    return shares | {"false discoveries, no item differs": float((first["q"] < 0.05).any())}


def _drawn(rng: np.random.Generator, shift: np.ndarray) -> tuple[pd.DataFrame, dict[str, str]]:
    """Two groups of schools; a school, a person and an item each move the chance, and the second year adds 4 points."""
    schools, waves = 2 * PER_GROUP, ("2024-2025", "2025-2026")
    group = np.repeat([0, 1], PER_GROUP)
    middle = 50 + rng.normal(0, 8, (schools, 1))
    directors = rng.normal(5, 8, (schools, 1))
    tables = []
    for year, wave in enumerate(waves):
        of_school = middle + 4 * year + rng.normal(0, 3, (schools, 1)) + group[:, None] * shift
        staff = rng.integers(*TEACHERS, schools)
        at = np.repeat(np.arange(schools), staff)
        of_person = np.concatenate([of_school[at] + rng.uniform(-10, 10, (len(at), 1)), of_school + directors])
        chance = np.clip(of_person, 0, 100) / 100
        answers = (rng.random(chance.shape) < chance).astype(int) + (rng.random(chance.shape) < chance)
        where = np.concatenate([at, np.arange(schools)])
        keys = {
            "school": [f"98A{chr(65 + index // 100)}{index % 100:02d}" for index in where],
            "wave": wave,
            "role": np.repeat(["teacher", "director"], [len(at), schools]),
            "respondent": "",
            "form": CHECKLIST.form,
        }
        tables.append(pd.DataFrame(keys).join(pd.DataFrame(answers, columns=CHECKLIST.item_ids)))
    names = {f"98A{chr(65 + index // 100)}{index % 100:02d}": "ab"[group[index]] for index in range(schools)}
    return pd.concat(tables, ignore_index=True), names


def _intervals(cohorts: tk.Cohorts, shift: np.ndarray) -> dict[str, float]:
    """The share of the intervals that held, per kind of figure (levels and gaps per step, items of teachers)."""
    of_step = pd.Series(shift).groupby(CHECKLIST.item_steps).mean()
    of_item = dict(zip(CHECKLIST.item_ids, shift, strict=True))
    means, items = tk.compare_cohorts(cohorts), tk.compare_cohorts(cohorts, per="item")
    level = means.query("measure == 'level' and role == 'teacher'")
    later = 4 * level["wave"].eq("2025-2026")
    planted = 50 + later + level["group"].eq("b") * level["step"].map(of_step)
    gap = means.query("measure == 'gap'")
    item = items.query("measure == 'level' and role == 'teacher'")
    of_items = 50 + 4 * item["wave"].eq("2025-2026") + item["group"].eq("b") * item["item"].map(of_item)
    between = tk.cohort_differences(cohorts).query("measure == 'level' and role == 'teacher'")
    years = tk.cohort_changes(cohorts).query("measure == 'level' and role == 'teacher'")
    return {
        "mean level of a group, per step": _held(level, planted),
        "mean level of a group, per item": _held(item, of_items),
        "mean gap of a group, per step": _held(gap, pd.Series(5.0, index=gap.index)),
        "difference between two groups, per step": _held(between, -between["step"].map(of_step)),
        "change over a year, per step": _held(years, pd.Series(4.0, index=years.index)),
    }


def _held(table: pd.DataFrame, planted: pd.Series) -> float:
    return float(((table["low"] <= planted) & (planted <= table["high"])).mean())


def _discoveries(cohorts: tk.Cohorts, different: np.ndarray, name: str) -> dict[str, float]:
    rows = tk.cohort_differences(cohorts, per="item").query("measure == 'level' and role == 'teacher'")
    rows = rows[rows["wave"] == rows["wave"].iloc[0]]
    called = (rows["q"] < 0.05).to_numpy()
    return {
        f"false discoveries, {name}": float((called & ~different).sum() / max(called.sum(), 1)),
        "found of the 10 items that differ": float(called[different].mean()),
    }


if __name__ == "__main__":
    main()
