"""Whether a value is of the kind that a parameter takes, and an example of one that is."""

from __future__ import annotations

import inspect
import numbers
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np
import pandas as pd

_KINDS: dict[str, tuple[type, ...]] = {
    "None": (type(None),),
    "bool": (bool, np.bool_),
    "int": (numbers.Integral,),
    "float": (numbers.Real,),
    "str": (str,),
    "Path": (os.PathLike,),
    "pd.DataFrame": (pd.DataFrame,),
    "pd.Series": (pd.Series,),
    "Mapping": (Mapping,),
    "Callable": (BuiltinFunctionType, FunctionType, MethodType, type),
}
_LISTS = ("Sequence", "Iterable", "list", "tuple")

EXAMPLES = {
    "checklist": "tk.load_instrument()", "policy": "tk.Policy()", "language": '"nl"', "school": '"99AA00"',
    "schools": 'tk.read_register("scholen.csv")', "wave": '"2025-2026"', "compare": '"2024-2025"',
    "before": '"2024-2025"', "after": '"2025-2026"', "a": '"director"', "b": '"teacher"', "role": '"teacher"',
    "roles": '["director", "teacher"]', "by": '"sector"', "grouping": '"sector"', "group": '"po"', "sector": '"po"',
    "path": '"uitvoer/bestand.xlsx"', "folder": '"teruggekregen"', "register": '"scholen.csv"', "forms": "25",
    "rule": "None", "archive": 'tk.Archive(title="Mijn onderzoek")', "plan": "tk.new_plan(...)",
    "cohorts": "tk.prepare_cohorts(...)", "means": "tk.compare_cohorts(...)", "changes": "tk.cohort_changes(...)",
    "actions": "tk.protect(intake).actions", "safe": "tk.protect(intake)",
    "marked": "intake.priorities", "intake": "tk.read_folder(...)", "names": '{"99AA00": "De Regenboog"}',
    "items": '("1.2",)', "contributors": '("De Vries",)',
    "steps": "(1,)", "points": '("P1",)',
}  # fmt: skip
"""An example of the value of a parameter, by its name."""

_BY_KIND = {"bool": "True", "int": "1", "float": "0.5", "str": '"tekst"', "Path": '"bestand.xlsx"', "Mapping": "{}"}


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a function, those of a typed `**options` too."""
    parameters = list(inspect.signature(function).parameters.values())
    for options in [one for one in parameters if one.kind is one.VAR_KEYWORD]:
        name = str(options.annotation).removeprefix("Unpack[").removesuffix("]")
        kinds = getattr(function, "__globals__", {}).get(name)
        for name, kind in getattr(kinds, "__annotations__", {}).items():
            annotation = getattr(kind, "__forward_arg__", kind)
            parameters.append(inspect.Parameter(name, options.KEYWORD_ONLY, default=None, annotation=annotation))
    return parameters


def wrong_argument(parameters: Iterable[inspect.Parameter], values: Mapping[str, Any]) -> tuple[str, str] | None:
    """Name the first value that its parameter does not take, and an example that it takes."""
    for parameter in parameters:
        kinds = str(parameter.annotation).split(" | ")
        if parameter.name in values and not fits(values[parameter.name], kinds):
            simple = next((_BY_KIND[kind] for kind in kinds if kind in _BY_KIND), "None")
            return parameter.name, EXAMPLES.get(parameter.name, simple)
    return None


def fits(value: object, kinds: Iterable[str]) -> bool:
    """Whether a value is of one of an annotation's kinds; an unknown kind takes any value."""
    return any(_is_of(value, kind) for kind in kinds)


def _is_of(value: object, kind: str) -> bool:
    name, _, inner = kind.partition("[")
    if name in _LISTS and not isinstance(value, (str, pd.DataFrame)):
        texts = inner.startswith("str") and isinstance(value, Collection)
        return isinstance(value, Iterable) and (not texts or all(isinstance(one, str) for one in value))
    if name in _LISTS:
        return False
    if name == "HasResponses":
        return hasattr(value, "responses")
    if isinstance(value, bool) and name in ("int", "float"):
        return False
    types = _KINDS.get(name) or own_class(name)
    return types is None or isinstance(value, types)


def own_class(name: str) -> type | None:
    """Return the class of this package that has a name."""
    kinds = (vars(module).get(name) for key, module in sys.modules.items() if key.startswith("toolkit."))
    return next((kind for kind in kinds if isinstance(kind, type) and kind.__module__.startswith("toolkit.")), None)


def quote(value: object) -> str:
    """What was given, short and in quotes where it is text."""
    if isinstance(value, str):
        return f'"{value[:40]}"'
    return repr(value)[:40] if isinstance(value, (int, float)) else type(value).__name__
