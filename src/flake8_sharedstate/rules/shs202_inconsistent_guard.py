"""State that one lock guards elsewhere is written without that lock.

What it does
------------
Reports a plain store, without the lock, of state that is updated under a lock elsewhere, and an
update under a different lock than the others take: another instance's, one of many per-key locks,
an instance's lock over a class attribute or a global.

Why is this bad?
----------------
Mutual exclusion needs all to take the same lock. An update that reads under the lock, while a store
without it lands in between, overwrites that store; two updates under two locks overwrite each
other.

Example
-------
.. code-block:: python

    import threading


    class Meter:
        def __init__(self):
            self._lock = threading.Lock()
            self._total = 0

        def add(self, n):
            with self._lock:
                self._total += n

        def reset(self):
            self._total = 0

Use instead
-----------
.. code-block:: python

    import threading


    class Meter:
        def __init__(self):
            self._lock = threading.Lock()
            self._total = 0

        def add(self, n):
            with self._lock:
                self._total += n

        def reset(self):
            with self._lock:
                self._total = 0

Known limits
------------
A lock whose relation to the state is not in sight is believed to be the right one.

What keeps threads apart by other means than locks is not always seen, and reported: an event loop
that the program has written itself, objects that pass from thread to thread through a poller. A
class that owns a lock counts as meant for threads, whatever its documentation says. Users out of
sight are taken to leave a parameter that says whether the lock is to be taken (``lock=True``) as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.races.accesses import Shape
from flake8_sharedstate.races.conflicts import Race
from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.rules import _words
from flake8_sharedstate.rules._rule import Finding, finding, rule


def _text(evidence: Evidence, race: Race) -> str:
    who, mark = _words.who(evidence, race), _words.mark(race.access)
    if race.held:
        lock = _words.lock_name(evidence, race.access)
        return f"`{_words.SOURCE}` under {lock}, which is not the lock of the other writes: {who} {mark}"
    guards = _words.what_guards(evidence, race).lstrip("; ")
    return f"`{_words.SOURCE}` without the lock: {who}; {guards} {mark}"


def _check(evidence: Evidence) -> Iterator[Finding]:
    for race in evidence.races:
        if (race.held and not race.access.split) or race.access.shape is Shape.STORE:
            yield finding(evidence, race, _text(evidence, race))


RULE = rule("SHS202", "inconsistent-guard", _check)
