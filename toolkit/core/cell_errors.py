"""Explain a mistyped name, column or argument under a notebook cell in one sentence.

Python shows a traceback of many lines for those. A `ToolkitError` shows one sentence by
itself. This does the same for what Python raises, where no line of the package itself is involved.
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any

from toolkit.core.errors import FolderError
from toolkit.core.i18n import load_text

PACKAGE = Path(__file__).parents[1]
MAX_OPTIONS = 12
ERRORS = (AttributeError, KeyError, NameError, TypeError, FolderError)
CALLS = {"missing": "missing", "got": "unknown", "takes": "too_many"}
"""The word after `f()` in Python's own message: the key of the sentence."""


def explain_cell_errors(package: ModuleType) -> None:
    """Show one sentence for these errors; outside a notebook do nothing."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or shell.custom_exceptions:
        return

    def show(shell: Any, kind: type, error: Exception, trace: TracebackType | None, tb_offset: Any = None) -> None:
        if sentence := describe_error(error, package, shell.user_ns):
            error._render_traceback_ = lambda: [f"{kind.__name__}: {sentence}"]  # type: ignore[attr-defined]
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc(ERRORS, show)


def describe_error(error: Exception, package: ModuleType, variables: Mapping[str, object]) -> str | None:
    """Return a sentence that names what there is instead.

    None where the error is about something that is not of this package. `variables` are those of the notebook: after a
    folder that could not be read, those of an earlier one are named.
    """
    if isinstance(error, FolderError):
        return f"{error} {_describe_earlier(variables)}".strip()
    frames = list(_frames(error.__traceback__))
    if any(Path(frame.f_code.co_filename).is_relative_to(PACKAGE) for frame in frames):
        return None
    if isinstance(error, AttributeError):
        return _describe_attribute(getattr(error, "obj", None), str(error.name), package)
    if isinstance(error, (KeyError, NameError)):
        return _describe_name(error, frames, variables)
    return _describe_call(str(error), package)


def _frames(trace: TracebackType | None) -> Iterator[FrameType]:
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _describe_earlier(variables: Mapping[str, object]) -> str:
    """Sentence about a table of forms that was read before."""
    sources: dict[str, Any] = {name: getattr(value, "source", None) for name, value in variables.items()}
    names = [name for name, source in sources.items() if name[:1] != "_" and bool(getattr(source, "folder", ""))]
    say, read = load_text().say, [(name, sources[name]) for name in names]
    return " ".join(say("cell.earlier", name=name, folder=source.folder, time=source.read_at) for name, source in read)


def _describe_attribute(value: object, name: str, package: ModuleType) -> str | None:
    own = _columns(value) or _attributes(type(value))
    functions = {one: f"tk.{one}(...)" for one in package.__all__ if one.islower()}
    functions |= {one: f"tk.charts.{one}(...)" for one in package.charts.__all__}
    close = difflib.get_close_matches(name, [*own, *functions], 2, 0.6)
    hint = [one if one in own else functions[one] for one in close]
    kind = load_text().say("cell.table") if _columns(value) else type(value).__name__
    return (
        _sentence("cell.attribute_close" if hint else "cell.attribute", name, hint or own, kind=kind) if own else None
    )


def _describe_name(error: Exception, frames: list[FrameType], variables: Mapping[str, object]) -> str | None:
    """Describe a column of a table that is not there, or a variable of the notebook."""
    match = re.search(r"'(.+?)'", str(error))
    name = match[1] if match else str(error)
    if columns := next(filter(None, (_columns(frame.f_locals.get("self")) for frame in frames)), []):
        return _sentence("cell.column", name, difflib.get_close_matches(name, columns, 2, 0.6) or columns)
    if isinstance(error, KeyError) or frames[-1].f_code.co_name != "<module>":
        return None
    close = difflib.get_close_matches(name, [one for one in variables if not one.startswith("_")], 2, 0.7)
    return _sentence("cell.variable_close" if close else "cell.variable", name, close)


def _describe_call(message: str, package: ModuleType) -> str | None:
    if message == "'module' object is not callable":
        return load_text().say("cell.module")
    if match := re.match(r"'(\w+)' object is not subscriptable", message):
        kind = _own_class(match[1])
        return _sentence("cell.item", match[1], _attributes(kind)) if kind else None
    match = re.match(r"(\w+)\.(\w+)\(\) (missing|got|takes)", message)
    kind = _own_class(match[1]) if match else None
    if match is None or kind is None:
        return None
    if match[2] == "__init__" and (makers := _makers(kind, package)):
        return _sentence("cell.made_by", match[1], makers)
    function = match[1] if match[2] == "__init__" else f"{match[1]}.{match[2]}"
    parameters = inspect.signature(getattr(kind, match[2])).parameters
    options = ", ".join(one for one in parameters if one != "self")
    wanted = ", ".join(re.findall(r"'(\w+)'", message))
    return load_text().say(f"argument.{CALLS[match[3]]}", function=function, wanted=wanted, options=options)


def _own_class(name: str) -> type | None:
    modules = [module for key, module in sys.modules.items() if key.startswith("toolkit.")]
    found = (vars(module).get(name) for module in modules)
    return next((one for one in found if isinstance(one, type) and one.__module__.startswith("toolkit.")), None)


def _attributes(kind: type) -> list[str]:
    """Public attributes that a class of this package defines itself."""
    own = [one for one in kind.__mro__ if one.__module__.startswith("toolkit.")]
    names = {name for one in own for name in [*vars(one), *vars(one).get("__annotations__", {})]}
    return sorted(name for name in names if not name.startswith("_"))


def _makers(kind: type, package: ModuleType) -> list[str]:
    """Functions that return a value of this class, for one that users don't make themselves."""
    functions = {f"tk.{name}(...)": getattr(package, name) for name in package.__all__ if name.islower()}
    if not is_dataclass(kind):
        return []
    makers = [call for call, one in functions.items() if _returned(one) == kind.__name__]
    return makers or [f"tk.{kind.__name__}.{name}(...)" for name in _attributes(kind) if name.startswith("of_")]


def _returned(function: object) -> object:
    return getattr(function, "__annotations__", {}).get("return")


def _columns(value: object) -> list[str]:
    """Columns of a table of this package."""
    names = [str(name) for name in getattr(value, "columns", ())]
    return names if {"school", "wave"} <= set(names) or {"suppressed", "why"} <= set(names) else []


def _sentence(key: str, name: str, options: Iterable[str], **values: object) -> str:
    options = list(options)
    shown = ", ".join(options[:MAX_OPTIONS]) + (", …" if len(options) > MAX_OPTIONS else "")
    return load_text().say(key, name=name, options=shown, **values)
