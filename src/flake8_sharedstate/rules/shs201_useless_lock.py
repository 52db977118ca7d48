"""A lock that guards nothing.

What it does
------------
Reports a lock that is made by the very call that takes it (``with threading.Lock():``, a local lock
that nothing else gets), a lock that is only tested for truth (``while self._lock:``), one that is
taken without waiting (``lock.acquire(blocking=False)``) where nothing asks whether it was had, and a
lock attribute that is replaced by a new lock while others may hold the old one.

Why is this bad?
----------------
A lock keeps others out only if they take the same lock. A new one for each call is never contended;
the truth of a lock object is always true, whether it is held or not; whoever did not get the lock
goes on as if he had, and gives back another's; and a holder of the old lock
does not exclude a holder of the new one.

Example
-------
.. code-block:: python

    import threading

    stock = {"apples": 100}


    def sell(n):
        with threading.Lock():
            stock["apples"] -= n


    for n in range(3):
        threading.Thread(target=sell, args=(n,)).start()

Use instead
-----------
.. code-block:: python

    import threading

    stock = {"apples": 100}
    stock_lock = threading.Lock()


    def sell(n):
        with stock_lock:
            stock["apples"] -= n


    for n in range(3):
        threading.Thread(target=sell, args=(n,)).start()

Known limits
------------
A local lock that is stored anywhere, captured by an inner function or passed on counts as shared. A
lock that is made because there was none yet is not this defect. Replacing a lock is reported only
where code in sight runs in threads or the class owns a lock.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.races.useless_locks import Why
from flake8_sharedstate.rules._rule import Finding, rule
from flake8_sharedstate.rules._words import SOURCE

_TEXT = {
    Why.PER_CALL: f"`{SOURCE}` guards nothing: each call makes a lock of its own, so no two threads share it",
    Why.TRUTH: f"`{SOURCE}` guards nothing: a lock object is always true, held or not; take it by `with`",
    Why.UNASKED: f"`{SOURCE}` guards nothing: nothing asks whether the lock was had, and it goes on without",
    Why.REBOUND: f"`{SOURCE}` replaces a lock in use: its holders and those of the new one do not "
    "exclude each other",
}


def _check(evidence: Evidence) -> Iterator[Finding]:
    for useless in evidence.useless_locks:
        yield Finding(useless.clone, useless.at.at, f"{_TEXT[useless.why]} [today]")


RULE = rule("SHS201", "lock-guards-nothing", _check)
