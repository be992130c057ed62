"""Which groups are not renewed, in words: for the person who holds the forms."""

from __future__ import annotations

import pandas as pd

from toolkit.commands.options import print_line, say
from toolkit.instrument.model import Instrument


def print_held(waiting_forms: pd.DataFrame, checklist: Instrument, folder: str) -> None:
    """Print a line per group that is not renewed, and how to close the round."""
    for row in waiting_forms.to_dict("records"):
        role = checklist.role(row["role"]).plural["nl"].lower()
        fields = {"school": row["school"], "wave": row["wave"], "role": role}
        print_line(say(f"shown.held_{row['why']}", n=row["waiting"], **fields))
    if not waiting_forms.empty:
        print_line(say("shown.held_close", folder=folder))


def held_groups(waiting_forms: pd.DataFrame, checklist: Instrument) -> list[str]:
    """Name the groups: school, wave and role."""
    return [
        f"{row['school']} {row['wave']} {checklist.role(row['role']).plural['nl'].lower()}"
        for row in waiting_forms.to_dict("records")
    ]
