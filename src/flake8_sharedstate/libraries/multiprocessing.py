"""``multiprocessing``: pools of threads, callbacks of pools, locks (catalogue 1.1, 1.3, 2.2).

What other processes run shares no memory. Of a pool of processes, one thread of this process makes
all the callbacks and another one draws the items for ``imap``.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Change,
    Effect,
    Exclusion,
    Field,
    Give,
    Join,
    LockModel,
    Make,
    Mutate,
    Receiver,
    Spawn,
    Take,
    Test,
    Threads,
    TypeModel,
)

_RESULT = "multiprocessing.pool.AsyncResult"
_MAP_RESULT = "multiprocessing.pool.MapResult"
_IMAP = "multiprocessing.pool.IMapIterator"

_JOIN: tuple[Effect, ...] = (Join(),)
_STATE: tuple[Effect, ...] = (Test(),)
_CALLBACKS: tuple[Effect, ...] = (
    Spawn(Arg(3, "callback"), threads=Threads.SERIAL),
    Spawn(Arg(4, "error_callback"), threads=Threads.SERIAL),
)
# A generator that is given to ``imap`` runs in the pool's own thread.
_DRAWN = Spawn(Arg(1, "iterable"), threads=Threads.SERIAL)
_FUNC = Arg(0, "func")
_AWAY = Spawn(_FUNC, threads=Threads.ELSEWHERE)
_CALL = Arguments(unpacked=Arg(1, "args"), named=Arg(2, "kwds"))
_EACH = Arguments(each=Arg(1, "iterable"))
_EACH_UNPACKED = Arguments(each_unpacked=Arg(1, "iterable"))

_SYNC_MANAGER = "multiprocessing.managers.SyncManager"

_NO_LOCK = LockModel(Exclusion.NOTHING)
_SEMAPHORE = TypeModel(lock=LockModel(Exclusion.THREADS, permits=Arg(0, "value")))
# Shared values lock with an RLock of their own, or with the one given, and are themselves its ``with``.
_SYNCHRONIZED = LockModel(Exclusion.THREADS, wraps=Arg(None, "lock"), reentrant=True)
_LOCK_OF_VALUE: dict[str, tuple[Effect, ...]] = {"get_lock": (Give(Receiver()),)}

_MAKE_LOCKS: dict[str, tuple[Effect, ...]] = {
    "Lock": (Make("multiprocessing.Lock"),),
    "RLock": (Make("multiprocessing.RLock"),),
    "Condition": (Make("multiprocessing.Condition"),),
    "Semaphore": (Make("multiprocessing.Semaphore"),),
    "BoundedSemaphore": (Make("multiprocessing.BoundedSemaphore"),),
    "Event": (Make("multiprocessing.Event"),),
    "Barrier": (Make("multiprocessing.Barrier"),),
}

TYPES: dict[str, TypeModel] = {
    "multiprocessing.Process": TypeModel(
        construct=(Spawn(Arg(1, "target"), threads=Threads.ELSEWHERE),),
    ),
    "multiprocessing.Pool": TypeModel(
        methods={
            "apply": (_AWAY,),
            "apply_async": (_AWAY, *_CALLBACKS, Make(_RESULT)),
            "map": (_AWAY, Make("builtins.list")),
            "starmap": (_AWAY, Make("builtins.list")),
            "map_async": (_AWAY, *_CALLBACKS, Make(_MAP_RESULT)),
            "starmap_async": (_AWAY, *_CALLBACKS, Make(_MAP_RESULT)),
            "imap": (_AWAY, _DRAWN, Make(_IMAP)),
            "imap_unordered": (_AWAY, _DRAWN, Make(_IMAP)),
            "join": _JOIN,
            "terminate": _JOIN,
        },
        lock=_NO_LOCK,
        on_exit=_JOIN,
    ),
    "multiprocessing.pool.ThreadPool": TypeModel(
        bases=("multiprocessing.Pool",),
        construct=(
            Spawn(
                Arg(1, "initializer"),
                Arguments(unpacked=Arg(2, "initargs")),
                Threads.POOL,
                repeated=True,
            ),
        ),
        methods={
            "apply": (Spawn(_FUNC, _CALL, Threads.ONE, waited=True),),
            "apply_async": (Spawn(_FUNC, _CALL, Threads.POOL, handle=_RESULT), *_CALLBACKS),
            "map": (Spawn(_FUNC, _EACH, Threads.POOL, handle="builtins.list", waited=True),),
            "starmap": (Spawn(_FUNC, _EACH_UNPACKED, Threads.POOL, handle="builtins.list", waited=True),),
            "map_async": (Spawn(_FUNC, _EACH, Threads.POOL, handle=_MAP_RESULT), *_CALLBACKS),
            "starmap_async": (
                Spawn(_FUNC, _EACH_UNPACKED, Threads.POOL, handle=_MAP_RESULT),
                *_CALLBACKS,
            ),
            "imap": (Spawn(_FUNC, _EACH, Threads.POOL, handle=_IMAP), _DRAWN),
            "imap_unordered": (Spawn(_FUNC, _EACH, Threads.POOL, handle=_IMAP), _DRAWN),
        },
        workers=Arg(0, "processes"),
    ),
    _RESULT: TypeModel(methods={"get": (Join(), Give(Field("result"))), "wait": _JOIN}),
    # Its items are the results.
    _MAP_RESULT: TypeModel(
        methods={"get": (Join(), Make("builtins.list", items=Receiver())), "wait": _JOIN},
        container="list",
    ),
    _IMAP: TypeModel(methods={"next": (Join(), Take()), "__next__": (Join(), Take())}, container="iterator"),
    "multiprocessing.dummy.Process": TypeModel(bases=("threading.Thread",)),
    "multiprocessing.dummy.Value": TypeModel(),
    "multiprocessing.Lock": TypeModel(lock=LockModel(Exclusion.THREADS)),
    "multiprocessing.RLock": TypeModel(lock=LockModel(Exclusion.THREADS, reentrant=True)),
    "multiprocessing.Condition": TypeModel(
        lock=LockModel(Exclusion.THREADS, wait=("wait", "wait_for"), wraps=Arg(0, "lock"), reentrant=True)
    ),
    "multiprocessing.Semaphore": _SEMAPHORE,
    "multiprocessing.BoundedSemaphore": _SEMAPHORE,
    "multiprocessing.Event": TypeModel(),
    "multiprocessing.Barrier": TypeModel(),
    "multiprocessing.Value": TypeModel(methods=_LOCK_OF_VALUE, lock=_SYNCHRONIZED),
    "multiprocessing.Array": TypeModel(methods=_LOCK_OF_VALUE, container="list", lock=_SYNCHRONIZED),
    "multiprocessing.RawValue": TypeModel(),
    "multiprocessing.RawArray": TypeModel(container="list"),
    # What is taken out is a copy of what was put in.
    "multiprocessing.Queue": TypeModel(
        methods={
            "put": (Mutate(Change.APPEND),),
            "put_nowait": (Mutate(Change.APPEND),),
            "get": (Mutate(Change.REMOVE),),
            "get_nowait": (Mutate(Change.REMOVE),),
            "empty": _STATE,
            "full": _STATE,
            "qsize": _STATE,
        },
        container="queue",
    ),
    "multiprocessing.JoinableQueue": TypeModel(bases=("multiprocessing.Queue",), methods={"join": _JOIN}),
    "multiprocessing.context.DefaultContext": TypeModel(
        methods={
            **_MAKE_LOCKS,
            "Process": (Make("multiprocessing.Process"),),
            "Pool": (Make("multiprocessing.Pool"),),
            "Queue": (Make("multiprocessing.Queue"),),
            "JoinableQueue": (Make("multiprocessing.JoinableQueue"),),
            "SimpleQueue": (Make("multiprocessing.Queue"),),
            "Value": (Make("multiprocessing.Value"),),
            "Array": (Make("multiprocessing.Array"),),
            "RawValue": (Make("multiprocessing.RawValue"),),
            "RawArray": (Make("multiprocessing.RawArray"),),
            "Manager": (Make(_SYNC_MANAGER),),
        }
    ),
    "multiprocessing.managers.BaseManager": TypeModel(lock=_NO_LOCK),
    _SYNC_MANAGER: TypeModel(
        bases=("multiprocessing.managers.BaseManager",),
        methods={
            **_MAKE_LOCKS,
            "Queue": (Make("multiprocessing.Queue"),),
            "JoinableQueue": (Make("multiprocessing.JoinableQueue"),),
            "Pool": (Make("multiprocessing.Pool"),),
            "Value": (Make("multiprocessing.RawValue"),),
            "Array": (Make("multiprocessing.RawArray"),),
            "Namespace": (Make("multiprocessing.managers.Namespace"),),
            "dict": (Make("multiprocessing.managers.DictProxy"),),
            "list": (Make("multiprocessing.managers.ListProxy"),),
        },
    ),
    "multiprocessing.managers.Namespace": TypeModel(),
    "multiprocessing.managers.DictProxy": TypeModel(bases=("builtins.dict",)),
    "multiprocessing.managers.ListProxy": TypeModel(bases=("builtins.list",)),
    "multiprocessing.shared_memory.ShareableList": TypeModel(container="list"),
    "multiprocessing.shared_memory.SharedMemory": TypeModel(),
    "multiprocessing.managers.SharedMemoryManager": TypeModel(bases=(_SYNC_MANAGER,)),
    "multiprocessing.connection.Connection": TypeModel(lock=_NO_LOCK),
    "multiprocessing.connection.Listener": TypeModel(lock=_NO_LOCK),
}

ALIASES: dict[str, str] = {
    "multiprocessing.process.BaseProcess": "multiprocessing.Process",
    "multiprocessing.context.BaseContext": "multiprocessing.context.DefaultContext",
    "multiprocessing.context.SpawnContext": "multiprocessing.context.DefaultContext",
    "multiprocessing.context.Process": "multiprocessing.Process",
    "multiprocessing.pool.Pool": "multiprocessing.Pool",
    "multiprocessing.pool.ApplyResult": _RESULT,
    "multiprocessing.pool.IMapUnorderedIterator": _IMAP,
    "multiprocessing.dummy.Pool": "multiprocessing.pool.ThreadPool",
    "multiprocessing.dummy.DummyProcess": "multiprocessing.dummy.Process",
    "multiprocessing.dummy.Lock": "threading.Lock",
    "multiprocessing.dummy.RLock": "threading.RLock",
    "multiprocessing.dummy.Condition": "threading.Condition",
    "multiprocessing.dummy.Semaphore": "threading.Semaphore",
    "multiprocessing.dummy.BoundedSemaphore": "threading.BoundedSemaphore",
    "multiprocessing.dummy.Event": "threading.Event",
    "multiprocessing.dummy.Barrier": "threading.Barrier",
    "multiprocessing.dummy.Queue": "queue.Queue",
    "multiprocessing.dummy.JoinableQueue": "queue.Queue",
    "multiprocessing.dummy.list": "builtins.list",
    "multiprocessing.dummy.dict": "builtins.dict",
    "multiprocessing.SimpleQueue": "multiprocessing.Queue",
    "multiprocessing.queues.Queue": "multiprocessing.Queue",
    "multiprocessing.queues.JoinableQueue": "multiprocessing.JoinableQueue",
    "multiprocessing.queues.SimpleQueue": "multiprocessing.Queue",
    "multiprocessing.synchronize.Lock": "multiprocessing.Lock",
    "multiprocessing.synchronize.RLock": "multiprocessing.RLock",
    "multiprocessing.synchronize.Condition": "multiprocessing.Condition",
    "multiprocessing.synchronize.Semaphore": "multiprocessing.Semaphore",
    "multiprocessing.synchronize.BoundedSemaphore": "multiprocessing.BoundedSemaphore",
    "multiprocessing.synchronize.Event": "multiprocessing.Event",
    "multiprocessing.synchronize.Barrier": "multiprocessing.Barrier",
    "multiprocessing.sharedctypes.Value": "multiprocessing.Value",
    "multiprocessing.sharedctypes.Array": "multiprocessing.Array",
    "multiprocessing.sharedctypes.Synchronized": "multiprocessing.Value",
    "multiprocessing.sharedctypes.SynchronizedArray": "multiprocessing.Array",
    "multiprocessing.sharedctypes.RawValue": "multiprocessing.RawValue",
    "multiprocessing.sharedctypes.RawArray": "multiprocessing.RawArray",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    # A manager's process serves each client in a thread of its own.
    "multiprocessing.managers.BaseManager.register": (Spawn(Arg(1, "callable"), threads=Threads.POOL),),
    "multiprocessing.get_context": (Make("multiprocessing.context.DefaultContext"),),
    "multiprocessing.Manager": (Make(_SYNC_MANAGER),),
}
