"""Tells from a file's text alone whether it can hold anything to report, so that most files cost a scan."""

from __future__ import annotations

import re

# Words in the text, not imports: threads and locks also arrive as parameters, attributes and base classes.
_WORDS = (
    "thread",
    "mutex",
    "semaphore",
    "executor",
    "asyncio",
    "multiprocessing",
    "socketserver",
    "http.server",
    "xmlrpc.server",
    "wsgiref",
    "queuelistener",
    "guarded by",
)
# `block` and `clock` are in every other file, `DBLock` and `async_lock` are locks.
_LOCK = re.compile(r"(?<![bcBC])lock|Lock|(?<![BC])LOCK")


def has_stake(text: str) -> bool:
    """Tell whether the text has a word of threads, locks, executors or declared guards."""
    lowered = text.lower()
    return any(word in lowered for word in _WORDS) or ("lock" in lowered and _LOCK.search(text) is not None)
