"""The one look of all pictures: letters and colours."""

FONT = '"Source Sans 3","Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif'
INK, GREY, LINE, EDGE, TRACK = "#1F2933", "#52606D", "#CBD2D9", "#9AA5B1", "#E4E7EB"

NOTE, SCALE = "note", "scale"
"""Names of the annotations that are notes, and words of the scale."""


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of `#RRGGBB`, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def pale(colour: str) -> str:
    """A colour as a see-through band."""
    return "rgba({},{},{},0.17)".format(*rgb(colour))
