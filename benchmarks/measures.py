"""Levels and agreement of many schools, compared with the same formulas in pandas.

The peer computes the figures themselves. Ours also has the interval of each, kappa, and the reasons of what is missing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import toolkit as tk
from benchmarks.compare import Comparison, best

SCHOOLS, PEER_SCHOOLS = 1_000, 50
A, B = "director", "teacher"
SPLIT = ["same", "lower", "higher"]


def compare() -> list[Comparison]:
    """Compare the same figures of so many schools; the peer's time is that of fewer schools, scaled."""
    checklist = tk.load_instrument()
    few = tk.samples.responses(checklist, schools=PEER_SCHOOLS)
    check_the_same(few, checklist)
    many = tk.samples.responses(checklist, schools=SCHOOLS)
    ours = best(lambda: (tk.levels(many, checklist), tk.agreement(many, checklist, A, B)))
    peer = best(lambda: (peer_levels(few, checklist), peer_agreement(few, checklist))) * SCHOOLS / PEER_SCHOOLS
    what = f"levels and agreement of {SCHOOLS:,} schools, beside pandas groupby-apply ({PEER_SCHOOLS} schools, scaled)"
    return [Comparison(what, ours, peer)]


def check_the_same(responses: pd.DataFrame, checklist: tk.Instrument) -> None:
    """Raise `AssertionError` where the two ways differ: a comparison of other figures would say nothing."""
    keys = ["school", "wave", "role", "step"]
    ours = tk.levels(responses, checklist).astype({"role": "str"}).set_index(keys)["level"].sort_index()
    pd.testing.assert_series_equal(ours, peer_levels(responses, checklist).sort_index(), check_index_type=False)
    keys.remove("role")
    agreement = tk.agreement(responses, checklist, A, B).set_index(keys)[[*SPLIT, "gap"]].sort_index()
    pd.testing.assert_frame_equal(
        agreement, peer_agreement(responses, checklist).sort_index(), check_index_type=False, check_column_type=False
    )


def peer_levels(responses: pd.DataFrame, checklist: tk.Instrument) -> pd.Series:
    """Level per school, wave, role and step."""
    keys = ["school", "wave", "role"]
    table = responses.astype({"role": "str"}).groupby(keys)[checklist.item_ids].apply(_levels, checklist)
    return table.rename_axis(columns="step").stack().rename("level")


def _levels(group: pd.DataFrame, checklist: tk.Instrument) -> pd.Series:
    per_step = {step.number: group[[item.id for item in step.items]] for step in checklist.steps}
    return pd.Series({number: 50 * answers.mean().mean() for number, answers in per_step.items()})


def peer_agreement(responses: pd.DataFrame, checklist: tk.Instrument) -> pd.DataFrame:
    """Split and gap of director and teachers per school, wave and step."""
    columns = ["role", *checklist.item_ids]
    tables = responses.groupby(["school", "wave"])[columns].apply(_agreement, checklist)
    return tables.rename_axis(index=["school", "wave", "step"])


def _agreement(group: pd.DataFrame, checklist: tk.Instrument) -> pd.DataFrame:
    per_step = {step.number: pd.DataFrame([_item(group, item.id) for item in step.items]) for step in checklist.steps}
    return pd.DataFrame({number: items.mean() for number, items in per_step.items()}).T


def _item(group: pd.DataFrame, item: str) -> dict[str, float]:
    a, b = (group.loc[group["role"] == role, item].dropna().to_numpy(dtype=float) for role in (A, B))
    if not (len(a) and len(b)):
        return dict.fromkeys([*SPLIT, "gap"], np.nan)
    pairs = b[None, :] - a[:, None]
    split = {"same": (pairs == 0).mean(), "lower": (pairs < 0).mean(), "higher": (pairs > 0).mean()}
    return split | {"gap": 50 * (a.mean() - b.mean())}
