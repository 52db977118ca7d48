"""An update of a shared closure variable with no common lock.

What it does
------------
Reports a read-modify-write of a ``nonlocal`` variable in a function that several threads run: they
all share the variable of the one enclosing call.

Why is this bad?
----------------
An update is two steps, a load and a store. A thread that runs between another's two steps has its
own update overwritten. A build with the GIL can switch threads there where a call, an ``await``, an
iteration or a Python-level property or operator lies between (``[today]``); a free-threaded build,
and CPython up to 3.9, can switch at any instruction (``[free-threaded]``).

Example
-------
.. code-block:: python

    from concurrent.futures import ThreadPoolExecutor


    def total_size(names):
        total = 0

        def add(name):
            nonlocal total
            total += len(name)

        with ThreadPoolExecutor(4) as pool:
            pool.map(add, names)
        return total


    total_size(["a", "bc"])

Use instead
-----------
.. code-block:: python

    import threading
    from concurrent.futures import ThreadPoolExecutor


    def total_size(names):
        total = 0
        lock = threading.Lock()

        def add(name):
            nonlocal total
            with lock:
                total += len(name)

        with ThreadPoolExecutor(4) as pool:
            pool.map(add, names)
        return total


    total_size(["a", "bc"])

Known limits
------------
Where the object's identity, its type or the lock is out of sight, the rule is silent. Only writes
race: a read beside a single writer is not reported.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Place
from flake8_sharedstate.rules._rule import rule, updates_of

RULE = rule("SHS104", "update-of-closure-variable", updates_of(Place.CLOSURE))
