"""``rpyc``: a service of its own for each connection, in a thread of its own (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_SERVICE = Spawn(
    Arg(0, "service"),
    threads=Threads.POOL,
    instantiate=True,
    runs=("exposed_*", "on_connect", "on_disconnect"),
    repeated=True,
)
_SERVER = TypeModel(construct=(Register(_SERVICE, "service"),), methods={"start": (Begin("service"),)})

TYPES: dict[str, TypeModel] = {
    "rpyc.utils.server.ThreadedServer": _SERVER,
    "rpyc.utils.server.ThreadPoolServer": _SERVER,
}

ALIASES: dict[str, str] = {
    "rpyc.ThreadedServer": "rpyc.utils.server.ThreadedServer",
    "rpyc.ThreadPoolServer": "rpyc.utils.server.ThreadPoolServer",
}
