"""A `Picture` as SVG: the same picture where no script runs, on paper, on a phone and in Word.

Plotly draws in a browser only. This draws what our charts are made of (lines, marks, bars and a pentagon, all plain
dicts) from the same figure, so that a chart is described once. On a narrow drawing the words stand above their row.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from toolkit.charts.picture import EDGE, FONT, GREY, INK, LINE, Picture

WIDE, NARROW = 720, 340
"""Widths in CSS pixels: a page or a screen, and a phone."""

Trace = Mapping[str, Any]
DASHES = {"dash": "9 6", "dot": "2 5", "longdash": "14 6"}
LETTER = 0.51
"""Mean width of a letter, in its own height: enough to lay out a legend without measuring type."""


def draw(picture: Picture, width: int = WIDE) -> str:
    """Return the picture as one SVG element, without its title and notes: the page has those as text.

    Parameters
    ----------
    width
        In CSS pixels; below 500 the words of a row stand above it.

    Notes
    -----
    Every text in it is escaped: by the charts where it may carry markup, here where it may not.
    """
    figure = picture.to_plotly_json()
    traces, layout = figure["data"], figure["layout"]
    parts = _polar(traces, layout, width) if "polar" in layout else _rows(traces, layout, width)
    head, height = _legend(traces, width)
    body = f'<g transform="translate(0 {height})">{"".join(parts.elements)}</g>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_n(height + parts.height)}" role="img" '
        f'aria-label="{escape(picture.sentence)}" font-family="{escape(FONT)}" fill="{INK}" font-size="14">'
        f"{head}{body}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    elements: list[str]
    height: float


# --- the legend ---


def _legend(traces: Sequence[Trace], width: int) -> tuple[str, float]:
    """The names of the traces with their marks, over as many lines as they need."""
    elements, x, y = [], 8.0, 16.0
    for trace in sorted(_named(traces), key=lambda trace: trace.get("legendrank", 1000)):
        wide = 40 + _wide(trace["name"], 14)
        if x > 8 and x + wide > width:
            x, y = 8.0, y + 24
        elements += [*_key(trace, x, y), _text(x + 36, y + 5, escape(trace["name"]))]
        x += wide + 14
    return "".join(elements), y + 20


def _named(traces: Sequence[Trace]) -> list[Trace]:
    return [trace for trace in traces if trace.get("name") and trace.get("showlegend") is not False]


def _key(trace: Trace, x: float, y: float) -> Iterator[str]:
    if trace["type"] == "bar":
        yield _rect(x + 6, y - 7, 20, 14, trace["marker"]["color"])
        return
    if trace.get("fill"):
        yield _rect(x, y - 6, 30, 12, trace["fillcolor"])
        return
    if "lines" in trace["mode"]:
        yield _path([(x, y), (x + 30, y)], trace["line"])
    if "markers" in trace["mode"]:
        yield _mark(x + 15, y, trace["marker"])


# --- rows: bars, or marks on a line ---


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where a value and a row stand."""

    left: float
    right: float
    top: float
    row: float
    low: float
    high: float
    rows: Sequence[str]
    words_above: bool

    def x(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def y(self, row: str) -> float:
        middle = 0.66 if self.words_above else 0.5
        return self.top + (self.rows.index(row) + middle) * self.row

    @property
    def bottom(self) -> float:
        return self.top + len(self.rows) * self.row


def _rows(traces: Sequence[Trace], layout: Mapping[str, Any], width: int) -> _Drawn:
    xaxis, rows = layout["xaxis"], layout["yaxis"]["categoryarray"]
    above = width < 500
    bars = any(trace["type"] == "bar" for trace in traces)
    left, right = (20, width - 22) if above else (250, width - 8)
    low, high = xaxis["range"]
    notes = [note for note in layout.get("annotations", ()) if note.get("y") in rows]
    plane = _Plane(left, right, 4, 58 if above else (36 if bars else 44), low, high, rows, above)
    plane = replace(plane, right=plane.right - _beyond(plane, notes, width))
    elements = [*_scale(plane, xaxis), *_words(plane)]
    reached = dict.fromkeys(rows, 0.0)
    for trace in traces:
        elements += _bars(plane, trace, reached) if trace["type"] == "bar" else _line(plane, trace)
    elements += [_annotation(plane, note) for note in notes]
    return _Drawn(elements, plane.bottom + (28 if xaxis.get("tickvals") else 8))


def _beyond(plane: _Plane, notes: Sequence[Mapping[str, Any]], width: int) -> float:
    """How far the longest text that stands behind its mark would stick out."""
    ends = [plane.x(n["x"]) + n.get("xshift", 0) + _wide(re.sub(r"</?b>", "", n["text"]), 14) for n in notes]
    return max(0.0, max(ends, default=0.0) + 4 - width)


def _scale(plane: _Plane, xaxis: Mapping[str, Any]) -> Iterator[str]:
    if xaxis.get("tickvals") is None or xaxis.get("showticklabels") is False:
        return
    for value, word in zip(xaxis["tickvals"], xaxis["ticktext"], strict=True):
        x = plane.x(value)
        yield f'<path d="M{_n(x)} {_n(plane.top)}V{_n(plane.bottom)}" stroke="{LINE}"/>'
        yield _text(x, plane.bottom + 19, escape(word), anchor="middle", size=13, colour=GREY)


def _words(plane: _Plane) -> Iterator[str]:
    for number, row in enumerate(plane.rows):
        top = plane.top + number * plane.row
        if plane.words_above:
            yield _text(plane.left, top + 18, _bold(row))
        else:
            yield _text(plane.left - 18, plane.y(row) + 5, _bold(row), anchor="end")


def _bars(plane: _Plane, trace: Trace, reached: dict[str, float]) -> Iterator[str]:
    high = 22 if plane.words_above else min(plane.row * 0.68, 26)
    texts = trace.get("text") or [""] * len(trace["y"])
    for row, value, text in zip(trace["y"], trace["x"], texts, strict=True):
        if value is None or not value:
            continue
        begin, end = plane.x(reached[row]), plane.x(reached[row] + value)
        reached[row] += value
        yield _rect(begin, plane.y(row) - high / 2, max(end - begin - 1.5, 0.5), high, trace["marker"]["color"])
        if text and end - begin > _wide(str(text), 13) + 4:
            anchor = trace.get("insidetextanchor", "middle")
            x = {"start": begin + 7, "end": end - 8}.get(anchor, (begin + end) / 2)
            colour = trace["textfont"]["color"]
            yield _text(x, plane.y(row) + 4.5, escape(str(text)), anchor=anchor, size=13, colour=colour)


def _line(plane: _Plane, trace: Trace) -> Iterator[str]:
    points = [(plane.x(x), plane.y(y)) for x, y in zip(trace["x"], trace["y"], strict=True) if x is not None]
    yield from _intervals(plane, trace)
    if "lines" in trace["mode"] and len(points) > 1:
        yield _path(points, trace["line"])
    if "markers" in trace["mode"]:
        yield from (_mark(x, y, trace["marker"]) for x, y in points)


def _intervals(plane: _Plane, trace: Trace) -> Iterator[str]:
    error = trace.get("error_x")
    if not error:
        return
    down = error.get("arrayminus") or error["array"]
    for x, y, minus, plus in zip(trace["x"], trace["y"], down, error["array"], strict=True):
        if x is not None and minus is not None and plus is not None:
            ends = [(plane.x(x - minus), plane.y(y)), (plane.x(x + plus), plane.y(y))]
            yield _path(ends, {"color": error.get("color", INK), "width": error.get("thickness", 2)})


def _annotation(plane: _Plane, note: Mapping[str, Any]) -> str:
    size, colour = note.get("font", {}).get("size", 13), note.get("font", {}).get("color", INK)
    x = plane.x(note["x"]) + note.get("xshift", 0)
    anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", ""), "middle")
    return _text(x, plane.y(note["y"]) + 5, _bold(note["text"]), anchor=anchor, size=size - 1, colour=colour, halo=True)


# --- a polygon with a corner per category ---


@dataclass(frozen=True, slots=True)
class _Polygon:
    """Where a value stands on the spoke of a corner; the first corner is on top, the others follow the clock."""

    x: float
    y: float
    radius: float
    corners: Sequence[str]
    highest: float

    def at(self, corner: str, value: float) -> tuple[float, float]:
        angle = 2 * math.pi * self.corners.index(corner) / len(self.corners)
        reach = self.radius * value / self.highest
        return self.x + reach * math.sin(angle), self.y - reach * math.cos(angle)


def _polar(traces: Sequence[Trace], layout: Mapping[str, Any], width: int) -> _Drawn:
    axis = layout["polar"]["radialaxis"]
    corners = layout["polar"]["angularaxis"]["categoryarray"]
    small = width < 500
    radius, size = (92, 11.5) if small else (172, 14)
    polygon = _Polygon(width / 2, radius + 54, radius, corners, axis["range"][1])
    words = _narrow_corner_words(polygon, size) if small else _corner_words(polygon, size)
    elements = [*_web(polygon, axis["tickvals"]), *words]
    before: list[tuple[float, float]] = []
    for trace in traces:
        points = [
            polygon.at(corner, value) if value is not None else None
            for corner, value in zip(trace["theta"], trace["r"], strict=True)
        ]
        elements += _around(trace, points, before, 0.75 if small else 1)
        before = [point for point in points if point]
    return _Drawn(elements, polygon.y + radius * 0.81 + 3.6 * size)


def _web(polygon: _Polygon, values: Sequence[float]) -> Iterator[str]:
    for value in values:
        ring = [polygon.at(corner, value) for corner in polygon.corners]
        outside = value == polygon.highest
        yield f'<path d="{_line_to(ring)}Z" fill="none" stroke="{EDGE if outside else LINE}"/>'
    for corner in polygon.corners:
        yield f'<path d="{_line_to([(polygon.x, polygon.y), polygon.at(corner, polygon.highest)])}" stroke="{LINE}"/>'


def _corner_words(polygon: _Polygon, size: float) -> Iterator[str]:
    for corner in polygon.corners:
        x, y = polygon.at(corner, polygon.highest)
        lines = corner.split("<br>")
        above, below = y < polygon.y - polygon.radius * 0.9, y > polygon.y
        side = 0 if above else (1 if x > polygon.x else -1)
        anchor = "middle" if above or below else ("start" if side > 0 else "end")
        x += 0 if above else (side * 6 if below else side * 12)
        first = y - 14 - (len(lines) - 1) * size * 1.25 if above else (y + size + 8 if below else y - 2)
        for number, line in enumerate(lines):
            yield _text(x, first + number * size * 1.25, _bold(line), anchor=anchor, size=size)


def _narrow_corner_words(polygon: _Polygon, size: float) -> Iterator[str]:
    """Above or below their corner, in short lines: there is no room beside it."""
    for corner in polygon.corners:
        x, y = polygon.at(corner, polygon.highest)
        lines = textwrap.wrap(corner.replace("<br>", " "), 15 + len("<b></b>"))
        side = round((x - polygon.x) / polygon.radius)
        anchor = ("end", "middle", "start")[side + 1]
        first = y + size + 8 if y > polygon.y else y - 12 - (len(lines) - 1) * size * 1.25
        for number, line in enumerate(lines):
            yield _text(x - 10 * side, first + number * size * 1.25, _bold(line), anchor=anchor, size=size)


def _around(
    trace: Trace, points: Sequence[tuple[float, float] | None], before: Sequence[tuple[float, float]], scale: float
) -> Iterator[str]:
    there = [point for point in points if point]
    if trace.get("fill") == "tonext":
        yield f'<path d="{_line_to(there)}Z{_line_to(before)}Z" fill="{trace["fillcolor"]}" fill-rule="evenodd"/>'
    elif trace["mode"] == "text":
        for (x, y), word in zip(there, trace["text"], strict=True):
            text = escape(word.strip())
            yield _text(x - 7, y + 4, text, anchor="end", size=11, colour=GREY, halo=True)
    elif "lines" in trace["mode"] and trace["line"].get("width"):
        yield from (_path(run, trace["line"]) for run in _runs(points) if len(run) > 1)
    if "markers" in trace["mode"]:
        yield from (_mark(x, y, trace["marker"], scale) for x, y in dict.fromkeys(there))


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Points that follow each other without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point:
            runs[-1].append(point)
        else:
            runs.append([])
    return runs


# --- elements ---


def _text(
    x: float, y: float, markup: str, *, anchor: str = "start", size: float = 14, colour: str = INK, halo: bool = False
) -> str:
    look = "" if colour == INK else f' fill="{colour}"'
    look += "" if size == 14 else f' font-size="{_n(size)}"'
    look += "" if anchor == "start" else f' text-anchor="{anchor}"'
    look += ' stroke="white" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return f'<text x="{_n(x)}" y="{_n(y)}"{look}>{markup}</text>'


def _bold(markup: str) -> str:
    """Plotly's bold as SVG's; what else is in the text was escaped by the chart."""
    return re.sub(r"<b>(.*?)</b>", r'<tspan font-weight="700">\1</tspan>', markup)


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{colour}"/>'


def _path(points: Sequence[tuple[float, float]], line: Mapping[str, Any]) -> str:
    dash = DASHES.get(line.get("dash", "solid"))
    look = f' stroke-dasharray="{dash}"' if dash else ""
    width = _n(line.get("width", 2))
    return f'<path d="{_line_to(points)}" fill="none" stroke="{line["color"]}" stroke-width="{width}"{look}/>'


def _mark(x: float, y: float, marker: Mapping[str, Any], scale: float = 1) -> str:
    """A mark with a white edge, so that marks on top of each other stay apart."""
    r = marker["size"] * scale / 2
    edge = marker.get("line", {})
    colour = marker["color"]
    look = f'fill="{colour}" stroke="{edge.get("color", "white")}" stroke-width="{_n(edge.get("width", 1.5))}"'
    shape = marker.get("symbol", "circle")
    if shape == "circle":
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" {look}/>'
    return f'<path d="{_line_to([(x + r * a, y + r * b) for a, b in SHAPES.get(shape, SHAPES["cross"])])}Z" {look}/>'


SHAPES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.92, -0.92), (0.92, -0.92), (0.92, 0.92), (-0.92, 0.92)],
    "diamond": [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)],
    "line-ns": [(-0.12, -1), (0.12, -1), (0.12, 1), (-0.12, 1)],
    "cross": [
        (-0.4, -1), (0.4, -1), (0.4, -0.4), (1, -0.4), (1, 0.4), (0.4, 0.4),
        (0.4, 1), (-0.4, 1), (-0.4, 0.4), (-1, 0.4), (-1, -0.4), (-0.4, -0.4),
    ],
}  # fmt: skip
"""Corners of a mark, in half its size."""


def _line_to(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _wide(text: str, size: float) -> float:
    return LETTER * size * len(text)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
