"""``gevent``: a pool of real threads, locks, and threads that are greenlets (catalogue 1.4, 2.3).

Greenlets switch only where they block: a program that is patched has no other threads. Its locks are made
for them: to own one says nothing of threads, and to hold one is believed to guard.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Cooperate,
    Effect,
    Exclusion,
    Field,
    Give,
    Join,
    LockModel,
    Spawn,
    Threads,
    TypeModel,
)

_POOL = "gevent.threadpool.ThreadPool"
_RESULT = "gevent.event.AsyncResult"
_CALL = Arguments(unpacked=Arg(1, "args"), named=Arg(2, "kwds"))
_EACH = Arguments(each=Arg(1, "iterable"))
_PATCH: tuple[Effect, ...] = (Cooperate(),)

TYPES: dict[str, TypeModel] = {
    _POOL: TypeModel(
        methods={
            "spawn": (Spawn(Arg(0, "func"), Arguments(rest=1), Threads.POOL, handle=_RESULT),),
            "apply": (Spawn(Arg(0, "func"), _CALL, Threads.ONE, waited=True),),
            "apply_async": (Spawn(Arg(0, "func"), _CALL, Threads.POOL, handle=_RESULT),),
            "map": (Spawn(Arg(0, "func"), _EACH, Threads.POOL, handle="builtins.list", waited=True),),
            "map_async": (Spawn(Arg(0, "func"), _EACH, Threads.POOL, handle=_RESULT),),
            "join": (Join(),),
            "kill": (Join(),),
        },
        workers=Arg(0, "maxsize"),
    ),
    "gevent.threadpool.ThreadPoolExecutor": TypeModel(bases=("concurrent.futures.ThreadPoolExecutor",)),
    _RESULT: TypeModel(methods={"get": (Join(), Give(Field("result"))), "wait": (Join(),)}),
    "gevent.lock.DummySemaphore": TypeModel(lock=LockModel(Exclusion.NOTHING)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "gevent.monkey.patch_all": _PATCH,
    "gevent.monkey.patch_thread": _PATCH,
}
