"""A figure that carries its sentence and its table, in the one style of this package."""

from __future__ import annotations

import html
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from toolkit.charts.colours import PRINT, recoloured
from toolkit.charts.role_style import rounded
from toolkit.charts.save import save_picture
from toolkit.charts.style import FONT, GREY, INK, LINE, NOTE
from toolkit.core.i18n import Text, load_text
from toolkit.core.sanitize import escape_plotly as escape_plotly
from toolkit.core.text_table import TextTable
from toolkit.narrative.selection import Selection

PLOTLY = "application/vnd.plotly.v1+json"

TITLE_WIDTH, SUBTITLE_WIDTH, LEGEND_WIDTH, NOTE_WIDTH = 28, 45, 39, 50
"""Characters that fit on a line of a telephone, per text size."""
TITLE_LINE, SUBTITLE_LINE, LEGEND_LINE, NOTE_LINE = 24, 22, 23, 18
SIDE = 14
"""Pixels: the height of a line of each, and the margin next to the plot."""
SOURCE_WIDTH, SOURCE_LINE = 58, 15
"""Characters and pixels of a line of the source."""


class Picture(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A plotly figure with its data as a table and a sentence, its alternative text.

    Both travel inside the figure (`layout.meta`), so that a figure saved, sent or read back still has them. Wherever it
    is shown it has the same settings: no button that uploads, Dutch numbers, no request to anywhere.

    Examples
    --------
    >>> import toolkit as tk
    >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=2)))
    >>> picture = tk.charts.radar(levels)
    >>> picture.to_table().columns[0]
    'Stap'
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
        """The data of the picture as texts, with headings in its language."""
        return pd.DataFrame(self.layout.meta["rows"], columns=self.layout.meta["columns"], dtype="str")

    def to_table(self) -> TextTable:
        """Return the table for a notebook, under the sentence; it saves as Excel, Word or LaTeX."""
        return TextTable.from_frame(self.table, self.sentence)

    def without_words(self) -> dict[str, Any]:
        """Return the figure without title, subtitle and notes, for a page that has them as text."""
        figure = self.to_plotly_json()
        layout: dict[str, Any] = dict(figure["layout"])
        head, under = self.layout.meta["words"]
        notes = [note for note in layout.get("annotations", ()) if note.get("name") != NOTE]
        margin, height = dict(layout["margin"]), layout["height"]
        margin |= {"t": margin["t"] - head, "b": margin["b"] - under}
        legend = dict(layout["legend"])
        legend["y"] = 1 - ((1 - legend["y"]) * height - head) / (height - head - under)
        stripped = {key: value for key, value in layout.items() if key not in ("title", "meta")}
        changed = {"annotations": notes, "margin": margin, "legend": legend, "height": height - head - under}
        return {"data": figure["data"], "layout": stripped | changed}

    def with_source(self, source: str) -> Picture:
        """Return the picture with its source under it, on the page and in downloads."""
        figure = self.to_plotly_json()
        layout: dict[str, Any] = dict(figure["layout"])
        margin, height = dict(layout["margin"]), layout["height"]
        lines = wrapped(source, SOURCE_WIDTH)
        extra = SOURCE_LINE * len(lines) + 6
        layout["annotations"] = [*layout.get("annotations", ())]
        for line_number, line in enumerate(lines):
            layout["annotations"].append({
                "text": escape_plotly(line), "name": NOTE, "showarrow": False, "font": {"size": 11, "color": GREY},
                "xref": "paper", "x": 0, "xanchor": "left", "xshift": SIDE - margin["l"], "yref": "paper", "y": 0,
                "yanchor": "top", "yshift": -margin["b"] - SOURCE_LINE * line_number, "align": "left",
            })  # fmt: skip
        legend = dict(layout["legend"])
        legend["y"] = 1 - (1 - legend["y"]) * height / (height + extra)
        head, under = layout["meta"]["words"]
        meta = layout["meta"] | {"words": [head, under + extra]}
        margin["b"] += extra
        changed = {"margin": margin, "height": height + extra, "legend": legend, "meta": meta}
        return Picture({"data": figure["data"], "layout": layout | changed}, _validate=False)

    def save(self, path: str | Path, width: float = 170) -> Path:
        """Save the picture for an article, a slide or a poster; needs no browser.

        Parameters
        ----------
        path
            How it ends decides what it becomes: `.svg` or `.pdf` (lines and letters, of any size) or `.png` (some 300
            dots to the inch).
        width
            In millimetres, 40 to 400. A journal's column is often 85 wide and its page 170.

        Returns
        -------
        The path.

        Raises
        ------
        ToolkitError
            The path ends in something else, or the width is not possible.

        Examples
        --------
        >>> import tempfile
        >>> import toolkit as tk
        >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=1)))
        >>> picture = tk.charts.radar(levels, colors="print")
        >>> picture.save(f"{tempfile.mkdtemp()}/radar.svg", width=85).name
        'radar.svg'
        """
        return save_picture(self, Path(path), width)

    def show(self) -> None:
        """Show the picture under the cell; outside a notebook open it in the browser."""
        if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
            sys.modules["IPython"].display.display(self)
        else:
            super().show(config=config(self.layout.meta["language"]))

    def write_image(self, file: str | Path) -> None:
        """Save the picture as `save` does: plotly's own way needs a browser."""
        self.save(file)

    def to_bundle(self) -> dict[str, object]:
        """Return what Jupyter shows: the figure with its settings, and its sentence."""
        meta = self.layout.meta
        figure = json.loads(self.to_json()) | {"config": config(meta["language"], meta.get("file", ""))}
        return {PLOTLY: figure, "text/plain": " ".join([self.sentence, *self.notes])}

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, object]:
        """Return the output of a notebook cell.

        Also from which folder the figures are, and when it was read. A picture without any figure is its sentence only.
        """
        say = load_text(self.layout.meta["language"]).say
        if self.sentence in (say("chart.nothing"), say("cohort_chart.nothing")):
            words = " ".join([self.sentence, *self.notes])
            return {"text/plain": words, "text/html": f"<p>{html.escape(words)}</p>"}
        origin = self.layout.meta.get("origin")
        return (self.with_source(origin) if origin else self).to_bundle()

    # plotly's own ways to show itself would pick a renderer, and with it other settings
    _ipython_display_ = _repr_html_ = None


class Sketch:
    """A picture in the making: plain dicts, made into a figure at once.

    Adding to a plotly figure trace by trace checks the whole of it each time, and takes some twenty times as long.
    Above and below the plot every line of text has its own room in pixels, so that the same picture fits on a
    telephone and on paper.
    """

    def __init__(
        self,
        selection: Selection | Text,
        sentence: str,
        table: pd.DataFrame,
        notes: list[str],
        title: str,
        subtitle: str,
    ) -> None:
        self.text = selection if isinstance(selection, Text) else selection.text
        self.colors, origin = (None, "") if isinstance(selection, Text) else (selection.colors, selection.origin)
        names = [subtitle.split(" · ")[0]] if isinstance(selection, Text) else [selection.name, selection.wave]
        subject = subtitle.split(" · ")[0] if title in names else title
        self._meta = _meta(self.text, sentence, table, notes) | {
            "file": "-".join(re.findall(r"\w+", " ".join([*names, subject])))[:100],
            "origin": origin,
        }
        self._title, self._subtitle = wrapped(title, TITLE_WIDTH), _wrapped_at_dots(subtitle, SUBTITLE_WIDTH)
        self._notes = [line for note in notes for line in wrapped(note, NOTE_WIDTH)]
        self.traces: list[dict[str, object]] = []
        self.annotations: list[dict[str, object]] = []

    def add(self, kind: str, **trace: object) -> None:
        """Add a trace of a plotly type."""
        self.traces.append({"type": kind, **trace})

    def annotate(self, text: str, **position: object) -> None:
        """Add a text without an arrow."""
        self.annotations.append({"text": text, "showarrow": False, **position})

    def label_row(self, row: int, label: str, detail: str = "", *, lift: int = 25, over_lines: bool = False) -> None:
        """Write a label ('1.1 Words') above row 0, 1, …, and something at the other end of it.

        `lift` is its distance above the row's middle, in pixels; with `over_lines` no line of a scale runs
        through it.
        """
        number, _, label_text = label.partition(" ")
        position: dict[str, object] = {"xref": "paper", "y": row, "yanchor": "middle", "yshift": lift}
        position |= {"bgcolor": "white"} if over_lines else {}
        self.annotate(f"<b>{escape_plotly(number)}</b> {escape_plotly(label_text)}", x=0, xanchor="left", **position)
        if detail:
            self.annotate(detail, x=1, xanchor="right", font={"size": 14, "color": GREY}, **position)

    def finish(
        self,
        room: int,
        *,
        sides: tuple[int, int] = (SIDE, SIDE),
        cap: int = 0,
        foot: int = 12,
        legend: str = "above",
        **layout: object,
    ) -> Picture:
        """Make the figure.

        Parameters
        ----------
        room
            Height of the plot itself, in pixels.
        sides
            Room left and right of it.
        cap, foot
            Room above and under it for what belongs to the plot, such as the words on its axis.
        legend
            `above` the plot or `below` it, a line for each entry, or `row`: above it, on one line.
        """
        in_legend = [trace for trace in self.traces if trace.get("name") and trace.get("showlegend") is not False]
        for trace in in_legend:
            trace["name"] = "<br>".join(wrapped(str(trace["name"]), LEGEND_WIDTH))
        rows = 1 if legend == "row" else sum(1 + str(trace["name"]).count("<br>") for trace in in_legend)
        key = LEGEND_LINE * rows + 10 if rows else 0
        head = 18 + TITLE_LINE * len(self._title) + SUBTITLE_LINE * len(self._subtitle) + 10
        under = 18 + NOTE_LINE * len(self._notes) if self._notes else 8
        top = cap + (head if legend == "below" else head + key)
        bottom = foot + under + (key if legend == "below" else 0)
        height = top + room + bottom
        for line, note in enumerate(self._notes):
            position = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": SIDE - sides[0]}
            position |= {"yref": "paper", "y": 0, "yanchor": "top", "yshift": under - bottom - 10 - NOTE_LINE * line}
            self.annotate(escape_plotly(note), name=NOTE, font={"size": 13, "color": GREY}, align="left", **position)
        drawn: dict[str, object] = {
            "template": {"data": {"scatter": [{"type": "scatter"}]}},  # no style of plotly's own
            "height": height,
            "autosize": True,
            "separators": self.text.phrases["number.decimal"] + self.text.phrases["number.thousands"],
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "font": {"family": FONT, "size": 15, "color": INK},
            "hoverlabel": {"font": {"family": FONT, "size": 14}},
            "title": self._heading(),
            "margin": {"l": sides[0], "r": sides[1], "t": top, "b": bottom, "autoexpand": False},
            "legend": _legend(legend, (head if legend != "below" else top + room + foot) / height),
            "meta": self._meta | {"words": [head, under - 8]} | ({PRINT: True} if self.colors == PRINT else {}),
            "annotations": self.annotations,
        }
        figure = recoloured({"data": self.traces, "layout": drawn | layout}, self.colors, self.text)
        return Picture(figure, _validate=False)  # the tests check every property; here that takes most of the time

    def _heading(self) -> dict[str, object]:
        """Title and subtitle as one text, so that their lines follow each other closely at any number of lines."""
        title = "<br>".join(escape_plotly(line) for line in self._title)
        subtitle = "<br>".join(escape_plotly(line) for line in self._subtitle)
        pad = 14 + 12 * (len(self._title) - 1)  # plotly lifts a title by half of each line after the first
        return {
            "text": f"<b>{title}</b>",
            "font": {"size": 18},
            "subtitle": {"text": subtitle, "font": {"size": 14, "color": GREY}},
            "x": 0, "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": pad, "l": SIDE},
        }  # fmt: skip


def _legend(kind: str, down: float) -> dict[str, object]:
    """The position of the legend: `down` as a share of the height, from the top."""
    return {
        "orientation": "h" if kind == "row" else "v", "xref": "container", "x": 0.012, "xanchor": "left",
        "yref": "container", "y": 1 - down, "yanchor": "top", "font": {"size": 14}, "itemwidth": 40,
        "traceorder": "normal", "bgcolor": "rgba(0,0,0,0)", "itemclick": False, "itemdoubleclick": False,
    }  # fmt: skip


def _meta(text: Text, sentence: str, table: pd.DataFrame, notes: list[str]) -> dict[str, object]:
    """The metadata inside the figure, with the table as texts."""
    rows = [["" if pd.isna(value) else str(value) for value in row] for row in table.itertuples(index=False)]
    columns = [str(column) for column in table.columns]
    return {"sentence": sentence, "notes": notes, "columns": columns, "rows": rows, "language": text.language}


def config(language: str, file: str = "") -> dict[str, object]:
    """Return the one set of plotly settings; `file` names what is downloaded."""
    text = load_text(language)
    name = file or text.say("chart.download_name")
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
    buttons = {
        "Download plot as a PNG": download,
        "Download plot": download,
        "Download plot as a png": download,
    }
    numbers = {"decimal": text.phrases["number.decimal"], "thousands": text.phrases["number.thousands"]}
    return {"dictionary": buttons, "format": numbers}


NUMBER_ROOM = 10
"""Pixels under the last row where a number is under its mark, so that it is not on the scale."""


def row_axis(rows: int, above: float = 0.5, under: float = 0) -> dict[str, object]:
    """Return an unseen axis of rows 0, 1, … downwards.

    `above` is the share of a row's room above its middle, `under` the room under the last row, in rows.
    """
    return {"range": [rows - above + under, -above], "visible": False, "fixedrange": True}


def answer_axis(selection: Selection) -> dict[str, object]:
    """Return the axis of levels, with the answers in words as its scale."""
    answers = [answer.label[selection.language] for answer in selection.checklist.answers]
    return {
        "range": [-0.5, 100.5], "tickvals": [100 * index / (len(answers) - 1) for index in range(len(answers))],
        "ticktext": answers, "gridcolor": LINE, "zeroline": False, "ticks": "", "fixedrange": True,
    }  # fmt: skip


def difference_axis(reach: float) -> dict[str, object]:
    """Return the axis of differences, from `-reach` to `reach` around a line at 0."""
    return {
        "range": [-reach, reach], "zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1, "showgrid": False,
        "ticks": "outside", "tickcolor": LINE, "tickfont": {"size": 12}, "fixedrange": True,
    }  # fmt: skip


def segments(ends: Iterable[tuple[Any, Any]], heights: Iterable[float]) -> dict[str, object]:
    """Return what makes a trace level lines: one between each two ends, at its height."""
    return {
        "x": [value for low, high in ends for value in (low, high, None)],
        "y": [y for height in heights for y in (height, height, None)], "mode": "lines", "hoverinfo": "skip",
    }  # fmt: skip


def error_bars(level: pd.Series, rows: pd.DataFrame, ends: tuple[str, str], **line: object) -> dict[str, object]:
    """Return the intervals around levels, between two columns of the rows."""
    below, above = (rounded((rows[end].astype(float) - level).abs()) for end in ends)
    return {"type": "data", "array": above, "arrayminus": below, "symmetric": False, **line}


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters: plotly doesn't break a text that is too wide."""
    return textwrap.wrap(text, width, break_long_words=False) or [""]


def _wrapped_at_dots(text: str, width: int) -> list[str]:
    """The same, with the parts between ' · ' kept whole where they fit on a line."""
    lines = [""]
    for part in text.replace(" · ", " ·\n").split("\n"):
        joined = f"{lines[-1]} {part}".strip()
        fits = len(joined.removesuffix(" ·")) <= width
        lines = [*lines[:-1], joined] if fits else [*filter(None, lines), *wrapped(part, width)]
    return lines
