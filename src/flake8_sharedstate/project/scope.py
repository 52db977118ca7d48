"""One project as the analysis sees it: its texts, who imports whom, and which files belong together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flake8_sharedstate.project.imports import ImportLine
from flake8_sharedstate.project.layout import Layout
from flake8_sharedstate.project.sources import Sources

_WILDCARD = re.compile(r"[*?\[]")
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A file has a name of another module: by the import that binds it, or as attribute of the module."""

    path: str
    name: str
    """Under which it goes there."""
    exports: bool
    """Whether others can import it from there again."""


class Scope:
    """The files of a project. Paths are from its folder, with ``/``."""

    def __init__(self, folder: str, files: list[str], unsaved: Mapping[str, str]) -> None:
        self.folder = folder
        self.files = files
        self.layout = Layout(files)
        self.sources = Sources(folder, unsaved)
        self._words: dict[str, frozenset[str]] = {}
        self._imported: dict[str, list[tuple[str, str, ImportLine]]] = {}
        self._brought: dict[tuple[str, str, int, str | None], Sequence[tuple[str, str]]] = {}

    @cached_property
    def staked(self) -> list[str]:
        """The files that have a word of threads or locks."""
        return [path for path in self.files if self.sources.has_stake(path)]

    def words(self, path: str) -> frozenset[str]:
        """The words of a file."""
        if path not in self._words:
            self._words[path] = frozenset(_WORD.findall(self.sources.text(path) or ""))
        return self._words[path]

    def _spoken(self, path: str, names: frozenset[str]) -> frozenset[str]:
        """Those of some names that are words of a file."""
        text = self.sources.text(path) or ""
        # Most texts have none of them, which is told faster than their words.
        return names & self.words(path) if any(name in text for name in names) else frozenset()

    @cached_property
    def _lines(self) -> dict[str, list[tuple[str, ImportLine]]]:
        """The import lines of all files, by each last name that may be a module's."""
        lines: defaultdict[str, list[tuple[str, ImportLine]]] = defaultdict(list)
        for path in self.files:
            for line in self.sources.imports(path):
                for name in {line.module.rpartition(".")[2], line.name or ""}:
                    lines[name].append((path, line))
        return lines

    def _importers(self, module: str) -> list[tuple[str, str, ImportLine]]:
        """Who imports a module or a name of it: (importer, the name; empty for the module itself, line)."""
        known = self._imported.get(module)
        if known is None:
            # ``from . import name`` names no module, and a package goes by its folder's name or its own.
            own = module.removesuffix("/").removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
            names = {own, "", "__init__"}
            known = self._imported[module] = [
                (path, named, line)
                for name in names
                for path, line in self._lines.get(name, ())
                for found, named in self._modules(path, line)
                if found == module
            ]
        return known

    def _modules(self, importer: str, line: ImportLine) -> Sequence[tuple[str, str]]:
        """The modules of the project that an import brings, each with the name it comes from there."""
        # From one folder an import means the same in every file.
        about = (importer[: importer.rfind("/") + 1], line.module, line.level, line.name)
        known = self._brought.get(about)
        if known is None:
            known = self._brought[about] = tuple(self._find(importer, line))
        return known

    def _find(self, importer: str, line: ImportLine) -> Iterator[tuple[str, str]]:
        found = self.layout.find(importer, line.module, line.level)
        if found is None:
            return
        yield found, line.name or ""
        if line.name is not None and line.name != "*":
            child = self.layout.child(found, line.name)
            if child is not None:
                yield child, ""

    def users(self, module: str, names: frozenset[str]) -> list[Use]:
        """The files that import a module and may use some of its names, by their text, sorted."""
        found = set()
        for importer, named, line in self._importers(module):
            if named in names:
                found.add(Use(importer, line.alias, True))
            elif named == "*":
                found.update(Use(importer, name, True) for name in names)
            elif not named:
                found.update(Use(importer, name, False) for name in self._spoken(importer, names))
        return sorted(found)

    def needed(self, path: str) -> int:
        """How many modules of the project the text of a file imports."""
        lines = self.sources.imports(path)
        return len({module for line in lines for module, _ in self._modules(path, line)})

    def _imports_any(self, path: str, matters: Callable[[str], bool]) -> bool:
        """Whether a file imports something of a library that matters."""
        return any(line.level == 0 and matters(_brought(line)) for line in self.sources.imports(path))

    def _is_assumed(self, path: str, patterns: tuple[str, ...]) -> bool:
        """Whether a pattern may be meant for something in a file."""
        name = self.layout.name(path) + "."
        beginnings = [_WILDCARD.split(pattern)[0] for pattern in patterns]
        return any(name.startswith(first) or first.startswith(name) for first in beginnings)

    def having(self, library: Callable[[], tuple[Callable[[str], bool], frozenset[str]]]) -> set[str]:
        """The files that speak of threads or locks and have them of a library.

        Args:
            library: gives, if it has to be loaded, whether threads or locks come of what is imported by
                a qualified name; and the words for what in these makes threads or locks.
        """

        def has_threads(path: str) -> bool:
            threaded, makers = library()
            return not makers.isdisjoint(self.words(path)) and self._imports_any(path, threaded)

        return {path for path in self.staked if self.sources.has_threads(path, has_threads)}

    def taking(self, having: set[str]) -> set[str]:
        """The files that speak of threads or locks and import one of these."""
        importers = {importer for path in having for importer, *_ in self._importers(path)}
        return importers & set(self.staked)

    def assumed(self, patterns: tuple[str, ...]) -> set[str]:
        """The files in which something may have one of these qualified names, with wildcards."""
        return {path for path in self.files if self._is_assumed(path, patterns)} if patterns else set()


def _brought(line: ImportLine) -> str:
    return line.module if line.name in (None, "*") else f"{line.module}.{line.name}"
