"""The report as one HTML file: it opens from a mail, on a phone, and without network.

The file contains the pictures as SVG. The interactive file also contains plotly, packed, and on a wide screen puts its
figures in their place; where no script runs, or on paper, the SVG stays. The page itself forbids any request.
"""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache

from plotly.offline import get_plotlyjs

from toolkit.charts.figure import config
from toolkit.charts.svg import BETWEEN, NARROW, WIDE, draw
from toolkit.core.html import html_template, package_text
from toolkit.core.i18n import load_text
from toolkit.reports.model import Report, figure_table, numeric_columns


def to_html(report: Report, *, interactive: bool = True) -> str:
    """Return the page.

    Parameters
    ----------
    interactive
        With plotly (about 2 MB); without it, no script at all and less than 150 kB.
    """
    figures = {f"figure-{number}": figure for number, figure in enumerate(report.figures(), start=1)}
    say = load_text(report.language).say
    return html_template("reports/page.html.j2").render(
        report=report,
        say=say,
        words_of=lambda f: figure_table(f, say("report.figure_table", title=f"{f.title}, {f.subtitle}")),
        numeric_of=numeric_columns,
        names={id(figure): name for name, figure in figures.items()},
        identity=id,
        wide=lambda picture: draw(picture, WIDE),
        narrow=lambda picture: draw(picture, NARROW),
        between=lambda picture: draw(picture, BETWEEN),
        style=package_text("reports/page.css"),
        script=package_text("reports/page.js") if interactive else "",
        plotly=_plotly() if interactive else "",
        figures=_json({name: figure.picture.without_words() for name, figure in figures.items()}),
        config=_json(config(report.language)),
    )


def _json(value: object) -> str:
    """JSON that is safe in a script element: nothing in it can end that element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _plotly() -> str:
    """Plotly's own code, packed: a third of its size, and browsers unpack it by themselves."""
    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()
