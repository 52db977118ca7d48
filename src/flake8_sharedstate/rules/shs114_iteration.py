"""An iteration over a shared container that another thread resizes.

What it does
------------
Reports a ``for`` loop or comprehension over a dict, set or deque (or a live view of one) into which
another thread inserts or from which it removes, with no common lock; over a list only where another
thread removes from it.

Why is this bad?
----------------
``RuntimeError: dictionary changed size during iteration``, in the thread that did nothing wrong; on
a list items are skipped or seen twice.

Example
-------
.. code-block:: python

    import threading

    listeners = {}


    def register(name, listener):
        listeners[name] = listener


    def notify():
        for listener in listeners.values():
            listener()


    threading.Thread(target=register, args=("a", print)).start()
    threading.Thread(target=notify).start()

Use instead
-----------
.. code-block:: python

    import threading

    listeners = {}


    def register(name, listener):
        listeners[name] = listener


    def notify():
        for listener in list(listeners.values()):
            listener()


    threading.Thread(target=register, args=("a", print)).start()
    threading.Thread(target=notify).start()

Known limits
------------
Iteration inside C code (``sum(d.values())``) is not reported. An assignment to an item counts as an
insertion, since whether the key was there is not known.
"""

from __future__ import annotations

from flake8_sharedstate.races.accesses import Shape
from flake8_sharedstate.rules._rule import rule, unguarded
from flake8_sharedstate.rules._words import resized_under_walk

RULE = rule("SHS114", "iteration-while-resized", unguarded(Shape.WALK, resized_under_walk))
