"""An update of a shared class attribute with no common lock.

What it does
------------
Reports a read-modify-write of an attribute of a class (``Sensor.readings += 1``, ``type(self).n +=
1``, ``cls.n += 1``). All instances share it, so threads that each have an instance of their own
race too, and the lock of one instance does not guard it.

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


    class Sensor:
        readings = 0

        def read(self):
            Sensor.readings += 1


    for _ in range(4):
        threading.Thread(target=Sensor().read).start()

Use instead
-----------
.. code-block:: python

    import threading


    class Sensor:
        readings = 0
        lock = threading.Lock()

        def read(self):
            with Sensor.lock:
                Sensor.readings += 1


    for _ in range(4):
        threading.Thread(target=Sensor().read).start()

Known limits
------------
Where the object's identity, its type or the lock is out of sight, the rule is silent. Only writes
race: a read beside a single writer is not reported.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Place
from flake8_sharedstate.rules._rule import rule, updates_of

RULE = rule("SHS102", "update-of-class-attribute", updates_of(Place.CLASS))
