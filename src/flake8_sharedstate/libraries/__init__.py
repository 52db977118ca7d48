"""What is known of libraries. One file a library; this module joins them into one book.

A file is found by being here. It may bind ``TYPES``, ``FUNCTIONS``, ``ALIASES`` (another
qualified name of the same thing, such as the module that really defines it; with ``*``, the names
of generated modules), ``SHAPES`` (classes that are known by no name) and ``REPEATING`` (what gives an
equal value for equal arguments, and whether it gives different values for different ones).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache

# Not `import sys`: the data file of that name here becomes an attribute of this package.
from sys import stdlib_module_names

from flake8_sharedstate.libraries.vocabulary import (
    Begin,
    Effect,
    Exclusion,
    If,
    Make,
    Register,
    Shape,
    Spawn,
    Start,
    Threads,
    TypeModel,
)

# None of these makes a thread of this process.
_NO_THREADS = (Threads.ELSEWHERE, Threads.ANY, Threads.HOLDER)
# Neither is a lock of itself.
_NO_LOCK = (Exclusion.NOTHING, Exclusion.WRAPPED)


def _flat(effects: Iterable[Effect]) -> Iterator[Effect]:
    """Effects with those that depend on an argument."""
    for effect in effects:
        yield effect
        if isinstance(effect, If):
            yield from _flat((*effect.then, *effect.otherwise))


def _spawns(effect: Effect) -> bool:
    return isinstance(effect, (Start, Register, Begin)) or (
        isinstance(effect, Spawn) and effect.threads not in _NO_THREADS
    )


def _starts(effect: Effect) -> bool:
    """Whether it makes threads, not only tasks of a loop."""
    return _spawns(effect) and not (isinstance(effect, Spawn) and effect.threads is Threads.CALLER)


def _telling(model: TypeModel) -> set[str]:
    lock = model.lock
    locking = lock.acquire + lock.release + lock.wait if lock is not None else ()
    return {*locking, *(name for name, effects in model.methods.items() if any(map(_spawns, _flat(effects))))}


def _made(effect: Effect) -> str | None:
    """The type of which an effect makes an object."""
    if isinstance(effect, Spawn):
        return effect.handle
    return effect.type if isinstance(effect, Make) else None


def _prefixes(name: str) -> Iterator[str]:
    """A dotted name and the packages and modules that it is in."""
    yield from (name[:end] for end, letter in enumerate(name) if letter == ".")
    yield name


class Book:
    """All types, functions and aliases, by qualified name."""

    def __init__(self) -> None:
        self.types: dict[str, TypeModel] = {}
        self.functions: dict[str, tuple[Effect, ...]] = {}
        self.shapes: list[Shape] = []
        self.repeating: dict[str, bool] = {}
        """What gives an equal value for equal arguments, and whether different ones for different ones."""
        self._aliases: dict[str, str] = {}
        self._described: dict[str, list[tuple[str, TypeModel]]] = {}
        for info in sorted(pkgutil.iter_modules(__path__), key=lambda i: i.name):
            module = importlib.import_module(f"{__name__}.{info.name}")
            self.types.update(getattr(module, "TYPES", {}))
            self.functions.update(getattr(module, "FUNCTIONS", {}))
            self.shapes += getattr(module, "SHAPES", ())
            self._aliases.update(getattr(module, "ALIASES", {}))
            self.repeating.update(getattr(module, "REPEATING", {}))
        self._patterns = [(alias, name) for alias, name in self._aliases.items() if "*" in alias]
        known = (*self.types, *self.functions, *self._aliases)
        self._modules = frozenset(prefix for name in known for prefix in _prefixes(name) if prefix != name)
        threaded = {name.partition("*")[0].rstrip(".") for name in self._threaded()} - {""}
        self.threaded = frozenset(threaded)
        """What makes threads or locks, or objects that do; a module where not all of its names are known."""
        self._ways_to_threads = frozenset(prefix for name in threaded for prefix in _prefixes(name))
        self.telling = frozenset(name for model in self.types.values() for name in _telling(model))
        """The methods, of whatever type, that begin threads or take locks."""

        self._starters = self._words(_starts)
        words = frozenset[str]().union(*self._words(_spawns).values())
        self.makers = words | {name.rpartition(".")[2] for name in threaded}
        """The last names of types, methods and functions that start threads or tasks, or make locks."""

    def starters(self, packages: Collection[str]) -> set[str]:
        """The last names of what starts threads: of the standard library, and of some packages."""
        return {
            word
            for package, words in self._starters.items()
            if package in stdlib_module_names or package in packages
            for word in words
        }

    def _words(self, matters: Callable[[Effect], bool]) -> dict[str, set[str]]:
        """The last names of functions with certain effects, and of types with such, by package."""
        names = {name for name, effects in self.functions.items() if any(map(matters, _flat(effects)))}
        for name in self.types:
            models = [model for _, model in self.described(name)]
            own = {
                method
                for model in models
                for method, effects in model.methods.items()
                if any(map(matters, _flat(effects)))
            }
            serves = any(model.served or model.served_each for model in models)
            made = (effect for model in models for effect in _flat(model.construct or ()))
            if own or serves or any(map(matters, made)):
                names |= {name, *(f"{name}.{method}" for method in own)}
        words: dict[str, set[str]] = {}
        for name in sorted(names):
            words.setdefault(name.partition(".")[0], set()).add(name.rpartition(".")[2])
        return words

    def _threaded(self) -> set[str]:
        does = {name: list(_flat(effects)) for name, effects in self.functions.items()}
        threaded = {name for name, effects in does.items() if any(map(_spawns, effects))}
        for name in self.types:
            does[name] = []
            for _, model in self.described(name):
                does[name] += _flat(model.construct or ())
                for effects in (*model.methods.values(), *model.assigned.values()):
                    does[name] += _flat(effects)
                locks = model.lock is not None and model.lock.exclusion not in _NO_LOCK
                if locks or model.served or model.served_each or any(map(_spawns, does[name])):
                    threaded.add(name)
        grown = True
        while grown:
            makers = {
                name
                for name, effects in does.items()
                if any(made is not None and self.canonical(made) in threaded for made in map(_made, effects))
            }
            grown = not makers <= threaded
            threaded |= makers
        return threaded | {alias for alias, name in self._aliases.items() if name in threaded}

    def leads_to_threads(self, name: str) -> bool:
        """Whether what is imported under a name has, or is part of, something that makes threads or locks."""
        return name in self._ways_to_threads or any(prefix in self.threaded for prefix in _prefixes(name))

    def canonical(self, name: str) -> str:
        """The name under which ``name`` is described."""
        known = self._aliases.get(name)
        if known is None:
            matching = (target for alias, target in self._patterns if fnmatchcase(name, alias))
            known = self._aliases[name] = next(matching, name)
        return known

    def is_module(self, name: str) -> bool:
        """Whether something known lives below ``name``."""
        return name in self._modules

    def is_threading(self, name: str) -> bool:
        """Whether a name is itself of a type or function that makes threads or locks."""
        return self.canonical(name) in self.threaded

    def lineage(self, name: str) -> list[str]:
        """A type and all its bases, nearest first."""
        result: list[str] = []
        waiting = [self.canonical(name)]
        while waiting:
            current = waiting.pop(0)
            if current not in result:
                result.append(current)
                model = self.types.get(current)
                if model is not None:
                    waiting.extend(self.canonical(base) for base in model.bases)
        return result

    def described(self, name: str) -> list[tuple[str, TypeModel]]:
        """The type and those of its bases that are described, nearest first, with their names."""
        known = self._described.get(name)
        if known is None:
            lineage = self.lineage(name)
            known = self._described[name] = [(n, self.types[n]) for n in lineage if n in self.types]
        return known

    def method(self, type_name: str, method: str) -> tuple[Effect, ...] | None:
        """The effects of a method of a type or of the nearest base that describes it."""
        return next((m.methods[method] for _, m in self.described(type_name) if method in m.methods), None)


@cache
def book() -> Book:
    """The book of everything in this folder, read once."""
    return Book()
