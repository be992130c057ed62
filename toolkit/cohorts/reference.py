"""A reference for one school: the middle half of a group's schools, with its version."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import FolderError, MissingReason, SelectionError, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import check_kind, explained
from toolkit.privacy import require_protected

MIN_REFERENCE_SCHOOLS = 10
"""Least number of schools for the middle half next to one school: fewer would disclose the others."""

COLUMNS = [
    "grouping", "group", "wave", "measure", "role", "step", "estimate", "p25", "p75", "n_schools", "version",
    "suppressed", "why",
]  # fmt: skip


@explained
def make_reference(
    means: pd.DataFrame,
    group: str | None = None,
    grouping: str | None = None,
    wave: str | None = None,
    version: str | None = None,
) -> pd.DataFrame:
    """Make a reference of one group and wave, to keep and to show behind a school's own levels.

    Parameters
    ----------
    means
        From `compare_cohorts` per step, protected.
    group, grouping, wave
        The first group of the first grouping and the last wave where none are given.
    version
        How the reference is called where it is shown; group, wave and number of schools where none is given.

    Returns
    -------
    Columns `grouping, group, wave, measure, role, step, estimate, p25, p75, n_schools, version, suppressed, why`: the
    levels (0..100). Below ten schools a row has no figure, and `why` is `too few schools`.

    Raises
    ------
    UnprotectedError, SelectionError
        The table is not protected, or has no such group or wave.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> means = tk.compare_cohorts(cohorts)
    >>> reference = tk.make_reference(means, "po", version="2026")
    >>> set(reference["version"])
    {'2026'}
    """
    check_kind(require_protected(means), ["compare_cohorts"])
    grouping = grouping or str(means["grouping"].iloc[0])
    rows = means[means["grouping"].eq(grouping) & means["measure"].eq("level")]
    group = group or str(rows["group"].min())
    wave = wave or str(rows["wave"].max())
    rows = rows[rows["group"].eq(group) & rows["wave"].eq(wave)]
    if rows.empty:
        raise SelectionError(load_text().say("reference.nothing", group=group, wave=wave))
    few = rows["suppressed"] | ~rows["n_schools"].ge(MIN_REFERENCE_SCHOOLS).fillna(False).astype(bool)
    n_schools = rows["n_schools"].max()
    name = version or f"{group}, {wave}, n = {0 if pd.isna(n_schools) else n_schools}"
    figures = ["estimate", "p25", "p75", "n_schools"]
    table = rows.assign(**{column: rows[column].mask(few) for column in figures}, suppressed=few, version=name)
    why = rows["why"].where(rows["suppressed"], MissingReason.TOO_FEW_SCHOOLS.value).where(few)
    return table.assign(why=why.astype("str"))[COLUMNS].reset_index(drop=True)


@explained
def write_reference(reference: pd.DataFrame, path: str | Path) -> Path:
    """Write a reference as `.csv`; it holds no figure of fewer than ten schools.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(waves=2)
    >>> means = tk.compare_cohorts(responses, groups=schools, by="sector")
    >>> reference = tk.make_reference(means, "po", version="2026")
    >>> tk.write_reference(reference, f"{tempfile.mkdtemp()}/standard.csv").name
    'standard.csv'
    """
    require_protected(reference)
    if missing := {*COLUMNS} - {*reference.columns}:
        raise ToolkitError(load_text().say("cohort.no_reference", missing=", ".join(sorted(missing))))
    path = Path(path)
    atomic_write(path, reference[COLUMNS].to_csv(index=False).encode())
    return path


@explained
def read_reference(path: str | Path) -> pd.DataFrame:
    """Read a reference that `write_reference` wrote.

    Raises
    ------
    ToolkitError
        The file is no reference, or has figures of fewer than ten schools.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(waves=2)
    >>> means = tk.compare_cohorts(responses, groups=schools, by="sector")
    >>> path = tk.write_reference(tk.make_reference(means, "po"), f"{tempfile.mkdtemp()}/standard.csv")
    >>> tk.read_reference(path)["step"].nunique()
    5
    """
    path = Path(path)
    if not path.is_file():
        raise FolderError(load_text().say("reference.missing", file=path))
    try:
        table = pd.read_csv(path)[COLUMNS]
    except (OSError, ValueError, KeyError) as error:
        raise ToolkitError(load_text().say("reference.unreadable", file=path.name)) from error
    shown = ~table["suppressed"].astype(bool)
    if table.loc[shown, "n_schools"].lt(MIN_REFERENCE_SCHOOLS).any() or not table["p25"].dropna().between(0, 100).all():
        raise ToolkitError(load_text().say("reference.unreadable", file=path.name))
    texts = dict.fromkeys(["grouping", "group", "wave", "measure", "role", "version", "why"], "str")
    return table.astype(texts | {"n_schools": "Int64", "suppressed": "bool"})
