"""Checks of what users give.

What is clear is accepted. Of the rest a sentence names what is possible.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

import pandas as pd

from toolkit.core.errors import SelectionError, ToolkitError
from toolkit.core.i18n import LANGUAGES, Text, load_text
from toolkit.core.kinds import parameters_of, quote, wrong_argument
from toolkit.core.normalize import normalize_text
from toolkit.instrument.lookup import read_role, role_words
from toolkit.instrument.model import Instrument, load_instrument

_P = ParamSpec("_P")
_R = TypeVar("_R")

TABLES: dict[str, tuple[set[str], set[str]]] = {
    "item_table": ({"role", "item", "partly"}, set()),
    "levels": ({"role", "step", "level", "n_items"}, {"item", "measure"}),
    "agreement": ({"role_a", "role_b", "same", "step"}, {"item", "grouping"}),
    'agreement(per="item")': ({"role_a", "role_b", "same", "item"}, {"grouping"}),
    "consensus": ({"consensus", "polarisation"}, set()),
    "self_other": ({"actor", "other"}, set()),
    "sensitivity": ({"at_25", "at_75"}, set()),
    "priorities": ({"item", "role", "of"}, set()),
    "agenda": ({"heading", "views"}, set()),
    "movement": ({"before", "change", "moved"}, set()),
    "cohort_changes": ({"grouping", "wave_a", "wave_b"}, set()),
    "cohort_differences": ({"grouping", "group_a", "group_b"}, {"item"}),
    'cohort_differences(per="item")': ({"grouping", "group_a", "group_b", "item"}, set()),
    "cohort_kappa": ({"kappa", "n_schools", "d_o"}, {"school", "item"}),
    "compare_cohorts": ({"grouping", "group", "measure", "estimate"}, {"item", "wave_a"}),
    'compare_cohorts(per="item")': ({"grouping", "group", "measure", "estimate", "item"}, {"wave_a"}),
}
"""The function that makes each table: the columns that it has, and those that it does not have."""


def explained(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a function: a call that does not fit is a `ToolkitError` with its parameters."""
    signature = inspect.signature(function)
    describe, problem, check = _describe_call, ToolkitError, _check_kinds
    name = function.__qualname__.removesuffix(".__init__")
    name = f"charts.{name}" if function.__module__.startswith("toolkit.charts.") else name
    parameters = parameters_of(function)
    names = {p.name for p in parameters}
    checked = [p for p in parameters if _PLAIN.issuperset(str(p.annotation).split(" | "))]

    def call(*arguments: _P.args, **options: _P.kwargs) -> _R:
        try:
            bound = signature.bind(*arguments, **options)
        except TypeError as error:
            raise problem(describe(name, parameters, arguments, options)) from error
        if not names.issuperset(options):  # of a typed **options
            raise problem(describe(name, parameters, arguments, options))
        check(checked, bound.arguments | options)
        return function(*arguments, **options)

    # with the globals of the function's own module: doctest runs the examples of a module's own functions only
    wrapper = FunctionType(call.__code__, function.__globals__, function.__name__, None, call.__closure__)
    return functools.update_wrapper(wrapper, function)


_PLAIN = {"bool", "float", "int", "None", "Path", "str", "Sequence[str]", "Iterable[str]", "tuple[str, ...]"}
"""Kinds of parameters that are checked before a call: elsewhere functions have sentences of their own."""


def _check_kinds(parameters: Sequence[inspect.Parameter], values: dict[str, Any]) -> None:
    """Raise `ToolkitError` for a value that would be wrong in silence.

    Of a single number, text or None the function itself says what is possible, where it is no yes or no.
    """
    scalars = (str, int, float, type(None))
    checked = [p for p in parameters if p.annotation == "bool" or not isinstance(values.get(p.name), scalars)]
    if wrong := wrong_argument(checked, values):
        name, example = wrong
        raise ToolkitError(load_text().say("argument.type", name=name, found=quote(values[name]), wanted=example))


def check_fields(value: object) -> None:
    """Raise `ToolkitError` for a field of a dataclass that is of another kind than it takes."""
    fields = {name: getattr(value, name) for name in inspect.signature(type(value)).parameters}
    if wrong := wrong_argument(inspect.signature(type(value)).parameters.values(), fields):
        raise ToolkitError(
            load_text().say("argument.type", name=wrong[0], found=quote(fields[wrong[0]]), wanted=wrong[1])
        )


def _describe_call(
    name: str, known: Sequence[inspect.Parameter], positional: Sequence[object], keywords: dict[str, Any]
) -> str:
    text = load_text(keywords["language"]) if keywords.get("language") in LANGUAGES else load_text()
    parameters = [p for p in known if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name != "self"]
    positional = positional[len([p for p in known if p.name == "self"]) :]
    options = {"function": name, "options": ", ".join(p.name for p in parameters)}
    if unknown := set(keywords) - {p.name for p in parameters}:
        return text.say("argument.unknown", wanted=", ".join(sorted(unknown)), **options)
    free = [p for p in parameters if p.kind is not p.KEYWORD_ONLY][len(positional) :]
    free += [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    if missing := [p.name for p in free if p.default is p.empty and p.name not in keywords]:
        return text.say("argument.missing", wanted=", ".join(missing), **options)
    return text.say("argument.too_many", **options)


def as_checklist(checklist: Instrument | None, text: Text | None = None) -> Instrument:
    """Return the checklist; the built-in one where none is given."""
    if checklist is None or isinstance(checklist, Instrument):
        return checklist or load_instrument()
    raise ToolkitError((text or load_text()).say("argument.checklist", wanted=quote(checklist)))


def as_responses(data: Any, text: Text | None = None) -> pd.DataFrame:
    """Return a table of forms: itself, or that of an `Intake`."""
    table = data if isinstance(data, pd.DataFrame) else getattr(data, "responses", None)
    if not isinstance(table, pd.DataFrame) or (made_by := kind_of(table)) is not None:
        type_name = quote(data) if not isinstance(table, pd.DataFrame) else f"tk.{made_by}"
        raise ToolkitError((text or load_text()).say("argument.responses", found=type_name))
    return table


def as_role(role: str, checklist: Instrument, text: Text | None = None) -> str:
    """Return the id of a role (or the team) from its id, label or synonym."""
    role_name = str(role)
    if role_name in checklist.shown_role_ids:
        return role_name
    team_names = {normalize_text(word): checklist.team.id for word in checklist.team.plural.values()}
    if role_id := read_role(role_name, role_words(checklist) | team_names):
        return role_id
    text = text or load_text()
    options = [f"{name} ({checklist.role(name).plural[text.language].lower()})" for name in checklist.shown_role_ids]
    raise SelectionError(text.say("argument.role", wanted=quote(role), options=", ".join(options)))


def as_roles(roles: str | Iterable[str] | None, checklist: Instrument, text: Text | None = None) -> list[str] | None:
    """Return role ids, also of a single role; None stays None."""
    if roles is None:
        return None
    return [as_role(role, checklist, text) for role in ([roles] if isinstance(roles, str) else roles)]


def as_step(step: int | str, checklist: Instrument, text: Text | None = None) -> int:
    """Return the number of a step, which may be a text."""
    for candidate in checklist.steps:
        if str(step).strip().removesuffix(".0") == str(candidate.number) and not isinstance(step, bool):
            return candidate.number
    text = text or load_text()
    options = ", ".join(f"{candidate.number} ({candidate.label[text.language]})" for candidate in checklist.steps)
    raise SelectionError(text.say("argument.step", wanted=quote(step), options=options))


def as_items(items: Iterable[str] | str | None, checklist: Instrument, text: Text | None = None) -> list[str]:
    """Return item ids, also of a single item."""
    requested = [items] if isinstance(items, (str, float)) else list(items or ())
    if not requested:
        raise SelectionError((text or load_text()).say("argument.no_items", item=checklist.item_ids[0]))
    if unknown := [item for item in requested if str(item) not in checklist.item_ids]:
        options = ", ".join(checklist.item_ids)
        raise SelectionError((text or load_text()).say("argument.item", wanted=quote(unknown[0]), options=options))
    return [str(item) for item in requested]


def as_number(value: Any, name: str, low: float, high: float | None = None, text: Text | None = None) -> float:
    """Return a number between these ends, which may be a text."""
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        number = float("nan")
    if isinstance(value, bool) or not (low <= number and (high is None or number <= high)):
        key = "argument.number_from" if high is None else "argument.number"
        ends = {"low": f"{low:g}", "high": "" if high is None else f"{high:g}"}
        raise ToolkitError((text or load_text()).say(key, name=name, wanted=quote(value), **ends))
    return number


def as_whole(value: Any, name: str, low: int, text: Text | None = None) -> int:
    """Return a whole number of at least `low`, which may be a text."""
    number = as_number(value, name, low, None, text)
    if number != int(number):
        raise ToolkitError((text or load_text()).say("argument.whole", name=name, wanted=quote(value), low=low))
    return int(number)


def as_choice(value: str | None, name: str, options: Sequence[str], text: Text | None = None) -> str:
    """Return one of a few words, in any case; None is the empty word where that is one of them."""
    choice = "" if value is None else str(value).strip().lower()
    if choice in options:
        return choice
    shown = ", ".join(f'"{option}"' for option in options)
    raise ToolkitError((text or load_text()).say("argument.choice", name=name, wanted=quote(value), options=shown))


def check_type(value: object, name: str, kinds: type | tuple[type, ...], expected: str) -> None:
    """Raise `ToolkitError` where a value is of another type; `wanted` is code that gives one."""
    if not isinstance(value, kinds):
        raise ToolkitError(load_text().say("argument.type", name=name, found=quote(value), wanted=expected))


def check_columns(table: object, name: str, columns: Iterable[str], expected: str) -> None:
    """Raise `ToolkitError` for no table with these columns; the code `expected` gives one."""
    if not isinstance(table, pd.DataFrame) or not set(columns) <= set(table.columns):
        raise ToolkitError(load_text().say("argument.type", name=name, found=quote(table), wanted=expected))


def as_sector(value: str | None, text: Text | None = None) -> str:
    """Return `po`, `vo` or nothing."""
    return as_choice(value, "sector", ("", "po", "vo"), text)


def match_school(school: str, codes: Iterable[str], names: dict[str, str] | None = None) -> str | None:
    """The school code for a code in any case or one school's name; None if not clear."""
    if school in (codes := list(codes)):
        return school
    folded, names = normalize_text(str(school)), names or {}
    matches = {code for code in codes if folded in (normalize_text(code), normalize_text(names.get(code, "")))}
    return matches.pop() if len(matches) == 1 and folded else None


def kind_of(table: pd.DataFrame) -> str | None:
    """Return the function that a table is of; None where it is of none."""
    columns = set(table.columns)
    kinds = (kind for kind, (has, lacks) in TABLES.items() if has <= columns and not lacks & columns)
    return next(kinds, None)


def check_kind(table: pd.DataFrame, kinds: Sequence[str], text: Text | None = None) -> None:
    """Raise `SelectionError` for a table of another function; no kinds take any table."""
    table_kind = kind_of(table)
    if not kinds or table_kind in kinds:
        return
    text = text or load_text()
    expected = text.either([*[f"tk.{kind}" for kind in kinds]]) if len(kinds) > 1 else f"tk.{kinds[0]}"
    key = "argument.no_table" if table_kind is None else "argument.table"
    raise SelectionError(text.say(key, found=f"tk.{table_kind}", wanted=expected))
