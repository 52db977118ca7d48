"""``asgiref`` and ``channels``: synchronous code of an asynchronous program (catalogue 1.4).

By default one thread runs all that is thread-sensitive, one call after the other; with
``thread_sensitive=False`` a pool does.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Field,
    If,
    Keep,
    Make,
    Spawn,
    Threads,
    TypeModel,
)

_IN_ONE = "asgiref.sync.<in one thread>"
_IN_POOL = "asgiref.sync.<in a pool>"
_IN_LOOP = "asgiref.sync.<in the loop>"
_FUTURE = "asyncio.Future"
_FUNCTION = Field("<function>")
_KEEP = (Keep("<function>", Arg(0)),)

TYPES: dict[str, TypeModel] = {
    # As a decorator with options each is called with the function first.
    _IN_ONE: TypeModel(
        methods={
            "__call__": (
                Spawn(
                    _FUNCTION,
                    Arguments(rest=0),
                    Threads.SERIAL,
                    handle=_FUTURE,
                    awaited=True,
                    thread="sync",
                    common=True,
                ),
                Make(_IN_ONE, keep=_KEEP),
            )
        },
        binds=True,
    ),
    _IN_POOL: TypeModel(
        methods={
            "__call__": (
                Spawn(_FUNCTION, Arguments(rest=0), Threads.POOL, handle=_FUTURE, awaited=True),
                Make(_IN_POOL, keep=_KEEP),
            )
        },
        binds=True,
    ),
    _IN_LOOP: TypeModel(
        methods={"__call__": (Spawn(_FUNCTION, Arguments(rest=0), Threads.CALLER),)}, binds=True
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "asgiref.sync.sync_to_async": (
        If(
            Arg(1, "thread_sensitive"),
            False,
            (Make(_IN_POOL, keep=_KEEP),),
            (Make(_IN_ONE, keep=_KEEP),),
        ),
    ),
    "asgiref.sync.async_to_sync": (Make(_IN_LOOP, keep=_KEEP),),
}

ALIASES: dict[str, str] = {
    "asgiref.sync.SyncToAsync": "asgiref.sync.sync_to_async",
    "asgiref.sync.AsyncToSync": "asgiref.sync.async_to_sync",
    "channels.db.database_sync_to_async": "asgiref.sync.sync_to_async",
}
