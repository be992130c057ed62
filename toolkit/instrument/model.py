"""The checklist as data (steps, items, answers, roles), loaded from one TOML and checked.

Everything else (forms, measures, charts) is made from an `Instrument`; none of it knows a step or item by heart.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import msgspec

from toolkit.core.errors import InstrumentError, SelectionError
from toolkit.core.i18n import load_text

_T = TypeVar("_T", "Item", "Role | Team")
DEFAULT = "handvat-ouders-2023"
Words = dict[str, str]
"""One text in every language of the instrument, by language code."""

# All parts are frozen, and forbid unknown fields: a key that is not known here is a typing error in the file.


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the answers; `value` orders them from low (0) to high."""

    value: int
    label: Words
    aliases: list[str] = []


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who fills in a form.

    `known` persons are shown as such, others only in groups. The respondents of a `sampled` role are a
    sample, so its figures have an interval. Of any other role everybody is asked.
    """

    id: str
    label: Words
    plural: Words
    aliases: list[str] = []
    known: bool = False
    sampled: bool = False


class Team(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The roles that are shown as one group where each by itself is too small."""

    id: str
    roles: list[str]
    label: Words
    plural: Words


class Precondition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A condition that several steps need; `question` opens the conversation on it."""

    id: str
    label: Words
    question: Words | None = None


class SuccessFactor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the publication's success factors, in our own words."""

    number: int
    text: Words


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tool of the publication's toolbox; `sector` is `po`, `vo` or empty for both."""

    name: Words
    url: str
    items: list[str]
    sector: str = ""


class SectorStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A statement in the words of one sector: `po` or `vo`."""

    sector: str
    statement: Words


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One statement.

    Attributes
    ----------
    actors
        The roles it is about.
    question
        Opens the conversation on it.
    sectors
        The statement in the words of one sector, where it differs.
    earlier
        The statement on forms of earlier versions, whose answers are still read.
    """

    id: str
    actors: list[str]
    label: Words
    statement: Words
    sectors: list[SectorStatement] = []
    earlier: list[Words] = []
    factors: list[int] = []
    precondition: str = ""
    question: Words | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the steps, with its items in the publication's order."""

    number: int
    id: str
    label: Words
    title: Words
    items: list[Item]
    success_factors: list[SuccessFactor] = []
    tools: list[Tool] = []


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The publication."""

    authors: list[str]
    title: str
    publisher: str
    year: int
    toolbox: str


class Instrument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A checklist publication as data.

    Attributes
    ----------
    id, form_version
        Together `form`, the name under which answers are stored.
    earlier_versions
        Versions whose statements are here as `earlier`: their answers compare.
    steps
        Steps 1, 2, …, each with its items; `items` lists all of them in order.
    answers
        From low (value 0) to high.
    roles, team
        Who fills in, and which roles are shown together when they are small.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.load_instrument().step(1).label["nl"]
    'Thuisomgeving kennen'
    """

    id: str
    form_version: str
    earlier_versions: list[str] = []
    language_of_source: str
    languages: list[str]
    items_per_step: list[int]
    source: Source
    answers: list[Answer]
    roles: list[Role]
    team: Team
    steps: list[Step]
    preconditions: list[Precondition] = []

    def __repr__(self) -> str:
        """Return the id and the number of items: all sentences would fill a page."""
        return f"Instrument({self.id!r}, {len(self.items)} items)"

    @property
    def form(self) -> str:
        """Instrument id and form version, as in the `form` column of responses."""
        return f"{self.id}/{self.form_version}"

    @property
    def items(self) -> list[Item]:
        """All items, in the publication's order."""
        return [item for step in self.steps for item in step.items]

    @property
    def item_ids(self) -> list[str]:
        """The ids of all items: the answer columns of a responses table."""
        return [item.id for item in self.items]

    @property
    def item_steps(self) -> list[int]:
        """For each item of `items` the number of its step."""
        return [step.number for step in self.steps for _ in step.items]

    @property
    def role_ids(self) -> list[str]:
        """The ids of the roles that fill in a form."""
        return [role.id for role in self.roles]

    @property
    def shown_role_ids(self) -> list[str]:
        """The ids under which answers may be shown: the roles in order, and the team last."""
        return [*self.role_ids, self.team.id]

    @property
    def known_role_ids(self) -> list[str]:
        """The roles whose members are known persons: they are shown however few they are."""
        return [role.id for role in self.roles if role.known]

    @property
    def grouped_role_ids(self) -> list[str]:
        """The other roles: their answers are shown only as those of a group."""
        return [role.id for role in self.roles if not role.known]

    @property
    def sampled_role_ids(self) -> list[str]:
        """The roles of which the respondents are a sample. A team with such a role is one of them."""
        sampled = [role.id for role in self.roles if role.sampled]
        return [*sampled, self.team.id] if set(sampled) & set(self.team.roles) else sampled

    def item(self, item_id: str) -> Item:
        """Return one item; raises `SelectionError` for an unknown id."""
        return _by_id(self.items, item_id, "item")

    def role(self, role_id: str) -> Role | Team:
        """Return one role, or the team; raises `SelectionError` for an unknown id."""
        roles_and_team: list[Role | Team] = [*self.roles, self.team]
        return _by_id(roles_and_team, role_id, "role")

    def step(self, number: int) -> Step:
        """Return one step; raises `SelectionError` for an unknown number."""
        for step in self.steps:
            if step.number == number:
                return step
        raise _unknown("step", number, [step.number for step in self.steps])


def load_instrument(source: str | Path = DEFAULT) -> Instrument:
    """Load and check an instrument.

    Parameters
    ----------
    source
        The id of an instrument in this package, or the path of a TOML file.

    Raises
    ------
    InstrumentError
        The file is missing, can't be read, or contradicts itself; the message names the place in the file.

    Examples
    --------
    >>> checklist = load_instrument()
    >>> [len(step.items) for step in checklist.steps]
    [3, 7, 8, 7, 8]
    """
    if not isinstance(source, Path) and not str(source).endswith(".toml"):
        return _packaged(str(source))
    return read_instrument(Path(source).read_text(encoding="utf-8"), Path(source).name)


def for_sector(checklist: Instrument, sector: str) -> Instrument:
    """Return the checklist with the statements of one sector: `po`, `vo`, or empty for all."""
    replace = msgspec.structs.replace
    statements = {(item.id, variant.sector): variant.statement for item in checklist.items for variant in item.sectors}
    steps = [
        replace(
            step,
            items=[replace(item, statement=statements.get((item.id, sector), item.statement)) for item in step.items],
        )
        for step in checklist.steps
    ]
    return replace(checklist, steps=steps)


@cache
def _packaged(instrument_id: str) -> Instrument:
    file = files("toolkit") / "instrument" / "data" / f"{instrument_id}.toml"
    if not re.fullmatch(r"[a-z0-9-]+", instrument_id) or not file.is_file():
        raise InstrumentError(load_text().say("argument.instrument", wanted=str(instrument_id)[:40], options=DEFAULT))
    return read_instrument(file.read_text(encoding="utf-8"), f"{instrument_id}.toml")


def read_instrument(toml: str, name: str = "instrument") -> Instrument:
    """Read an instrument from TOML text; `name` is how messages call the file."""
    try:
        instrument = msgspec.convert(tomllib.loads(toml), Instrument)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InstrumentError(f"{name}: {error}") from error
    for path, contradiction in _contradictions(instrument):
        raise InstrumentError(f"{name}: {contradiction} - at `$.{path}`")
    return instrument


def _contradictions(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Yield (path, error) for rules that types can't express."""
    yield from _doubles("roles", [*instrument.role_ids, instrument.team.id])
    yield from _doubles("steps", [step.id for step in instrument.steps])
    yield from _doubles("steps", instrument.item_ids)
    yield from _counts(instrument)
    yield from _numbering(instrument)
    yield from _references(instrument)
    yield from _missing_words(instrument, instrument.languages)


def _doubles(path: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name, times in Counter(ids).items():
        if times > 1:
            yield path, f"id {name!r} stands there {times} times"


def _counts(instrument: Instrument) -> Iterator[tuple[str, str]]:
    counts = [len(step.items) for step in instrument.steps]
    if counts != instrument.items_per_step:
        yield "steps", f"items per step are {counts}, expected {instrument.items_per_step}"


def _numbering(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for index, answer in enumerate(instrument.answers):
        if answer.value != index:
            yield f"answers[{index}].value", f"is {answer.value}, expected {index}"
    for index, step in enumerate(instrument.steps):
        if step.number != index + 1:
            yield f"steps[{index}].number", f"is {step.number}, expected {index + 1}"
        for position, item in enumerate(step.items):
            expected = f"{step.number}.{position + 1}"
            if item.id != expected:
                yield f"steps[{index}].items[{position}].id", f"is {item.id!r}, expected {expected!r}"


def _references(instrument: Instrument) -> Iterator[tuple[str, str]]:
    conditions = {"", *(condition.id for condition in instrument.preconditions)}
    if not instrument.source.toolbox.startswith("https://"):
        yield "source.toolbox", f"{instrument.source.toolbox!r} is no https address"
    for role in instrument.team.roles:
        if role not in instrument.role_ids:
            yield "team.roles", f"unknown role {role!r}"
    for index, step in enumerate(instrument.steps):
        factors = {factor.number for factor in step.success_factors}
        for position, item in enumerate(step.items):
            path = f"steps[{index}].items[{position}]"
            if not item.actors:
                yield f"{path}.actors", "names no role"
            for role in item.actors:
                if role not in instrument.role_ids:
                    yield f"{path}.actors", f"unknown role {role!r}"
            if not factors.issuperset(item.factors):
                yield f"{path}.factors", f"{item.factors} are not all success factors of step {step.number}"
            if item.precondition not in conditions:
                yield f"{path}.precondition", f"unknown precondition {item.precondition!r}"
        for position, tool in enumerate(step.tools):
            if not tool.url.startswith("https://"):
                yield f"steps[{index}].tools[{position}].url", f"{tool.url!r} is no https address"
            for item_id in tool.items:
                if item_id not in instrument.item_ids:
                    yield f"steps[{index}].tools[{position}].items", f"unknown item {item_id!r}"


def _missing_words(part: object, languages: list[str], path: str = "") -> Iterator[tuple[str, str]]:
    """Walk the whole instrument: every text must be there, not blank, in every language."""
    if isinstance(part, dict):
        for language in languages:
            if not part.get(language, "").strip():
                yield f"{path}.{language}", "text is missing"
    elif isinstance(part, list):
        for index, child in enumerate(part):
            yield from _missing_words(child, languages, f"{path}[{index}]")
    elif isinstance(part, msgspec.Struct):
        for field in part.__struct_fields__:
            yield from _missing_words(getattr(part, field), languages, f"{path}.{field}".lstrip("."))


def _by_id(parts: Iterable[_T], part_id: str, kind: str) -> _T:
    for part in parts:
        if part.id == part_id:
            return part
    raise _unknown(kind, part_id, [part.id for part in parts])


def _unknown(kind: str, wanted: object, options: Iterable[object]) -> SelectionError:
    say = load_text().say
    return SelectionError(say(f"argument.{kind}", wanted=f'"{wanted}"', options=", ".join(map(str, options))))
