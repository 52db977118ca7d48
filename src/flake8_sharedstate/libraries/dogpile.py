"""``dogpile``: a lock for readers and writers (catalogue 2.3).

What readers hold is not told from what a writer holds.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Exclusion,
    LockModel,
    TypeModel,
)

_LOCK = "dogpile.util.ReadWriteMutex"

TYPES: dict[str, TypeModel] = {
    _LOCK: TypeModel(
        lock=LockModel(
            Exclusion.THREADS,
            acquire=("acquire_read_lock", "acquire_write_lock"),
            release=("release_read_lock", "release_write_lock"),
        )
    ),
}

ALIASES: dict[str, str] = {"dogpile.util.readwrite_lock.ReadWriteMutex": _LOCK}
