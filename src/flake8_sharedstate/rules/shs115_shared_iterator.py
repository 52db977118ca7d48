"""A generator or plain iterator that two threads advance.

What it does
------------
Reports ``next(it)`` and ``for x in it`` on one generator or iterator object that two threads share
with no common lock. ``itertools.count`` and other iterators whose step is one operation are none.

Why is this bad?
----------------
A generator raises ``ValueError: generator already executing``; other iterators skip or repeat items
on free-threaded builds.

Example
-------
.. code-block:: python

    import threading


    def pages():
        yield 1
        yield 2


    feed = pages()


    def work():
        next(feed, None)


    for _ in range(4):
        threading.Thread(target=work).start()

Use instead
-----------
.. code-block:: python

    import threading


    def pages():
        yield 1
        yield 2


    feed = pages()
    feed_lock = threading.Lock()


    def work():
        with feed_lock:
            next(feed, None)


    for _ in range(4):
        threading.Thread(target=work).start()

Known limits
------------
Iterators of classes that the program defines are judged by what their ``__next__`` does.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Shape
from flake8_sharedstate.rules._rule import rule, unguarded
from flake8_sharedstate.rules._words import advanced_by_two

RULE = rule("SHS115", "shared-iterator", unguarded(Shape.ADVANCE, advanced_by_two))
