"""How much one person's answers are alike in real cohorts; intervals assume a value."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from toolkit.core.errors import ToolkitError
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.measures.array_math import Floats, Ints, ratio
from toolkit.measures.counts import counted
from toolkit.measures.intervals import CONFIDENCE
from toolkit.responses import Counts

COLUMNS = ["step", "correlation", "low", "high", "n_schools", "n"]


@explained
def estimate_person_correlation(
    responses: pd.DataFrame, checklist: Instrument | None = None, role: str = "teacher"
) -> pd.DataFrame:
    """Correlation between two answers of one person within a step, over schools.

    Parameters
    ----------
    responses
        A researcher's own table, see `toolkit.responses`; the more schools, the surer the result.
    role
        Role id.

    Returns
    -------
    Columns `step, correlation, low, high, n_schools, n`: a row per step, and a last one, without a step, over all
    steps. `low` and `high` are the ends of the 95% interval, missing below two schools; `n_schools` the schools with at
    least two respondents of the role in a wave, `n` those respondents. `PERSON_CORRELATION` in
    `toolkit.measures.intervals` is what the intervals assume.

    Notes
    -----
    Per school, wave and pair of items of a step: the covariance over the respondents who answered both, divided by the
    mean of the two variances, sums over sums, each taken about the school's own mean. Interval: jackknife over schools,
    t on their number - 1 degrees of freedom.

    Raises
    ------
    ToolkitError
        The role is unknown.

    Examples
    --------
    >>> import toolkit as tk
    >>> checklist = tk.load_instrument()
    >>> forms = [{"school": school, "wave": "w", "role": "teacher", "1.1": answer, "1.2": answer}
    ...          for school in "AB" for answer in (0, 1, 2)]
    >>> table = estimate_person_correlation(tk.make_responses(forms, checklist), checklist)
    >>> float(table["correlation"].iloc[0])
    1.0
    """
    checklist = checklist or load_instrument()
    if role not in checklist.role_ids:
        raise ToolkitError(f"role {role!r}: choose from {', '.join(checklist.role_ids)}")
    counts = counted(responses, checklist).counts
    forms = counts.form_role == counts.roles.index(role)
    unit, codes = counts.form_unit[forms], counts.codes[forms]
    school = pd.factorize(counts.units["school"])[0]
    steps = np.array(checklist.item_steps)
    sums = {step.number: _sums(codes[:, steps == step.number], unit, len(counts.units)) for step in checklist.steps}
    parts = [*sums.items(), (None, np.sum(list(sums.values()), axis=0))]
    rows = [(step, *_estimate(part, school), *_people(counts, unit, part)) for step, part in parts]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"step": "Int64"})


def _sums(codes: np.ndarray, unit: Ints, units: int) -> Floats:
    """Shape (2, units): sums over the pairs of items of the co-deviations, and of the mean squared deviations."""
    total = np.zeros((2, units))
    for first, second in combinations(codes.T.astype(float), 2):
        answered = (first >= 0) & (second >= 0)
        x, y, unit_index = first[answered], second[answered], unit[answered]
        spreads = [_co_deviation(a, b, unit_index, units) for a, b in ((x, y), (x, x), (y, y))]
        total += spreads[0], (spreads[1] + spreads[2]) / 2
    return total


def _co_deviation(x: Floats, y: Floats, unit: Ints, units: int) -> Floats:
    """Sum per unit of the products of two deviations from the unit's means."""
    products, sum_x, sum_y, n = (np.bincount(unit, weights, units) for weights in (x * y, x, y, np.ones_like(x)))
    return np.asarray(products - np.nan_to_num(ratio(sum_x * sum_y, n)), dtype=np.float64)


def _estimate(sums: Floats, school: Ints) -> tuple[float, float, float]:
    """Correlation with its interval; the schools are the sample."""
    per_school = np.array([np.bincount(school, values) for values in sums])[:, np.bincount(school, sums[1]) > 1e-12]
    total = per_school.sum(axis=1)
    correlation = float(ratio(*total))
    schools = per_school.shape[1]
    if schools < 2:
        return correlation, np.nan, np.nan
    left_out = ratio(*(total[:, None] - per_school))
    error = np.sqrt((schools - 1) / schools * ((left_out - left_out.mean()) ** 2).sum())
    half = float(stdtrit(schools - 1, (1 + CONFIDENCE) / 2) * error)
    return correlation, correlation - half, correlation + half


def _people(counts: Counts, unit: Ints, sums: Floats) -> tuple[int, int]:
    """Schools and respondents that an estimate rests on."""
    used = sums[1] > 1e-12
    return int(counts.units["school"][used].nunique()), int(used[unit].sum())
