"""An initialisation on first use that two threads can both do.

What it does
------------
Reports ``if self._x is None: self._x = make()`` and its kin (``hasattr``, a sentinel, ``x = x or
make()``, an early return) where no lock is held over test and store, or the store is not tested
again under the lock, and what is stored has identity: an instance, a container, a lock, a
connection.

Why is this bad?
----------------
Two threads both find nothing and both make one: one of the objects is lost with all that was put
into it, the connection leaks, and of a lock that is made so each thread holds its own.

Example
-------
.. code-block:: python

    import threading


    class Client:
        pass


    client = None


    def get_client():
        global client
        if client is None:
            client = Client()
        return client


    for _ in range(4):
        threading.Thread(target=get_client).start()

Use instead
-----------
.. code-block:: python

    import threading


    class Client:
        pass


    client = None
    client_lock = threading.Lock()


    def get_client():
        global client
        if client is None:
            with client_lock:
                if client is None:
                    client = Client()
        return client


    for _ in range(4):
        threading.Thread(target=get_client).start()

Known limits
------------
What a library out of sight makes is not known to have identity, and is left alone. Plain values
(numbers, strings, tuples) may be computed twice.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Shape
from flake8_sharedstate.rules._rule import rule, unguarded
from flake8_sharedstate.rules._words import done_twice

RULE = rule("SHS113", "lazy-initialisation", unguarded(Shape.LAZY, done_twice))
