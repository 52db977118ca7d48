"""Read under the lock, written back in a later acquisition of it.

What it does
------------
Reports an update (or a change that relies on a decision) whose read and write each hold the lock,
but in two acquisitions: the lock was given up in between, also where a getter and a setter each
take it.

Why is this bad?
----------------
In between any other thread can take the lock and change the state; the write-back then overwrites
that change with a value that knows nothing of it.

Example
-------
.. code-block:: python

    import threading


    class Student:
        def __init__(self):
            self._lock = threading.Lock()
            self._score = 0

        def award(self, points):
            with self._lock:
                score = self._score
            bonus = len(points)
            with self._lock:
                self._score = score + bonus

Use instead
-----------
.. code-block:: python

    import threading


    class Student:
        def __init__(self):
            self._lock = threading.Lock()
            self._score = 0

        def award(self, points):
            bonus = len(points)
            with self._lock:
                self._score = self._score + bonus

Known limits
------------
A write that is decided anew under the second acquisition is taken to be right.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.rules._rule import Finding, rule
from flake8_sharedstate.rules._words import given_up_between


def _check(evidence: Evidence) -> Iterator[Finding]:
    for race in evidence.races:
        if race.access.split and not race.held:
            # A getter and a setter that each lock are joined by the statement that calls both.
            yield Finding(race.access.reporter, race.access.write.at.at, given_up_between(evidence, race))


RULE = rule("SHS112", "split-critical-section", _check)
