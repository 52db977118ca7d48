"""A lock that is not released on every path.

What it does
------------
Reports an ``acquire`` between which and its ``release`` something can raise, return or await with
no ``finally`` that releases the lock. A function that only acquires is judged by its callers.

Why is this bad?
----------------
When that path is taken the lock stays locked for ever, and so does the next thread that wants it.

Example
-------
.. code-block:: python

    import threading

    gate = threading.Lock()


    def parse(text):
        gate.acquire()
        value = int(text)
        gate.release()
        return value

Use instead
-----------
.. code-block:: python

    import threading

    gate = threading.Lock()


    def parse(text):
        with gate:
            return int(text)

Known limits
------------
Plain loads, stores and arithmetic, and the single-step methods of built-in containers, are taken
not to raise; an item under a key that the caller gives may be missing where handlers that release
the lock reckon with something else. A call is taken to raise what the handlers around it name.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.rules._rule import Finding, rule
from flake8_sharedstate.rules._words import SOURCE


def _check(evidence: Evidence) -> Iterator[Finding]:
    for leak in evidence.leaks:
        text = f"`{SOURCE}` is not released on every path: {leak.how} [today]"
        yield Finding(leak.clone, leak.at.at, text)


RULE = rule("SHS204", "lock-not-released", _check)
