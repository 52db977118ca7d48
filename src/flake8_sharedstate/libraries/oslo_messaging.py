"""``oslo_messaging``: one endpoint for all calls, in threads where that is asked for (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Each,
    Effect,
    If,
    Join,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_SERVER = "oslo_messaging.<server>"
_ENDPOINTS = Spawn(Each(Arg(2, "endpoints")), threads=Threads.POOL, runs=("*",), repeated=True)

TYPES: dict[str, TypeModel] = {
    _SERVER: TypeModel(methods={"start": (Begin("oslo_messaging", on=None),), "wait": (Join(),)}),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "oslo_messaging.get_rpc_server": (
        If(Arg(3, "executor"), "threading", (Register(_ENDPOINTS, "oslo_messaging", on=None),)),
        Make(_SERVER),
    ),
}

ALIASES: dict[str, str] = {"oslo_messaging.rpc.server.get_rpc_server": "oslo_messaging.get_rpc_server"}
