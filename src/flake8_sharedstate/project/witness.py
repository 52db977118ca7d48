"""What the analysis asks about a project, noted: what was worked out stands as long as the answers do.

Who opens which file is known only when the work is done. So its questions are kept with the result, each
with its answer, and asked again before the result is used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flake8_sharedstate.project.scope import Scope, Use
from flake8_sharedstate.project.store import digest

Question = tuple[Any, ...]
"""The kind of the question, and its arguments; JSON has it as a list."""


class Witness:
    """A project as the analysis sees it, which may take note of every question."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._noted: dict[Question, str | None] | None = None

    @contextmanager
    def noting(self) -> Iterator[dict[Question, str | None]]:
        """Notes the questions that are asked meanwhile, with their answers."""
        noted: dict[Question, str | None] = {}
        outer, self._noted = self._noted, noted
        try:
            yield noted
        finally:
            self._noted = outer
            if outer is not None:
                outer.update(noted)

    def holds(self, question: list[Any], answer: str | None) -> bool:
        """Whether a question that was noted has the same answer now."""
        match question:
            case ["text", str(path)]:
                return self.scope.sources.digest(path) == answer
            case ["find", str(importer), str(name), int(level)]:
                return self.scope.layout.find(importer, name, level) == answer
            case ["child", str(path), str(name)]:
                return self.scope.layout.child(path, name) == answer
            case ["name", str(path)]:
                return self.scope.layout.name(path) == answer
            case ["outside", str(path)]:
                return self.scope.layout.outside_packages(path) == answer
            case ["needed", str(path)]:
                return str(self.scope.needed(path)) == answer
            case ["users", str(path), list(names)]:
                return _digest_of(self.scope.users(path, frozenset(map(str, names)))) == answer
        return False

    # -- questions

    def text(self, path: str) -> str | None:
        """The text of a file; None where it cannot be read."""
        self._note(("text", path), self.scope.sources.digest(path))
        return self.scope.sources.text(path)

    def find(self, importer: str, name: str, level: int) -> str | None:
        """The module that an import names; see :class:`Layout`."""
        return self._note(("find", importer, name, level), self.scope.layout.find(importer, name, level))

    def child(self, path: str, name: str) -> str | None:
        """The submodule of a package."""
        return self._note(("child", path, name), self.scope.layout.child(path, name))

    def name(self, path: str) -> str:
        """The dotted name of a module."""
        name = self.scope.layout.name(path)
        self._note(("name", path), name)
        return name

    def outside(self, folder: str) -> str:
        """The nearest folder, from here upwards, that is no regular package."""
        found = self.scope.layout.outside_packages(folder)
        self._note(("outside", folder), found)
        return found

    def needed(self, path: str) -> int:
        """How many modules of the project the text of a file imports."""
        found = self.scope.needed(path)
        self._note(("needed", path), str(found))
        return found

    def users(self, path: str, names: frozenset[str]) -> list[Use]:
        """The files that may use some names of a module."""
        found = self.scope.users(path, names)
        if self._noted is not None:
            self._note(("users", path, tuple(sorted(names))), _digest_of(found))
        return found

    def _note(self, question: Question, answer: str | None) -> str | None:
        if self._noted is not None:
            self._noted[question] = answer
        return answer


def _digest_of(uses: list[Use]) -> str:
    lines = (f"{use.path}\0{use.name}\0{use.exports}" for use in uses)
    return digest("\n".join(lines).encode("utf-8", "surrogatepass"))
