"""What is known of names outside the program: written in ``libraries/``, or else found out."""

from __future__ import annotations

from sys import stdlib_module_names

from flake8_sharedstate.libraries import Book
from flake8_sharedstate.libraries.vocabulary import Effect, TypeModel
from flake8_sharedstate.program.external import External
from flake8_sharedstate.program.external.answer import UNKNOWN, Answer
from flake8_sharedstate.program.external.outlines import Use

# Of one program. It begins anew for each, so that what is known depends on no other file.
_MAX_QUESTIONS = 200


class Knowledge:
    """The book of the libraries, and behind it the answers of :class:`External`."""

    def __init__(self, book: Book, external: External) -> None:
        self._book = book
        self._external = external
        self._asked: set[str] = set()
        self._described: dict[str, list[tuple[str, TypeModel]]] = {}
        self.functions = book.functions
        self.telling = book.telling
        self.shapes = book.shapes
        self.repeating = book.repeating

    def canonical(self, name: str) -> str:
        """The name under which ``name`` is described."""
        return self._book.canonical(name)

    def is_module(self, name: str) -> bool:
        """Whether something that is described lives below ``name``."""
        return self._book.is_module(name)

    def is_written(self, name: str) -> bool:
        """Whether ``libraries/`` describe a type of this name."""
        return name in self._book.types

    def is_described(self, name: str) -> bool:
        """Whether ``libraries/`` describe anything of this name."""
        return name in self._book.types or name in self._book.functions or self._book.is_module(name)

    def is_hidden(self, name: str) -> bool:
        """Whether what a name denotes is out of sight, or it may lock in a way that nothing describes."""
        top, module = name.partition(".")[0], name.rpartition(".")[0]
        if top in stdlib_module_names or self.is_described(name) or self._book.is_module(module):
            return False
        return not self._external.has_module(name) or self._external.bears_threads(name)

    def answer(self, name: str) -> Answer:
        """What is found out of a name that ``libraries/`` do not know; nothing once too much was asked."""
        if self.is_described(name):
            return UNKNOWN
        if name not in self._asked and len(self._asked) >= _MAX_QUESTIONS:
            return UNKNOWN
        self._asked.add(name)
        return self._external.answer(name)

    def may_tell(self, name: str) -> bool:
        """Whether there may be an answer about what a call of a name does; to ask this costs little."""
        return self._external.bears_threads(name, Use.CALL)

    def described(self, name: str) -> list[tuple[str, TypeModel]]:
        """A type and those of its bases that are known, nearest first, with their names."""
        known = self._described.get(name)
        if known is None:
            known = self._book.described(name)
            found = self.answer(name).type if not known else None
            if found is not None:
                behind = [pair for base in found.bases for pair in self._book.described(base)]
                known = [(name, found), *dict(behind).items()]
            self._described[name] = known
        return known

    def method(self, type_name: str, method: str) -> tuple[Effect, ...] | None:
        """The effects of a method of a type or of the nearest base that describes it."""
        return next((m.methods[method] for _, m in self.described(type_name) if method in m.methods), None)
