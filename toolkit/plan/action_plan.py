"""A team's plan as plain values: returned action points, and team actions made of them.

A team action may serve several steps and items; `points` are the numbers of the action points it came from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from toolkit.core.errors import Problem
from toolkit.core.i18n import load_text
from toolkit.core.text_table import TextTable
from toolkit.instrument.arguments import check_fields, explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.narrative.selection import select_actions

FIELDS = ("what", "who", "by", "seen")
"""What a team writes about an action, each as free text."""


@dataclass(frozen=True, slots=True)
class ActionPoint:
    """An action point as it came back.

    `times` is how often the same was written, `step` 0 where a file lost it.
    """

    id: str
    step: int
    role: str
    text: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class TeamAction:
    """What a team will do.

    Attributes
    ----------
    id
        `A1`, `A2`, …; empty for one that has no number yet.
    what, who, by, seen
        What we do, who, by when, and how we will see it: as written.
    items, steps
        What it serves; `steps` are those without an item of their own here, `all_steps` has both.
    points
        Ids of the action points it came from.
    more
        (heading, text) of columns that somebody added to the plan's file.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.TeamAction("Phone every family", items=("1.2",)).items
    ('1.2',)
    """

    what: str
    items: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    who: str = ""
    by: str = ""
    seen: str = ""
    points: tuple[str, ...] = ()
    id: str = ""
    more: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind: one text as `items` would be taken for its letters."""
        check_fields(self)

    @property
    def all_steps(self) -> tuple[int, ...]:
        """The steps that were named, and those of its items."""
        return tuple(sorted({*self.steps, *(int(item.split(".")[0]) for item in self.items)}))


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """The team actions of one school at one moment, with the action points they came from.

    `problems` is what could not be read in a file somebody edited.

    Examples
    --------
    >>> import toolkit as tk
    >>> len(tk.ActionPlan("99AA00", "2025-2026").actions)
    0
    """

    school: str
    wave: str
    actions: tuple[TeamAction, ...] = ()
    points: tuple[ActionPoint, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """Every item that an action serves, in the order of the checklist."""
        served = {item for action in self.actions for item in action.items}
        return tuple(sorted(served, key=lambda item: [int(part) for part in item.split(".")]))

    @property
    def more(self) -> tuple[str, ...]:
        """The headings of the columns that somebody added."""
        return tuple(dict.fromkeys(head for action in self.actions for head, _ in action.more))

    def with_action(self, action: TeamAction) -> ActionPlan:
        """The plan with the action in place of the one with its id; without id, added with one."""
        item_steps = {int(item.split(".")[0]) for item in action.items}
        action = replace(action, steps=tuple(step for step in action.steps if step not in item_steps))
        if action.id and any(existing.id == action.id for existing in self.actions):
            actions = tuple(action if existing.id == action.id else existing for existing in self.actions)
            return replace(self, actions=actions)
        numbered = action if action.id else replace(action, id=self.next_id())
        return replace(self, actions=(*self.actions, numbered))

    def without_action(self, action_id: str) -> ActionPlan:
        """The plan without that action; its action points stay."""
        return replace(self, actions=tuple(action for action in self.actions if action.id != action_id))

    def with_points(self, points: tuple[ActionPoint, ...]) -> ActionPlan:
        """The plan with these points too; known ones keep their id, so that links stay right."""
        keys = {(point.step, point.role, point.text) for point in self.points}
        number = max([_number(point.id) for point in self.points], default=0)
        new = [point for point in points if (point.step, point.role, point.text) not in keys]
        numbered = [replace(point, id=f"P{number + offset}") for offset, point in enumerate(new, start=1)]
        return replace(self, points=(*self.points, *numbered))

    def next_id(self) -> str:
        """The first number after all that are in use."""
        return f"A{max([_number(action.id) for action in self.actions], default=0) + 1}"

    def action(self, action_id: str) -> TeamAction:
        """One action; raises `KeyError` for an id that is not there."""
        for action in self.actions:
            if action.id == action_id:
                return action
        raise KeyError(action_id)

    def to_table(self, checklist: Instrument | None = None, language: str = "nl") -> TextTable:
        """The plan to read: one row per action."""
        checklist, text = checklist or load_instrument(), load_text(language)
        columns = [text.say(f"plan.{name}") for name in ("id", "what", "serves", "who", "by", "seen")]
        rows = tuple(
            (a.id, a.what, served(a, checklist, language), a.who, a.by, a.seen,
             *(dict(a.more).get(head, "") for head in self.more))
            for a in self.actions
        )  # fmt: skip
        return TextTable(f"{self.school} · {self.wave}", (*columns, *self.more), rows)


def served(action: TeamAction, checklist: Instrument, language: str = "nl") -> str:
    """The steps and items an action serves, by their labels."""
    text = load_text(language)
    bare_steps = [step for step in action.steps if not any(item.startswith(f"{step}.") for item in action.items)]
    steps = [text.say("plan.step", number=step, label=checklist.step(step).label[language]) for step in bare_steps]
    items = [f"{item} {checklist.item(item).label[language]}" for item in action.items]
    return ", ".join([*steps, *items])


@explained
def action_points(actions: pd.DataFrame, school: str | None = None, wave: str | None = None) -> tuple[ActionPoint, ...]:
    """The action points of one school and moment, the same text by the same role taken together.

    Parameters
    ----------
    actions
        `Protected.actions`.
    school, wave
        None takes the first school, and its last wave.

    Raises
    ------
    UnprotectedError
        The texts still carry a respondent: they did not come through `protect`.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> points = tk.action_points(tk.protect(intake).actions)
    >>> all(point.step in range(1, 6) for point in points)
    True
    """
    rows = select_actions(actions, school, wave, load_text()).sort_values("step", kind="stable")
    same: dict[tuple[int, str, str], ActionPoint] = {}
    for step, role, point_text in zip(rows["step"], rows["role"], rows["text"], strict=True):
        key = (int(step), str(role), " ".join(str(point_text).casefold().split()))
        point = same.get(key, ActionPoint("", int(step), str(role), str(point_text), 0))
        same[key] = replace(point, times=point.times + 1)
    return ActionPlan("", "").with_points(tuple(same.values())).points


@explained
def new_plan(
    actions: pd.DataFrame, school: str | None = None, wave: str | None = None
) -> ActionPlan:  # fmt: skip
    """A plan without actions yet, with what came back; parameters as in `action_points`.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> tk.new_plan(tk.protect(intake).actions).school
    '99AA00'
    """
    rows = select_actions(actions, school, wave, load_text())
    school, wave = (
        str((choice or rows[name].max()) if rows.empty else rows[name].iloc[0])
        for name, choice in (("school", school), ("wave", wave))
    )
    return ActionPlan(school, wave, points=action_points(actions, school, wave))


def _number(name: str) -> int:
    return int(name[1:]) if name[1:].isdecimal() else 0
