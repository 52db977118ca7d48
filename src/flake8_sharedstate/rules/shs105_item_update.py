"""An update of an item of a shared container with no common lock.

What it does
------------
Reports a read-modify-write of an item (``hits[key] += 1``, ``d[k] = d.get(k, 0) + 1``, ``row[i] =
row[i] * 2``) of a list, dict, ``Counter`` or ``defaultdict`` that two threads share. Items under
two different literal keys are different state.

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
    from collections import Counter

    hits = Counter()


    def count(page):
        hits[page] += 1


    for page in ("a", "b", "a"):
        threading.Thread(target=count, args=(page,)).start()

Use instead
-----------
.. code-block:: python

    import threading
    from collections import Counter

    hits = Counter()
    hits_lock = threading.Lock()


    def count(page):
        with hits_lock:
            hits[page] += 1


    for page in ("a", "b", "a"):
        threading.Thread(target=count, args=(page,)).start()

Known limits
------------
Where the object's identity, its type or the lock is out of sight, the rule is silent. Only writes
race: a read beside a single writer is not reported. Keys that are computed are taken to be possibly
equal.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Place
from flake8_sharedstate.rules._rule import rule, updates_of

RULE = rule("SHS105", "update-of-shared-item", updates_of(Place.ITEM))
