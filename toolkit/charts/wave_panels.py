"""Waves from left to right, a panel for each step: what the pictures over the years share."""

from __future__ import annotations

from typing import Any

from toolkit.charts.figure import Picture, Sketch, escape_plotly
from toolkit.charts.style import LINE
from toolkit.narrative.selection import Selection


def panel_axis(name: str, panel: int) -> str:
    """What plotly calls the axis (`y`, `yaxis`) of a panel, counted from 1."""
    return name if panel == 1 else f"{name}{panel}"


PANEL, NAME = 110, 44
"""Pixels for the panel of a step, and for its name above it."""


def finish_panels(sketch: Sketch, selection: Selection, steps: list[int], waves: list[str], right: int = 24) -> Picture:
    """Finish a sketch with the waves at 0, 1, … on the axis of their step's panel.

    Parameters
    ----------
    right
        Pixels next to the panels, for numbers at the ends of the lines.
    """
    answers = [answer.label[selection.language] for answer in selection.checklist.answers]
    room = len(steps) * (PANEL + NAME)
    axes: dict[str, Any] = {}
    for panel, step in enumerate(steps, start=1):
        bottom = 1 - panel * (PANEL + NAME) / room
        axes[panel_axis("yaxis", panel)] = {
            "domain": [bottom, bottom + PANEL / room], "range": [-1, 101], "fixedrange": True, "zeroline": False,
            "tickvals": [100 * answer / (len(answers) - 1) for answer in range(len(answers))], "ticktext": answers,
            "tickfont": {"size": 12}, "gridcolor": LINE, "ticks": "",
        }  # fmt: skip
        number, _, label = selection.step(step).partition(" ")
        sketch.annotate(
            f"<b>{number}</b> {escape_plotly(label)}", xref="paper", x=0, xanchor="left", xshift=-46, yref="paper",
            y=bottom + PANEL / room, yanchor="bottom", yshift=9,
        )  # fmt: skip
    return sketch.finish(
        room,
        sides=(60, right),
        foot=28,
        xaxis={
            "range": [-0.25, len(waves) - 0.75], "tickvals": list(range(len(waves))), "ticktext": waves,
            "anchor": panel_axis("y", len(steps)), "showgrid": False, "zeroline": False, "ticks": "",
            "tickfont": {"size": 13}, "fixedrange": True,
        },
        **axes,
    )  # fmt: skip
