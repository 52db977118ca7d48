"""``scapy``: an asynchronous sniffer calls back in its own thread (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Join,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_END: tuple[Effect, ...] = (Join(),)

TYPES: dict[str, TypeModel] = {
    "scapy.sendrecv.AsyncSniffer": TypeModel(
        construct=tuple(
            Register(Spawn(Arg(None, name), threads=Threads.SERIAL, thread="sniffer"), "callbacks")
            for name in ("prn", "lfilter", "stop_filter")
        ),
        methods={"start": (Begin("callbacks"),), "join": _END, "stop": _END},
    ),
}

ALIASES: dict[str, str] = {"scapy.all.AsyncSniffer": "scapy.sendrecv.AsyncSniffer"}
