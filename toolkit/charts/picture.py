"""A figure that carries its sentence and its table, in the one style of this package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from toolkit.text import Text, load_text

PLOTLY = "application/vnd.plotly.v1+json"
FONT = '"Source Sans 3","Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif'
INK, GREY, LINE, EDGE = "#1F2933", "#52606D", "#CBD2D9", "#9AA5B1"


@dataclass(frozen=True, slots=True)
class RoleStyle:
    """How a role is drawn: colour, dash and marker each tell it apart by themselves."""

    colour: str
    dash: str
    symbol: str
    band: str


_TEACHER = RoleStyle("#D55E00", "dash", "square", "rgba(213,94,0,0.17)")
ROLE_STYLES = {
    "director": RoleStyle("#0072B2", "solid", "circle", "rgba(0,114,178,0.17)"),
    "teacher": _TEACHER,
    "team": _TEACHER,
    "care": RoleStyle("#009E73", "dot", "diamond", "rgba(0,158,115,0.17)"),
}
OTHER_ROLE = RoleStyle("#52606D", "longdash", "cross", "rgba(82,96,109,0.17)")
"""For a role that another instrument brings along."""


class Picture(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A plotly figure with its sentence (also its alternative text) and the table of what it shows.

    Both travel inside the figure (`layout.meta`), so that a figure saved, sent or read back still has them. Wherever it
    is shown it has the same settings: no button that uploads, Dutch numbers, no request to anywhere.
    """

    @property
    def sentence(self) -> str:
        """What the picture shows, in plain words."""
        return str(self.layout.meta["sentence"])

    @property
    def notes(self) -> list[str]:
        """What the picture can't show, and why."""
        return list(self.layout.meta["notes"])

    @property
    def table(self) -> pd.DataFrame:
        """What the picture shows, as people read it: texts, with the headings of the language."""
        return pd.DataFrame(self.layout.meta["rows"], columns=self.layout.meta["columns"], dtype="str")

    def to_bundle(self) -> dict[str, object]:
        """Return what Jupyter shows: the figure with its settings, and its sentence for those who can't see it."""
        figure = json.loads(self.to_json()) | {"config": config(self.layout.meta["language"])}
        return {PLOTLY: figure, "text/plain": " ".join([self.sentence, *self.notes])}

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, object]:
        return self.to_bundle()

    # plotly's own ways to show itself would pick a renderer, and with it other settings
    _ipython_display_ = _repr_html_ = None


class Sketch:
    """A picture in the making: plain dicts, made into a figure in one go.

    Adding to a plotly figure trace by trace checks the whole of it each time, and takes some twenty times as long.
    """

    def __init__(
        self, text: Text, sentence: str, table: pd.DataFrame, notes: list[str], title: str, subtitle: str, height: int
    ) -> None:
        self.notes = notes
        self.traces: list[dict[str, object]] = []
        self.annotations: list[dict[str, object]] = []
        heading: dict[str, object] = {"text": f"<b>{escaped(title)}</b>", "x": 0.02, "xanchor": "left", "y": 1}
        heading |= {"yref": "container", "yanchor": "top", "pad": {"t": 18}, "font": {"size": 20}}
        heading["subtitle"] = {"text": escaped(subtitle), "font": {"size": 14, "color": GREY}}
        self.layout: dict[str, object] = {
            "template": "none",
            "height": height,
            "autosize": True,
            "separators": text.words["number.decimal"] + text.words["number.thousands"],
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "font": {"family": FONT, "size": 15, "color": INK},
            "hoverlabel": {"font": {"family": FONT, "size": 14}},
            "title": heading,
            "meta": _meta(text, sentence, table, notes),
        }

    def add(self, kind: str, **trace: object) -> None:
        """Add a trace of a plotly type."""
        self.traces.append({"type": kind, **trace})

    def annotate(self, text: str, **place: object) -> None:
        """Add a text without an arrow."""
        self.annotations.append({"text": text, "showarrow": False, **place})

    def finish(self, **layout: object) -> Picture:
        """Make the figure, with what it can't show written under it."""
        margin = layout["margin"]
        assert isinstance(margin, dict)
        for line, note in enumerate(reversed(self.notes)):
            under = {"yref": "paper", "yanchor": "bottom", "y": 0, "yshift": 6 + 19 * line - margin["b"]}
            centred = {"xref": "paper", "xanchor": "center", "x": 0.5}
            self.annotate(escaped(note), font={"size": 13, "color": GREY}, **under, **centred)
        return Picture({"data": self.traces, "layout": self.layout | layout | {"annotations": self.annotations}})


def _meta(text: Text, sentence: str, table: pd.DataFrame, notes: list[str]) -> dict[str, object]:
    """What travels inside the figure; the table is kept as texts."""
    rows = [["" if pd.isna(value) else str(value) for value in row] for row in table.itertuples(index=False)]
    columns = [str(column) for column in table.columns]
    return {"sentence": sentence, "notes": notes, "columns": columns, "rows": rows, "language": text.language}


def config(language: str) -> dict[str, object]:
    """Return the one set of plotly settings, for every place a figure is shown."""
    text = load_text(language)
    name = text.say("chart.download_name")
    settings: dict[str, object] = {
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "displaylogo": False,
        "displayModeBar": "hover",
        "responsive": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 3, "filename": name},
    }
    if language != "nl":
        return settings
    return settings | {"locale": "nl", "locales": {"nl": _dutch(text)}}


def _dutch(text: Text) -> Mapping[str, object]:
    """Plotly's words in Dutch, inline: fetching its locale file would be a request to elsewhere."""
    download = text.say("chart.download")
    words = {
        "Download plot as a PNG": download,
        "Download plot": download,
        "Download plot as a png": download,
    }
    numbers = {"decimal": text.words["number.decimal"], "thousands": text.words["number.thousands"]}
    return {"dictionary": words, "format": numbers}


def escaped(text: str) -> str:
    """Return text that plotly shows as it is: a name can't smuggle in markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
