"""``psycopg_pool``: the workers of a pool of connections call its hooks (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Exclusion,
    LockModel,
    Spawn,
    Threads,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "psycopg_pool.ConnectionPool": TypeModel(
        construct=tuple(
            Spawn(Arg(None, name), threads=Threads.POOL, repeated=True)
            for name in ("configure", "check", "reset", "reconnect_failed")
        ),
        lock=LockModel(Exclusion.NOTHING),
    ),
}

ALIASES: dict[str, str] = {"psycopg_pool.pool.ConnectionPool": "psycopg_pool.ConnectionPool"}
