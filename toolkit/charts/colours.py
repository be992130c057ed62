"""Other colours for a finished picture: greys for print, or a user's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from toolkit.charts.role_style import ROLE_STYLES
from toolkit.charts.style import pale, rgb
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import Text

PRINT = "print"
ANSWER_COLOURS = {"no": "#8C510A", "partly": "#D9D9D9", "yes": "#01665E"}
"""Per answer: two hues that colour-blind readers tell apart, with grey between; not red and green."""

GREYS = {
    "#0072B2": "#1A1A1A", "#D55E00": "#737373", "#009E73": "#A0A0A0", "#7A4E9F": "#4D4D4D",
    "#005A8C": "#1A1A1A", "#A84300": "#595959", "#006B4E": "#6B6B6B",
    "#8C510A": "#2B2B2B", "#D9D9D9": "#DEDEDE", "#01665E": "#7A7A7A",
}  # fmt: skip
"""Of roles, groups, their texts and answers: far enough apart on paper, in one ink."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}|rgba?\([\d.,\s]+\)")


def recoloured(figure: dict[str, Any], colors: str | Mapping[str, str] | None, text: Text) -> dict[str, Any]:
    """Return a figure in other colours; see `toolkit.narrative.selection.DisplayOptions`.

    Raises
    ------
    ToolkitError
        There is no such role or answer, or a colour is not written as `#RRGGBB`.
    """
    if not colors:
        return figure
    if colors == PRINT:
        return {key: _replaced(value, {}, grey=True) for key, value in figure.items()}
    originals = {name: style.colour for name, style in ROLE_STYLES.items()} | ANSWER_COLOURS
    is_right = isinstance(colors, Mapping) and set(colors) <= set(originals)
    if not is_right or not all(re.fullmatch("#[0-9A-Fa-f]{6}", str(colour)) for colour in colors.values()):  # type: ignore[union-attr]  # a mapping by now
        raise ToolkitError(text.say("argument.colors", options=", ".join(originals)))
    changes: dict[str, str] = {}
    for name, colour in dict(colors).items():  # type: ignore[arg-type]  # a mapping by now
        changes[originals[name]] = colour
        if style := ROLE_STYLES.get(name):
            changes |= {style.band: pale(colour), style.ink: colour}
    return {key: _replaced(value, changes, grey=False) for key, value in figure.items()}


def in_greys(svg: str) -> str:
    """Return a drawing with a grey for every colour, also of words and lines: one ink on paper."""
    return _COLOUR.sub(lambda match: _grey(match[0]), svg)


def _replaced(part: Any, changes: Mapping[str, str], grey: bool) -> Any:
    """The same value with every colour in it replaced; what travels along as text is left alone."""
    if isinstance(part, dict):
        return {key: value if key == "meta" else _replaced(value, changes, grey) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_replaced(value, changes, grey) for value in part]
    if not isinstance(part, str) or not _COLOUR.fullmatch(part):
        return part
    return _grey(part) if grey else changes.get(part, part)


def _grey(colour: str) -> str:
    """The grey of a colour: its own where roles must stay apart, else as light as the colour is (ITU-R BT.601)."""
    if colour.upper() in GREYS:
        return GREYS[colour.upper()]
    parts = rgb(colour) if colour.startswith("#") else [float(part) for part in re.findall(r"[\d.]+", colour)]
    light = round(0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2])
    return f"rgba({light},{light},{light},{parts[3]:g})" if len(parts) > 3 else f"rgb({light},{light},{light})"
