"""The pictures: a protected table goes in, a `Picture` (a plotly figure with its sentence and its table) comes out."""

from collections.abc import Callable

from toolkit.charts.distribution import distribution
from toolkit.charts.dumbbell import dumbbell
from toolkit.charts.heatmap import heatmap
from toolkit.charts.picture import Picture
from toolkit.charts.radar import radar
from toolkit.charts.small_multiples import small_multiples
from toolkit.charts.split import split
from toolkit.charts.trend import trend

CHARTS: dict[str, Callable[..., Picture]] = {
    "radar": radar,
    "dumbbell": dumbbell,
    "distribution": distribution,
    "heatmap": heatmap,
    "trend": trend,
    "small_multiples": small_multiples,
    "split": split,
}
"""Every chart by name: what is here is held to what all charts promise."""

__all__ = ["CHARTS", "Picture", "distribution", "dumbbell", "heatmap", "radar", "small_multiples", "split", "trend"]
