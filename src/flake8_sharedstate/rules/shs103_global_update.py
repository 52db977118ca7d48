"""An update of a shared module global with no common lock.

What it does
------------
Reports a read-modify-write of a global variable (``global total; total += n``) in a function that
two threads can run at the same time.

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

    total = 0


    def add(n):
        global total
        total += n


    for n in range(4):
        threading.Thread(target=add, args=(n,)).start()

Use instead
-----------
.. code-block:: python

    import threading

    total = 0
    total_lock = threading.Lock()


    def add(n):
        global total
        with total_lock:
            total += n


    for n in range(4):
        threading.Thread(target=add, args=(n,)).start()

Known limits
------------
Where the object's identity, its type or the lock is out of sight, the rule is silent. Only writes
race: a read beside a single writer is not reported. Statements of a module body run once, under the
import lock, and count as before every thread.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Place
from flake8_sharedstate.rules._rule import rule, updates_of

RULE = rule("SHS103", "update-of-module-global", updates_of(Place.GLOBAL))
