"""``pymongo``: listeners run in whichever thread uses the client, or in its monitors (catalogue 1.4, 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Each,
    Effect,
    Exclusion,
    LockModel,
    Spawn,
    Threads,
    TypeModel,
)

_METHODS = (
    "started",
    "succeeded",
    "failed",
    "opened",
    "closed",
    "description_changed",
    "pool_*",
    "connection_*",
)


def _listen(listener: Arg | Each) -> tuple[Effect, ...]:
    return (Spawn(listener, threads=Threads.ANY, runs=_METHODS, repeated=True),)


TYPES: dict[str, TypeModel] = {
    "pymongo.MongoClient": TypeModel(
        construct=_listen(Each(Arg(None, "event_listeners"))), lock=LockModel(Exclusion.NOTHING)
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"pymongo.monitoring.register": _listen(Arg(0, "listener"))}

ALIASES: dict[str, str] = {
    "pymongo.mongo_client.MongoClient": "pymongo.MongoClient",
    "pymongo.synchronous.mongo_client.MongoClient": "pymongo.MongoClient",
}
