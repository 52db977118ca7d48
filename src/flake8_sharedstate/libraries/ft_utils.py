"""``ft_utils``: locks and numbers for free-threaded builds (catalogue 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Exclusion,
    LockModel,
    TypeModel,
)

_ATOMIC = TypeModel(atomic=True)

TYPES: dict[str, TypeModel] = {
    "ft_utils.synchronization.IntervalLock": TypeModel(lock=LockModel(Exclusion.THREADS)),
    "ft_utils.synchronization.ReaderWriterLock": TypeModel(),
    "ft_utils.synchronization.RWReadContext": TypeModel(lock=LockModel(Exclusion.READERS, wraps=Arg(0))),
    "ft_utils.synchronization.RWWriteContext": TypeModel(lock=LockModel(Exclusion.THREADS, wraps=Arg(0))),
    "ft_utils.concurrency.AtomicInt64": _ATOMIC,
    "ft_utils.concurrency.AtomicFlag": _ATOMIC,
    "ft_utils.concurrency.AtomicReference": _ATOMIC,
    "ft_utils.concurrency.ConcurrentDict": TypeModel(bases=("builtins.dict",)),
    "ft_utils.concurrency.ConcurrentQueue": TypeModel(),
}
