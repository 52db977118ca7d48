"""``Pyro5``: an object that a daemon was given runs in the threads of all connections (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Exclusion,
    LockModel,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_OBJECT = Spawn(Arg(0), threads=Threads.POOL, runs=("*",), repeated=True, waited=True)

TYPES: dict[str, TypeModel] = {
    "Pyro5.server.Daemon": TypeModel(
        methods={"register": (Register(_OBJECT, "objects"),), "requestLoop": (Begin("objects"),)},
        lock=LockModel(Exclusion.NOTHING),
    ),
}

ALIASES: dict[str, str] = {"Pyro5.api.Daemon": "Pyro5.server.Daemon"}
