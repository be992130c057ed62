"""A picture as a file of its own: SVG, PNG or PDF from the project's own drawing."""

from __future__ import annotations

from pathlib import Path

from toolkit.charts.colours import PRINT, in_greys
from toolkit.charts.pdf import to_pdf
from toolkit.charts.svg import NARROW, WIDE, Drawable, draw, draw_with_words
from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.paths import check_ending
from toolkit.instrument.arguments import as_number

ENDINGS = (".svg", ".png", ".pdf")
COLUMN_WIDTH = 110
"""Millimetres up to which a picture is drawn as for a phone: with letters of 8 to 10 points in a journal's column."""

SHARPNESS = 2.4
"""Pixels of a PNG per CSS pixel: some 250 to the inch on paper."""

DOTS_PER_MM = 300 / 25.4


def save_picture(picture: Drawable, path: Path, width: float) -> Path:
    """Save a picture; see `Picture.save`."""
    meta = picture.to_plotly_json()["layout"]["meta"]
    text, inked = load_text(meta["language"]), in_greys if PRINT in meta else str
    millimetres, ending = as_number(width, "width (mm)", 40, 400, text), check_ending(path, ENDINGS, text)
    units = NARROW if millimetres <= COLUMN_WIDTH else WIDE
    svg = inked(draw_with_words(picture, units, f'width="{millimetres:g}mm" '))
    if ending == ".svg":
        data = svg.encode()
    elif ending == ".pdf":
        data = to_pdf(svg, 72 / 25.4 * millimetres / units, picture.sentence)
    else:
        data = rasterise(inked(draw_with_words(picture, units, "")), DOTS_PER_MM * millimetres / units, text.language)
    atomic_write(path, data)
    return path


def to_png(picture: Drawable, language: str = "nl", width: int = WIDE) -> bytes:
    """Draw the picture without its words as PNG, `width` in CSS pixels; raises as `rasterise`."""
    return rasterise(draw(picture, width), SHARPNESS, language)


def rasterise(svg: str, zoom: float, language: str) -> bytes:
    """Return a drawing as PNG; raises `ToolkitError` where the package for it is missing."""
    try:
        import resvg_py
    except ImportError as missing:
        raise ToolkitError(load_text(language).say("report.no_resvg")) from missing
    return bytes(resvg_py.svg_to_bytes(svg, zoom=zoom, background="white"))
