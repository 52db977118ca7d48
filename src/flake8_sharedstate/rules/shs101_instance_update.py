"""An update of a shared instance attribute with no common lock.

What it does
------------
Reports a statement that reads an attribute of an object and writes it back changed (``self.n +=
1``, ``self.n = f(self.n)``, ``n = self.n; ...; self.n = n + 1``), where two threads can have the
same object, another of them writes the attribute too, and no one lock is held at both writes.

Why is this bad?
----------------
An update is two steps, a load and a store. A thread that runs between another's two steps has its
own update overwritten. A build with the GIL can switch threads there where a call, an ``await``, an
iteration or a Python-level property or operator lies between (``[today]``); a free-threaded build,
and CPython up to 3.9, can switch at any instruction (``[free-threaded]``).

Example
-------
.. code-block:: python

    import threading


    class Counter:
        def __init__(self):
            self.count = 0

        def increment(self):
            self.count += 1


    counter = Counter()
    for _ in range(4):
        threading.Thread(target=counter.increment).start()

Use instead
-----------
.. code-block:: python

    import threading


    class Counter:
        def __init__(self):
            self.lock = threading.Lock()
            self.count = 0

        def increment(self):
            with self.lock:
                self.count += 1


    counter = Counter()
    for _ in range(4):
        threading.Thread(target=counter.increment).start()

Known limits
------------
Where the object's identity, its type or the lock is out of sight, the rule is silent. Only writes
race: a read beside a single writer is not reported.

What keeps threads apart by other means than locks is not always seen, and reported: an event loop
that the program has written itself, objects that pass from thread to thread through a poller, a
parameter that says whether the lock is to be taken. A class that owns a lock counts as meant for
threads, whatever its documentation says.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Place
from flake8_sharedstate.rules._rule import rule, updates_of

RULE = rule("SHS101", "update-of-shared-attribute", updates_of(Place.INSTANCE))
