"""A project's modules, read when they are needed and kept: the :class:`Workspace` of its programs."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.lower import extract
from flake8_sharedstate.facts.model import ModuleFacts
from flake8_sharedstate.program.external import External, external
from flake8_sharedstate.program.mentions import Mentions
from flake8_sharedstate.program.objects import Module
from flake8_sharedstate.project.memory import Evidence
from flake8_sharedstate.project.scope import Use
from flake8_sharedstate.project.sources import parsed
from flake8_sharedstate.project.witness import Witness

_CLASS = re.compile(r"\bclass\s+\w+\s*\(([^)]*)\)")


# Files of which the facts are kept at a time; those of one file are some megabytes.
_MAX_KEPT = 300


class ProjectWorkspace:
    """Reads modules, and tells which definitions of a module use what."""

    def __init__(self, project: Witness) -> None:
        self.project = project
        self._facts: dict[str, ModuleFacts | None] = {}
        self._mentions: dict[str, Mentions] = {}
        self._outside: dict[str, External] = {}

    # -- modules

    def find(self, importer: str, name: str, level: int) -> str | None:
        return self.project.find(importer, name, level)

    def child(self, path: str, name: str) -> str | None:
        return self.project.child(path, name)

    def module(
        self,
        path: str,
        index: int,
        public: frozenset[str] | None = frozenset(),
        concerned: frozenset[str] = frozenset(),
    ) -> Module | None:
        facts = self.facts(path)
        if facts is None:
            return None
        name = self.project.name(path)
        is_package = path.endswith(("/", "__init__.py"))
        package = name if is_package else name.rpartition(".")[0]
        return Module(
            name,
            path,
            facts,
            index,
            package,
            self.root(path),
            workspace=self,
            public=public,
            concerned=concerned,
            mentions=self._mentioned(path, facts),
        )

    def root(self, path: str) -> str:
        """The folder that a file finds what is not installed in."""
        outside = self.project.outside(path[: path.rfind("/") + 1])
        root = os.path.join(self.project.scope.folder, outside).rstrip(os.sep) or os.sep
        if outside not in self._outside:
            self._outside[outside] = external(root)
        return root

    def evidence(self) -> Evidence | None:
        """What the answers about other code rest on; None where some of it changed meanwhile."""
        if any(external(found.root) is not found for found in self._outside.values()):
            return None
        return {outside: found.evidence() for outside, found in sorted(self._outside.items())}

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file; None for one that does not parse."""
        if path not in self._facts:
            if len(self._facts) >= _MAX_KEPT:
                # What was read first goes first: it costs a second reading, and nothing else.
                del self._facts[next(iter(self._facts))]
            self._facts[path] = self._read(path)
        else:
            # Whoever is told the facts rests on the text, whoever had it read.
            self._text(path)
        return self._facts[path]

    def _read(self, path: str) -> ModuleFacts | None:
        tree = self.tree(path)
        try:
            return extract(tree) if tree is not None else None
        except (RecursionError, MemoryError):
            return None

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of a file; None for one that does not parse."""
        text = self._text(path)
        try:
            tree = parsed(text) if text is not None else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        self.project.scope.sources.parsed.add(path)
        return tree

    def _text(self, path: str) -> str | None:
        # A namespace package has no text.
        return "" if path.endswith("/") else self.project.text(path)

    # -- who uses what

    def defined_with(self, path: str, names: Iterable[str]) -> frozenset[str] | None:
        """The definitions of a file whose code uses some names, or each other; None where none does."""
        facts = self.facts(path)
        if facts is None:
            return None
        mentions = self._mentioned(path, facts)
        sought = set(names)
        if sought.isdisjoint(mentions.names[0]):
            return None
        return frozenset(mentions.users(facts, sought))

    def locking_classes(self, path: str) -> frozenset[str]:
        """The classes of a file whose code enters something or names ``acquire``."""
        facts = self.facts(path)
        if facts is None:
            return frozenset()
        locks = self._mentioned(path, facts).locks
        return frozenset(
            f.name for f in facts.functions if f.kind == "class" and f.parent == 0 and locks[f.number]
        )

    def _mentioned(self, path: str, facts: ModuleFacts) -> Mentions:
        if path not in self._mentions:
            self._mentions[path] = Mentions(facts)
        return self._mentions[path]

    def derived_from(self, path: str, names: frozenset[str]) -> frozenset[str] | None:
        """The classes of a file whose bases go by some names; None where there are none."""
        text = self.project.text(path) or ""
        if not any(re.search(rf"\b{name}\b", bases) for bases in _CLASS.findall(text) for name in names):
            return None
        facts = self.facts(path)
        found = set()
        for block in facts.functions[0].blocks if facts is not None else ():
            loads = {
                i.dst: i.name
                for i in block.instructions
                if isinstance(i, (model.LoadGlobal, model.LoadAttr)) and i.name in names
            }
            for i in block.instructions:
                if isinstance(i, model.MakeClass) and not loads.keys().isdisjoint(i.bases):
                    assert facts is not None
                    found.add(facts.functions[i.body].name)
        return frozenset(found) or None

    def uses(self, path: str, names: Iterable[str]) -> list[Use]:
        """The uses of a module's names in other files, also where these have them at second hand."""
        found: dict[Use, None] = {}
        waiting = [(path, frozenset(names))]
        seen = set(waiting)
        while waiting:
            for use in self.project.users(*waiting.pop()):
                found[use] = None
                again = (use.path, frozenset([use.name]))
                if use.exports and again not in seen:
                    seen.add(again)
                    waiting.append(again)
        return list(found)

    def users(self, path: str, names: frozenset[str]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for use in self.uses(path, names):
            defined = self.defined_with(use.path, [use.name])
            if defined is not None:
                found[use.path] = found.get(use.path, frozenset()) | defined
        return found
