"""The text of files: what an editor holds unsaved first, else what is on the disk."""

from __future__ import annotations

import os
import tokenize
from collections.abc import Mapping

# What is longer was generated, or is data.
_MAX_BYTES = 4_000_000


class Sources:
    """Reads each file once, as flake8 does, so that texts can be compared with what flake8 gives."""

    def __init__(self, folder: str, unsaved: Mapping[str, str]) -> None:
        """Takes the project's folder, and texts that stand for files by their paths from it."""
        self._folder = folder
        self._texts: dict[str, str | None] = dict(unsaved)

    def text(self, path: str) -> str | None:
        """The text of a file, by its path from the project's folder; None where it cannot be read."""
        if path not in self._texts:
            self._texts[path] = _read(os.path.join(self._folder, path))
        return self._texts[path]


def _read(path: str) -> str | None:
    try:
        if os.path.getsize(path) > _MAX_BYTES:
            return None
        try:
            with tokenize.open(path) as stream:
                text = stream.read()
        except (SyntaxError, UnicodeError):
            with open(path, encoding="latin-1") as stream:
                text = stream.read()
    except OSError:
        return None
    return without_mark(text)


def without_mark(text: str) -> str:
    """A text without the mark of UTF-8 at its start, or what reading it as Latin-1 makes of that."""
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").removeprefix("\xef\xbb\xbf")
