"""The agenda of one team meeting on one page: a few items per heading, each with a question to start from.

What belongs together (success factors, preconditions, tools) is our own reading, from the instrument; the page says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Unpack

import pandas as pd

from toolkit.instrument.model import Instrument, Item, Tool
from toolkit.narrative.agenda import CAN_BE_BETTER, GOES_WELL, TO_DISCUSS, TOO_LITTLE_DATA
from toolkit.narrative.selection import DisplayOptions, Selection, select

MOST = 3
"""Items per heading: what a team can talk about in an hour."""

SHOWN = (TO_DISCUSS, CAN_BE_BETTER, GOES_WELL)


@dataclass(frozen=True, slots=True)
class TalkingPoint:
    """One item on the page: its label, who answered what and how that differs, a question, and what may help.

    `about` says for whom it is the work of others, `whom` only whose work it is; both empty where it is everybody's.
    """

    item: str
    label: str
    split: str
    difference: str
    sure: str
    question: str
    about: str
    whom: str
    factors: tuple[str, ...]
    tools: tuple[tuple[str, str], ...]

    @property
    def answers(self) -> str:
        """Who answered what, which way that differs, and how sure."""
        return " ".join(filter(None, [self.split, self.difference, self.sure]))


@dataclass(frozen=True, slots=True)
class NextStep:
    """The earliest step with something to gain, offered as a question; `tools` are (name, address)."""

    step: int
    title: str
    question: str
    items: tuple[str, ...]
    tools: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a team meeting has on one page.

    Attributes
    ----------
    title, subtitle
        The school, and what this is.
    next_step
        None where no step has anything to gain.
    headings
        (heading in words, talking points), at most `most` each.
    preconditions
        (label, question); empty unless asked for.
    notes
        What is not shown and why, and where the links come from.
    """

    title: str
    subtitle: str
    next_step: NextStep | None
    headings: tuple[tuple[str, tuple[TalkingPoint, ...]], ...]
    preconditions: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    words: dict[str, str]

    def to_html(self) -> str:
        """Return the page as HTML; every text is escaped."""
        return f'<div class="handvat-meeting">{"".join(_html(self))}</div>'

    def __str__(self) -> str:
        """Return the page in plain text."""
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        """Return the plain text: what Jupyter keeps beside the HTML."""
        return str(self)


def meeting_agenda(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    *,
    sector: str = "",
    most: int = MOST,
    preconditions: bool = False,
    **display: Unpack[DisplayOptions],
) -> Meeting:
    """Choose what a team talks about first.

    Parameters
    ----------
    table
        From `agenda` on `Protected`, in the same language.
    school, wave
        See `toolkit.narrative.selection.select`, also for what it raises.
    sector
        `po` or `vo`: leaves out tools made for the other one.
    most
        Items per heading at most.
    preconditions
        Whether the preconditions get a block of their own.
    display
        See `toolkit.narrative.selection.DisplayOptions`.

    Notes
    -----
    To discuss: the largest gap first, then groups that are divided. A complete step is among them where none of its
    items is to be discussed. Can be better: the lowest level first. Goes well:
    the highest. On the page they stand in the order of the steps.
    """
    selection = select(table, school, wave, **display)
    chosen = replace(selection, rows=selection.rows[selection.rows["item"].notna()])
    say = chosen.text.say
    headings = tuple(
        (say(f"meeting.{heading}"), tuple(_point(chosen, row, sector) for _, row in _first(selection, heading, most)))
        for heading in SHOWN
    )
    blocks = [
        (c.label[chosen.language], (c.question or {}).get(chosen.language, "")) for c in chosen.checklist.preconditions
    ]
    return Meeting(
        title=chosen.caption,
        subtitle=say("meeting.subtitle"),
        next_step=_next_step(chosen, sector, most),
        headings=headings,
        preconditions=tuple(blocks) if preconditions else (),
        notes=tuple(_notes(chosen)),
        words={key: say(f"meeting.{key}") for key in ("none", "tools", "preconditions", "toolbox")}
        | {"toolbox_url": chosen.checklist.source.toolbox}
        | ({"none": say("meeting.no_data")} if chosen.rows["heading"].eq(TOO_LITTLE_DATA).all() else {}),
    )


def fitting_tools(checklist: Instrument, step: int, item: str | None = None, sector: str = "") -> list[Tool]:
    """The tools made for an item; where there is none (or no item is asked for) those of its step.

    `sector` leaves out what was made for the other one; without it all are named.
    """
    tools = [tool for tool in checklist.step(step).tools if not sector or tool.sector in ("", sector)]
    return [tool for tool in tools if item in tool.items] or tools if item else tools


def _first(chosen: Selection, heading: str, most: int) -> Iterator[tuple[object, pd.Series]]:
    rows = chosen.rows[chosen.rows["heading"] == heading]
    if heading == TO_DISCUSS:
        rows = rows[rows["item"].notna() | ~rows["step"].isin(rows.loc[rows["item"].notna(), "step"])]
        rows = rows.assign(differ=rows["roles"].ne(""), apart=rows["gap"].abs())
        rows = rows.sort_values(["differ", "apart"], ascending=False, kind="stable")
    else:
        rows = rows.sort_values("level", ascending=heading == CAN_BE_BETTER, kind="stable")
    yield from rows.head(most).sort_index().iterrows()


def _point(chosen: Selection, row: pd.Series, sector: str) -> TalkingPoint:
    if pd.isna(row["item"]):
        return _step_point(chosen, row, sector)
    item, language = chosen.checklist.item(str(row["item"])), chosen.text.language
    return TalkingPoint(
        item.id,
        item.label[language],
        str(row["split"]),
        str(row["difference"]),
        str(row["sure"]),
        (item.question or {}).get(language, chosen.text.say("meeting.question")),
        str(row["about"]),
        _whom(chosen, item) if row["about"] else "",
        tuple(_factors(chosen, item)),
        _named(fitting_tools(chosen.checklist, int(row["step"]), item.id, sector), language),
    )


def _step_point(chosen: Selection, row: pd.Series, sector: str) -> TalkingPoint:
    """A complete step as a point: its number in the place of the item's."""
    step, language = chosen.checklist.step(int(row["step"])), chosen.text.language
    split, difference, sure = (str(row[part]) for part in ("split", "difference", "sure"))
    tools = _named(fitting_tools(chosen.checklist, step.number, sector=sector), language)
    return TalkingPoint(
        str(step.number), step.label[language], split, difference, sure,
        chosen.text.say("meeting.question"), "", "", (), tools,
    )  # fmt: skip


def _whom(chosen: Selection, item: Item) -> str:
    return chosen.text.say("meeting.whom", actors=chosen.text.join([chosen.role_phrase(role) for role in item.actors]))


def _factors(chosen: Selection, item: Item) -> Iterator[str]:
    step = next(step for step in chosen.checklist.steps if item in step.items)
    for factor in step.success_factors:
        if factor.number in item.factors:
            words = factor.text[chosen.text.language]
            yield chosen.text.say("meeting.factor", number=factor.number, text=words[:1].lower() + words[1:])
    for condition in chosen.checklist.preconditions:
        if condition.id == item.precondition:
            yield chosen.text.say("meeting.precondition", text=condition.label[chosen.text.language].lower())


def _named(tools: list[Tool], language: str) -> tuple[tuple[str, str], ...]:
    return tuple((tool.name[language], tool.url) for tool in tools)


def _next_step(chosen: Selection, sector: str, most: int) -> NextStep | None:
    gain = chosen.rows[chosen.rows["heading"].isin([CAN_BE_BETTER, TO_DISCUSS])]
    if gain.empty:
        return None
    number = int(gain["step"].min())
    step, language = chosen.checklist.step(number), chosen.text.language
    here = gain[gain["step"] == number].sort_values("level", kind="stable").head(most).sort_index()
    labels = [chosen.item(item) for item in here["item"]]
    question = chosen.text.say("meeting.next", number=number, label=step.label[language])
    tools = _named(fitting_tools(chosen.checklist, number, sector=sector), language)
    return NextStep(number, step.title[language], question, tuple(labels), tools)


def _notes(chosen: Selection) -> Iterator[str]:
    few = chosen.rows[chosen.rows["heading"] == TOO_LITTLE_DATA]
    if len(few):
        listed = chosen.text.join(list(few["item"])) if len(few) < len(chosen.rows) else chosen.text.say("meeting.all")
        yield chosen.text.say("meeting.too_little", items=listed, why=chosen.reason(str(few["reason"].iloc[0])))
    if len(few) < len(chosen.rows) and (unseen := _unseen(chosen)):
        yield chosen.text.say("meeting.unseen", roles=chosen.text.join(list(map(chosen.role_phrase, unseen))))
    yield chosen.text.say("meeting.own_reading")


def _unseen(chosen: Selection) -> list[str]:
    """The roles of which no item has a view, not as part of the team either."""
    seen, team = set(", ".join(chosen.rows["views"]).split(", ")), chosen.checklist.team
    seen |= set(team.roles) if team.id in seen else set()
    return [role for role in chosen.checklist.role_ids if role not in seen]


# --- the page ---


def _html(meeting: Meeting) -> Iterator[str]:
    yield f"<h2>{escape(meeting.title)}</h2><p>{escape(meeting.subtitle)}</p>"
    if meeting.next_step is not None:
        step = meeting.next_step
        items = "".join(f"<li>{escape(label)}</li>" for label in step.items)
        yield f"<p><strong>{escape(step.question)}</strong></p><ul>{items}</ul>{_links(meeting, step.tools)}"
    for heading, points in meeting.headings:
        yield f"<h3>{escape(heading)}</h3>"
        yield "".join(_point_html(meeting, point) for point in points) or f"<p>{escape(meeting.words['none'])}</p>"
    if meeting.preconditions:
        listed = "".join(f"<li><b>{escape(label)}.</b> {escape(ask)}</li>" for label, ask in meeting.preconditions)
        yield f"<h3>{escape(meeting.words['preconditions'])}</h3><ul>{listed}</ul>"
    yield "".join(f"<p><small>{escape(note)}</small></p>" for note in meeting.notes)
    yield _links(meeting, ((meeting.words["toolbox"], meeting.words["toolbox_url"]),))


def _point_html(meeting: Meeting, point: TalkingPoint) -> str:
    quiet = " ".join(filter(None, [point.about, *point.factors]))
    parts = [
        f"<p><b>{escape(point.item)} {escape(point.label)}.</b> {escape(point.answers)}<br>",
        f"<em>{escape(point.question)}</em>",
        f"<br><small>{escape(quiet)}</small>" if quiet else "",
        "</p>",
        _links(meeting, point.tools),
    ]
    return "".join(parts)


def _links(meeting: Meeting, tools: tuple[tuple[str, str], ...]) -> str:
    if not tools:
        return ""
    links = ", ".join(f'<a href="{escape(url)}" rel="noopener">{escape(name)}</a>' for name, url in tools)
    return f"<p><small>{escape(meeting.words['tools'])} {links}</small></p>"


def _lines(meeting: Meeting) -> Iterator[str]:
    yield meeting.title
    yield meeting.subtitle
    if meeting.next_step is not None:
        yield f"\n{meeting.next_step.question}"
        yield from (f"- {label}" for label in meeting.next_step.items)
    for heading, points in meeting.headings:
        yield f"\n{heading}"
        for point in points:
            yield f"- {point.item} {point.label}. {point.answers}\n  {point.question}"
        if not points:
            yield meeting.words["none"]
    if meeting.preconditions:
        yield f"\n{meeting.words['preconditions']}"
        yield from (f"- {label}. {question}" for label, question in meeting.preconditions)
    yield from ("", *meeting.notes)
