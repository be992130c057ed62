"""What people call groups of schools, in one way on every page and in every report."""

from __future__ import annotations

import pandas as pd

from toolkit.core.i18n import load_text


def group_name(group: str, language: str) -> str:
    """What people call a group: 'basisonderwijs (po)' for `po`; other groups keep their name."""
    return load_text(language).phrases.get(f"explore_cohort.group_{group}", group)


def grouping_name(grouping: str, language: str) -> str:
    """What people call a grouping: 'Gemeente' for `municipality`; others keep their name."""
    return load_text(language).phrases.get(f"cohort_report.by_{grouping}", grouping)


def with_group_names(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """The same table with its groups by the names that people use."""
    columns = [column for column in ("group", "group_a", "group_b") if column in table]
    return table.assign(**{column: [group_name(str(group), language) for group in table[column]] for column in columns})
