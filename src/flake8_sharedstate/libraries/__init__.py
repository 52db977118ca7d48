"""What is known of libraries. One file a library; this module joins them into one book.

A file is found by being here. It may bind ``TYPES``, ``FUNCTIONS`` and ``ALIASES`` (another
qualified name of the same thing, such as the module that really defines it).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from flake8_sharedstate.libraries.vocabulary import Effect, Exclusion, Spawn, Start, Threads, TypeModel


def _spawns(effects: tuple[Effect, ...]) -> bool:
    return any(
        isinstance(effect, Start) or (isinstance(effect, Spawn) and effect.threads is not Threads.ELSEWHERE)
        for effect in effects
    )


def _starts_threads(effects: tuple[Effect, ...]) -> bool:
    elsewhere = (Threads.ELSEWHERE, Threads.CALLER)
    return any(
        isinstance(effect, Start) or (isinstance(effect, Spawn) and effect.threads not in elsewhere)
        for effect in effects
    )


def _is_threaded(model: TypeModel) -> bool:
    locks = model.lock is not None and model.lock.exclusion is not Exclusion.NOTHING
    return locks or _spawns(model.construct or ()) or any(map(_spawns, model.methods.values()))


def _telling(model: TypeModel) -> set[str]:
    lock = model.lock
    locking = lock.acquire + lock.release + lock.wait if lock is not None else ()
    return {*locking, *(name for name, effects in model.methods.items() if _spawns(effects))}


def _touches(name: str, known: str) -> bool:
    """Whether two qualified names lie on one path: ``multiprocessing`` and ``multiprocessing.pool``."""
    return name == known or name.startswith(f"{known}.") or known.startswith(f"{name}.")


class Book:
    """All types, functions and aliases, by qualified name."""

    def __init__(self) -> None:
        self.types: dict[str, TypeModel] = {}
        self.functions: dict[str, tuple[Effect, ...]] = {}
        self._aliases: dict[str, str] = {}
        self._threads: dict[str, bool] = {}
        self._described: dict[str, list[tuple[str, TypeModel]]] = {}
        for info in sorted(pkgutil.iter_modules(__path__), key=lambda i: i.name):
            module = importlib.import_module(f"{__name__}.{info.name}")
            self.types.update(getattr(module, "TYPES", {}))
            self.functions.update(getattr(module, "FUNCTIONS", {}))
            self._aliases.update(getattr(module, "ALIASES", {}))
        known = (*self.types, *self.functions, *self._aliases)
        self._modules = frozenset(
            name[:end] for name in known for end, letter in enumerate(name) if letter == "."
        )

        self.threaded = frozenset(
            name.rpartition(".")[0]
            for name in self.types
            if any(_is_threaded(self.types[a]) for a in self.lineage(name) if a in self.types)
        ) | frozenset(name.rpartition(".")[0] for name, effects in self.functions.items() if _spawns(effects))
        """The modules that something comes from that makes threads or locks."""
        self.telling = frozenset(name for model in self.types.values() for name in _telling(model))
        """The methods, of whatever type, that begin threads or take locks."""

        locks = {n for n in self.types if any(_is_threaded(m) for _, m in self.described(n))}
        locks |= {alias for alias, name in self._aliases.items() if name in locks}
        self.starters = self._words(_starts_threads)
        """The last names of the types, methods and functions that start threads."""
        self.makers = self._words(_spawns) | {name.rpartition(".")[2] for name in locks}
        """The same with those of locks and tasks."""

    def _words(self, matters: Callable[[tuple[Effect, ...]], bool]) -> frozenset[str]:
        """The last names of functions with certain effects, and of types with such, or with such methods."""
        names = {name for name, effects in self.functions.items() if matters(effects)}
        for name, model in self.types.items():
            methods = {method for method, effects in model.methods.items() if matters(effects)}
            if methods or matters(model.construct or ()):
                names |= {name, *methods}
        return frozenset(name.rpartition(".")[2] for name in names)

    def canonical(self, name: str) -> str:
        """The name under which ``name`` is described."""
        return self._aliases.get(name, name)

    def is_module(self, name: str) -> bool:
        """Whether something known lives below ``name``."""
        return name in self._modules

    def is_threaded(self, name: str) -> bool:
        """Whether an imported name is of a module that makes threads or locks, or leads to one."""
        known = self._threads.get(name)
        if known is None:
            known = self._threads[name] = any(_touches(name, module) for module in self.threaded)
        return known

    def is_threading(self, name: str) -> bool:
        """Whether a name is itself of a type or function that makes threads or locks."""
        name = self.canonical(name)
        if name in self.functions:
            return _spawns(self.functions[name])
        return any(_is_threaded(model) for _, model in self.described(name))

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
