"""Levels of schools shrunk towards their mean, for a researcher's map of a cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.cohorts.school_values import school_values
from toolkit.cohorts.shrinkage import empirical_bayes, school_variance
from toolkit.instrument.arguments import as_checklist, as_role, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.intervals import PERSON_CORRELATION
from toolkit.responses import UNIT_COLUMNS, check_responses


@explained
def cohort_map(responses: pd.DataFrame, checklist: Instrument | None = None, role: str = "teacher") -> pd.DataFrame:
    """Levels of schools, shrunk towards their mean as far as each is uncertain.

    A small school is by chance more often at the edge of a map than a large one, and shrinking corrects for that. It is
    a table of single schools: a researcher's own, that no chart, report or dashboard takes.

    Returns
    -------
    Columns `school, wave, role, step, level, shrunk, shrunk_sd, n`; 0..100. `shrunk` is the empirical Bayes posterior
    mean within the wave (see `toolkit.cohorts.shrinkage.empirical_bayes`).

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> table = tk.cohort_map(responses, tk.load_instrument())
    >>> bool(table["shrunk"].between(0, 100).all())
    True
    """
    checklist = as_checklist(checklist)
    role = as_role(role, checklist)
    values = school_values(check_responses(responses, checklist), checklist, pairs=())
    parts = []
    for column in np.flatnonzero(values.is_step & values.figures["role"].eq(role).to_numpy(dtype=bool)):
        step = int(values.figures["step"].iloc[column])
        items = len(checklist.step(step).items)
        for wave in sorted(values.units["wave"].unique()):
            rows = values.units["wave"].eq(wave).to_numpy(dtype=bool) & ~np.isnan(values.value[:, column])
            part = values.units[rows].assign(role=role, step=step, level=values.value[rows, column])
            share, n = values.value[rows, column] / 100, values.n[rows, column]
            part = part.assign(shrunk=part["level"], shrunk_sd=np.nan, n=n)
            if len(part) > 1:
                design = np.full(len(n), (1 + PERSON_CORRELATION * (items - 1)) / items)
                pulled = empirical_bayes(share, np.maximum(school_variance(share, n.astype(float), design), 1e-9))
                part = part.assign(shrunk=100 * pulled.posterior_mean, shrunk_sd=100 * pulled.posterior_sd)
            parts.append(part)
    return pd.concat(parts).sort_values([*UNIT_COLUMNS, "step"], ignore_index=True)
