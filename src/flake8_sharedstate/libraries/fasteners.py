"""``fasteners``: reader-writer locks; locks between processes keep no thread out (catalogue 2.3).

A POSIX lock on a file is the process's: a second thread acquires it, too.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Exclusion,
    LockModel,
    Make,
    Side,
    Synchronize,
    TypeModel,
)

_RW = "fasteners.ReaderWriterLock"
_READ = "fasteners.<read lock>"
_WRITE = "fasteners.<write lock>"
_UNDER_ANOTHER = "fasteners.<decorator>"
_BETWEEN_PROCESSES = TypeModel(lock=LockModel(Exclusion.NOTHING))
_MANAGER: tuple[Effect, ...] = (Make("contextlib.<manager>"),)

TYPES: dict[str, TypeModel] = {
    _RW: TypeModel(methods={"read_lock": (Side(_READ),), "write_lock": (Side(_WRITE),)}),
    _READ: TypeModel(lock=LockModel(Exclusion.READERS)),
    _WRITE: TypeModel(lock=LockModel(Exclusion.THREADS)),
    _UNDER_ANOTHER: TypeModel(methods={"__call__": (Synchronize(Arg(0), is_named=True),)}),
    "fasteners.InterProcessLock": _BETWEEN_PROCESSES,
    "fasteners.InterProcessReaderWriterLock": TypeModel(
        methods={"read_lock": _MANAGER, "write_lock": _MANAGER}
    ),
}


def _decorate(*, shared: bool = False) -> tuple[Effect, ...]:
    """A function is put under the lock at once; options, such as another attribute, come before it."""
    return (Synchronize(Arg(0), attribute="_lock", shared=shared), Make(_UNDER_ANOTHER))


FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "fasteners.locked": _decorate(),
    "fasteners.write_locked": _decorate(),
    "fasteners.read_locked": _decorate(shared=True),
}

ALIASES: dict[str, str] = {
    "fasteners.lock.ReaderWriterLock": _RW,
    "fasteners.process_lock.InterProcessLock": "fasteners.InterProcessLock",
    "fasteners.process_lock.InterProcessReaderWriterLock": "fasteners.InterProcessReaderWriterLock",
}
