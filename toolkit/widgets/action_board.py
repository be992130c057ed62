"""The action board: statements and returned action points become a team's plan.

The plan is saved in a file that people can edit.

The widget holds no logic: its choices become a `TeamAction`, the plan changes by its own pure functions, and the pure
function `board_view` makes everything that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from toolkit.core.errors import SelectionError, ToolkitError
from toolkit.core.i18n import Text, load_text, problem_message
from toolkit.core.normalize import join_lines, normalize_text
from toolkit.core.sanitize import strip_bidi_controls
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.measures.item_change import movement
from toolkit.narrative.movement_summary import summarise_movement
from toolkit.narrative.priority_summary import summarise_priorities
from toolkit.plan.action_plan import ActionPlan, ActionPoint, TeamAction, new_plan
from toolkit.plan.plan_file import read_actions, write_actions
from toolkit.privacy import Policy
from toolkit.results import SchoolResults
from toolkit.widgets.components import action_button, html_widget, paragraphs, render, style

MAX_LABEL = 110
"""Characters of an action point in a list; the complete text is in the plan's file."""

DATE = "%d-%m-%Y"
"""How a date is written in the plan."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something an action can be about: a statement, or an action point that came back."""

    key: str
    label: str
    step: int


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board besides its controls, as escaped HTML, and the choices for an action.

    `start` is what respondents would take up first, where the form asked it.
    """

    start: str
    plan: str
    previous: str
    choices: tuple[Choice, ...]


def board_view(
    results: SchoolResults, plan: ActionPlan, previous: ActionPlan | None = None, language: str = "nl"
) -> BoardView:
    """Make everything that is shown for a plan; the same plan always gives the same view.

    Parameters
    ----------
    previous
        The plan of an earlier wave: the items it served are compared with now.
    """
    text, checklist = load_text(language), results.checklist
    shown = _table(plan, checklist, language) if plan.actions else paragraphs([text.say("board.empty_plan")])
    problems = [strip_bidi_controls(problem_message(problem, language)) for problem in plan.problems]
    title = render("parts", "heading", text=text.say("board.plan"), level=2)
    first = results.priorities
    first = first[(first["school"] == plan.school) & (first["wave"] == plan.wave)]
    options = results.display(plan.school, language=language)
    marked = "" if first.empty else summarise_priorities(first, plan.school, plan.wave, **options).to_html()
    return BoardView(
        marked,
        title + shown + paragraphs(problems),
        _previous(results, plan, previous, text) if previous is not None else "",
        tuple(_choices(results, plan, text)),
    )


def _choices(results: SchoolResults, plan: ActionPlan, text: Text) -> Iterator[Choice]:
    """The statements of the agenda first, then the action points, then all other statements."""
    findings = results.findings(plan.school, plan.wave, language=text.language)
    agenda = [finding for finding in findings.all_points() if finding.item]
    first = {finding.item for finding in agenda}
    for finding in agenda:
        yield Choice(finding.item, f"{findings.kind(finding)}: {finding.label}", finding.step)
    for point in plan.points:
        yield Choice(point.id, _label(point, results.checklist, text), point.step)
    for step in results.checklist.steps:
        for item in step.items:
            if item.id not in first:
                yield Choice(item.id, f"{item.id} {item.label[text.language]}", step.number)


def _previous(results: SchoolResults, plan: ActionPlan, previous: ActionPlan, text: Text) -> str:
    checklist = results.checklist
    parts = [render("parts", "heading", text=text.say("board.previous", wave=previous.wave), level=2)]
    parts += [_table(previous, checklist, text.language)]
    parts += [paragraphs([problem_message(problem, text.language)]) for problem in previous.problems]
    has_both = {previous.wave, plan.wave} <= set(results.waves(plan.school))
    moments = (plan.school, previous.wave, plan.wave)
    movements = movement(results.items, previous.items, *moments, checklist) if previous.items and has_both else None
    if movements is not None and not movements.empty:
        display: dict[str, Any] = {"name": results.name(plan.school), "checklist": checklist, "language": text.language}
        parts.append(summarise_movement(movements, **display).to_html())
    elif previous.items:
        parts.append(paragraphs([text.say("movement.not_both")]))
    if bare := [action.id for action in previous.actions if not action.items]:
        parts.append(paragraphs([text.say("board.no_items", actions=text.join(bare))]))
    return "".join(parts)


def _table(plan: ActionPlan, checklist: Instrument, language: str) -> str:
    table = plan.to_table(checklist, language)
    return render("parts", "scrolling", caption=table.caption, table=strip_bidi_controls(table.to_html()))


def _label(point: ActionPoint, checklist: Instrument, text: Text) -> str:
    point_text = strip_bidi_controls(join_lines(point.text))
    short = point_text if len(point_text) <= MAX_LABEL else point_text[: MAX_LABEL - 1] + "…"
    if point.times > 1:
        short = text.say("board.times", words=short, times=point.times)
    role = checklist.role(point.role).plural[text.language].lower()
    return text.say("board.point", step=point.step or "?", role=role, text=short)


def plan_name(school: str, wave: str) -> str:
    """Return the name of the file with the plan of a school and wave."""
    return f"plan-{school}-{wave.replace('/', '-')}.xlsx"


class ActionBoard(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Make team actions of statements and action points, and save the plan in a file.

    Parameters
    ----------
    intake
        From `read_folder`, or the `SchoolResults` of it. An intake is protected here: texts of a group too small to be
        shown don't appear.
    school, wave
        The first school and its last wave where nothing is given.
    path
        The plan's file (`.xlsx`). It is read where it exists. A plan of an earlier wave is not changed: it is shown
        with what became of its items, and the new plan gets another name.
    previous
        The file of an earlier plan.
    folder
        The folder of the plans of all schools, in place of `path`: each change is then saved there at once, and the
        plan of the latest earlier wave in it is shown too.

    Examples
    --------
    >>> import toolkit as tk
    >>> results = tk.SchoolResults.of_responses(tk.samples.responses(schools=2))
    >>> board = tk.ActionBoard(results)
    """

    @explained
    def __init__(
        self,
        intake: Intake | SchoolResults,
        checklist: Instrument | None = None,
        *,
        school: str | None = None,
        wave: str | None = None,
        path: str | Path | None = None,
        previous: str | Path | None = None,
        folder: str | Path | None = None,
        policy: Policy | None = None,
        language: str = "nl",
    ) -> None:
        if not isinstance(intake, SchoolResults):
            intake = SchoolResults.of_intake(intake, checklist or load_instrument(), policy)
        self._results, self._text = intake, load_text(language)
        super().__init__()
        for name in ("handvat-explorer", "handvat-board"):
            self.add_class(name)
        schools = intake.schools()
        if not schools:
            self.children = [style(), html_widget(paragraphs([self._text.say("explore.empty")]))]
            return
        self.previous: ActionPlan | None = None
        self._folder = Path(folder) if folder is not None else None
        self._asked_path, self._asked_previous = path, previous
        self._make_controls()
        chosen = intake.find_school(school)
        self.show_plan(intake, chosen, intake.find_wave(chosen, wave), language)
        self.search.observe(self._filter, "value")
        self.selected_action.observe(self._fill_in, "value")
        for button, press in (
            (self.apply_button, self._apply), (self.remove_button, self._remove), (self.save_button, self._save),
        ):  # fmt: skip
            button.on_click(press)

    def _make_controls(self) -> None:
        self.search = widgets.Text(continuous_update=True)
        self.choices: dict[str, widgets.Checkbox] = {}
        self._steps: dict[str, int] = {}
        self._step = 0
        self.chooser = widgets.VBox()
        self.chooser.add_class("handvat-chooser")
        self.selected_action = widgets.Dropdown(options=[("", "")])
        self.description = widgets.Textarea(rows=2)
        self.who, self.evaluation = widgets.Text(), widgets.Text()
        self.due = widgets.DatePicker()
        self.apply_button, self.remove_button = action_button("", primary=True), action_button("")
        self.save_button = action_button("")
        self.path = widgets.Text()
        self.start, self.table, self.before, self.message, self.title = (html_widget() for _ in range(5))
        self.message.add_class("handvat-message")
        choices = widgets.VBox([self.search, self.chooser, self.start])
        buttons = widgets.HBox([self.apply_button, self.remove_button])
        buttons.add_class("handvat-row")
        fields = [self.selected_action, self.description, self.who, self.due, self.evaluation, buttons, self.message]
        columns = widgets.HBox([choices, widgets.VBox(fields)])
        columns.add_class("handvat-columns")
        file = widgets.HBox([self.path, self.save_button])
        file.add_class("handvat-row")
        file.layout.display = "none" if self._folder is not None else "flex"
        self.children = [style(), self.title, columns, self.table, file, self.before]

    def show_plan(self, results: SchoolResults, school: str, wave: str, language: str) -> None:
        """Show the plan of a school and wave; nothing happens where it is shown already."""
        subject = (school, wave, language, id(results))
        if subject == getattr(self, "_shown_subject", None):
            return
        self._results, self._text, self._shown_subject = results, load_text(language), subject
        self.plan = new_plan(results.actions, school, wave)
        self.previous, self._saved_bytes = None, b""
        self._report("")
        self._name_controls()
        path = self._asked_path or (self._folder or Path()) / plan_name(school, wave)
        self.path.value = str(path)
        if self._asked_previous:
            self._take_previous(Path(self._asked_previous))
        self._load(Path(path))
        if self._folder is not None and self.previous is None:
            self._find_previous(self._folder)
        self._show()
        self._clear()

    def begin(self, *, item: str = "", step: int = 0, description: str = "") -> None:
        """Begin a new action about a statement or step."""
        self._clear()
        self.description.value = description
        self._step = step
        if item in self.choices:
            self.choices[item].value = True
        self._filter()
        self.description.focus()

    # --- controls ---

    def _name_controls(self) -> None:
        say = self._text.say
        names = {
            "search": "search", "selected_action": "which", "description": "what", "who": "who", "due": "by",
            "evaluation": "seen", "path": "file", "apply_button": "keep", "remove_button": "remove",
            "save_button": "save",
        }  # fmt: skip
        for control, key in names.items():
            getattr(self, control).description = say(f"board.{key}")
        self.search.placeholder = say("board.search_hint")
        title = say("board.title", school=self._results.name(self.plan.school), wave=self.plan.wave)
        self.title.value = render("parts", "heading", text=title, level=2)

    def _show(self, _: object = None) -> None:
        view = board_view(self._results, self.plan, self.previous, self._text.language)
        ticked = {key for key, box in self.choices.items() if box.value}
        self.choices = {
            choice.key: widgets.Checkbox(value=choice.key in ticked, description=choice.label, indent=False)
            for choice in view.choices
        }
        self._steps = {choice.key: choice.step for choice in view.choices}
        self.chooser.children = list(self.choices.values())
        self.start.value, self.table.value, self.before.value = view.start, view.plan, view.previous
        options = [(f"{action.id} {action.what[:MAX_LABEL]}", action.id) for action in self.plan.actions]
        chosen = self.selected_action.value
        self.selected_action.options = [(self._text.say("board.new"), ""), *options]
        self.selected_action.value = chosen if chosen in {value for _, value in options} else ""
        self._filter()

    def _filter(self, _: object = None) -> None:
        """Show the choices with all words that are searched for, and those that are ticked."""
        tokens = normalize_text(self.search.value).split()
        for box in self.choices.values():
            label = normalize_text(box.description)
            fits = box.value or all(word in label for word in tokens)
            box.layout.display = "" if fits else "none"

    def _fill_in(self, _: object = None) -> None:
        """Show the chosen action in the fields; empty fields for a new one."""
        action = self.plan.action(self.selected_action.value) if self.selected_action.value else TeamAction("")
        for key, box in self.choices.items():
            box.value = key in action.points or key in action.items
        self._step = 0
        self.description.value, self.who.value, self.evaluation.value = action.what, action.who, action.seen
        self.due.value = _as_date(action.by)
        if action.by and self.due.value is None:
            self._report(self._text.say("board.no_date", by=action.by))
        self._filter()

    # --- changing the plan ---

    def _apply(self, _: object = None) -> None:
        """Put the action in the plan; every statement and action point brings its step."""
        ticked = [key for key, box in self.choices.items() if box.value]
        points = tuple(key for key in ticked if key in {point.id for point in self.plan.points})
        items = tuple(sorted(key for key in ticked if key not in points))
        description = self.description.value.strip() or self._words_of(points, items)
        if not description:
            self._report(self._text.say("board.nothing_to_do"))
            return
        old = self.plan.action(self.selected_action.value) if self.selected_action.value else TeamAction("")
        unseen = tuple(point for point in old.points if point not in self.choices)
        steps = {self._steps[point] for point in points if self._steps[point]} | ({self._step} if self._step else set())
        steps |= set(old.steps) if not points else set()
        by = self.due.value.strftime(DATE) if self.due.value else ("" if _as_date(old.by) else old.by)
        action = TeamAction(
            description, items, tuple(sorted(steps)), self.who.value.strip(), by, self.evaluation.value.strip(),
            (*unseen, *points), old.id, old.more,
        )  # fmt: skip
        self.plan = self.plan.with_action(action)
        self._changed()

    def _words_of(self, points: tuple[str, ...], items: tuple[str, ...]) -> str:
        """The action points or the statement, for an action without words of its own."""
        texts = [point.text for point in self.plan.points if point.id in points]
        if texts:
            return "\n".join(texts)
        return self._results.checklist.item(items[0]).statement[self._text.language] if items else ""

    def _remove(self, _: object = None) -> None:
        if self.selected_action.value:
            self.plan = self.plan.without_action(self.selected_action.value)
            self._changed()

    def _changed(self) -> None:
        self._report("")
        self._clear()
        self._show()
        if self._folder is not None:
            self._save()

    def _clear(self) -> None:
        """Begin a new action."""
        self.selected_action.value = ""
        self.search.value = ""
        self._fill_in()

    # --- the file ---

    def _load(self, path: Path) -> None:
        """Take over the file's plan, when it is of this school and of this or an earlier wave."""
        plan = self._read(path)
        if plan is None:
            return
        if (plan.school, plan.wave) == (self.plan.school, self.plan.wave):
            self.plan, self._saved_bytes = plan.with_points(self.plan.points), path.read_bytes()
            self._report(self._text.say("board.read", file=path.name, n=len(plan.actions)))
        elif plan.school == self.plan.school and "" < plan.wave < self.plan.wave:
            self._load_beside(path, plan)
        else:
            self._report(self._conflict(path, plan))

    def _load_beside(self, path: Path, first: ActionPlan) -> None:
        """The file has an earlier plan: plans of later waves are next to it, each under its wave's name."""
        waves = sorted({*self._results.waves(self.plan.school), self.plan.wave})
        between = [wave for wave in waves if first.wave < wave < self.plan.wave]
        plans = [first, *filter(None, (self._read(_of_wave(path, wave)) for wave in between))]
        earlier = [plan for plan in plans if plan.school == self.plan.school and plan.wave < self.plan.wave]
        self.previous = self.previous or max(earlier, key=lambda plan: plan.wave)
        wave_path = _of_wave(path, self.plan.wave)
        self.path.value = str(wave_path)
        plan_of_wave = self._read(wave_path)
        if plan_of_wave is not None and plan_of_wave.wave == self.plan.wave:
            self._load(wave_path)
        elif plan_of_wave is not None:
            self._report(self._conflict(wave_path, plan_of_wave))

    def _take_previous(self, path: Path) -> None:
        plan = read_actions(path, self._results.checklist)
        if plan.school == self.plan.school:
            self.previous = plan
        else:
            self._report(self._conflict(path, plan, "other_previous"))

    def _find_previous(self, folder: Path) -> None:
        """The plan of the latest earlier wave in the folder of plans."""
        try:
            waves = self._results.waves(self.plan.school)
        except SelectionError:
            return
        for wave in reversed([wave for wave in waves if wave < self.plan.wave]):
            plan = self._read(folder / plan_name(self.plan.school, wave))
            if plan is not None and plan.school == self.plan.school:
                self.previous = plan
                return

    def _read(self, path: Path) -> ActionPlan | None:
        """The plan in a file; None where there is none, or none that can be read, which is reported."""
        if not path.exists():
            return None
        try:
            return read_actions(path, self._results.checklist)
        except (ToolkitError, OSError) as error:
            self._report(str(error))
            return None

    def _save(self, _: object = None) -> None:
        name = self.path.value.strip()
        if not name:
            self._report(self._text.say("board.no_file"))
            return
        suffix = Path(name).suffix.lower()
        if suffix != ".xlsx" and suffix[1:].isalpha():
            self._report(self._text.say("argument.ending", file=name, options=".xlsx"))
            return
        path = Path(name if suffix == ".xlsx" else f"{name}.xlsx")
        self.path.value = str(path)
        try:
            if self._folder is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            plan = read_actions(path, self._results.checklist) if path.exists() else self.plan
            if (plan.school, plan.wave) != (self.plan.school, self.plan.wave):
                self._report(self._conflict(path, plan))
                return
            if path.exists() and path.read_bytes() != self._saved_bytes:
                self._report(self._text.say("board.changed", file=path))
                return
            write_actions(path, self.plan, self._results.checklist, self._text.language)
            self._saved_bytes = path.read_bytes()
        except (ToolkitError, OSError) as error:
            self._report(self._text.say("board.not_saved", why=error))
            return
        self._report(self._text.say("board.saved", file=path))

    def _conflict(self, path: Path, plan: ActionPlan, key: str = "other_school") -> str:
        if not plan.school or not plan.wave:
            return self._text.say("board.no_place", file=path, school=self.plan.school, wave=self.plan.wave)
        return self._text.say(f"board.{key}", file=path, school=plan.school, wave=plan.wave)

    def _report(self, message: str) -> None:
        self.message.value = render("parts", "status", text=strip_bidi_controls(message)) if message else ""


def _of_wave(path: Path, wave: str) -> Path:
    """The file in the same folder with the plan of another wave."""
    return path.with_name(f"{path.stem}-{wave.replace('/', '-')}.xlsx")


def _as_date(text: str) -> date | None:
    """A date as the plan's file has it; None for other words."""
    for form in (DATE, "%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None
