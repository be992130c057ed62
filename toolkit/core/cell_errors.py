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
from types import FrameType, FunctionType, ModuleType, TracebackType
from typing import Any

import pandas as pd

from toolkit.core.errors import FolderError, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.kinds import own_class, parameters_of, quote, wrong_argument
from toolkit.core.paths import describe_os_error

PACKAGE = Path(__file__).parents[1]
MAX_OPTIONS = 12
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

    shell.set_custom_exc((Exception,), show)


def describe_error(error: Exception, package: ModuleType, variables: Mapping[str, object]) -> str | None:
    """Return a sentence that names what there is instead.

    None where the error is about something that is not of this package. `variables` are those of the notebook: after a
    folder that could not be read, those of an earlier one are named.
    """
    frames = list(_frames(error.__traceback__))
    if isinstance(error, ToolkitError):  # it is one sentence already
        is_reading = isinstance(error, FolderError) and any(
            str(frame.f_locals.get("name")).startswith("read_") for frame in frames
        )
        return f"{error} {_describe_earlier(variables)}".strip() if is_reading else None
    if called := next((frame for frame in frames if Path(frame.f_code.co_filename).is_relative_to(PACKAGE)), None):
        return describe_os_error(error) if isinstance(error, OSError) else _describe_argument(error, called)
    if isinstance(error, AttributeError):
        return _describe_attribute(getattr(error, "obj", None), str(error.name), package)
    if isinstance(error, (KeyError, NameError)):
        return _describe_name(error, frames, variables, package)
    return _describe_call(str(error), package) if isinstance(error, TypeError) else None


def _frames(trace: TracebackType | None) -> Iterator[FrameType]:
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _describe_argument(error: Exception, frame: FrameType) -> str | None:
    """Name the first argument of a public function or method that is of another kind than it takes."""
    values, name = frame.f_locals, frame.f_code.co_name
    owner = values.get("cls") or type(values.get("self"))
    function = values.get("function") or getattr(owner, name, None) or frame.f_globals.get(name)
    function = getattr(function, "__func__", function)  # of a class method
    if not isinstance(function := inspect.unwrap(function) if callable(function) else None, FunctionType):
        return None
    if "signature" in values:  # called through `explained`
        values = values["signature"].bind(*values["arguments"], **values["options"]).arguments | values["options"]
    wrong = wrong_argument(parameters_of(function), values)
    if wrong is None:
        return _describe_missing_column(error, values) if isinstance(error, KeyError) else None
    return load_text().say("argument.type", name=wrong[0], found=quote(values[wrong[0]]), wanted=wrong[1])


def _describe_missing_column(error: KeyError, values: Mapping[str, object]) -> str | None:
    """Name the columns of a table that was given, where one that is needed is not among them."""
    names = re.findall(r"'([^']*)'", str(error))
    tables = [value for value in values.values() if isinstance(value, pd.DataFrame)]
    if any(isinstance(value, str) and value in names[:1] for value in values.values()):  # `by=`, of the last table
        tables.reverse()
    table = next((table for table in tables if not set(names) & set(table.columns)), None)
    return None if table is None or not names else _sentence("cell.column", names[0], map(str, table.columns))


def _describe_earlier(variables: Mapping[str, object]) -> str:
    """Sentence about a table of forms that was read before."""
    sources: dict[str, Any] = {name: getattr(value, "source", None) for name, value in variables.items()}
    names = [name for name, source in sources.items() if name[:1] != "_" and bool(getattr(source, "folder", ""))]
    say, read = load_text().say, [(name, sources[name]) for name in names]
    return " ".join(say("cell.earlier", name=name, folder=source.folder, time=source.read_at) for name, source in read)


def _describe_attribute(value: object, name: str, package: ModuleType) -> str | None:
    if isinstance(value, FunctionType) and value.__module__.startswith("toolkit."):
        return load_text().say("cell.call", function=value.__name__, name=name)
    attributes, functions = _columns(value) or _attributes(type(value)), _functions(package)
    matches = difflib.get_close_matches(name, [*attributes, *functions], 2, 0.6)
    close = [functions.get(match, match) for match in matches]
    if name.startswith("to_") and "save" in attributes:  # to_word, to_excel
        close = ["save"]
    kind = load_text().say("cell.table") if _columns(value) else type(value).__name__
    key = "cell.attribute_close" if close else "cell.attribute"
    return _sentence(key, name, close or attributes, kind=kind) if attributes else None


def _functions(package: ModuleType) -> dict[str, str]:
    """How public functions are called, by their names."""
    functions = {name: f"tk.{name}(...)" for name in package.__all__ if name.islower()}
    return functions | {name: f"tk.charts.{name}(...)" for name in package.charts.__all__}


def _describe_name(
    error: Exception, frames: list[FrameType], variables: Mapping[str, object], package: ModuleType
) -> str | None:
    """Describe a column of a table that is not there, or a variable of the notebook."""
    match = re.search(r"'(.+?)'", str(error))
    name = match[1] if match else str(error)
    if columns := next(filter(None, (_columns(frame.f_locals.get("self")) for frame in frames)), []):
        return _sentence("cell.column", name, difflib.get_close_matches(name, columns, 2, 0.6) or columns)
    if isinstance(error, KeyError) or frames[-1].f_code.co_name != "<module>":
        return None
    close = difflib.get_close_matches(name, [key for key in variables if not key.startswith("_")], 2, 0.7)
    functions = _functions(package)
    close += [functions[name]] if name in functions else []
    return _sentence("cell.variable_close" if close else "cell.variable", name, close)


_MISUSE = re.compile(
    r"'(\w+)' object is not (?:subscriptable|callable|iterable)|object of type '(\w+)' has no len"
    r"|unsupported operand type\(s\) for .*?'(\w+)'"
)
_MADE_BY_MSGSPEC = ("Extra positional arguments", "Missing required argument", "Unexpected keyword argument")


def _describe_call(message: str, package: ModuleType) -> str | None:
    if message == "'module' object is not callable":
        return load_text().say("cell.module")
    if message.startswith(_MADE_BY_MSGSPEC):  # the only such class that users see
        return _sentence("cell.made_by", "Instrument", ["tk.load_instrument()"])
    if match := _MISUSE.match(message):
        name = next(filter(None, match.groups()))
        kind = own_class(name)
        key = "cell.item" if "subscriptable" in message else "cell.object"
        return _sentence(key, name, _attributes(kind)) if kind else None
    match = re.match(r"(\w+)\.(\w+)\(\) (missing|got|takes)", message)
    kind = own_class(match[1]) if match else None
    if match is None or kind is None:
        return None
    if match[2] == "__init__" and (makers := _makers(kind, package)):
        return _sentence("cell.made_by", match[1], makers)
    function = match[1] if match[2] == "__init__" else f"{match[1]}.{match[2]}"
    parameters = inspect.signature(getattr(kind, match[2])).parameters
    options = ", ".join(name for name in parameters if name != "self") or load_text().say("argument.nothing")
    wanted = ", ".join(re.findall(r"'(\w+)'", message))
    return load_text().say(f"argument.{CALLS[match[3]]}", function=function, wanted=wanted, options=options)


def _attributes(kind: type) -> list[str]:
    """Public attributes that a class of this package defines itself."""
    bases = [vars(base) for base in kind.__mro__ if base.__module__.startswith("toolkit.")]
    names = {name for attributes in bases for name in [*attributes, *attributes.get("__annotations__", {})]}
    return sorted(name for name in names if not name.startswith("_"))


def _makers(kind: type, package: ModuleType) -> list[str]:
    """Functions that return a value of this class, for one that users don't make themselves."""
    if not is_dataclass(kind):
        return []
    functions = [name for name in package.__all__ if name.islower()]
    returned = {name: getattr(getattr(package, name), "__annotations__", {}).get("return") for name in functions}
    makers = [f"tk.{name}(...)" for name, result in returned.items() if result == kind.__name__]
    return makers or [f"tk.{kind.__name__}.{name}(...)" for name in _attributes(kind) if name.startswith("of_")]


def _columns(value: object) -> list[str]:
    """Columns of a table of this package."""
    names = [str(name) for name in getattr(value, "columns", ())]
    return names if {"school", "wave"} <= set(names) or {"suppressed", "why"} <= set(names) else []


def _sentence(key: str, name: str, options: Iterable[str], **values: object) -> str:
    options = list(options)
    shown = ", ".join(options[:MAX_OPTIONS]) + (", …" if len(options) > MAX_OPTIONS else "")
    return load_text().say(key, name=name, options=shown, **values)
