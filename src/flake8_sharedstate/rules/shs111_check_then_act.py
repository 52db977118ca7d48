"""A decision on shared state, then a change that relies on it, with no lock over both.

What it does
------------
Reports a change of shared state that runs because of what was read of the same state before (``if v
> self.max: self.max = v``, ``if k in d: del d[k]``, ``if q: q.pop()``, ``if self.state == IDLE:
self.state = BUSY``), where another thread can change it in between.

Why is this bad?
----------------
The check is true when it is made, not when the change is: two threads can both pass it. The item is
then deleted twice (``KeyError``), the seat sold twice, the larger maximum overwritten by a smaller
one.

Example
-------
.. code-block:: python

    import threading

    held = {"ada": 1}


    def cancel(name):
        if name in held:
            del held[name]


    for _ in range(4):
        threading.Thread(target=cancel, args=("ada",)).start()

Use instead
-----------
.. code-block:: python

    import threading

    held = {"ada": 1}


    def cancel(name):
        held.pop(name, None)


    for _ in range(4):
        threading.Thread(target=cancel, args=("ada",)).start()

Known limits
------------
One-step forms (``setdefault``, ``pop(k, default)``, ``discard``) are right whatever was checked. A
change whose failure is caught is reported all the same if the check decides more than that. Caches
of plain values are left alone: computing them twice only wastes time.

What keeps threads apart by other means than locks is not always seen, and reported: an event loop
that the program has written itself, objects that pass from thread to thread through a poller, a
parameter that says whether the lock is to be taken. A class that owns a lock counts as meant for
threads, whatever its documentation says.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Shape
from flake8_sharedstate.rules._rule import rule, unguarded
from flake8_sharedstate.rules._words import stale_decision

RULE = rule("SHS111", "check-then-act", unguarded(Shape.ACT, stale_decision))
