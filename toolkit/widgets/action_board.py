"""The action board: returned action points become a team's plan, which is kept in a file that people can edit.

The widget holds no logic: what is chosen becomes a `TeamAction`, the plan changes by its own pure functions, and the
pure function `board_view` makes everything that is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import Text, load_text, problem_message
from toolkit.core.sanitize import strip_bidi_controls
from toolkit.instrument.model import Instrument
from toolkit.intake.folder import Intake
from toolkit.measures.item_change import movement
from toolkit.narrative.meeting_page import meeting_of
from toolkit.narrative.movement_summary import summarise_movement
from toolkit.narrative.priority_summary import summarise_priorities
from toolkit.plan.action_plan import ActionPlan, ActionPoint, TeamAction, new_plan
from toolkit.plan.plan_file import read_actions, write_actions
from toolkit.privacy import Policy
from toolkit.results import SchoolResults
from toolkit.widgets.components import style

WIDE, LABEL = widgets.Layout(width="820px", max_width="100%"), {"description_width": "130px"}
LONGEST = 110
"""Characters of an action point in a list; the whole text stands in the plan's file."""


@dataclass(frozen=True, slots=True)
class BoardView:
    """What the board shows beside its controls, as HTML, every text escaped; and the action points to choose from."""

    start: str
    plan: str
    previous: str
    points: tuple[tuple[str, str], ...]


def board_view(
    results: SchoolResults,
    plan: ActionPlan,
    previous: ActionPlan | None = None,
    step: int | None = None,
    language: str = "nl",
) -> BoardView:
    """Make everything that is shown for a plan; the same plan always gives the same view.

    Parameters
    ----------
    previous
        The plan of an earlier moment: the items it served are held beside now.
    step
        Shows only the action points of that step.
    """
    text, checklist = load_text(language), results.checklist
    place: dict[str, Any] = {"name": results.name(plan.school), "checklist": checklist, "language": language}
    found = results.findings(plan.school, plan.wave, language=language)
    meeting = meeting_of(found, checklist, language=language)
    points = tuple(
        (_label(point, checklist, text), point.id) for point in plan.points if step is None or point.step == step
    )
    shown = _table(plan, checklist, language) if plan.actions else _paragraph(text.say("board.empty_plan"))
    problems = [problem_message(problem, language) for problem in plan.problems]
    first = results.of(plan.school, plan.wave).priorities
    marked = "" if first.empty else summarise_priorities(first, plan.school, plan.wave, **place).to_html()
    return BoardView(
        f"<details><summary>{escape(text.say('board.start'))}</summary>{meeting.to_html()}{marked}</details>",
        _heading(text.say("board.plan")) + shown + "".join(map(_paragraph, problems)),
        _previous(results, plan, previous, text) if previous is not None else "",
        points,
    )


def _previous(results: SchoolResults, plan: ActionPlan, previous: ActionPlan, text: Text) -> str:
    checklist = results.checklist
    parts = [_heading(text.say("board.previous", wave=previous.wave))]
    parts += [_table(previous, checklist, text.language)]
    parts += [_paragraph(problem_message(problem, text.language)) for problem in previous.problems]
    moved = movement(results.items, previous.items, plan.school, previous.wave, plan.wave, checklist)
    if not moved.empty:
        words: dict[str, Any] = {"name": results.name(plan.school), "checklist": checklist, "language": text.language}
        parts.append(summarise_movement(moved, **words).to_html())
    elif previous.items:
        parts.append(_paragraph(text.say("movement.not_both")))
    if bare := [action.id for action in previous.actions if not action.items]:
        parts.append(_paragraph(text.say("board.no_items", actions=text.join(bare))))
    return "".join(parts)


def _table(plan: ActionPlan, checklist: Instrument, language: str) -> str:
    return strip_bidi_controls(plan.to_table(checklist, language).to_html())


def _label(point: ActionPoint, checklist: Instrument, text: Text) -> str:
    words = strip_bidi_controls(" ".join(point.text.split()))
    short = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    if point.times > 1:
        short = text.say("board.times", words=short, times=point.times)
    role = checklist.role(point.role).plural[text.language]
    return text.say("board.point", id=point.id, step=point.step or "?", role=role, text=short)


def _named(path: Path, wave: str) -> Path:
    """The file beside this one that has the plan of another moment."""
    return path.with_name(f"{path.stem}-{wave.replace('/', '-')}.xlsx")


def _heading(words: str) -> str:
    return f"<h3>{escape(words)}</h3>"


def _paragraph(words: str) -> str:
    return f"<p>{escape(strip_bidi_controls(words))}</p>"


class ActionBoard(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Group returned action points, make team actions of them, and keep the plan in a file.

    Parameters
    ----------
    intake
        From `read_folder`. It is protected here: texts of a group too small to be shown don't appear.
    school, wave
        The first school and its last moment where nothing is given.
    path
        The plan's file (`.xlsx`). Where it is there it is read. A plan of an earlier moment is not changed: it is shown
        with what became of its items, and the new plan gets another name.
    previous
        The file of an earlier plan.
    """

    def __init__(
        self,
        intake: Intake,
        checklist: Instrument | None = None,
        *,
        school: str | None = None,
        wave: str | None = None,
        path: str | Path | None = None,
        previous: str | Path | None = None,
        policy: Policy | None = None,
        language: str = "nl",
    ) -> None:
        self._results = SchoolResults.of_intake(intake, checklist, policy)
        self._text = load_text(language)
        super().__init__(layout=widgets.Layout(max_width="900px"))
        self.add_class("handvat-explorer")
        self.add_class("handvat-board")
        schools = self._results.schools()
        if not schools:
            self.children = [widgets.HTML(_paragraph(self._text.say("explore.empty")))]
            return
        chosen = school or schools[0]
        moment = wave or self._results.waves(chosen)[-1]
        self.plan = new_plan(self._results.actions, chosen, moment)
        self.previous = read_actions(previous, self._results.checklist) if previous else None
        self._known = b""
        self._make_controls(path)
        if self.previous and self.previous.school != self.plan.school:
            self._say(self._other(Path(str(previous)), self.previous, "other_previous"))
            self.previous = None
        self._open(Path(self.path.value))
        self._show()
        for control, react in ((self.step, self._show), (self.which, self._fill_in)):
            control.observe(react, "value")
        for button, press in ((self.keep, self._keep), (self.remove, self._remove), (self.save, self._save)):
            button.on_click(press)

    def _make_controls(self, path: str | Path | None) -> None:
        say, checklist, language = self._text.say, self._results.checklist, self._text.language
        steps = [
            (say("explore.step_option", number=step.number, label=step.label[language]), step.number)
            for step in checklist.steps
        ]
        self.step = widgets.Dropdown(options=[(say("board.all_steps"), 0), *steps], description=say("board.show"),
                                     style=LABEL, layout=WIDE)  # fmt: skip
        self.points = self._several("points", [], 8)
        self.which = widgets.Dropdown(options=[(say("board.new"), "")], description=say("board.which"), style=LABEL,
                                      layout=WIDE)  # fmt: skip
        self.what = widgets.Textarea(description=say("board.what"), rows=2, style=LABEL, layout=WIDE)
        self.items = self._several(
            "items", [(f"{item.id} {item.label[language]}", item.id) for item in checklist.items], 6
        )
        self.steps = self._several("steps", steps, 5)
        self.who, self.by, self.seen = (
            widgets.Text(description=say(f"board.{name}"), style=LABEL, layout=WIDE) for name in ("who", "by", "seen")
        )
        self.keep, self.remove, self.save = (
            widgets.Button(description=say(f"board.{name}"), layout=widgets.Layout(width="180px"))
            for name in ("keep", "remove", "save")
        )
        name = path or f"plan-{self.plan.school}-{self.plan.wave.replace('/', '-')}.xlsx"
        self.path = widgets.Text(value=str(name), description=say("board.file"), style=LABEL, layout=WIDE)
        self.start, self.table, self.before, self.message = (widgets.HTML(layout=WIDE) for _ in range(4))
        title = f"{self._results.name(self.plan.school)} · {self.plan.wave}"
        self.children = [
            style(), widgets.HTML(_heading(title)), self.before, self.start, self.step, self.points,
            widgets.HTML(_paragraph(say("board.several"))), self.which, self.what, self.items, self.steps, self.who,
            self.by, self.seen, widgets.HBox([self.keep, self.remove]), self.table, self.path, self.save, self.message,
        ]  # fmt: skip

    def _several(self, name: str, options: Sequence[tuple[str, object]], rows: int) -> widgets.SelectMultiple:
        label = self._text.say(f"board.{name}")
        return widgets.SelectMultiple(options=options, description=label, rows=rows, style=LABEL, layout=WIDE)

    def _open(self, path: Path) -> None:
        """Take over what the file has, when it is this school's plan of this moment or of an earlier one."""
        found = self._read(path)
        if found is None:
            return
        if (found.school, found.wave) == (self.plan.school, self.plan.wave):
            self.plan, self._known = found.with_points(self.plan.points), path.read_bytes()
            self._say(self._text.say("board.read", file=path, n=len(found.actions)))
        elif found.school == self.plan.school and "" < found.wave < self.plan.wave:
            self._open_beside(path, found)
        else:
            self._say(self._other(path, found))

    def _open_beside(self, path: Path, first: ActionPlan) -> None:
        """The file has an earlier plan: plans of later moments stand beside it, each under its moment's name."""
        moments = sorted({*self._results.waves(self.plan.school), self.plan.wave})
        between = [wave for wave in moments if first.wave < wave < self.plan.wave]
        plans = [first, *filter(None, (self._read(_named(path, wave)) for wave in between))]
        earlier = [plan for plan in plans if plan.school == self.plan.school and plan.wave < self.plan.wave]
        self.previous = self.previous or max(earlier, key=lambda plan: plan.wave)
        own = _named(path, self.plan.wave)
        self.path.value = str(own)
        found = self._read(own)
        if found is not None and found.wave == self.plan.wave:
            self._open(own)
        elif found is not None:
            self._say(self._other(own, found))

    def _read(self, path: Path) -> ActionPlan | None:
        """The plan in a file; None where there is none, or none that can be read, which is said."""
        if not path.exists():
            return None
        try:
            return read_actions(path, self._results.checklist)
        except (ToolkitError, OSError) as error:
            self._say(str(error))
            return None

    def _show(self, _: object = None) -> None:
        shown = board_view(self._results, self.plan, self.previous, self.step.value or None, self._text.language)
        kept = [point for point in self.points.value if point in [value for _, value in shown.points]]
        self.points.options, self.points.value = shown.points, kept
        self.start.value, self.table.value, self.before.value = shown.start, shown.plan, shown.previous
        if not self.plan.points:
            self.table.value = _paragraph(self._text.say("board.no_points")) + shown.plan
        chosen, options = self.which.value, [(f"{a.id} {a.what[:LONGEST]}", a.id) for a in self.plan.actions]
        self.which.options = [(self._text.say("board.new"), ""), *options]
        self.which.value = chosen if chosen in {value for _, value in options} else ""

    def _fill_in(self, _: object = None) -> None:
        """Put the chosen action in the fields; a new one is empty."""
        action = self.plan.action(self.which.value) if self.which.value else TeamAction("")
        self.what.value, self.who.value, self.by.value = action.what, action.who, action.by
        self.seen.value, self.items.value, self.steps.value = action.seen, action.items, action.steps
        offered = [value for _, value in self.points.options]
        self.points.value = tuple(point for point in action.points if point in offered)

    def _keep(self, _: object = None) -> None:
        texts = [point.text for point in self.plan.points if point.id in self.points.value]
        what = self.what.value.strip() or "\n".join(texts)
        if not what:
            self._say(self._text.say("board.nothing_to_do"))
            return
        before = self.plan.action(self.which.value).points if self.which.value else ()
        offered = {value for _, value in self.points.options}
        points = (*(point for point in before if point not in offered), *self.points.value)
        fields = {"who": self.who.value.strip(), "by": self.by.value.strip(), "seen": self.seen.value.strip()}
        more = self.plan.action(self.which.value).more if self.which.value else ()
        self.plan = self.plan.with_action(
            TeamAction(
                what, self.items.value, self.steps.value, points=points, id=self.which.value, more=more, **fields
            )
        )
        self._say("")
        self._start_anew()

    def _remove(self, _: object = None) -> None:
        if self.which.value:
            self.plan = self.plan.without_action(self.which.value)
            self._start_anew()

    def _start_anew(self) -> None:
        self.which.unobserve(self._fill_in, "value")
        self.which.value = ""
        self._show()
        self.which.observe(self._fill_in, "value")
        self._fill_in()

    def _save(self, _: object = None) -> None:
        name = self.path.value.strip()
        if not name:
            self._say(self._text.say("board.no_file"))
            return
        path = Path(name if name.lower().endswith(".xlsx") else f"{name}.xlsx")
        self.path.value = str(path)
        try:
            found = read_actions(path, self._results.checklist) if path.exists() else self.plan
            if (found.school, found.wave) != (self.plan.school, self.plan.wave):
                self._say(self._other(path, found))
                return
            if path.exists() and path.read_bytes() != self._known:
                self._say(self._text.say("board.changed", file=path))
                return
            write_actions(path, self.plan, self._results.checklist, self._text.language)
            self._known = path.read_bytes()
        except (ToolkitError, OSError) as error:
            self._say(self._text.say("board.not_saved", why=error))
            return
        self._say(self._text.say("board.saved", file=path))

    def _other(self, path: Path, found: ActionPlan, words: str = "other_school") -> str:
        if not found.school or not found.wave:
            return self._text.say("board.no_place", file=path, school=self.plan.school, wave=self.plan.wave)
        return self._text.say(f"board.{words}", file=path, school=found.school, wave=found.wave)

    def _say(self, words: str) -> None:
        self.message.value = _paragraph(words) if words else ""
