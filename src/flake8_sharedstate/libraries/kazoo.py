"""``kazoo``: watches and listeners have a thread each, locks are the server's (catalogue 1.4, 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Exclusion,
    Give,
    LockModel,
    Make,
    Spawn,
    Threads,
    TypeModel,
)

_CLIENT = "kazoo.client.KazooClient"
_DECORATOR = "kazoo.recipe.watchers.<decorator>"
_FUNC = Arg(2, "func")


def _watch(function: Arg) -> Spawn:
    return Spawn(function, threads=Threads.SERIAL, thread="watches", common=True)


_LOOK: tuple[Effect, ...] = (_watch(Arg(1, "watch")),)
_LOCK = TypeModel(lock=LockModel(Exclusion.THREADS, named=True))
_MAKE_LOCK: tuple[Effect, ...] = (Make("kazoo.recipe.lock.Lock"),)

TYPES: dict[str, TypeModel] = {
    _CLIENT: TypeModel(
        methods={
            "add_listener": (
                Spawn(Arg(0, "listener"), threads=Threads.SERIAL, thread="completion", common=True),
            ),
            "get": _LOOK,
            "exists": _LOOK,
            "get_children": _LOOK,
            "DataWatch": (_watch(Arg(1, "func")), Make(_DECORATOR)),
            "ChildrenWatch": (_watch(Arg(1, "func")), Make(_DECORATOR)),
            "Lock": _MAKE_LOCK,
            "WriteLock": _MAKE_LOCK,
            "ReadLock": (Make("kazoo.recipe.lock.ReadLock"),),
            "Semaphore": (Make("kazoo.recipe.lock.Semaphore"),),
        }
    ),
    _DECORATOR: TypeModel(methods={"__call__": (_watch(Arg(0)), Give(Arg(0)))}),
    "kazoo.recipe.lock.Lock": _LOCK,
    "kazoo.recipe.lock.WriteLock": _LOCK,
    "kazoo.recipe.lock.ReadLock": TypeModel(lock=LockModel(Exclusion.READERS, named=True)),
    "kazoo.recipe.lock.Semaphore": TypeModel(lock=LockModel(Exclusion.NOTHING)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "kazoo.recipe.watchers.DataWatch": (_watch(_FUNC), Make(_DECORATOR)),
    "kazoo.recipe.watchers.ChildrenWatch": (_watch(_FUNC), Make(_DECORATOR)),
}
