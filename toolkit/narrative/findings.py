"""Findings, chosen once for all outputs: what goes well, can be better, is to discuss.

A finding is about one statement or about a complete step. Every output shows these findings, so that all
outputs agree.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from statistics import fmean
from typing import Any, Unpack

import pandas as pd

from toolkit.instrument.model import Instrument, Item, Tool
from toolkit.narrative.agenda import CAN_BE_BETTER, GOES_WELL, TO_DISCUSS, TOO_LITTLE_DATA
from toolkit.narrative.agenda_rule import Rule
from toolkit.narrative.selection import DisplayOptions, Selection, select
from toolkit.privacy import require_protected

MAX_PER_HEADING = 3
"""Findings per heading: what a team can talk about in an hour."""

HEADINGS = (GOES_WELL, CAN_BE_BETTER, TO_DISCUSS)
"""In the order of the publication's questions."""

CLEAR, MAY_BE_CHANCE = "clear", "may_be_chance"

CLEAR_CHANCE = 1 / 20
"""A difference between two groups is clear where chance gives it no more often than this."""

LEVEL_HALF = 50.0
"""A level above this has more Ja than Nee."""

_Record = dict[Hashable, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that stands out at a school: one statement, or one step.

    Attributes
    ----------
    heading
        One of `HEADINGS`.
    step, item
        The step's number, and the item's id; `item` is empty where the finding is about a whole step.
    label
        The item's (or step's) number and short name.
    statement
        The complete sentence of the item, or the step's title.
    split, difference
        The answers per role and the direction of the difference. Of a step: the level per role.
    certainty
        `CLEAR` or `MAY_BE_CHANCE`; empty where it is unknown.
    certainty_words, certainty_reason
        The same in words, and why.
    question
        A question to start the conversation with.
    about, whom
        Roles that judge the work of others here; and the only roles whose work it is. Empty where it is everybody's.
    roles
        Ids of the roles that differ, or of the groups that are divided; empty under the other headings.
    factors
        Success factors and preconditions that belong to it.
    tools
        (name, address) of the tools that fit, the best fitting one first.
    is_best_available
        Nothing passed the rule of `GOES_WELL`, and this is the most positive statement there is.

    Examples
    --------
    >>> import toolkit as tk
    >>> results = tk.SchoolResults.of_responses(tk.samples.responses(schools=1))
    >>> found = results.findings(results.find_school())
    >>> all(finding.statement for findings in found.points.values() for finding in findings)
    True
    """

    heading: str
    step: int
    item: str
    label: str
    statement: str
    split: str
    difference: str = ""
    certainty: str = ""
    certainty_words: str = ""
    certainty_reason: str = ""
    question: str = ""
    about: str = ""
    whom: str = ""
    roles: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    tools: tuple[tuple[str, str], ...] = ()
    is_best_available: bool = False

    @property
    def message(self) -> str:
        """Who answered what and which way that differs."""
        return " ".join(filter(None, [self.split, self.difference]))

    @property
    def short_message(self) -> str:
        """The answers per role and the first difference: short enough for paper."""
        first, stop, _ = self.difference.partition(". ")
        return " ".join(filter(None, [self.split, first + "." if stop else first]))

    @property
    def certainty_message(self) -> str:
        """How certain the finding is, and why."""
        return " ".join(filter(None, [self.certainty_words, self.certainty_reason]))


@dataclass(frozen=True, slots=True)
class NextStep:
    """The earliest step to work on as a question, with the labels and tools of its findings."""

    step: int
    title: str
    question: str
    item_labels: tuple[str, ...]
    tools: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of one school and wave.

    Attributes
    ----------
    title
        The school's name and wave.
    headline
        The most important finding, in one sentence.
    lines
        One finding per heading, about a complete step where one stands out; a heading without any is absent.
    points
        Heading to its findings, at most three, in the order of the form.
    headings
        Heading to its words, and those for the most positive statement where nothing goes well.
    empty
        Heading to the sentence for a heading without findings.
    best_available_note
        The sentence above the most positive statement, where nothing goes well by the rule; else empty.
    complete_steps
        Heading to the sentence on the complete step of its line, where statements are the points; else empty.
    next_step
        None where no step has anything to work on.
    notes
        What is not shown and why, and which choices are ours.

    Examples
    --------
    >>> import toolkit as tk
    >>> results = tk.SchoolResults.of_responses(tk.samples.responses(schools=1))
    >>> found = results.findings(results.find_school())
    >>> bool(found.title)
    True
    """

    title: str
    headline: str
    lines: tuple[Finding, ...]
    points: dict[str, tuple[Finding, ...]]
    headings: dict[str, str]
    empty: dict[str, str]
    best_available_note: str
    complete_steps: dict[str, str]
    next_step: NextStep | None
    notes: tuple[str, ...] = field(default=())

    def introduction(self, heading: str) -> str:
        """The sentence above the points of a heading, or instead of them. Often empty."""
        points = self.points[heading]
        if not points:
            return self.empty[heading]
        note = self.best_available_note if points[0].is_best_available else ""
        return " ".join(filter(None, [self.complete_steps[heading], note]))

    def kind(self, finding: Finding) -> str:
        """The words of its heading; what is best where nothing goes well has words of its own."""
        return self.headings["goes_best" if finding.is_best_available else finding.heading]

    @property
    def is_empty(self) -> bool:
        """Whether there are too few forms for any finding."""
        return not self.lines and len(set(self.empty.values())) == 1

    def line(self, heading: str) -> Finding | None:
        """The first finding under a heading, or None."""
        return next((finding for finding in self.lines if finding.heading == heading), None)

    def all_points(self) -> list[Finding]:
        """The points of every heading, in the order of the headings."""
        return [finding for heading in HEADINGS for finding in self.points[heading]]


def find(
    agenda: pd.DataFrame,
    levels: pd.DataFrame | None = None,
    agreement: pd.DataFrame | None = None,
    school: str | None = None,
    wave: str | None = None,
    *,
    sector: str = "",
    most: int = MAX_PER_HEADING,
    **display: Unpack[DisplayOptions],
) -> Findings:
    """Choose the findings of a school.

    Parameters
    ----------
    agenda
        From `agenda` on `Protected`, in the language of `display`. The points are chosen from it alone.
    levels, agreement
        From `levels`, and from `agreement` per step, on `Protected`: they give the lines and the headline of complete
        steps.
    school, wave
        The school's code in any case, or its name, and the school year. None takes the first school and its last year.
        Another raises `SelectionError`, a table that is not protected `UnprotectedError`.
    sector
        `po` or `vo` leaves out tools made for the other one.
    most
        Points per heading at most.

    Notes
    -----
    To discuss: what is clear first, then the largest gap, then groups that are divided. A complete step is among them
    where none of its statements is. Can be better: the lowest level first. Goes well: the highest. Under each heading
    the chosen points are in the order of the form. Where nothing goes well by the rule, the statement with the highest
    level is named there, and under no other heading.
    """
    selection = select(agenda, school, wave, **display)
    rows = _records(selection.rows)
    ranked = {heading: _by_rank(rows, heading) for heading in HEADINGS}
    points = {heading: tuple(_make_points(selection, ranked[heading], heading, most, sector)) for heading in HEADINGS}
    if not points[GOES_WELL]:
        points = _add_best_available(selection, rows, points, sector)
    first = {heading: _first_line(selection, ranked[heading], heading, sector) for heading in HEADINGS}
    steps = _find_steps(_rows_of(levels, selection), selection, _steps_that_differ(rows), sector)
    lines = tuple(_choose_lines(steps, points, first))
    say = selection.text.say
    return Findings(
        title=selection.caption,
        headline=_headline(selection, rows, _rows_of(agreement, selection), lines),
        lines=lines,
        points=points,
        headings={heading: say(f"finding.{heading}") for heading in (*HEADINGS, "goes_best")},
        empty={heading: _empty_sentence(selection, rows, heading) for heading in HEADINGS},
        best_available_note=_best_available_note(selection, rows, points),
        complete_steps={heading: _complete_step(selection, points[heading], lines, heading) for heading in HEADINGS},
        next_step=_next_step(selection, points),
        notes=tuple(_notes(selection, rows)),
    )


def _records(table: pd.DataFrame) -> list[_Record]:
    """The rows as dicts, each with its `place`: of so few rows that is much faster than a table."""
    return [row | {"place": place} for place, row in enumerate(table.to_dict("records"))]


def _rows_of(table: pd.DataFrame | None, selection: Selection) -> list[_Record]:
    """The rows of the same school and wave; none where there is no table, or every answer of them is hidden."""
    if table is None:
        return []
    rows = table[table["school"].eq(selection.school) & table["wave"].eq(selection.wave)]
    return _records(require_protected(rows, selection.text))


def fitting_tools(checklist: Instrument, step: int, item: str | None = None, sector: str = "") -> list[Tool]:
    """The tools made for an item; where there is none (or no item is given) those of its step.

    `sector` leaves out what was made for the other one; without it all are named.
    """
    tools = [tool for tool in checklist.step(step).tools if not sector or tool.sector in ("", sector)]
    return [tool for tool in tools if item in tool.items] or tools if item else tools


# --- points ---


def _make_points(selection: Selection, rows: list[_Record], heading: str, limit: int, sector: str) -> Iterator[Finding]:
    """The first rows by rank as findings, in the order of the form."""
    if heading == TO_DISCUSS:
        of_items = {row["step"] for row in rows if _has_item(row)}
        rows = [row for row in rows if _has_item(row) or row["step"] not in of_items]
    for row in sorted(rows[:limit], key=itemgetter("place")):
        yield _make_point(selection, row, heading, sector)


def _has_item(row: _Record) -> bool:
    """Whether a row is about a statement; else it is about a complete step."""
    return bool(pd.notna(row["item"]))


def _steps_that_differ(rows: list[_Record]) -> set[int]:
    return {row["step"] for row in rows if not _has_item(row)}


def _by_rank(rows: list[_Record], heading: str) -> list[_Record]:
    """Return the rows of a heading, the most pronounced first."""
    rows = [row for row in rows if row["heading"] == heading]
    if heading == TO_DISCUSS:
        return sorted(rows, key=lambda row: (not row["roles"], not _is_clear(row), row["roles"] and -abs(row["gap"])))
    return sorted(rows, key=itemgetter("level"), reverse=heading == GOES_WELL)


def _is_clear(row: _Record) -> bool:
    """Whether a difference is more than chance. Only a difference between two groups can be due to chance."""
    return pd.isna(row["chance"]) or not row["roles"] or bool(row["chance"] <= CLEAR_CHANCE)


def _make_point(selection: Selection, row: _Record, heading: str, sector: str) -> Finding:
    """A row of the agenda as a finding, about a statement or a complete step."""
    step, language = selection.checklist.step(int(row["step"])), selection.language
    item = selection.checklist.item(str(row["item"])) if _has_item(row) else None
    clear, word_key = (CLEAR, "clear_difference") if _is_clear(row) else (MAY_BE_CHANCE, MAY_BE_CHANCE)
    differs = row["heading"] == TO_DISCUSS
    question = (item.question or {}).get(language, "") if item else ""
    return Finding(
        heading=heading,
        step=step.number,
        item=item.id if item else "",
        label=selection.item(item.id) if item else _step_label(selection, step.number),
        statement=item.statement[language] if item else step.title[language],
        split=str(row["split"]),
        difference=str(row["difference"]),
        certainty=clear if differs else "",
        certainty_words=selection.text.say(f"finding.{word_key}") if differs else "",
        certainty_reason=str(row["sure"]) if differs else "",
        question=question or selection.text.say("meeting.question"),
        about=str(row["about"]),
        whom=_actors_phrase(selection, item) if item and row["about"] else "",
        roles=_differing_roles(row),
        factors=tuple(_factors(selection, item)) if item else (),
        tools=_tool_links(selection, step.number, item.id if item else None, sector),
    )


def _tool_links(selection: Selection, step: int, item: str | None, sector: str) -> tuple[tuple[str, str], ...]:
    tools = fitting_tools(selection.checklist, step, item, sector)
    return tuple((tool.name[selection.language], tool.url) for tool in tools)


def _step_label(selection: Selection, step: int) -> str:
    label = selection.checklist.step(step).label[selection.language]
    return selection.text.say("finding.step", number=step, label=label)


def _differing_roles(row: _Record) -> tuple[str, ...]:
    """The roles of the first pair that differs, or the groups that are divided."""
    if row["heading"] != TO_DISCUSS:
        return ()
    return tuple(str(row["roles"]).split(", ")[0].split("-") if row["roles"] else str(row["divided"]).split(", "))


def _add_best_available(
    selection: Selection, rows: list[_Record], points: dict[str, tuple[Finding, ...]], sector: str
) -> dict[str, tuple[Finding, ...]]:
    """Name the most positive statement, and name it under no other heading."""
    positive = [row for row in rows if row["level"] > 0 and _has_item(row)]
    if not positive:
        return points
    best = max(positive, key=itemgetter("level"))
    other_findings = {
        heading: tuple(finding for finding in points[heading] if finding.item != best["item"])
        for heading in (CAN_BE_BETTER, TO_DISCUSS)
    }
    if not any(other_findings.values()):
        return points
    return other_findings | {
        GOES_WELL: (replace(_make_point(selection, best, GOES_WELL, sector), is_best_available=True),)
    }


def _actors_phrase(selection: Selection, item: Item) -> str:
    return selection.text.say(
        "meeting.whom", actors=selection.text.join([selection.role_phrase(role) for role in item.actors])
    )


def _factors(selection: Selection, item: Item) -> Iterator[str]:
    step = next(step for step in selection.checklist.steps if item in step.items)
    for factor in step.success_factors:
        if factor.number in item.factors:
            label = factor.text[selection.text.language]
            yield selection.text.say("meeting.factor", number=factor.number, text=label[:1].lower() + label[1:])
    for condition in selection.checklist.preconditions:
        if condition.id == item.precondition:
            yield selection.text.say("meeting.precondition", text=condition.label[selection.text.language].lower())


# --- lines ---


def _first_line(selection: Selection, rows: list[_Record], heading: str, sector: str) -> Finding | None:
    """What stands out most under a heading; to discuss, a complete step where there is one."""
    row = next((row for row in rows if not _has_item(row)), rows[0] if rows else None)
    return None if row is None else _make_point(selection, row, heading, sector)


def _choose_lines(
    steps: Sequence[Finding], points: dict[str, tuple[Finding, ...]], ranked: dict[str, Finding | None]
) -> Iterator[Finding]:
    """Per heading the step that stands out, else its first point by rank."""
    for heading in HEADINGS:
        candidates = [finding for finding in steps if finding.heading == heading]
        first = ranked[heading]
        named_findings = [
            point for point in points[heading] if first is None or (point.step, point.item) == (first.step, first.item)
        ]
        candidates += [first] if first is not None and not first.item else (named_findings or list(points[heading]))
        yield from candidates[:1]


def _find_steps(levels: list[_Record], selection: Selection, differ: set[int], sector: str) -> list[Finding]:
    """The step that goes best by the rule and the lowest one that doesn't; no step over which roles differ."""
    shown = [row for row in levels if not row["suppressed"] and pd.notna(row["level"])]
    of_groups = {row["step"] for row in shown if row["role"] not in selection.checklist.known_role_ids} - differ
    by_step = {step: [row for row in shown if row["step"] == step] for step in sorted(of_groups)}
    lowest = {step: min(row["level"] for row in rows) for step, rows in by_step.items()}
    mean = {step: fmean(row["level"] for row in rows) for step, rows in by_step.items()}
    well = [step for step in by_step if lowest[step] >= Rule().well]
    low = [step for step in by_step if lowest[step] < Rule().well]
    findings = []
    if well:
        findings.append(_step_that_goes_well(selection, by_step[max(well, key=mean.__getitem__)]))
    if low:
        findings.append(_step_to_improve(selection, by_step[min(low, key=lowest.__getitem__)]))
    return [replace(finding, tools=_tool_links(selection, finding.step, None, sector)) for finding in findings]


def _step_that_goes_well(selection: Selection, rows: list[_Record]) -> Finding:
    sentence = selection.text.say("finding.step_goes_well", roles=_join_roles(selection, rows))
    sampled = [row for row in rows if pd.notna(row["level_low"])]
    least = min(sampled, key=itemgetter("level_low"), default=None)
    certainty = CLEAR if least is None or least["level_low"] >= LEVEL_HALF else MAY_BE_CHANCE
    return _make_step(selection, GOES_WELL, rows[0]["step"], sentence, certainty, _level_reason(selection, least))


def _step_to_improve(selection: Selection, rows: list[_Record]) -> Finding:
    row = min(rows, key=itemgetter("level"))
    sentence = " ".join(_level_sentence(selection, role_row) for role_row in rows)
    certainty = CLEAR if pd.isna(row["level_high"]) or row["level_high"] < Rule().well else MAY_BE_CHANCE
    reason = _level_reason(selection, row if pd.notna(row["level_low"]) else None)
    return _make_step(selection, CAN_BE_BETTER, row["step"], sentence, certainty, reason)


def _make_step(selection: Selection, heading: str, step: int, split: str, certainty: str, reason: str) -> Finding:
    return Finding(
        heading=heading,
        step=step,
        item="",
        label=_step_label(selection, step),
        statement=selection.checklist.step(step).title[selection.language],
        split=split,
        certainty=certainty,
        certainty_words=selection.text.say(f"finding.{certainty}"),
        certainty_reason=reason,
    )


def _level_sentence(selection: Selection, row: _Record) -> str:
    """The level of a role, in the words of a difference."""
    key = "agenda.step_view_of_one" if row["n"] == 1 else "agenda.step_view"
    role, level = selection.role(row["role"]), selection.text.number(row["level"])
    return selection.text.say(key, role=role, n=row["n"], level=level)


def _level_reason(selection: Selection, row: _Record | None) -> str:
    if row is None:
        return ""
    ends = {end: selection.text.number(row[f"level_{end}"]) for end in ("low", "high")}
    return selection.text.say("finding.level_between", role=selection.role_phrase(row["role"]), **ends)


def _join_roles(selection: Selection, rows: list[_Record]) -> str:
    order = [role for role in selection.checklist.shown_role_ids if role in {row["role"] for row in rows}]
    return selection.text.join([selection.role_phrase(role) for role in order])


# --- the headline and the next step ---


def _headline(selection: Selection, rows: list[_Record], gaps: list[_Record], lines: Sequence[Finding]) -> str:
    say = selection.text.say
    answered_rows = _answered(rows)
    if not answered_rows:
        return say("finding.headline_none")
    other_answers = _other_answers(selection)
    if all(row["level"] == 100 and not re.search(other_answers, row["split"]) for row in answered_rows):
        return say("finding.headline_all_yes", of=_of_items(selection, len(answered_rows)))
    if overall := _gap_headline(selection, gaps, _steps_that_differ(rows)):
        return overall
    by_heading = {finding.heading: finding for finding in lines}
    first, well, better = (by_heading.get(heading) for heading in (TO_DISCUSS, GOES_WELL, CAN_BE_BETTER))
    if first is not None and first.certainty == CLEAR:
        return _role_headline(selection, first)
    if well is not None and better is not None and not well.is_best_available:
        return say("finding.headline_both", well=_subject(selection, well), better=_subject(selection, better))
    if better is not None:
        return say("finding.headline_can_be_better", what=_subject(selection, better))
    if well is not None:
        return say("finding.headline_goes_well", what=_subject(selection, well))
    return say("finding.headline_none")


def _role_headline(selection: Selection, finding: Finding) -> str:
    """The sentence for a role that is divided, or that thinks otherwise than the next."""
    (a, *others), what = finding.roles, _subject(selection, finding)
    if not others:
        key = selection.role_key("finding.headline_divided", a)
        return selection.text.say(key, roles=selection.role_subject(a), what=what)
    b = selection.text.join([selection.role_phrase(role) for role in others])
    key = selection.role_key("finding.headline_to_discuss", a)
    return selection.text.say(key, a=selection.role_subject(a), what=what, b=b)


def _other_answers(selection: Selection) -> str:
    """A pattern for every answer but Ja: a level that is shown as 100 can be a rounded 99.6."""
    labels = [answer.label[selection.language] for answer in selection.checklist.answers[:-1]]
    return rf"\b(?:{'|'.join(labels)})\b"


def _subject(selection: Selection, finding: Finding) -> str:
    """The step or statement inside a sentence."""
    if finding.item:
        label = selection.checklist.item(finding.item).label[selection.language]
        return selection.text.say("finding.named_item", number=finding.item, label=label)
    label = selection.checklist.step(finding.step).label[selection.language]
    return selection.text.say("finding.named_step", number=finding.step, label=label)


def _gap_headline(selection: Selection, gaps: list[_Record], differ: set[int]) -> str:
    """The sentence for a gap with the same sign on every step that can be compared; empty where it is not so."""
    compared = [row for row in gaps if pd.notna(row["gap"])]
    is_same_way = len({row["gap"] > 0 for row in compared}) == 1
    if len(compared) < 2 or not is_same_way or {row["step"] for row in compared} - differ:
        return ""
    a, b = (selection.role_phrase(compared[0][name]) for name in ("role_a", "role_b"))
    high, low = (a, b) if compared[0]["gap"] > 0 else (b, a)
    is_complete = len(compared) == len(selection.checklist.steps)
    key = "finding.headline_gap" if is_complete else "finding.headline_gap_partly"
    return selection.text.say(key, n=len(compared), high=high, low=low)


def _of_items(selection: Selection, n: int) -> str:
    return selection.of_items(n, len(selection.checklist.items))


def _answered(rows: list[_Record]) -> list[_Record]:
    """The rows of statements with enough answers."""
    return [row for row in rows if row["heading"] != TOO_LITTLE_DATA and _has_item(row)]


def _empty_sentence(selection: Selection, rows: list[_Record], heading: str) -> str:
    if all(row["heading"] == TOO_LITTLE_DATA for row in rows):
        return selection.text.say("finding.no_data")
    answered = _answered(rows)
    compared = sum(pd.notna(row["gap"]) for row in answered)
    if heading == TO_DISCUSS and 0 < compared < len(answered):
        return selection.text.say("finding.none_to_discuss", of=selection.text.say("finding.of_compared", n=compared))
    return selection.text.say(f"finding.none_{heading}", of=_of_items(selection, len(answered)))


def _best_available_note(selection: Selection, rows: list[_Record], points: dict[str, tuple[Finding, ...]]) -> str:
    good_points = points[GOES_WELL]
    if not good_points or not good_points[0].is_best_available:
        return ""
    n = sum(pd.notna(row["level"]) and _has_item(row) for row in rows)
    key = "finding.best_available_differs" if good_points[0].roles else "finding.best_available"
    return selection.text.say(key, of=_of_items(selection, n))


def _complete_step(selection: Selection, points: Sequence[Finding], lines: Sequence[Finding], heading: str) -> str:
    """The step of a heading's line, with its question, where it is not itself a point."""
    for line in lines:
        if line.heading == heading and not line.item and line not in points:
            words = {"split": line.split, "certainty": line.certainty_words, "question": line.question}
            return selection.text.say("finding.complete_step", step=line.label, **words).strip()
    return ""


def _next_step(selection: Selection, points: dict[str, tuple[Finding, ...]]) -> NextStep | None:
    work = [*points[CAN_BE_BETTER], *points[TO_DISCUSS]]
    if not work:
        return None
    number = min(finding.step for finding in work)
    step_findings = [finding for finding in work if finding.step == number]
    step, language = selection.checklist.step(number), selection.language
    question = selection.text.say("finding.next", number=number, label=step.label[language])
    labels = tuple(finding.label for finding in step_findings if finding.item)
    tools = tuple(dict.fromkeys(tool for finding in step_findings for tool in finding.tools[:1]))
    return NextStep(number, step.title[language], question, labels, tools)


def _notes(selection: Selection, rows: list[_Record]) -> Iterator[str]:
    items = [row for row in rows if _has_item(row)]
    few_answers = [row for row in items if row["heading"] == TOO_LITTLE_DATA]
    if few_answers:
        names = [row["item"] for row in few_answers]
        listed = selection.text.join(names) if len(few_answers) < len(items) else selection.text.say("meeting.all")
        yield selection.text.say("meeting.too_little", items=listed, why=selection.reason(few_answers[0]["reason"]))
    if len(few_answers) < len(items) and (unseen := _unseen(selection, rows)):
        yield selection.text.say("meeting.unseen", roles=selection.text.join(list(map(selection.role_phrase, unseen))))
    yield selection.text.say("meeting.own_reading")


def _unseen(selection: Selection, rows: list[_Record]) -> list[str]:
    """The roles without a shown answer to any item, also not as part of the team."""
    visible_roles, team = set(", ".join(row["views"] for row in rows).split(", ")), selection.checklist.team
    visible_roles |= set(team.roles) if team.id in visible_roles else set()
    return [role for role in selection.checklist.role_ids if role not in visible_roles]
