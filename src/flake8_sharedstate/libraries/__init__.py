"""What is known of libraries. One file a library; this module joins them into one book.

A file is found by being here. It may bind ``TYPES``, ``FUNCTIONS`` and ``ALIASES`` (another
qualified name of the same thing, such as the module that really defines it; with ``*``, the names
of generated modules).
"""

from __future__ import annotations

import importlib
import pkgutil
from fnmatch import fnmatchcase
from functools import cache

from flake8_sharedstate.libraries.vocabulary import (
    Effect,
    Exclusion,
    If,
    Register,
    Spawn,
    Start,
    Threads,
    TypeModel,
)


def _spawns(effects: tuple[Effect, ...]) -> bool:
    return any(
        isinstance(effect, (Start, Register))
        or (isinstance(effect, Spawn) and effect.threads is not Threads.ELSEWHERE)
        or (isinstance(effect, If) and _spawns((*effect.then, *effect.otherwise)))
        for effect in effects
    )


def _is_threaded(model: TypeModel) -> bool:
    locks = model.lock is not None and model.lock.exclusion is not Exclusion.NOTHING
    served = bool(model.served or model.served_each)
    effects = (model.construct, *model.methods.values(), *model.assigned.values())
    return locks or served or any(map(_spawns, effects))


class Book:
    """All types, functions and aliases, by qualified name."""

    def __init__(self) -> None:
        self.types: dict[str, TypeModel] = {}
        self.functions: dict[str, tuple[Effect, ...]] = {}
        self._aliases: dict[str, str] = {}
        self._described: dict[str, list[tuple[str, TypeModel]]] = {}
        for info in sorted(pkgutil.iter_modules(__path__), key=lambda i: i.name):
            module = importlib.import_module(f"{__name__}.{info.name}")
            self.types.update(getattr(module, "TYPES", {}))
            self.functions.update(getattr(module, "FUNCTIONS", {}))
            self._aliases.update(getattr(module, "ALIASES", {}))
        self._patterns = [(alias, name) for alias, name in self._aliases.items() if "*" in alias]
        known = (*self.types, *self.functions, *self._aliases)
        self._modules = frozenset(
            name[:end] for name in known for end, letter in enumerate(name) if letter == "."
        )

        threaded = {
            name
            for name in self.types
            if any(_is_threaded(self.types[a]) for a in self.lineage(name) if a in self.types)
        }
        threaded.update(name for name, effects in self.functions.items() if _spawns(effects))
        threaded.update(alias for alias, name in self._aliases.items() if name in threaded)
        modules = {name.rpartition(".")[0] for name in threaded}
        self.threaded = frozenset(name for name in modules if "*" not in name)
        """The modules that something comes from that makes threads or locks."""

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
