"""A lock of the wrong kind: it keeps out tasks of one event loop, but threads race.

What it does
------------
Reports the ``async with`` or ``acquire`` of an ``asyncio.Lock`` (or another lock for tasks) that is
all that is held at an update which several threads run.

Why is this bad?
----------------
An ``asyncio.Lock`` makes the tasks of one event loop wait for one another. Threads, each perhaps
with a loop of its own, do not wait for it at all, and it is not itself safe to use from several of
them.

Example
-------
.. code-block:: python

    import asyncio
    import threading

    gate = asyncio.Lock()
    total = 0


    async def add(n):
        global total
        async with gate:
            total += n


    def work(n):
        asyncio.run(add(n))


    for n in range(4):
        threading.Thread(target=work, args=(n,)).start()

Use instead
-----------
.. code-block:: python

    import threading

    gate = threading.Lock()
    total = 0


    def work(n):
        global total
        with gate:
            total += n


    for n in range(4):
        threading.Thread(target=work, args=(n,)).start()

Known limits
------------
Where a lock for threads is held as well, nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.races.evidence import Evidence
from flake8_sharedstate.rules._rule import Finding, rule
from flake8_sharedstate.rules._words import SOURCE, who


def _check(evidence: Evidence) -> Iterator[Finding]:
    for race in evidence.races:
        for held in race.wrong_kind:
            found = evidence.stages.locksets.acquisition(held)
            if found is not None:
                clone, instruction = found
                runs = who(evidence, race)
                text = f"`{SOURCE}` keeps out tasks of one event loop, not threads: {runs} [today]"
                yield Finding(clone, instruction.at, text)


RULE = rule("SHS203", "lock-of-the-wrong-kind", _check)
