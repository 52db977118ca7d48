"""What is written of libraries hangs together, and is true of the running standard library.

Names with ``<`` are the project's own; a name of another version or platform is passed over there.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
import pkgutil
import sys
import types
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from inspect import Parameter

import pytest

from flake8_sharedstate import libraries
from flake8_sharedstate.libraries import vocabulary as words
from flake8_sharedstate.project.gate import has_stake

BOOK = libraries.book()
FILES = sorted(info.name for info in pkgutil.iter_modules(libraries.__path__) if info.name != "vocabulary")
TABLES = ("TYPES", "FUNCTIONS", "ALIASES")

_SINCE = {
    "_thread.lock": (3, 13),
    "_thread.start_joinable_thread": (3, 13),
    "asyncio.EventLoop": (3, 13),
    "concurrent.futures.InterpreterPoolExecutor": (3, 14),
    "concurrent.futures.interpreter.InterpreterPoolExecutor": (3, 14),
    "itertools.batched": (3, 12),
    "threading.serialize_iterator": (3, 15),
    "threading.setprofile_all_threads": (3, 12),
    "threading.settrace_all_threads": (3, 12),
    "threading.synchronized_iterator": (3, 15),
}
_UNTIL = {"asyncio.iscoroutinefunction": (3, 16), "http.server.CGIHTTPRequestHandler": (3, 15)}
_WINDOWS = ("asyncio.ProactorEventLoop", "asyncio.windows_events")
_POSIX = ("asyncio.unix_events", "socketserver.Forking", "socketserver.ThreadingUnix", "socketserver.Unix")
# They change what the servers that they are mixed into do and keep.
_MIXINS = ("socketserver.ForkingMixIn", "socketserver.ThreadingMixIn")


def table(file: str, name: str) -> dict[str, object]:
    return getattr(importlib.import_module(f"{libraries.__name__}.{file}"), name, {})


def names(file: str) -> list[str]:
    """Give the names of the standard library, here and now, that a file describes."""
    described = [name for kind in TABLES for name in table(file, kind)]
    return [name for name in described if not is_elsewhere(name)]


def is_elsewhere(name: str) -> bool:
    """Tell whether a name is none of the standard library that runs here."""
    version = sys.version_info[:2]
    if "<" in name or name.partition(".")[0] not in sys.stdlib_module_names:
        return True
    if version < _SINCE.get(name, version) or version >= _UNTIL.get(name, (4, 0)):
        return True
    if name.startswith("tkinter."):
        return importlib.util.find_spec("_tkinter") is None
    return name.startswith(_POSIX if sys.platform == "win32" else _WINDOWS)


def resolve(name: str) -> object:
    """Import what a qualified name means."""
    if name == "builtins.generator":
        return types.GeneratorType
    path, *attributes = name.split(".")
    found: object = importlib.import_module(path)
    for attribute in attributes:
        path = f"{path}.{attribute}"
        if isinstance(found, types.ModuleType) and not hasattr(found, attribute):
            importlib.import_module(path)
        found = getattr(found, attribute)
    return found


def real_class(name: str) -> type | None:
    """Give the class that is described under a name: some public names are of functions that make one."""
    aliases = (alias for file in FILES for alias, target in table(file, "ALIASES").items() if target == name)
    for candidate in (name, *aliases):
        if not is_elsewhere(candidate) and isinstance(found := resolve(candidate), type):
            return found
    return None


def parts(thing: object) -> Iterator[object]:
    """Give a description and every word in it."""
    yield thing
    if isinstance(thing, Mapping):
        thing = tuple(thing.values())
    if isinstance(thing, tuple):
        for part in thing:
            yield from parts(part)
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from parts(getattr(thing, field.name))


def made(thing: object) -> Iterator[str]:
    """Give the names of the types of which a description makes objects."""
    for part in parts(thing):
        if isinstance(part, words.Make):
            yield part.type
        elif isinstance(part, words.Spawn) and part.handle is not None:
            yield part.handle


def misplaced(function: object, effects: object, *, skip: int = 0) -> list[words.Arg]:
    """Give the arguments that the signature has under another name or at another position."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[skip:]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    kinds = {parameter.kind for parameter in parameters}
    unnamed = (Parameter.POSITIONAL_ONLY, Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    known = {parameter.name for parameter in parameters if parameter.kind not in unnamed}
    placed = [p.name for p in parameters if p.kind <= Parameter.POSITIONAL_OR_KEYWORD]
    wrong = []
    for part in parts(effects):
        if not isinstance(part, words.Arg):
            continue
        if part.name is not None and part.name not in known and Parameter.VAR_KEYWORD not in kinds:
            wrong.append(part)
        elif part.position is not None and Parameter.VAR_POSITIONAL not in kinds:
            there = placed[part.position : part.position + 1]
            wrong += [part] if not there or part.name not in (None, *there) else []
    return wrong


MADE = [part for part in parts((BOOK.types, BOOK.functions)) if isinstance(part, words.Make)]


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_data(file: str) -> None:
    module = importlib.import_module(f"{libraries.__name__}.{file}")
    assert module.__doc__
    bound = {name for name, value in vars(module).items() if not isinstance(value, types.ModuleType)}
    tables = {*TABLES, "SHAPES", "REPEATING", "annotations"}
    assert {n for n in bound if n[0] != "_"} - vars(words).keys() <= tables
    types_, functions, aliases = (table(file, kind).values() for kind in TABLES)
    assert all(isinstance(model, words.TypeModel) for model in types_)
    assert all(isinstance(effects, tuple) for effects in functions)
    assert all(isinstance(target, str) for target in aliases)
    assert types_ or functions or aliases


def test_a_name_is_described_once() -> None:
    count = Counter(name for file in FILES for kind in TABLES for name in table(file, kind))
    assert [name for name, times in count.items() if times > 1] == []


@pytest.mark.parametrize("file", FILES)
def test_what_is_named_is_described(file: str) -> None:
    named = {*made(table(file, "TYPES")), *made(table(file, "FUNCTIONS"))}
    for model in table(file, "TYPES").values():
        assert isinstance(model, words.TypeModel)
        named |= {*model.bases, *model.attributes.values()}
    assert {name for name in named if BOOK.canonical(name) not in BOOK.types} == set()
    targets = set(table(file, "ALIASES").values())
    assert targets - BOOK.types.keys() - BOOK.functions.keys() == set()


def test_what_a_library_registers_with_itself_is_its_own() -> None:
    users = defaultdict(set)
    for file in FILES:
        for part in parts((table(file, "TYPES"), table(file, "FUNCTIONS"))):
            if isinstance(part, words.Register | words.Begin) and part.on is None:
                users[part.under].add(file)
    assert {under: files for under, files in users.items() if len(files) > 1} == {}


@pytest.mark.parametrize("file", FILES)
def test_what_begins_was_registered(file: str) -> None:
    everything = list(parts((table(file, "TYPES"), table(file, "FUNCTIONS"))))
    registered = {part.under for part in everything if isinstance(part, words.Register)}
    begun = {part.under for part in everything if isinstance(part, words.Begin)}
    served = {part.under for part in everything if isinstance(part, words.Register) and part.served}
    assert begun <= registered
    assert registered <= begun | served


@pytest.mark.parametrize("file", FILES)
def test_a_field_that_is_used_is_kept(file: str) -> None:
    for name, model in table(file, "TYPES").items():
        assert isinstance(model, words.TypeModel)
        lineage = BOOK.lineage(name)
        # What a callable that was handed over returns is kept in its handle, as ``result``.
        kept = {"result", *(a for ancestor in lineage for a in BOOK.types[ancestor].attributes)}
        sources: list[object] = [BOOK.types[ancestor] for ancestor in lineage]
        sources += [made.keep for made in MADE if made.type in lineage]
        if "socketserver.BaseServer" in lineage or name in _MIXINS:
            sources.append(table(file, "TYPES"))
        kept |= {part.field for part in parts(tuple(sources)) if isinstance(part, words.Keep)}
        used = {part.name for part in parts(model) if isinstance(part, words.Field)}
        starts = [p for p in parts(model) if isinstance(p, words.Start)]
        used |= {field for p in starts for field in (p.target, p.args, p.kwargs)}
        used |= {model.enters} - {None}
        assert used - kept == set(), name


def test_an_import_of_a_threaded_library_passes_the_gate() -> None:
    installed = {name for name in BOOK.threaded if name.partition(".")[0] not in sys.stdlib_module_names}
    assert [name for name in sorted(installed) if not has_stake(f"import {name}\n")] == []
    assert has_stake("import os, flask\n")
    assert not has_stake("import flaskish\nx = 'import flask'\n")


@pytest.mark.parametrize("file", FILES)
def test_names_exist(file: str) -> None:
    for name in names(file):
        resolve(name)


@pytest.mark.parametrize("file", FILES)
def test_types_are_as_described(file: str) -> None:
    for name, model in table(file, "TYPES").items():
        assert isinstance(model, words.TypeModel)
        real = None if name in _MIXINS or name not in names(file) else real_class(name)
        if real is None:
            continue
        assert misplaced(real, model.construct) == [], name
        for method, effects in model.methods.items():
            is_function = inspect.isroutine(inspect.getattr_static(real, method))
            is_bound = isinstance(inspect.getattr_static(real, method), (classmethod, staticmethod))
            skip = 1 if is_function and not is_bound else 0
            assert misplaced(getattr(real, method), effects, skip=skip) == [], f"{name}.{method}"


@pytest.mark.parametrize("file", FILES)
def test_functions_are_as_described(file: str) -> None:
    for name, effects in table(file, "FUNCTIONS").items():
        if name in names(file):
            assert misplaced(resolve(name), effects) == [], name
