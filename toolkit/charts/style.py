"""The one look of all pictures: letters and colours."""

FONT = '"Source Sans 3","Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif'
INK, GREY, LINE, EDGE, TRACK = "#1F2933", "#52606D", "#CBD2D9", "#9AA5B1", "#E4E7EB"

NOTE, SCALE = "note", "scale"
"""Names of the annotations that are notes, and words of the scale."""
