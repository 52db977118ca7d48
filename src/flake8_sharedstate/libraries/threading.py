"""``threading`` and ``_thread``: threads, timers, locks (catalogue 1.1, 1.2, 2.2).

Kept fields have the names of the attributes in which the classes keep them.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Exclusion,
    Field,
    Identify,
    Identity,
    Invoke,
    Join,
    Keep,
    LockModel,
    Make,
    Meet,
    Parties,
    Receiver,
    Signal,
    Spawn,
    Start,
    Threads,
    TypeModel,
    Unfailing,
    Wait,
)

_SEMAPHORE = TypeModel(lock=LockModel(Exclusion.THREADS, permits=Arg(0, "value")))
_THREAD: tuple[Effect, ...] = (Make("threading.Thread"),)
_TRACED: tuple[Effect, ...] = (Spawn(Arg(0, "func"), Arguments(each=Receiver()), Threads.POOL),)

TYPES: dict[str, TypeModel] = {
    "threading.Thread": TypeModel(
        construct=(
            Keep("_target", Arg(1, "target")),
            Keep("_args", Arg(3, "args")),
            Keep("_kwargs", Arg(4, "kwargs")),
        ),
        methods={
            "start": (Start("_target", "_args", "_kwargs"),),
            "run": (Invoke(Field("_target"), Arguments(unpacked=Field("_args"), named=Field("_kwargs"))),),
            "join": (Join(),),
        },
    ),
    "threading.Timer": TypeModel(
        bases=("threading.Thread",),
        construct=(
            Keep("function", Arg(1, "function")),
            Keep("args", Arg(2, "args")),
            Keep("kwargs", Arg(3, "kwargs")),
        ),
        methods={
            "start": (Start("function", "args", "kwargs"),),
            "run": (Invoke(Field("function"), Arguments(unpacked=Field("args"), named=Field("kwargs"))),),
        },
    ),
    "threading.local": TypeModel(thread_local=True),
    "threading.Lock": TypeModel(lock=LockModel(Exclusion.THREADS)),
    "threading.RLock": TypeModel(lock=LockModel(Exclusion.THREADS, reentrant=True)),
    "threading.Condition": TypeModel(
        methods={"wait_for": (Invoke(Arg(0, "predicate"), give=True),)},
        lock=LockModel(Exclusion.THREADS, wait=("wait", "wait_for"), wraps=Arg(0, "lock"), reentrant=True),
    ),
    "threading.Semaphore": _SEMAPHORE,
    "threading.BoundedSemaphore": _SEMAPHORE,
    "threading.Event": TypeModel(methods={"set": (Signal(),), "wait": (Wait(),)}),
    # One of the waiting threads runs the action while all the others wait: it has no one beside it.
    "threading.Barrier": TypeModel(
        construct=(Keep("_action", Arg(1, "action")), Parties(Arg(0, "parties"))),
        methods={"wait": (Meet(),)},
    ),
    # One lock around each step of an iterator.
    "threading.<serialized>": TypeModel(container="iterator", atomic=True),
    "threading.<synchronized>": TypeModel(
        methods={"__call__": (Make("threading.<serialized>"), Invoke(Field("callable"), Arguments(rest=0)))}
    ),
}

ALIASES: dict[str, str] = {
    "_thread.allocate_lock": "threading.Lock",
    "_thread.allocate": "threading.Lock",
    "_thread.LockType": "threading.Lock",
    "_thread.lock": "threading.Lock",
    "_thread.RLock": "threading.RLock",
    "threading._allocate_lock": "threading.Lock",
    "threading._RLock": "threading.RLock",
    "threading._PyRLock": "threading.RLock",
    "threading._CRLock": "threading.RLock",
    "_thread._local": "threading.local",
    "_threading_local.local": "threading.local",
    "_thread.start_new": "_thread.start_new_thread",
    "_thread.get_ident": "threading.get_ident",
    "_thread.get_native_id": "threading.get_native_id",
    "threading.currentThread": "threading.current_thread",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "threading._register_atexit": (Spawn(Arg(0, "func"), Arguments(rest=1), Threads.CALLER),),
    "threading.active_count": (),
    "threading.get_ident": (Identify(), Unfailing()),
    "threading.get_native_id": (Identify(), Unfailing()),
    "_thread.start_new_thread": (Spawn(Arg(0), Arguments(unpacked=Arg(1), named=Arg(2)), Threads.ONE),),
    "_thread.start_joinable_thread": (Spawn(Arg(0, "function"), threads=Threads.ONE),),
    "threading.current_thread": (Identify(), *_THREAD, Unfailing()),
    "threading.main_thread": (Identify(Identity.MAIN), *_THREAD, Unfailing()),
    "threading.settrace": _TRACED,
    "threading.setprofile": _TRACED,
    "threading.settrace_all_threads": _TRACED,
    "threading.setprofile_all_threads": _TRACED,
    "threading.serialize_iterator": (Make("threading.<serialized>", items=Arg(0, "iterable")),),
    "threading.synchronized_iterator": (
        Make("threading.<synchronized>", keep=(Keep("callable", Arg(0, "func")),)),
    ),
}
