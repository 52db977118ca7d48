"""``stomp``: one receiving thread calls the listeners of a connection (catalogue 1.4, 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Join,
    Spawn,
    Threads,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "stomp.Connection": TypeModel(
        methods={
            "set_listener": (Spawn(Arg(1), threads=Threads.SERIAL, runs=("on_*",), thread="receiver"),),
            "disconnect": (Join(),),
        }
    ),
}

ALIASES: dict[str, str] = {
    "stomp.Connection11": "stomp.Connection",
    "stomp.Connection12": "stomp.Connection",
}
