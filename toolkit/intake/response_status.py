"""How many forms came back of those that were sent, per school, wave and role."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import read_wave
from toolkit.instrument.model import Instrument
from toolkit.responses import GROUP_COLUMNS, UNIT_COLUMNS
from toolkit.schools.school_register import read_register


def response_status(
    responses: pd.DataFrame, register: pd.DataFrame | str | Path, checklist: Instrument, wave: str | None = None
) -> pd.DataFrame:
    """Returned forms next to the number in the register, also of schools without any.

    Parameters
    ----------
    register
        A register with a number of people per role (see `toolkit.schools.school_register.read_register`).
    wave
        Only this wave. None takes the waves in the register, and otherwise the last one in the responses.

    Returns
    -------
    Columns `school, name, wave, role, invited, returned`, one row for each role with a number above zero.

    Raises
    ------
    ToolkitError
        The register has no numbers per role, or no wave is known.
    """
    say = load_text().say
    table = read_register(register)
    roles = [role for role in checklist.role_ids if role in table.columns]
    if not roles:
        raise ToolkitError(say("cli.status_no_numbers"))
    if "wave" in table.columns:
        table["wave"] = [read_wave(str(year)) for year in table["wave"]]
    else:
        table["wave"] = wave or responses["wave"].dropna().max()
    if table["wave"].isna().all():
        raise ToolkitError(say("cli.status_no_wave"))
    if wave:
        table = table[table["wave"] == wave]
    if "name" not in table.columns:
        table["name"] = ""
    long = table.melt(["school", "name", "wave"], roles, var_name="role", value_name="invited").dropna(subset=["wave"])
    long["invited"] = pd.to_numeric(long["invited"], errors="coerce").fillna(0).astype(int)
    long = long[long["invited"] > 0]
    counts = responses.astype({"role": "str"}).groupby(GROUP_COLUMNS).size().rename("returned").reset_index()
    status = long.merge(counts, on=GROUP_COLUMNS, how="left").astype({"name": "str"})
    status["returned"] = status["returned"].fillna(0).astype(int)
    return status.sort_values(UNIT_COLUMNS, kind="stable", ignore_index=True)
