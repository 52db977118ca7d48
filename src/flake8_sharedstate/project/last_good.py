"""The last text of a file that parsed, for the sake of the others while it is being written.

A file that was saved half-written says nothing of itself, and flake8 tells so. But others use what is in
it: their reports are to stay as they were until it is whole again. So it stands for them as it was when it
last parsed, if an earlier run has seen that. Only what the analysis has read is kept, for nothing else
matters to it. It is kept by folder and apart from the results: these go by the texts that they were
worked out with, however those were come by.
"""

from __future__ import annotations

import json
import sys

from flake8_sharedstate.project.scope import Scope
from flake8_sharedstate.project.sources import digest_of, parsed
from flake8_sharedstate.project.store import Store


class LastGood:
    """What the files of one project said when they last parsed."""

    def __init__(self, store: Store | None, scope: Scope) -> None:
        """Takes what earlier runs have kept.

        Args:
            store: what outlasts the run; None for nothing.
            scope: the project.
        """
        self._store = store
        self._scope = scope
        self._key = json.dumps(["parsed", scope.folder, sys.version_info[:3]])
        kept = store.get(self._key) if store is not None else None
        known = kept if isinstance(kept, dict) else {}
        self._digests = {path: known[path] for path in scope.files if path in known}

    def stand_in(self) -> None:
        """Puts the last good text in the place of each that does not parse now."""
        sources = self._scope.sources
        for path, last in self._digests.items():
            text = sources.text(path) if sources.digest(path) not in (None, last) else None
            if text is None:
                continue
            if _parses(text):
                sources.parsed.add(path)
                continue
            good = self._text(last)
            if good is not None:
                sources.replace(path, good)

    def _text(self, digest: str) -> str | None:
        kept = self._store.get(_text_key(digest)) if self._store is not None else None
        return kept if isinstance(kept, str) and digest_of(kept) == digest else None

    def keep(self) -> None:
        """Keeps the texts that were found to parse."""
        sources = self._scope.sources
        found = {path: sources.digest(path) for path in sorted(sources.parsed)}
        new = {path: digest for path, digest in found.items() if digest != self._digests.get(path)}
        if self._store is None or not new:
            return
        for path, digest in new.items():
            self._store.put(_text_key(digest), sources.text(path))
        self._store.put(self._key, {**self._digests, **new})
        self._store.trim()


def _text_key(digest: str | None) -> str:
    return json.dumps(["text", digest])


def _parses(text: str) -> bool:
    try:
        parsed(text)
    except (SyntaxError, ValueError):
        return False
    except (RecursionError, MemoryError):
        # That is whole, and too deep.
        pass
    return True
