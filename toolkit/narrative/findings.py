"""Findings: what goes well, what can be better and what to discuss.

Chosen once for every page and paper.

A finding is about one statement or about a complete step. Every output shows these findings, so that all
outputs agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

import pandas as pd

from toolkit.core.i18n import sentence_case
from toolkit.instrument.model import Instrument, Item, Tool
from toolkit.narrative.agenda import CAN_BE_BETTER, GOES_WELL, TO_DISCUSS, TOO_LITTLE_DATA
from toolkit.narrative.agenda_rule import Rule
from toolkit.narrative.selection import DisplayOptions, Selection, select

MAX_PER_HEADING = 3
"""Findings per heading: what a team can talk about in an hour."""

HEADINGS = (GOES_WELL, CAN_BE_BETTER, TO_DISCUSS)
"""In the order of the publication's questions."""

CLEAR, MAY_BE_CHANCE = "clear", "may_be_chance"

CLEAR_CHANCE = 1 / 20
"""A difference between two groups is clear where chance gives it no more often than this."""

LEVEL_HALF = 50.0
"""A level above this has more Ja than Nee."""


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
    def sure(self) -> str:
        """How certain the finding is, and why."""
        return " ".join(filter(None, [self.certainty_words, self.certainty_reason]))


@dataclass(frozen=True, slots=True)
class NextStep:
    """The earliest step with a finding to work on, as a question.

    `items` and `tools` are those of its findings.
    """

    step: int
    title: str
    question: str
    items: tuple[str, ...]
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
        Heading to its words.
    empty
        Heading to the sentence for a heading without findings.
    good_word
        The sentence above the most positive statement, where nothing goes well by the rule; else empty.
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
    good_word: str
    next_step: NextStep | None
    notes: tuple[str, ...] = field(default=())

    def introduction(self, heading: str) -> str:
        """The sentence above the points of a heading, or instead of them.

        Often empty.
        """
        points = self.points[heading]
        return (self.good_word if points[0].is_best_available else "") if points else self.empty[heading]

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
    rows = {heading: _by_rank(selection.rows, heading) for heading in HEADINGS}
    points = {heading: tuple(_points(selection, rows[heading], heading, most, sector)) for heading in HEADINGS}
    if not points[GOES_WELL]:
        points = _with_a_good_word(selection, points, sector)
    ranked = {heading: _first_line(selection, rows[heading], heading, sector) for heading in HEADINGS}
    gaps = _rows_of(agreement, selection, display)
    shown = _rows_of(levels, selection, display)
    steps = [] if shown is None else _steps(shown, selection, sector)
    lines = tuple(_lines(steps, points, ranked))
    say = selection.text.say
    return Findings(
        title=selection.caption,
        headline=_headline(selection, gaps, lines),
        lines=lines,
        points=points,
        headings={heading: say(f"finding.{heading}") for heading in HEADINGS},
        empty={heading: _empty(selection, heading) for heading in HEADINGS},
        good_word=_good_word(selection, points),
        next_step=_next_step(selection, points),
        notes=tuple(_notes(selection)),
    )


def _rows_of(table: pd.DataFrame | None, selection: Selection, display: DisplayOptions) -> Selection | None:
    """The rows of the same school and wave; None where there is no table, or every answer of them is hidden."""
    if table is None or not (table["school"].eq(selection.school) & table["wave"].eq(selection.wave)).any():
        return None
    return select(table, selection.school, selection.wave, **display)


def fitting_tools(checklist: Instrument, step: int, item: str | None = None, sector: str = "") -> list[Tool]:
    """The tools made for an item; where there is none (or no item is given) those of its step.

    `sector` leaves out what was made for the other one; without it all are named.
    """
    tools = [tool for tool in checklist.step(step).tools if not sector or tool.sector in ("", sector)]
    return [tool for tool in tools if item in tool.items] or tools if item else tools


# --- points ---


def _points(
    selection: Selection, rows: pd.DataFrame, heading: str, max_points: int, sector: str
) -> Iterator[Finding]:  # fmt: skip
    if heading == TO_DISCUSS:
        of_items = rows.loc[rows["item"].notna(), "step"]
        rows = rows[rows["item"].notna() | ~rows["step"].isin(of_items)]
    for _, row in rows.head(max_points).sort_index().iterrows():
        yield _point(selection, row, heading, sector)


def _by_rank(rows: pd.DataFrame, heading: str) -> pd.DataFrame:
    """Return the rows of a heading, the most pronounced first."""
    rows = rows[rows["heading"] == heading]
    if heading != TO_DISCUSS:
        return rows.sort_values("level", ascending=heading == CAN_BE_BETTER, kind="stable")
    clear = rows["chance"].isna() | rows["roles"].eq("") | rows["chance"].le(CLEAR_CHANCE)
    rows = rows.assign(differ=rows["roles"].ne(""), clear=clear, distance=rows["gap"].abs())
    return rows.sort_values(["differ", "clear", "distance"], ascending=False, kind="stable")


def _is_clear(row: pd.Series) -> bool:
    """Whether a difference is more than chance. Only a difference between two groups can be due to chance."""
    return pd.isna(row["chance"]) or not row["roles"] or bool(row["chance"] <= CLEAR_CHANCE)


def _point(selection: Selection, row: pd.Series, heading: str, sector: str) -> Finding:
    """A row of the agenda as a finding, about a statement or a complete step."""
    step, language = selection.checklist.step(int(row["step"])), selection.language
    item = None if pd.isna(row["item"]) else selection.checklist.item(str(row["item"]))
    clear, sure_key = (CLEAR, "clear_difference") if _is_clear(row) else (MAY_BE_CHANCE, MAY_BE_CHANCE)
    differs = row["heading"] == TO_DISCUSS
    tools = fitting_tools(selection.checklist, step.number, item.id if item else None, sector)
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
        certainty_words=selection.text.say(f"finding.{sure_key}") if differs else "",
        certainty_reason=str(row["sure"]) if differs else "",
        question=question or selection.text.say("meeting.question"),
        about=str(row["about"]),
        whom=_whom(selection, item) if item and row["about"] else "",
        roles=_differing(row),
        factors=tuple(_factors(selection, item)) if item else (),
        tools=tuple((tool.name[language], tool.url) for tool in tools),
    )


def _step_label(selection: Selection, step: int) -> str:
    label = selection.checklist.step(step).label[selection.language]
    return selection.text.say("finding.step", number=step, label=label)


def _differing(row: pd.Series) -> tuple[str, ...]:
    """The roles of the first pair that differs, or the groups that are divided."""
    if row["heading"] != TO_DISCUSS:
        return ()
    return tuple(str(row["roles"]).split(", ")[0].split("-") if row["roles"] else str(row["divided"]).split(", "))


def _with_a_good_word(
    selection: Selection, points: dict[str, tuple[Finding, ...]], sector: str
) -> dict[str, tuple[Finding, ...]]:
    """Name the most positive statement, and name it under no other heading."""
    rows = selection.rows[selection.rows["level"].gt(0) & selection.rows["item"].notna()]
    best = rows.sort_values("level", ascending=False, kind="stable").head(1)
    other_findings = {
        heading: tuple(finding for finding in points[heading] if finding.item not in set(best["item"]))
        for heading in (CAN_BE_BETTER, TO_DISCUSS)
    }
    if best.empty or not any(other_findings.values()):
        return points
    return other_findings | {
        GOES_WELL: (replace(_point(selection, best.iloc[0], GOES_WELL, sector), is_best_available=True),)
    }


def _whom(selection: Selection, item: Item) -> str:
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


def _first_line(selection: Selection, rows: pd.DataFrame, heading: str, sector: str) -> Finding | None:
    """What stands out most under a heading; to discuss, a complete step where there is one."""
    steps = rows[rows["item"].isna()]
    first = (steps if len(steps) else rows).head(1)
    return None if first.empty else _point(selection, first.iloc[0], heading, sector)


def _lines(
    steps: Sequence[Finding], points: dict[str, tuple[Finding, ...]], ranked: dict[str, Finding | None]
) -> Iterator[Finding]:
    """Per heading the step that stands out, else its first point by rank."""
    for heading in HEADINGS:
        candidates = [finding for finding in steps if finding.heading == heading]
        first = ranked[heading]
        named_lines = [
            point for point in points[heading] if first is None or (point.step, point.item) == (first.step, first.item)
        ]
        candidates += [first] if first is not None and not first.item else (named_lines or list(points[heading]))
        yield from candidates[:1]


def _steps(levels: Selection, selection: Selection, sector: str) -> list[Finding]:
    """The step that goes best by the rule and the lowest one that doesn't; no step over which roles differ."""
    differ = set(selection.rows.loc[selection.rows["item"].isna(), "step"])
    shown = levels.rows[~levels.rows["suppressed"] & levels.rows["level"].notna()]
    groups = shown[~shown["role"].isin(levels.checklist.known_role_ids)]
    by_step = shown[shown["step"].isin(groups["step"]) & ~shown["step"].isin(differ)].groupby("step")["level"]
    lowest, mean = by_step.min(), by_step.mean()
    well, low = mean[lowest.ge(Rule().well)], lowest[lowest.lt(Rule().well)]
    findings = []
    if len(well):
        findings.append(_step_that_goes_well(levels, _first_step(well, highest=True), shown))
    if len(low):
        findings.append(_step_to_improve(levels, _first_step(low, highest=False), shown))
    return [_with_tools(finding, levels, sector) for finding in findings]


def _with_tools(finding: Finding, levels: Selection, sector: str) -> Finding:
    tools = fitting_tools(levels.checklist, finding.step, sector=sector)
    return replace(finding, tools=tuple((tool.name[levels.language], tool.url) for tool in tools))


def _first_step(by_step: pd.Series, highest: bool) -> int:
    """The step with the highest or lowest value; the earliest one where several have it."""
    values = by_step.sort_index()
    position = values.to_numpy().argmax() if highest else values.to_numpy().argmin()
    return int(values.index.to_numpy()[position])


def _step_that_goes_well(levels: Selection, step: int, shown: pd.DataFrame) -> Finding:
    rows = shown[shown["step"] == step]
    sentence = levels.text.say("finding.step_goes_well", roles=_roles(levels, rows))
    least = rows.dropna(subset="level_low").sort_values("level_low").head(1)
    clear = least.empty or bool(least["level_low"].iloc[0] >= LEVEL_HALF)
    return _step(levels, GOES_WELL, step, sentence, CLEAR if clear else MAY_BE_CHANCE, _level_reason(levels, least))


def _step_to_improve(levels: Selection, step: int, shown: pd.DataFrame) -> Finding:
    row = shown[shown["step"] == step].sort_values("level", kind="stable").head(1)
    level, high = float(row["level"].iloc[0]), float(row["level_high"].iloc[0])
    role = levels.role_phrase(str(row["role"].iloc[0]))
    sentence = levels.text.say("finding.step_can_be_better", role=role, level=levels.text.number(level))
    clear = pd.isna(high) or high < Rule().well
    reason = _level_reason(levels, row.dropna(subset="level_low"))
    return _step(levels, CAN_BE_BETTER, step, sentence, CLEAR if clear else MAY_BE_CHANCE, reason)


def _step(levels: Selection, heading: str, step: int, split: str, certainty: str, reason: str) -> Finding:
    return Finding(
        heading=heading,
        step=step,
        item="",
        label=_step_label(levels, step),
        statement=levels.checklist.step(step).title[levels.language],
        split=split,
        certainty=certainty,
        certainty_words=levels.text.say(f"finding.{certainty}"),
        certainty_reason=reason,
    )


def _level_reason(levels: Selection, row: pd.DataFrame) -> str:
    if row.empty:
        return ""
    ends = {end: levels.text.number(float(row[f"level_{end}"].iloc[0])) for end in ("low", "high")}
    return levels.text.say("finding.level_between", role=levels.role_phrase(str(row["role"].iloc[0])), **ends)


def _roles(selection: Selection, rows: pd.DataFrame) -> str:
    order = [role for role in selection.checklist.shown_role_ids if role in set(rows["role"])]
    return selection.text.join([selection.role_phrase(role) for role in order])


# --- the headline and the next step ---


def _headline(selection: Selection, gaps: Selection | None, lines: Sequence[Finding]) -> str:
    say = selection.text.say
    answered_rows = selection.rows[selection.rows["heading"].ne(TOO_LITTLE_DATA) & selection.rows["item"].notna()]
    if answered_rows.empty:
        return say("finding.headline_none")
    if (
        answered_rows["level"].eq(100).all()
        and not answered_rows["split"].str.contains(_other_answers(selection)).any()
    ):
        return say("finding.headline_all_yes", of=_of_items(selection, len(answered_rows)))
    if gaps is not None and (overall := _overall_gap(gaps, selection)):
        return overall
    by_heading = {finding.heading: finding for finding in lines}
    first, well, better = (by_heading.get(heading) for heading in (TO_DISCUSS, GOES_WELL, CAN_BE_BETTER))
    if first is not None and first.certainty == CLEAR:
        key = "finding.headline_divided" if len(first.roles) == 1 else "finding.headline_to_discuss"
        names = selection.text.join([selection.role_phrase(role) for role in first.roles])
        return say(key, roles=sentence_case(names), what=_subject(selection, first))
    if well is not None and better is not None and not well.is_best_available:
        return say("finding.headline_both", well=_subject(selection, well), better=_subject(selection, better))
    if better is not None:
        return say("finding.headline_can_be_better", what=_subject(selection, better))
    if well is not None:
        return say("finding.headline_goes_well", what=_subject(selection, well))
    return say("finding.headline_none")


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


def _overall_gap(gaps: Selection, selection: Selection) -> str:
    """The sentence for a gap with the same sign on every step that can be compared; empty where it is not so."""
    compared = gaps.rows.dropna(subset="gap")
    differ = set(selection.rows.loc[selection.rows["item"].isna(), "step"])
    if len(compared) < 2 or not compared["step"].isin(differ).all() or compared["gap"].gt(0).nunique() != 1:
        return ""
    row = compared.iloc[0]
    high, low = (row["role_a"], row["role_b"]) if row["gap"] > 0 else (row["role_b"], row["role_a"])
    key = "finding.headline_gap" if len(compared) == len(gaps.checklist.steps) else "finding.headline_gap_partly"
    return gaps.text.say(key, n=len(compared), high=gaps.role_phrase(str(high)), low=gaps.role_phrase(str(low)))


def _of_items(selection: Selection, n: int) -> str:
    return selection.of_items(n, len(selection.checklist.items))


def _empty(selection: Selection, heading: str) -> str:
    if selection.rows["heading"].eq(TOO_LITTLE_DATA).all():
        return selection.text.say("finding.no_data")
    n = int((selection.rows["heading"].ne(TOO_LITTLE_DATA) & selection.rows["item"].notna()).sum())
    return selection.text.say(f"finding.none_{heading}", of=_of_items(selection, n))


def _good_word(selection: Selection, points: dict[str, tuple[Finding, ...]]) -> str:
    good_points = points[GOES_WELL]
    if not good_points or not good_points[0].is_best_available:
        return ""
    n = int((selection.rows["level"].notna() & selection.rows["item"].notna()).sum())
    key = "finding.best_available_differs" if good_points[0].roles else "finding.best_available"
    return selection.text.say(key, of=_of_items(selection, n))


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


def _notes(selection: Selection) -> Iterator[str]:
    items = selection.rows[selection.rows["item"].notna()]
    few_answers = items[items["heading"] == TOO_LITTLE_DATA]
    if len(few_answers):
        listed = (
            selection.text.join(list(few_answers["item"]))
            if len(few_answers) < len(items)
            else selection.text.say("meeting.all")
        )
        yield selection.text.say(
            "meeting.too_little", items=listed, why=selection.reason(str(few_answers["reason"].iloc[0]))
        )
    if len(few_answers) < len(items) and (unseen := _unseen(selection)):
        yield selection.text.say("meeting.unseen", roles=selection.text.join(list(map(selection.role_phrase, unseen))))
    yield selection.text.say("meeting.own_reading")


def _unseen(selection: Selection) -> list[str]:
    """The roles without a shown answer to any item, also not as part of the team."""
    visible_roles, team = set(", ".join(selection.rows["views"]).split(", ")), selection.checklist.team
    visible_roles |= set(team.roles) if team.id in visible_roles else set()
    return [role for role in selection.checklist.role_ids if role not in visible_roles]
