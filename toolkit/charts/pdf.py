"""Our own SVG drawing as a PDF of one page: vector lines and Helvetica, without a browser.

It knows what `toolkit.charts.svg` writes and no more: groups that are moved, paths of straight lines, rectangles,
circles and text.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from xml.etree import ElementTree as ET

from toolkit.charts.style import rgb

Look = Mapping[str, str]

WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, *[556] * 10, 278, 278, 584, 584,
    584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611,
    722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""Thousandths of the letter size that each sign of ASCII from the space on is wide, in Helvetica (Adobe's metrics)."""

BOLD = 1.06
"""How much wider bold letters are, about."""

CURVE = 0.5523
"""Where the handles of four Bézier curves are that together are a circle of radius 1."""


def to_pdf(svg: str, scale: float, title: str) -> bytes:
    """Return the PDF of a drawing; the same drawing always gives the same bytes.

    Parameters
    ----------
    scale
        Points of paper (1/72 inch) per unit of the drawing.
    title
        Of the document, read aloud by screen readers.
    """
    root = ET.fromstring(svg)
    width, height = (float(part) * scale for part in root.attrib["viewBox"].split()[2:])
    alphas: dict[str, str] = {}
    style = {key: root.attrib[key] for key in ("fill", "font-size")}
    drawn = [f"{scale:.5f} 0 0 {-scale:.5f} 0 {height:.2f} cm", *_elements(root, style, alphas)]
    states = " ".join(f"/{name} << /ca {alpha} /CA {alpha} >>" for alpha, name in alphas.items())
    fonts = " ".join(
        f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>"
        for name, font in (("F1", "Helvetica"), ("F2", "Helvetica-Bold"))
    )
    stream = zlib.compress("\n".join(drawn).encode("cp1252", "replace"), 9)
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2f} {height:.2f}] /Contents 4 0 R "
        f"/Resources << /Font << {fonts} >> /ExtGState << {states} >> >> >>"
    )
    return _file([
        b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.encode(),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Title <FEFF%s> >>" % title.encode("utf-16-be").hex().encode(),
    ])  # fmt: skip


def _file(objects: list[bytes]) -> bytes:
    """The objects with the table of where each begins."""
    data, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + end


def _elements(parent: ET.Element, inherited: Look, alphas: dict[str, str]) -> Iterator[str]:
    for element in parent:
        style, kind = {**inherited, **element.attrib}, element.tag.rpartition("}")[2]
        if kind == "g":
            shift = re.findall(r"-?[\d.]+", element.get("transform", "translate(0 0)"))
            yield f"q 1 0 0 1 {shift[0]} {shift[1]} cm"
            yield from _elements(element, {key: style[key] for key in style if key != "transform"}, alphas)
            yield "Q"
        elif kind == "text":
            yield from _letters(element, style, alphas)
        else:
            yield from _shape(_outline(kind, element), element.attrib, alphas)


def _outline(kind: str, element: ET.Element) -> str:
    """The path of a shape in the words of PDF."""
    if kind == "rect":
        return " ".join(element.get(key, "0") for key in ("x", "y", "width", "height")) + " re"
    if kind == "circle":
        x, y, r = (float(element.attrib[key]) for key in ("cx", "cy", "r"))
        turns = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0)]
        curves = [
            (x + r * (a + CURVE * c), y + r * (b + CURVE * d), x + r * (c + CURVE * a), y + r * (d + CURVE * b),
             x + r * c, y + r * d)
            for (a, b), (c, d) in pairwise(turns)
        ]  # fmt: skip
        return f"{x + r:.2f} {y:.2f} m " + " ".join(" ".join(f"{n:.2f}" for n in curve) + " c" for curve in curves)
    return _path(element.attrib["d"])


def _path(commands: str) -> str:
    """The path in `d`: M, L, H, V and Z, all in absolute places."""
    parts, x, y = [], "0", "0"
    for sign, numbers in re.findall(r"([MLHVZ])([^MLHVZ]*)", commands):
        places = re.findall(r"-?[\d.]+", numbers)
        if sign == "Z":
            parts.append("h")
            continue
        x, y = {"H": (places[:1] or [x])[0], "V": x}.get(sign, places[0]), {"H": y}.get(sign, places[-1])
        parts.append(f"{x} {y} {'m' if sign == 'M' else 'l'}")
    return " ".join(parts)


def _shape(outline: str, style: Look, alphas: dict[str, str]) -> Iterator[str]:
    fill, stroke = style.get("fill", "none" if "stroke" in style else "#000000"), style.get("stroke", "none")
    if fill not in ("none", "white") and "fill-opacity" in style:
        parts = rgb(fill) if fill.startswith("#") else re.findall(r"[\d.]+", fill)[:3]
        fill = f"rgb({','.join(map(str, parts))},{style['fill-opacity']})"
    painted = {(True, True): "B", (True, False): "f", (False, True): "S"}.get((fill != "none", stroke != "none"), "n")
    dashes = f"[{style['stroke-dasharray']}] 0 d" if "stroke-dasharray" in style else ""
    width = f"{style.get('stroke-width', '1')} w" if stroke != "none" else ""
    colours = [_colour(colour, mark, alphas) for colour, mark in ((fill, "rg"), (stroke, "RG")) if colour != "none"]
    star = "*" if style.get("fill-rule") == "evenodd" and "f" in painted else ""
    yield " ".join(filter(None, ["q 1 j", *colours, width, dashes, outline, painted + star, "Q"]))


def _colour(colour: str, mark: str, alphas: dict[str, str]) -> str:
    """Set a colour and its opacity."""
    if colour.startswith("#"):
        parts, alpha = [part / 255 for part in rgb(colour)], "1"
    elif colour.startswith("rgb"):
        numbers = re.findall(r"[\d.]+", colour)
        parts, alpha = [float(number) / 255 for number in numbers[:3]], (numbers[3:] or ["1"])[0]
    else:
        parts, alpha = [1.0 if colour == "white" else 0.0] * 3, "1"
    state = "" if alpha == "1" else f"/{alphas.setdefault(alpha, f'A{len(alphas)}')} gs "
    grey = f"{parts[0]:.3f} {'g' if mark == 'rg' else 'G'}"  # one ink where it is a grey
    return state + (grey if len(set(parts)) == 1 else f"{' '.join(f'{part:.3f}' for part in parts)} {mark}")


def _letters(element: ET.Element, style: Look, alphas: dict[str, str]) -> Iterator[str]:
    """A text: pieces that are bold or not, from the left, the middle or the right."""
    size = float(style["font-size"])
    spans = [(element.text or "", False)]
    for part in element:
        spans += [(part.text or "", True), (part.tail or "", False)]
    pieces = [(_in_font_signs(piece), bold) for piece, bold in spans if piece]
    width = sum(_text_width(piece, bold) for piece, bold in pieces) * size / 1000
    x = float(style["x"]) - width * {"middle": 0.5, "end": 1.0}.get(style.get("text-anchor", "start"), 0.0)
    shown = " ".join(f"/F{1 + bold} {size:g} Tf ({_escaped(piece)}) Tj" for piece, bold in pieces)
    matrix = f"BT 1 0 0 -1 {x:.2f} {style['y']} Tm"
    if "stroke" in style:  # a white edge around the letters, under them
        yield f"q {_colour(style['stroke'], 'RG', alphas)} {style['stroke-width']} w 1 j {matrix} 1 Tr {shown} ET Q"
    yield f"q {_colour(style['fill'], 'rg', alphas)} {matrix} {shown} ET Q"


def _escaped(text: str) -> str:
    return re.sub(r"([()\\])", r"\\\1", text)


def _in_font_signs(text: str) -> str:
    """The text in signs that the font has."""
    return text.replace("\u2212", "-").replace("\u2265", ">=").replace("\u2264", "<=").replace("\u00a0", " ")


def _text_width(text: str, bold: bool) -> float:
    plain = (unicodedata.normalize("NFD", sign)[0] for sign in text)
    width = sum(WIDTHS[ord(sign) - 32] if 32 <= ord(sign) < 127 else 556 for sign in plain)
    return width * BOLD if bold else width
