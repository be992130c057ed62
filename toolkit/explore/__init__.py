"""The explorers: controls, a selection, and pages that follow at once.

A widget holds no logic: a change of a control makes a `Selection`, a pure function makes the `Page` that is shown out
of protected tables, and the panels take it over. `parts` is what every explorer is made of.
"""

from toolkit.explore.cohort import CohortExplorer
from toolkit.explore.school import SchoolExplorer

__all__ = ["CohortExplorer", "SchoolExplorer"]
