"""A `Picture` as SVG, for places where no script runs: on paper, on a phone and in Word.

Plotly draws in a browser only. This draws what our charts are made of (lines, marks, bars and a pentagon, all plain
dicts) from the same figure, so that a chart is described once.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, repeat
from typing import Any, Protocol

from toolkit.charts.style import EDGE, FONT, GREY, INK, LINE, NOTE, SCALE

WIDE, BETWEEN, NARROW = 640, 390, 340
"""Widths in CSS pixels: for a page or a screen, for any, and for a phone."""


class Drawable(Protocol):
    """What is drawn: a `Picture`."""

    @property
    def sentence(self) -> str:
        """What it shows."""

    @property
    def notes(self) -> list[str]:
        """What it can't show."""

    def to_plotly_json(self) -> dict[str, Any]:
        """The figure as plain data."""


Trace = Mapping[str, Any]
Layout = Mapping[str, Any]
Point = tuple[float, float]

DASHES = {"dash": "9 6", "dot": "2 5", "longdash": "14 6"}
LETTER = 0.51
"""Mean width of a letter, in its own height: enough to lay out a legend without measuring type."""


def draw(picture: Drawable, width: int = WIDE) -> str:
    """Return the picture as one SVG element; the page has its title and notes as text.

    Parameters
    ----------
    width
        In CSS pixels.

    Notes
    -----
    Every text in it is escaped: by the charts where it may carry markup, here where it may not.
    """
    return _element(picture, *_body(picture, width), width)


def draw_with_words(picture: Drawable, width: int, size: str) -> str:
    """Return the picture as a self-contained SVG file with title, subtitle and notes.

    Parameters
    ----------
    size
        Attributes of the element that say how large it is.
    """
    layout = picture.to_plotly_json()["layout"]
    title = layout["title"]
    head, y = [], 8.0
    for markup, size_of_letters, colour in (
        (title["text"].removeprefix("<b>").removesuffix("</b>"), 18, INK), (title["subtitle"]["text"], 14, GREY),
    ):  # fmt: skip
        for line in _wrap_text(markup, width, size_of_letters):
            y += 1.3 * size_of_letters
            markup_of_line = _bold(f"<b>{line}</b>") if colour == INK else line
            head.append(_text(8, y, markup_of_line, size=size_of_letters, colour=colour))
    body, height = _body(picture, width)
    notes, foot = [], y + 14 + height
    for note in picture.notes:
        for line in _wrap_text(escape(note), width, 12):
            foot += 16
            notes.append(_text(8, foot, line, size=12, colour=GREY))
    page = f'<rect width="{width}" height="{_n(foot + 10)}" fill="#FFFFFF"/>'
    shifted = f'<g transform="translate(0 {_n(y + 14)})">{body}</g>'
    return _element(picture, f"{page}{''.join(head)}{shifted}{''.join(notes)}", foot + 10, width, size)


def _wrap_text(markup: str, width: int, size: float) -> list[str]:
    """A text in lines that fit in the width."""
    return textwrap.wrap(markup.replace("<br>", " "), int((width - 16) / (LETTER * size)))


def _element(picture: Drawable, body: str, height: float, width: int, size: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}viewBox="0 0 {width} {_n(height)}" role="img" '
        f'aria-label="{escape(picture.sentence)}" font-family="{escape(FONT)}" fill="{INK}" font-size="14">'
        f"{body}</svg>"
    )


def _body(picture: Drawable, width: int) -> tuple[str, float]:
    """The legend and the plot under it, and how high they are."""
    figure = picture.to_plotly_json()
    traces, layout = figure["data"], figure["layout"]
    if "polar2" in layout:
        parts = _draw_polygon_grid(traces, layout, width)
    else:
        parts = _draw_polygon(traces, layout, width) if "polar" in layout else _draw_plane(traces, layout, width)
    head, height = _legend(traces, layout, width)
    return f'{head}<g transform="translate(0 {_n(height)})">{"".join(parts.elements)}</g>', height + parts.height


@dataclass(frozen=True, slots=True)
class _Drawn:
    elements: list[str]
    height: float


# --- the legend ---


def _legend(traces: Sequence[Trace], layout: Layout, width: int) -> tuple[str, float]:
    """The names of the traces with their marks, over as many lines as they need."""
    traces_in_key = [trace for trace in traces if trace.get("name") and trace.get("showlegend") is not False]
    if layout.get("showlegend") is False or not traces_in_key:
        return "", 0
    elements, x, y = [], 8.0, 16.0
    for trace in sorted(traces_in_key, key=lambda trace: trace.get("legendrank", 1000)):
        name = trace["name"].replace("<br>", " ")
        width_needed = 40 + _text_width(name, 14)
        if x > 8 and x + width_needed > width:
            x, y = 8.0, y + 24
        elements += [*_key(trace, x, y), _text(x + 36, y + 5, escape(name))]
        x += width_needed + 14
    return "".join(elements), y + 20


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


# --- a plane: bars, or marks on a line ---


@dataclass(frozen=True, slots=True)
class _Plane:
    """The coordinate system: an x axis, and one or more y axes with their share of the height."""

    left: float
    right: float
    top: float
    room: float
    x_range: Sequence[float]
    axes: Mapping[str, Layout]

    def x(self, value: float) -> float:
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def y(self, value: float, axis: str = "y") -> float:
        low, high = self.axes[axis]["range"]
        bottom, top = self.axes[axis].get("domain", (0, 1))
        return self.paper_y(bottom + (value - low) / (high - low) * (top - bottom))

    def paper_x(self, share: float) -> float:
        return self.left + share * (self.right - self.left)

    def paper_y(self, share: float) -> float:
        return self.top + (1 - share) * self.room

    def high(self, units: float) -> float:
        """Height of a number of units of the first y axis."""
        return abs(self.y(units) - self.y(0))


def _draw_plane(traces: Sequence[Trace], layout: Layout, width: int) -> _Drawn:
    xaxis, margin = _with_ticks(layout["xaxis"]), layout["margin"]
    under = layout["meta"]["words"][1]
    on_top = xaxis.get("side") == "top"
    tick_lines = _tick_words(xaxis, width, margin)
    cap, foot = 17 * len(tick_lines[0]) + 8 if on_top and tick_lines else 8, margin["b"] - under - 8
    axes = {key.replace("axis", ""): value for key, value in layout.items() if key.startswith("yaxis")}
    room = layout["height"] - margin["t"] - margin["b"]
    plane = _Plane(margin["l"], width - margin["r"], cap, room, xaxis["range"], axes)
    elements = [*_x_axis(plane, xaxis, tick_lines), *_y_axes(plane)]
    reached: dict[float, float] = {}
    for trace in traces:
        elements += _bars(plane, trace, reached) if trace["type"] == "bar" else _line(plane, trace)
    elements += [_annotation(plane, note) for note in layout.get("annotations", ()) if note.get("name") != NOTE]
    return _Drawn(elements, cap + room + max(foot, 8))


def _with_ticks(xaxis: Layout) -> Layout:
    """The axis with ticks at round numbers, where plotly would choose them itself."""
    if xaxis.get("visible") is False or "tickvals" in xaxis or xaxis.get("showticklabels") is False:
        return xaxis
    low, high = xaxis["range"]
    step = next(step for step in (1, 2, 5, 10, 20, 25, 50, 100) if (high - low) / step <= 8 or step == 100)
    values = [step * multiple for multiple in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return {**xaxis, "tickvals": values, "ticktext": [str(value).replace("-", "−") for value in values]}


def _tick_words(xaxis: Layout, width: int, margin: Layout) -> list[list[str]]:
    """The words along the x axis in lines, as wide as there is room for; all with as many lines."""
    if xaxis.get("visible") is False or xaxis.get("tickvals") is None:
        return []
    size, labels = _size(xaxis), xaxis["ticktext"]
    if xaxis.get("side") != "top":
        return [[word] for word in labels]
    letters = int((width - margin["l"] - margin["r"]) / len(labels) / (LETTER * size)) if labels else 0
    lines = [
        [w] if w.startswith("<b>") else textwrap.wrap(_hyphened(w, max(letters, 4)), max(letters, 4)) for w in labels
    ]
    n_lines = max(map(len, lines), default=0)
    return [[*repeat("", n_lines - len(label_lines)), *label_lines] for label_lines in lines]


def _hyphened(text: str, letters: int) -> str:
    """Break words that are longer than a line, with a hyphen."""
    return " ".join("- ".join(textwrap.wrap(w, letters - 1)) if len(w) > letters else w for w in text.split())


def _x_axis(plane: _Plane, xaxis: Layout, tick_lines: Sequence[Sequence[str]]) -> Iterator[str]:
    bottom, size = plane.top + plane.room, _size(xaxis)
    for value, lines in zip(xaxis.get("tickvals") or (), tick_lines, strict=False):
        x = plane.x(value)
        is_zero = value == 0 and xaxis.get("zeroline")
        if xaxis.get("showgrid") is not False or is_zero:
            yield f'<path d="M{_n(x)} {_n(plane.top)}V{_n(bottom)}" stroke="{GREY if is_zero else LINE}"/>'
        first = plane.top - 8 - 17 * (len(lines) - 1) if xaxis.get("side") == "top" else bottom + 18
        for number, line in enumerate(lines):
            bold = re.fullmatch("<b>([^<]*)</b>", line)
            markup = _bold(f"<b>{escape(bold[1])}</b>") if bold else escape(line)
            yield _text(x, first + 17 * number, markup, anchor="middle", size=size, colour=GREY)


def _y_axes(plane: _Plane) -> Iterator[str]:
    for name, axis in plane.axes.items():
        if axis.get("visible") is False:
            continue
        for value, word in zip(axis["tickvals"], axis["ticktext"], strict=True):
            y = plane.y(value, name)
            yield f'<path d="M{_n(plane.left)} {_n(y)}H{_n(plane.right)}" stroke="{LINE}"/>'
            yield _text(plane.left - 8, y + 4, escape(word), anchor="end", size=_size(axis), colour=GREY)


def _size(axis: Layout) -> float:
    return float(axis.get("tickfont", {}).get("size", 13))


def _bars(plane: _Plane, trace: Trace, reached: dict[float, float]) -> Iterator[str]:
    marker, bases = trace["marker"], trace.get("base")
    high = plane.high(trace.get("width", 0.6))
    texts = trace.get("text") or [""] * len(trace["y"])
    anchor, labels = trace.get("insidetextanchor", "middle"), []
    for number, (row, value, text) in enumerate(zip(trace["y"], trace["x"], texts, strict=True)):
        if value is None or not value:
            continue
        start = bases[number] if bases else reached.get(row, 0.0)
        if not bases:
            reached[row] = start + value
        begin, end, middle = plane.x(start), plane.x(start + value), plane.y(row)
        is_missing = bool(_value_at(marker.get("pattern", {}).get("shape", ""), number))
        colour = str(_value_at(marker["color"], number))
        bar_width = max(end - begin - 1.5, 0.5)
        yield _rect(begin, middle - high / 2, bar_width, high, colour, EDGE if is_missing else "")
        if is_missing:
            yield _hatched(begin, middle - high / 2, bar_width, high)
        if text and end - begin > _text_width(str(text), 13) + 4:
            x = {"start": begin + 7, "end": end - 8}.get(anchor, (begin + end) / 2)
            labels.append(_text(x, middle + 4.5, escape(str(text)), halo=is_missing))
    if labels:  # the style is written once: a page of many bars stays small
        yield f"<g{_font_attributes(anchor, 13, trace['textfont']['color'])}>{''.join(labels)}</g>"


def _value_at(value: Any, number: int) -> Any:
    return value[number] if isinstance(value, (list, tuple)) else value


def _hatched(x: float, y: float, width: float, height: float) -> str:
    """Slanting lines within a frame: a missing value is neither light nor dark."""
    lines = []
    for start in range(-int(height), int(width), 9):
        first, last = max(start, 0.0), min(start + height, width)
        if last > first:
            lines.append(
                f"M{_n(x + first)} {_n(y + height - (first - start))}L{_n(x + last)} {_n(y + start + height - last)}"
            )
    return f'<path d="{"".join(lines)}" stroke="{EDGE}" stroke-width=".8"/>'


def _line(plane: _Plane, trace: Trace) -> Iterator[str]:
    axis = trace.get("yaxis", "y")
    points = [
        (plane.x(x), plane.y(y, axis)) if x is not None and y is not None else None
        for x, y in zip(trace["x"], trace["y"], strict=True)
    ]
    yield from _intervals(plane, trace, points, "y", axis)
    if "lines" in trace["mode"]:
        yield from (_path(run, trace["line"]) for run in _runs(points))
    yield from _intervals(plane, trace, points, "x", axis)
    if "markers" in trace["mode"]:
        marker = trace["marker"]
        colours = [_value_at(marker["color"], number) for number in range(len(points))]
        yield from (_mark(*point, marker | {"color": c}) for point, c in zip(points, colours, strict=True) if point)


def _intervals(plane: _Plane, trace: Trace, points: Sequence[Point | None], along: str, axis: str) -> Iterator[str]:
    """Intervals around the points, along the x or y axis."""
    error = trace.get(f"error_{along}")
    if not error:
        return
    for point, value, minus, plus in zip(points, trace[along], error["arrayminus"], error["array"], strict=True):
        if point and minus is not None and plus is not None:
            ends = (value - minus, value + plus)
            if along == "x":
                line = [(plane.x(end), point[1]) for end in ends]
            else:
                line = [(point[0], plane.y(end, axis)) for end in ends]
            yield _path(line, {"color": error["color"], "width": error["thickness"]})


def _annotation(plane: _Plane, note: Mapping[str, Any]) -> str:
    """A text at its place: centred on the middle of its row, or on its base line."""
    font = note.get("font", {})
    x = plane.paper_x(note["x"]) if note.get("xref") == "paper" else plane.x(note["x"])
    y = plane.paper_y(note["y"]) if note.get("yref") == "paper" else plane.y(note["y"], note.get("yref", "y"))
    x, y = x + note.get("xshift", 0), y - note.get("yshift", 0)
    anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", ""), "middle")
    down = {"bottom": -2, "top": 12}.get(note.get("yanchor", "middle"), 5)
    size = min(font.get("size", 14), 14)
    style = {"anchor": anchor, "size": size, "colour": font.get("color", INK), "halo": "bgcolor" in note}
    lines = _lines_of(note["text"])
    return "".join(_text(x, y + down + 1.25 * size * index, _bold(line), **style) for index, line in enumerate(lines))


def _lines_of(markup: str) -> list[str]:
    """The lines of a text, each bold where the whole is."""
    lines = markup.split("<br>")
    return (
        [f"<b>{line}</b>" for line in "<br>".join(lines)[3:-4].split("<br>")]
        if markup.startswith("<b>") and markup.endswith("</b>") and len(lines) > 1
        else lines
    )


# --- a polygon with a corner per category ---


@dataclass(frozen=True, slots=True)
class _Polygon:
    """Positions of values on the spokes of its corners: the first on top, the others clockwise."""

    x: float
    y: float
    radius: float
    corners: Sequence[str]
    highest: float

    def at(self, corner: str, value: float) -> Point:
        angle = 2 * math.pi * self.corners.index(corner) / len(self.corners)
        reach = self.radius * value / self.highest
        return self.x + reach * math.sin(angle), self.y - reach * math.cos(angle)


def _draw_polygon(traces: Sequence[Trace], layout: Layout, width: int) -> _Drawn:
    axis = layout["polar"]["radialaxis"]
    corners = layout["polar"]["angularaxis"]["categoryarray"]
    is_narrow = width < 500
    radius, size = (92, 11.5) if is_narrow else (164, 14)
    polygon = _Polygon(width / 2, radius + 24 + 2.5 * size, radius, corners, axis["tickvals"][-1])
    labels = _narrow_corner_words(polygon, size) if is_narrow else _corner_words(polygon, size)
    drawn = _polar_traces(polygon, traces, 0.75 if is_narrow else 1)
    elements = [*_polar_grid(polygon, axis["tickvals"]), *labels, *drawn, *_scale_words(polygon, layout, is_narrow)]
    return _Drawn(elements, polygon.y + radius * 0.81 + 3.8 * size)


def _scale_words(polygon: _Polygon, layout: Layout, is_narrow: bool) -> Iterator[str]:
    """The words of the scale, above all lines and marks, as far from the centre as in plotly's own drawing."""
    margin, highest = layout["margin"], layout["polar"]["radialaxis"]["range"][1]
    unit = polygon.radius / polygon.highest * highest / ((layout["height"] - margin["t"] - margin["b"]) / 2)
    for note in layout["annotations"]:
        if note.get("name") == SCALE:
            x, y = polygon.x + note["xshift"] * unit, polygon.y - note["yshift"] * unit + 4
            size = 11 if is_narrow else 13
            yield _text(x, y, escape(note["text"]), anchor="middle", size=size, colour=GREY, halo=True)


def _draw_polygon_grid(traces: Sequence[Trace], layout: Layout, width: int) -> _Drawn:
    """Draw several polygons in a grid, each with its name and the numbers of the steps at its corners."""
    margin = layout["margin"]
    room = layout["height"] - margin["t"] - margin["b"]
    plane = _Plane(margin["l"], width - margin["r"], 8, room, (0, 1), {})
    elements: list[str] = []
    for name in (key for key in layout if key.startswith("polar")):
        axis, domain = layout[name]["radialaxis"], layout[name]["domain"]
        left, right = map(plane.paper_x, domain["x"])
        bottom, top = map(plane.paper_y, domain["y"])
        radius = min(right - left, bottom - top) / 2 - 6
        corners = layout[name]["angularaxis"]["categoryarray"]
        polygon = _Polygon((left + right) / 2, (top + bottom) / 2, radius, corners, axis["range"][1])
        elements += [*_polar_grid(polygon, axis["tickvals"]), *_corner_numbers(polygon)]
        elements += _polar_traces(polygon, [trace for trace in traces if trace.get("subplot", "polar") == name], 0.8)
    elements += [_annotation(plane, note) for note in layout.get("annotations", ()) if note.get("name") != NOTE]
    return _Drawn(elements, 8 + room)


def _corner_numbers(polygon: _Polygon) -> Iterator[str]:
    """Short names just outside their corner."""
    for corner in polygon.corners:
        x, y = polygon.at(corner, polygon.highest * (1 + 10 / polygon.radius))
        yield _text(x, y + 4, _bold(corner), anchor="middle", size=11)


def _polar_traces(polygon: _Polygon, traces: Sequence[Trace], scale: float) -> Iterator[str]:
    before: list[Point] = []
    for trace in traces:
        pairs = zip(trace["theta"], trace["r"], strict=True)
        points = [polygon.at(corner, value) if value is not None else None for corner, value in pairs]
        yield from _polar_trace(trace, points, before, scale)
        before = [point for point in points if point]


def _polar_grid(polygon: _Polygon, values: Sequence[float]) -> Iterator[str]:
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
        x += 0 if above else (side * 6 if below else side * 16)
        first = y - 18 - (len(lines) - 1) * size * 1.25 if above else (y + size + 8 if below else y - 2)
        for number, line in enumerate(lines):
            yield _text(x, first + number * size * 1.25, _bold(line), anchor=anchor, size=size)


def _narrow_corner_words(polygon: _Polygon, size: float) -> Iterator[str]:
    """Above or below their corner, in short lines: there is no room next to it."""
    for corner in polygon.corners:
        x, y = polygon.at(corner, polygon.highest)
        lines = textwrap.wrap(corner.replace("<br>", " "), 15 + len("<b></b>"))
        side = round((x - polygon.x) / polygon.radius)
        anchor = ("end", "middle", "start")[side + 1]
        first = y + size + 8 if y > polygon.y else y - 15 - (len(lines) - 1) * size * 1.25
        for number, line in enumerate(lines):
            yield _text(x - 10 * side, first + number * size * 1.25, _bold(line), anchor=anchor, size=size)


def _polar_trace(trace: Trace, points: Sequence[Point | None], before: Sequence[Point], scale: float) -> Iterator[str]:
    drawn = [point for point in points if point]
    if trace.get("fill") == "tonext":
        yield f'<path d="{_line_to(drawn)}Z{_line_to(before)}Z" {_fill(trace["fillcolor"])} fill-rule="evenodd"/>'
    elif "lines" in trace["mode"] and trace["line"].get("width"):
        yield from (_path(run, trace["line"]) for run in _runs(points))
    if "markers" in trace["mode"]:
        yield from (_mark(x, y, trace["marker"], scale) for x, y in dict.fromkeys(drawn))


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """Two or more points that follow each other without a gap."""
    runs = ([point for point in run if point] for _, run in groupby(points, bool))
    return [run for run in runs if len(run) > 1]


# --- elements ---


def _text(x: float, y: float, markup: str, *, halo: bool = False, **font: Any) -> str:
    style = _font_attributes(**font)
    style += ' stroke="white" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return f'<text x="{_n(x)}" y="{_n(y)}"{style}>{markup}</text>'


def _font_attributes(anchor: str = "start", size: float = 14, colour: str = INK) -> str:
    """The attributes of a font that differ from those of the drawing."""
    attributes = "" if colour == INK else f' fill="{colour}"'
    attributes += "" if size == 14 else f' font-size="{_n(size)}"'
    return attributes + ("" if anchor == "start" else f' text-anchor="{anchor}"')


def _bold(markup: str) -> str:
    """Plotly's bold as SVG's; what else is in the text was escaped by the chart."""
    return re.sub(r"<b>(.*?)</b>", r'<tspan font-weight="700">\1</tspan>', markup)


def _rect(x: float, y: float, width: float, height: float, colour: str, edge: str = "") -> str:
    around = f' stroke="{edge}" stroke-width=".5"' if edge else ""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" {_fill(colour)}{around}/>'


def _fill(colour: str) -> str:
    """The attributes of a fill. Inkscape draws the `rgba()` of CSS in black."""
    parts = re.findall(r"[\d.]+", colour) if colour.startswith("rgba") else []
    if not parts:
        return f'fill="{colour}"'
    return f'fill="#{"".join(f"{int(part):02X}" for part in parts[:3])}" fill-opacity="{parts[3]}"'


def _path(points: Sequence[Point], line: Mapping[str, Any]) -> str:
    dash = DASHES.get(line.get("dash", "solid"))
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    width = _n(line.get("width", 2))
    return f'<path d="{_line_to(points)}" fill="none" stroke="{line["color"]}" stroke-width="{width}"{dashes}/>'


def _mark(x: float, y: float, marker: Mapping[str, Any], scale: float = 1) -> str:
    """A mark with a white edge, so that marks on top of each other stay apart."""
    r = marker["size"] * scale / 2
    edge = marker.get("line", {})
    ink = f'fill="{marker["color"]}" stroke="{edge.get("color", "white")}" stroke-width="{_n(edge.get("width", 1.5))}"'
    shape = marker.get("symbol", "circle")
    if shape == "circle":
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" {ink}/>'
    return f'<path d="{_line_to([(x + r * a, y + r * b) for a, b in SHAPES.get(shape, SHAPES["cross"])])}Z" {ink}/>'


SHAPES: dict[str, list[Point]] = {
    "square": [(-0.92, -0.92), (0.92, -0.92), (0.92, 0.92), (-0.92, 0.92)],
    "triangle-up": [(0, -1.1), (1.05, 0.85), (-1.05, 0.85)],
    "diamond": [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)],
    "cross": [
        (-0.4, -1), (0.4, -1), (0.4, -0.4), (1, -0.4), (1, 0.4), (0.4, 0.4),
        (0.4, 1), (-0.4, 1), (-0.4, 0.4), (-1, 0.4), (-1, -0.4), (-0.4, -0.4),
    ],
}  # fmt: skip
"""Corners of a mark, in half its size."""


def _line_to(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _text_width(text: str, size: float) -> float:
    return LETTER * size * len(text)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
