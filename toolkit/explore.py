"""The school explorer: controls, a selection, and pictures that follow at once.

The widget holds no logic: a change of a control makes a `Selection`, the pure function `view` makes everything that is
shown out of protected tables, and the panels take it over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd

from toolkit.charts import Picture, distribution, dumbbell, radar
from toolkit.chosen import choose
from toolkit.instrument import Instrument, load_instrument
from toolkit.intake import Intake
from toolkit.measures import agreement, item_table, levels
from toolkit.privacy import Policy, protect
from toolkit.summary import few_items_sentence, split_sentence, summarise_differences, yardstick_sentence
from toolkit.text import Text, load_text
from toolkit.word_table import WordTable

FIRST, SECOND = "director", "teacher"
"""The two roles whose views are held beside each other."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that may be shown of an intake, computed once.

    Attributes
    ----------
    levels, items, per_step, per_item
        Protected tables of `levels`, `item_table` and `agreement` per step and item.
    names
        School id to name.
    """

    checklist: Instrument
    levels: pd.DataFrame
    items: pd.DataFrame
    per_step: pd.DataFrame
    per_item: pd.DataFrame
    names: Mapping[str, str]

    def name(self, school: str) -> str:
        """The school's name, or its id where no form carries its name."""
        return self.names.get(school, school)

    def schools(self) -> list[str]:
        """School ids, by name."""
        return sorted(self.per_step["school"].unique(), key=self.name)

    def waves(self, school: str) -> list[str]:
        """The waves of a school, the last first."""
        return sorted(self.per_step.loc[self.per_step["school"] == school, "wave"].unique(), reverse=True)


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen."""

    school: str
    wave: str
    roles: tuple[str, ...]
    step: int
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class View:
    """Everything to show for one selection: pictures and pieces of HTML, in the order of the page."""

    radar: Picture
    overview: str
    dumbbell: Picture
    differences: str
    step: str
    distributions: tuple[Picture, ...]
    figures: str


def prepare(intake: Intake, checklist: Instrument | None = None, policy: Policy | None = None) -> Tables:
    """Protect an intake and compute what the explorer shows."""
    checklist = checklist or load_instrument()
    safe = protect(intake.responses, checklist, policy)
    return Tables(
        checklist,
        levels(safe, checklist),
        item_table(safe, checklist),
        agreement(safe, checklist, FIRST, SECOND),
        agreement(safe, checklist, FIRST, SECOND, per="item"),
        dict(zip(intake.schools["school"], intake.schools["name"], strict=True)),
    )


def view(tables: Tables, selection: Selection) -> View:
    """Make everything that is shown for a selection; the same selection always gives the same view."""
    s, text = selection, load_text(selection.language)
    place: dict[str, Any] = {
        "school": s.school,
        "wave": s.wave,
        "checklist": tables.checklist,
        "language": s.language,
    }
    named = place | {"name": tables.name(s.school)}
    pentagon = radar(tables.levels, roles=list(s.roles), **named)
    pair = dumbbell(tables.levels, a=FIRST, b=SECOND, gaps=tables.per_step, **named)
    differences = summarise_differences(tables.per_item, **named)
    bars = tuple(
        distribution(tables.items, step=s.step, role=role, **named) for role in _one_per_group(tables, selection)
    )
    overview = [pentagon.sentence, *pentagon.notes, text.say("explore.not_a_mark")]
    frames = [(picture.table, picture.layout.title.subtitle.text) for picture in (pentagon, pair, *bars)]
    return View(
        pentagon,
        _paragraphs(overview if s.roles else [text.say("explore.no_roles")]),
        pair,
        _heading(text.say("explore.differences")) + _paragraphs([pair.sentence]) + differences.to_html(),
        _step(tables, selection, text),
        bars,
        _details(text, [WordTable.from_frame(frame, caption).to_html() for frame, caption in frames]),
    )


def _one_per_group(tables: Tables, selection: Selection) -> list[str]:
    """The chosen roles, with those that are shown together taken once."""
    s = selection
    chosen = choose(tables.levels, s.school, s.wave, checklist=tables.checklist, language=s.language)
    shown = {role: tuple(chosen.shown_roles([role])) or (role,) for role in s.roles}
    return [role for role in s.roles if next(r for r in s.roles if shown[r] == shown[role]) == role]


def _step(tables: Tables, selection: Selection, text: Text) -> str:
    s = selection
    chosen = choose(tables.per_step, s.school, s.wave, checklist=tables.checklist, language=s.language)
    row = chosen.rows[chosen.rows["step"] == s.step].iloc[0]
    title = tables.checklist.step(s.step).title[s.language]
    sentences = [split_sentence(chosen, row), yardstick_sentence(chosen, row), few_items_sentence(chosen, s.step)]
    return _heading(text.say("explore.in_step", number=s.step, title=title)) + _paragraphs(
        [sentence for sentence in sentences if sentence]
    )


def _heading(words: str) -> str:
    return f"<h3>{escape(words)}</h3>"


def _paragraphs(sentences: list[str]) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _details(text: Text, tables: list[str]) -> str:
    return f"<details><summary>{escape(text.say('explore.figures'))}</summary>{''.join(tables)}</details>"


STYLE = """<style>
.handvat-explorer { max-width: 900px; }
.handvat-explorer p { font-size: 15px; line-height: 1.5; margin: 0 0 .5em; }
.handvat-explorer h3 { font-size: 18px; margin: 1em 0 .4em; }
.handvat-explorer table.handvat { border-collapse: collapse; font-size: 14px; line-height: 1.4; margin: .6em 0; }
.handvat-explorer table.handvat caption { text-align: left; font-weight: bold; padding: .6em 0 .2em; }
.handvat-explorer table.handvat th, .handvat-explorer table.handvat td
  { border-bottom: 1px solid #CBD2D9; padding: 4px 14px 4px 0; text-align: left; vertical-align: top; }
.handvat-explorer summary { cursor: pointer; font-size: 15px; }
</style>"""


class SchoolExplorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose a school, moment, roles and step; radar, dumbbell and answer bars follow.

    Parameters
    ----------
    intake
        From `read_folder`. It is protected here: nothing unprotected reaches the page.
    school, wave, roles, step
        What is chosen at first; the first school, its last moment, all roles and step 1 where nothing is given.
    policy
        Who may see what; `Policy()` where none is given.

    Notes
    -----
    Figures are put in `Output.outputs` as plain bundles. A `FigureWidget` draws blank axes in Voilà once changed, and
    shows its first state again after a page reload.
    """

    def __init__(
        self,
        intake: Intake,
        checklist: Instrument | None = None,
        *,
        school: str | None = None,
        wave: str | None = None,
        roles: tuple[str, ...] | None = None,
        step: int = 1,
        policy: Policy | None = None,
        language: str = "nl",
    ) -> None:
        self._tables = prepare(intake, checklist, policy)
        self._text = load_text(language)
        schools = self._tables.schools()
        super().__init__(layout=widgets.Layout(max_width="900px"))
        self.add_class("handvat-explorer")
        if not schools:
            self.children = [_html(_paragraphs([self._text.say("explore.empty")]))]
            return
        self._make_controls(schools, school, wave, roles, step)
        self._make_panels()
        self._show()
        self.school.observe(self._school_changed, "value")
        for control in (self.wave, self.step, *self.roles.values()):
            control.observe(self._show, "value")

    def _make_controls(
        self,
        schools: list[str],
        school: str | None,
        wave: str | None,
        roles: tuple[str, ...] | None,
        step: int,
    ) -> None:
        say, language, checklist = self._text.say, self._text.language, self._tables.checklist
        named = [(self._tables.name(school_id), school_id) for school_id in schools]
        self.school = _dropdown(say("explore.school"), named, school or schools[0])
        waves = self._tables.waves(self.school.value)
        self.wave = _dropdown(say("explore.wave"), [(w, w) for w in waves], wave or waves[0])
        self.roles = {
            role.id: widgets.Checkbox(
                value=roles is None or role.id in roles, description=role.plural[language], indent=False,
                layout=widgets.Layout(width="auto", margin="0 18px 0 0"),
            )
            for role in checklist.roles
        }  # fmt: skip
        steps = [
            (say("explore.step_option", number=s.number, label=s.label[language]), s.number) for s in checklist.steps
        ]
        self.step = _dropdown(say("explore.step"), steps, step)

    def _make_panels(self) -> None:
        self.overview, self.differences, self.in_step, self.figures = (_html("") for _ in range(4))
        self.radar, self.dumbbell, self.distributions = (widgets.Output() for _ in range(3))
        label = widgets.Label(
            self._text.say("explore.roles"), layout=widgets.Layout(width="110px", justify_content="flex-end")
        )
        self.children = [
            _html(STYLE),
            self.school,
            self.wave,
            widgets.HBox([label, *self.roles.values()], layout=widgets.Layout(flex_flow="row wrap")),
            self.radar,
            self.overview,
            self.dumbbell,
            self.differences,
            self.step,
            self.in_step,
            self.distributions,
            self.figures,
        ]

    @property
    def selection(self) -> Selection:
        """What is chosen now."""
        roles = tuple(role for role, box in self.roles.items() if box.value)
        return Selection(self.school.value, self.wave.value, roles, self.step.value, self._text.language)

    def _school_changed(self, _: object = None) -> None:
        """Offer the school's own moments; the chosen one stays where the school has it."""
        waves, chosen = self._tables.waves(self.school.value), self.wave.value
        self.wave.unobserve(self._show, "value")
        self.wave.options = [(wave, wave) for wave in waves]
        self.wave.value = chosen if chosen in waves else waves[0]
        self.wave.observe(self._show, "value")
        self._show()

    def _show(self, _: object = None) -> None:
        shown = view(self._tables, self.selection)
        self.radar.outputs = _outputs(shown.radar)
        self.dumbbell.outputs = _outputs(shown.dumbbell)
        self.distributions.outputs = _outputs(*shown.distributions)
        self.overview.value, self.differences.value = shown.overview, shown.differences
        self.in_step.value, self.figures.value = shown.step, shown.figures


def _outputs(*pictures: Picture) -> tuple[dict[str, object], ...]:
    return tuple({"output_type": "display_data", "metadata": {}, "data": p.to_bundle()} for p in pictures)


def _html(value: str) -> widgets.HTML:
    return widgets.HTML(value, layout=widgets.Layout(width="100%"))


def _dropdown(label: str, options: Sequence[tuple[str, object]], value: object) -> widgets.Dropdown:
    style, layout = {"description_width": "110px"}, widgets.Layout(width="460px", max_width="100%")
    return widgets.Dropdown(options=options, value=value, description=label, style=style, layout=layout)
