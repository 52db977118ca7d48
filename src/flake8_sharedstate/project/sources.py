"""The text of files: what an editor holds unsaved first, else what is on the disk."""

from __future__ import annotations

import ast
import os
import tokenize
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flake8_sharedstate.project.gate import has_stake
from flake8_sharedstate.project.imports import ImportLine, import_lines
from flake8_sharedstate.project.scans import Scan, looks_of, scans_of_json
from flake8_sharedstate.project.store import digest

# What is longer was generated, or is data.
_MAX_BYTES = 4_000_000


class Sources:
    """Reads each file once, as flake8 does, so that texts can be compared with what flake8 gives."""

    def __init__(self, folder: str, unsaved: Mapping[str, str]) -> None:
        """Takes the project's folder, and texts that stand for files by their paths from it."""
        self._folder = folder
        self._texts: dict[str, str | None] = dict(unsaved)
        self._known: dict[str, Scan] = {}
        self._scans: dict[str, Scan | None] = {}
        self._imports: dict[str, list[ImportLine]] = {}
        self._instead = set(unsaved)
        """The files for which another text stands than the disk's."""
        self.parsed: set[str] = set()
        """The files whose texts were found to parse."""
        self.has_grown = False
        """Whether there is something to remember."""
        self.is_stale = False
        """Whether a file was changed after its digest was told."""

    # -- from one run to the next

    def remember(self, kept: Any) -> None:
        """Takes what an earlier run has kept of the files, before any is asked for."""
        self._known = scans_of_json(kept)

    def kept(self) -> Any:
        """What is to be kept, in JSON: of the files, not of what stands for them."""
        scans = {**self._scans, **{path: self._known.get(path) for path in self._instead}}
        return {path: scan.as_json() for path, scan in sorted(scans.items()) if scan is not None}

    # -- what files say

    def text(self, path: str) -> str | None:
        """The text of a file, by its path from the project's folder; None where it cannot be read."""
        if path not in self._texts:
            text = self._texts[path] = read(os.path.join(self._folder, path))
            scan = self._scans.get(path)
            self.is_stale |= scan is not None and (text is None or digest_of(text) != scan.digest)
        return self._texts[path]

    def digest(self, path: str) -> str | None:
        """What stands for the text of a file; None where it cannot be read."""
        scan = self._scan(path)
        return scan.digest if scan is not None else None

    def has_stake(self, path: str) -> bool:
        """Whether a file has a word of threads or locks."""
        scan = self._scan(path)
        if scan is None:
            return False
        if scan.has_stake is None:
            scan.has_stake = has_stake(self.text(path) or "")
            self.has_grown = True
        return scan.has_stake

    def has_threads(self, path: str, tell: Callable[[str], bool]) -> bool:
        """Whether a file has threads or locks of a library, which has to be told once."""
        scan = self._scan(path)
        if scan is None:
            return False
        if scan.has_threads is None:
            scan.has_threads = tell(path)
            self.has_grown = True
        return scan.has_threads

    def imports(self, path: str) -> list[ImportLine]:
        """What a file imports."""
        known = self._imports.get(path)
        if known is not None:
            return known
        scan = self._scan(path)
        lines = scan.lines() if scan is not None else []
        if lines is None:
            lines = import_lines(self.text(path) or "")
            assert scan is not None
            scan.keep(lines)
            self.has_grown = True
        self._imports[path] = lines
        return lines

    def _scan(self, path: str) -> Scan | None:
        """What is known of a file; None where it cannot be read."""
        if path not in self._scans:
            self._scans[path] = self._seen(path)
        return self._scans[path]

    def _seen(self, path: str) -> Scan | None:
        known, looks = self._known.get(path), None
        if path not in self._instead:
            try:
                looks, has_rested = looks_of(os.path.join(self._folder, path))
            except OSError:
                return None
            if known is not None and known.looks == looks:
                return known
            self.has_grown = True
            looks = looks if has_rested else None
        text = self.text(path)
        if text is None:
            return None
        digest = digest_of(text)
        if known is None or known.digest != digest:
            return Scan(looks, digest)
        return known if path in self._instead else replace(known, looks=looks)

    def replace(self, path: str, text: str) -> None:
        """Has another text stand for a file."""
        self._instead.add(path)
        self._texts[path] = text
        self._scans[path] = Scan(None, digest_of(text))


def parsed(text: str) -> ast.Module:
    """The syntax tree of a text. What Python warns of in it, flake8 says of the files that it is given."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def digest_of(text: str) -> str:
    """What stands for a text."""
    return digest(text.encode("utf-8", "surrogatepass"))


def read(path: str) -> str | None:
    """The text of a file, by any path to it; None where it cannot be read."""
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
