"""``portalocker``: locks on open files, which keep other threads out as well (catalogue 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Exclusion,
    LockModel,
    TypeModel,
)

_LOCK = TypeModel(lock=LockModel(Exclusion.THREADS, named=True))

TYPES: dict[str, TypeModel] = {
    "portalocker.Lock": _LOCK,
    "portalocker.RLock": TypeModel(lock=LockModel(Exclusion.THREADS, reentrant=True, named=True)),
    "portalocker.RedisLock": _LOCK,
    # As many may hold it as there are files.
    "portalocker.BoundedSemaphore": TypeModel(lock=LockModel(Exclusion.NOTHING)),
}
