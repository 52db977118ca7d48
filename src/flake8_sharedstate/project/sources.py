"""The text of files: what an editor holds unsaved first, else what is on the disk."""

from __future__ import annotations

import ast
import os
import tokenize
import warnings
from collections.abc import Mapping

from flake8_sharedstate.project.store import digest

# What is longer was generated, or is data.
_MAX_BYTES = 4_000_000


class Sources:
    """Reads each file once, as flake8 does, so that texts can be compared with what flake8 gives."""

    def __init__(self, folder: str, unsaved: Mapping[str, str]) -> None:
        """Takes the project's folder, and texts that stand for files by their paths from it."""
        self._folder = folder
        self._texts: dict[str, str | None] = dict(unsaved)
        self._digests: dict[str, str | None] = {}
        self.parsed: set[str] = set()
        """The files whose texts were found to parse."""

    def text(self, path: str) -> str | None:
        """The text of a file, by its path from the project's folder; None where it cannot be read."""
        if path not in self._texts:
            self._texts[path] = _read(os.path.join(self._folder, path))
        return self._texts[path]

    def digest(self, path: str) -> str | None:
        """What stands for the text of a file; None where it cannot be read."""
        if path not in self._digests:
            text = self.text(path)
            self._digests[path] = digest_of(text) if text is not None else None
        return self._digests[path]

    def replace(self, path: str, text: str) -> None:
        """Has another text stand for a file."""
        self._texts[path] = text
        self._digests[path] = digest_of(text)


def parsed(text: str) -> ast.Module:
    """The syntax tree of a text. What Python warns of in it, flake8 says of the files that it is given."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def digest_of(text: str) -> str:
    """What stands for a text."""
    return digest(text.encode("utf-8", "surrogatepass"))


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
