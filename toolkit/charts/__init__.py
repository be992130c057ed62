"""The pictures, drawn from protected tables.

Each function returns a `Picture`: a plotly figure with its sentence and its table.

Examples
--------
>>> import toolkit as tk
>>> levels = tk.levels(tk.protect(tk.samples.responses()))
>>> tk.charts.radar(levels).table.shape
(5, 6)
"""

from collections.abc import Callable

from toolkit.charts.answers import answers
from toolkit.charts.cohort_dots import cohort_dots
from toolkit.charts.cohort_heatmap import cohort_heatmap
from toolkit.charts.cohort_radar import cohort_radar
from toolkit.charts.distribution import distribution
from toolkit.charts.dot_plot import dot_plot
from toolkit.charts.dumbbell import dumbbell
from toolkit.charts.figure import Picture
from toolkit.charts.forest import forest
from toolkit.charts.gap_spread import gap_spread
from toolkit.charts.heatmap import heatmap
from toolkit.charts.radar import radar
from toolkit.charts.slopes import slopes
from toolkit.charts.small_multiples import group_multiples, small_multiples
from toolkit.charts.split import split
from toolkit.charts.trend import trend
from toolkit.core.errors import UnknownNameError

CHARTS: dict[str, Callable[..., Picture]] = {
    "radar": radar,
    "dumbbell": dumbbell,
    "dot_plot": dot_plot,
    "distribution": distribution,
    "answers": answers,
    "heatmap": heatmap,
    "trend": trend,
    "small_multiples": small_multiples,
    "split": split,
}
"""Every chart by name; the tests check each against what all charts promise."""


COHORT_CHARTS: dict[str, Callable[..., Picture]] = {
    "cohort_radar": cohort_radar,
    "gap_spread": gap_spread,
    "forest": forest,
    "slopes": slopes,
    "cohort_heatmap": cohort_heatmap,
    "group_multiples": group_multiples,
    "cohort_dots": cohort_dots,
}
"""The charts of groups of schools; they take tables of `compare_cohorts` and `cohort_differences`."""

__all__ = [
    "CHARTS",
    "COHORT_CHARTS",
    "Picture",
    "answers",
    "cohort_dots",
    "cohort_heatmap",
    "cohort_radar",
    "distribution",
    "dot_plot",
    "dumbbell",
    "forest",
    "gap_spread",
    "group_multiples",
    "heatmap",
    "radar",
    "slopes",
    "small_multiples",
    "split",
    "trend",
]


def __getattr__(name: str) -> object:
    """Of a name that is no picture, name those that resemble it."""
    if name.startswith("_"):
        raise AttributeError(name)
    raise UnknownNameError(f"charts.{name}", [f"charts.{chart}" for chart in __all__])
