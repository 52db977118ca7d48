"""``readerwriterlock``: a lock with a side for readers and one for writers (catalogue 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Exclusion,
    LockModel,
    Side,
    TypeModel,
)

_READ = "readerwriterlock.<read>"
_WRITE = "readerwriterlock.<write>"
_LOCK = TypeModel(methods={"gen_rlock": (Side(_READ),), "gen_wlock": (Side(_WRITE),)})

TYPES: dict[str, TypeModel] = {
    **{
        f"readerwriterlock.rwlock.RWLock{kind}{downgradable}": _LOCK
        for kind in ("Read", "Write", "Fair")
        for downgradable in ("", "D")
    },
    _READ: TypeModel(lock=LockModel(Exclusion.READERS)),
    _WRITE: TypeModel(lock=LockModel(Exclusion.THREADS)),
}
