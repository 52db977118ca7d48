"""Which names of modules outside the analysis have to do with threads or locks at all.

Most have not, and to build a tree for them is a waste. An outline is made from a plain syntax tree:
for each name that a module binds, what its definition mentions.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from flake8_sharedstate.facts.imports import dotted, imported_names
from flake8_sharedstate.libraries import Book
from flake8_sharedstate.project.gate import has_stake
from flake8_sharedstate.project.installed import Installed, Source
from flake8_sharedstate.project.sources import parsed

_MAX_MODULES = 32
_TAKES = ("__enter__", "acquire")


class Use(Enum):
    """What is done with a name."""

    BASE = "it is inherited from, entered or decorates"
    CALL = "it is called: what it gives is of interest only if it is a thread or a lock itself"


@dataclass(slots=True)
class _Entry:
    """One definition."""

    is_class: bool = False
    is_value: bool = False
    is_entered: bool = False
    """Whether it is a class whose instances are entered or acquired by acquiring something else."""
    enters: bool = False
    """Whether it is a function that enters or acquires what it did not just make."""
    mentions: set[str] = field(default_factory=set)
    bases: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Outline:
    """What a module defines and imports, by the names that it has there."""

    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    entries: dict[str, _Entry] = field(default_factory=dict)


class Outlines:
    """Reads each module once."""

    def __init__(self, installed: Installed, book: Book) -> None:
        self._installed = installed
        self._book = book
        self._outlines: dict[str, _Outline] = {}
        self._bearing: dict[tuple[str, Use], bool] = {}
        self._has_words: dict[str, bool] = {}

    def bears_threads(self, name: str, use: Use = Use.BASE) -> bool:
        """Whether the definition of a name mentions threads or locks, or is of a class with such a base."""
        known = self._bearing.get((name, use))
        if known is None:
            known = self._bearing[name, use] = self._bears(name, use, set())
        return known

    def has_module(self, name: str) -> bool:
        """Whether there is a module that a qualified name leads to, and its text can be read."""
        module, _ = self._split(name)
        return bool(module) and self._installed.source(module) is not None

    def _bears(self, name: str, use: Use, met: set[str]) -> bool:
        if self._book.is_threading(name):
            return True
        if name in met or len(met) > _MAX_MODULES:
            return False
        met.add(name)
        module, rest = self._split(name)
        if not module or not rest or (use is Use.CALL and not self._may_bear(module)):
            return False
        outline = self._outline(module)
        first, _, behind = rest.partition(".")
        if first in outline.imports:
            origin = outline.imports[first]
            return self._bears(f"{origin}.{behind}" if behind else origin, use, met)
        entry = outline.entries.get(first)
        if entry is None:
            return any(self._bears(f"{star}.{rest}", use, met) for star in outline.stars)
        if any(self._bears(base, use, met) for base in self._qualified(entry.bases, module, outline)):
            return True
        if entry.is_class and use is Use.CALL and not entry.is_entered:
            return False
        return self._mentions(entry, module, outline)

    def _mentions(self, entry: _Entry, module: str, outline: _Outline) -> bool:
        """Whether a definition mentions something threading, or what may be a lock by another name."""
        return entry.enters or any(
            self._is_lock(name, set()) for name in self._qualified(sorted(entry.mentions), module, outline)
        )

    def _is_lock(self, name: str, met: set[str]) -> bool:
        """Whether a name is threading itself, or of a value or of a class to enter that mentions such."""
        if self._book.is_threading(name):
            return True
        module, rest = self._split(name)
        if not module or not rest or name in met or not self._may_bear(module):
            return False
        met.add(name)
        outline = self._outline(module)
        first, _, behind = rest.partition(".")
        if first in outline.imports:
            origin = outline.imports[first]
            return self._is_lock(f"{origin}.{behind}" if behind else origin, met)
        entry = outline.entries.get(first)
        if entry is None or not (entry.is_value or entry.is_entered):
            return False
        names = self._qualified(sorted(entry.mentions), module, outline)
        return any(map(self._book.is_threading, names))

    def _qualified(self, names: list[str], module: str, outline: _Outline) -> Iterator[str]:
        for name in names:
            root = name.partition(".")[0]
            if root in outline.imports:
                yield outline.imports[root] + name[len(root) :]
            elif root in outline.entries:
                yield f"{module}.{name}"

    def _split(self, name: str) -> tuple[str, str]:
        """The module that a qualified name leads to, and the rest of the name."""
        if name.partition(".")[0] in sys.stdlib_module_names:
            return "", ""
        module, _, rest = name.rpartition(".")
        while module and not self._installed.is_module(module):
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}"
        return module, rest

    def _may_bear(self, module: str) -> bool:
        """Whether a module has a word of threads or locks, or is a package and passes on what others have."""
        known = self._has_words.get(module)
        if known is None:
            source = self._installed.source(module)
            known = source is not None and (source.is_package or has_stake(source.text))
            self._has_words[module] = known
        return known

    def _outline(self, module: str) -> _Outline:
        known = self._outlines.get(module)
        if known is None:
            source = self._installed.source(module)
            known = self._outlines[module] = _read(source) if source is not None else _Outline()
        return known


def _read(source: Source) -> _Outline:
    package = source.name if source.is_package else source.name.rpartition(".")[0]
    outline = _Outline()
    try:
        tree = parsed(source.text)
        for bound, name in imported_names(tree, package):
            if bound == "*":
                outline.stars.append(name)
            else:
                # ``import a.b`` binds ``a``.
                root = bound.partition(".")[0]
                outline.imports[root] = name if root == bound else root
        _define(tree.body, outline, has_stake(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Outline()
    return outline


def _define(body: list[ast.stmt], outline: _Outline, has_words: bool) -> None:
    """Enters the definitions of a module body, with those in its branches."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            entry = outline.entries.setdefault(statement.name, _Entry())
            if isinstance(statement, ast.ClassDef):
                entry.is_class = True
                entry.bases += filter(None, map(dotted, statement.bases))
                methods = [s for s in statement.body if isinstance(s, ast.FunctionDef)]
                entry.is_entered |= has_words and any(_is_takeover(method) for method in methods)
            else:
                entry.enters |= has_words and _enters(statement)
            if has_words:
                entry.mentions.update(_mentioned(statement))
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name) and statement.value is not None:
                    entry = outline.entries.setdefault(target.id, _Entry())
                    entry.is_value = True
                    entry.mentions.update(_mentioned(statement.value))
        else:
            for suite in ("body", "orelse", "finalbody"):
                _define(getattr(statement, suite, []), outline, has_words)
            for handler in getattr(statement, "handlers", []):
                _define(handler.body, outline, has_words)


def _is_takeover(method: ast.FunctionDef) -> bool:
    return method.name in _TAKES and any(
        isinstance(node, ast.Attribute) and node.attr in _TAKES for node in ast.walk(method)
    )


def _enters(function: ast.FunctionDef) -> bool:
    """Whether a function, or one inside it such as a decorator's wrapper, takes what may be a lock."""
    for node in ast.walk(function):
        if isinstance(node, ast.With):
            if any(isinstance(item.context_expr, (ast.Name, ast.Attribute)) for item in node.items):
                return True
        elif isinstance(node, ast.FunctionDef) and node is not function:
            if any(isinstance(inner, ast.With) for inner in ast.walk(node)):
                return True
        elif isinstance(node, ast.Attribute) and node.attr == "acquire":
            return True
    return False


def _mentioned(tree: ast.AST) -> Iterator[str]:
    """The names, with their attributes, that stand anywhere in a piece of code."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        name = dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
        if name is not None:
            yield name
        else:
            waiting.extend(ast.iter_child_nodes(node))
