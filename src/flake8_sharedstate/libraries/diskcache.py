"""``diskcache``: locks that are rows of a database, for threads and processes (catalogue 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Exclusion,
    LockModel,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "diskcache.Lock": TypeModel(lock=LockModel(Exclusion.THREADS, named=True)),
    "diskcache.RLock": TypeModel(lock=LockModel(Exclusion.THREADS, reentrant=True, named=True)),
    "diskcache.BoundedSemaphore": TypeModel(
        lock=LockModel(Exclusion.THREADS, permits=Arg(2, "value"), named=True)
    ),
}
