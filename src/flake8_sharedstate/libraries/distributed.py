"""``distributed``: locks that the scheduler keeps for a cluster (catalogue 2.3).

What is submitted to a cluster shares no memory with the program that submits it.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Exclusion,
    LockModel,
    Spawn,
    Threads,
    TypeModel,
)

_LOCK = TypeModel(lock=LockModel(Exclusion.THREADS, named=True))

TYPES: dict[str, TypeModel] = {
    "distributed.Client": TypeModel(
        methods={
            "submit": (Spawn(Arg(0, "func"), threads=Threads.ELSEWHERE),),
            "map": (Spawn(Arg(0, "func"), threads=Threads.ELSEWHERE),),
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
    "distributed.Lock": _LOCK,
    "distributed.MultiLock": _LOCK,
    "distributed.Semaphore": TypeModel(lock=LockModel(Exclusion.NOTHING)),
}

ALIASES: dict[str, str] = {
    f"dask.distributed.{name}": f"distributed.{name}" for name in ("Client", "Lock", "MultiLock", "Semaphore")
}
