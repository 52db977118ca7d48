"""``redis``: handlers of a subscription, and locks on the server (catalogue 1.4, 1.6, 2.3).

``run_in_thread`` starts one thread that calls the handlers; ``get_message`` and ``listen`` call them in
the thread that reads. A lock's token is of the thread that took it, so it keeps other threads out too.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Exclusion,
    Keywords,
    LockModel,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_CLIENT = "redis.Redis"
_PUBSUB = "redis.client.PubSub"
_WORKER = "redis.client.PubSubWorkerThread"

_SUBSCRIBE: tuple[Effect, ...] = (
    Register(Spawn(Keywords(), threads=Threads.SERIAL, thread="worker"), "handlers"),
)
_READ: tuple[Effect, ...] = (Begin("handlers", here=True),)

TYPES: dict[str, TypeModel] = {
    _CLIENT: TypeModel(
        methods={
            "pubsub": (Make(_PUBSUB),),
            "lock": (Make("redis.lock.Lock"),),
            "pipeline": (Make("contextlib.<manager>"),),
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
    _PUBSUB: TypeModel(
        methods={
            "subscribe": _SUBSCRIBE,
            "psubscribe": _SUBSCRIBE,
            "ssubscribe": _SUBSCRIBE,
            "run_in_thread": (
                Begin("handlers"),
                Spawn(Arg(2, "exception_handler"), threads=Threads.SERIAL, thread="worker"),
                Make(_WORKER),
            ),
            "get_message": _READ,
            "listen": _READ,
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
    _WORKER: TypeModel(),
    "redis.lock.Lock": TypeModel(lock=LockModel(Exclusion.THREADS, named=True)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"redis.from_url": (Make(_CLIENT),)}

ALIASES: dict[str, str] = {
    "redis.StrictRedis": _CLIENT,
    "redis.client.Redis": _CLIENT,
    "redis.client.StrictRedis": _CLIENT,
    "redis.utils.from_url": "redis.from_url",
}
