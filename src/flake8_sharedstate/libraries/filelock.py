"""``filelock``: a lock on an open file, which keeps other threads out as well (catalogue 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Exclusion,
    LockModel,
    TypeModel,
)

_LOCK = "filelock.BaseFileLock"
_KINDS = ("FileLock", "UnixFileLock", "WindowsFileLock", "SoftFileLock")

TYPES: dict[str, TypeModel] = {
    _LOCK: TypeModel(lock=LockModel(Exclusion.THREADS, reentrant=True, named=True))
}

ALIASES: dict[str, str] = {f"filelock.{kind}": _LOCK for kind in _KINDS}
