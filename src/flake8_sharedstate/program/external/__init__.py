"""What imported names outside the files under analysis denote: bases, factories, decorators, locks.

Astroid builds the trees of their source and is imported by the first question that needs one. No
question imports or runs anything. Answers come in the words of ``libraries/``, so that the engine
reads them as it reads what is written there.
"""

from __future__ import annotations

import sys
from functools import lru_cache

from flake8_sharedstate.libraries import Book, book
from flake8_sharedstate.program.external.answer import UNKNOWN, Answer
from flake8_sharedstate.program.external.outlines import Outlines, Use
from flake8_sharedstate.project.installed import Installed

# A folder of scripts is one; those of one project should all find room.
_MAX_ROOTS = 256


class External:
    """Answers for the files below one folder, each question once."""

    def __init__(self, root: str) -> None:
        """Begins with no answer.

        Args:
            root: the folder that the outermost package of a file is in, searched before ``sys.path``.
        """
        self.root = root
        self._installed = Installed(root)
        self._book: Book = book()
        self._outlines = Outlines(self._installed, self._book)
        self._answers: dict[str, Answer] = {}

    def answer(self, name: str) -> Answer:
        """What a qualified name denotes that ``libraries/`` do not know."""
        known = self._answers.get(name)
        if known is None:
            known = self._answers[name] = self._find_out(name)
        return known

    def _find_out(self, name: str) -> Answer:
        if not self.bears_threads(name.removesuffix("()")):
            return UNKNOWN
        # Importing astroid takes longer than most files do.
        from flake8_sharedstate.program.external.answers import answer

        return answer(name, self._installed, self._outlines, self._book)

    def bears_threads(self, name: str, use: Use = Use.BASE) -> bool:
        """Whether a name has anything to do with threads or locks; see :class:`Outlines`."""
        return self._outlines.bears_threads(name, use)

    def has_module(self, name: str) -> bool:
        """Whether there is a module, with its source, that a qualified name leads to."""
        return self._outlines.has_module(name)

    def evidence(self) -> dict[str, str | None]:
        """What the answers so far rest on; see :class:`Installed`."""
        return self._installed.evidence()

    def is_stale(self) -> bool:
        """Whether a file that an answer rests on was changed since."""
        return self._installed.is_stale()


@lru_cache(_MAX_ROOTS)
def _remembered(root: str, path: tuple[str, ...]) -> External:
    return External(root)


def external(root: str) -> External:
    """The answers for the files below a folder, as far as they are still true."""
    found = _remembered(root, tuple(sys.path))
    if found.is_stale():
        _remembered.cache_clear()
        found = _remembered(root, tuple(sys.path))
    return found
