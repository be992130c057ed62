"""The agenda of a team meeting on one page: findings, each with a question to start from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Unpack

import pandas as pd

from toolkit.core.html import html_template
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_sector, as_whole, explained
from toolkit.instrument.model import Instrument
from toolkit.narrative.findings import HEADINGS, MAX_PER_HEADING, Finding, Findings, NextStep, find
from toolkit.narrative.selection import DisplayOptions, select


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a team meeting has on one page.

    Attributes
    ----------
    findings
        What goes well, what can be better, what to discuss.
    subtitle
        What this page is.
    preconditions
        (label, question); empty unless they were asked for.
    labels
        The page's own words.
    """

    findings: Findings
    subtitle: str
    preconditions: tuple[tuple[str, str], ...]
    labels: dict[str, str]

    @property
    def title(self) -> str:
        """The school and the wave."""
        return self.findings.title

    @property
    def next_step(self) -> NextStep | None:
        """None where no step has anything to work on."""
        return self.findings.next_step

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not shown and why, and which choices are ours."""
        return self.findings.notes

    @property
    def headings(self) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
        """(heading in words, its points), at most three each."""
        return tuple((self.findings.headings[name], self.findings.points[name]) for name in HEADINGS)

    @property
    def introductions(self) -> tuple[str, ...]:
        """Per heading the sentence above its points, or instead of them where there are none."""
        return tuple(map(self.findings.introduction, HEADINGS))

    def to_html(self) -> str:
        """Return the page as HTML; every text is escaped."""
        return html_template("narrative/meeting_page.html.j2").render(meeting=self, labels=self.labels)

    def __str__(self) -> str:
        """Return the page in plain text."""
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        """Return the plain text: what Jupyter stores with the HTML."""
        return str(self)


@explained
def meeting_agenda(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    *,
    sector: str = "",
    most: int = MAX_PER_HEADING,
    preconditions: bool = False,
    **display: Unpack[DisplayOptions],
) -> Meeting:
    """Select the talking points of a team.

    Parameters
    ----------
    table
        From `agenda` on `Protected`, in the same language.
    school, wave
        The school's code in any case, or its name, and the school year. None takes the first school and its last year.
        Another raises `SelectionError`, a table that is not protected `UnprotectedError`.
    sector
        `po` or `vo` leaves out tools made for the other one.
    most
        Points per heading at most.
    preconditions
        Whether the preconditions get a block of their own.
    display
        `name` (the school's), `checklist` and `language` (`nl` or `en`).

    Notes
    -----
    Which points are chosen, and in what order, is decided by `toolkit.narrative.findings.find`.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> meeting = tk.meeting_agenda(tk.agenda(safe))
    >>> len(meeting.headings)
    3
    """
    selection = select(table, school, wave, ("agenda",), **display)
    sector, most = as_sector(sector, selection.text), as_whole(most, "most", 1, selection.text)
    findings = find(table, school=selection.school, wave=selection.wave, sector=sector, most=most, **display)
    return meeting_of(findings, selection.checklist, preconditions=preconditions, language=selection.language)


def meeting_of(
    findings: Findings, checklist: Instrument, *, preconditions: bool = False, language: str = "nl"
) -> Meeting:
    """Put the findings of a school on one page."""
    say = load_text(language).say
    blocks = tuple((c.label[language], (c.question or {}).get(language, "")) for c in checklist.preconditions)
    labels = {key: say(f"meeting.{key}") for key in ("tools", "preconditions", "toolbox")}
    labels |= {"toolbox_url": checklist.source.toolbox}
    return Meeting(findings, say("meeting.subtitle"), blocks if preconditions else (), labels)


def _lines(meeting: Meeting) -> Iterator[str]:
    yield meeting.title
    yield meeting.subtitle
    if meeting.next_step is not None:
        yield f"\n{meeting.next_step.question}"
        yield from (f"- {label}" for label in meeting.next_step.item_labels)
    for (heading, points), introduction in zip(meeting.headings, meeting.introductions, strict=True):
        yield f"\n{heading}"
        yield from filter(None, [introduction])
        for finding in points:
            yield f"- {finding.label}: {finding.statement}\n  {finding.message} {finding.certainty_message}".rstrip()
            yield f"  {finding.question}"
    if meeting.preconditions:
        yield f"\n{meeting.labels['preconditions']}"
        yield from (f"- {label}. {question}" for label, question in meeting.preconditions)
    yield from ("", *meeting.notes)
