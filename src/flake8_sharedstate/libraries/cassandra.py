"""``cassandra``: callbacks of a response run in the thread of the driver's event loop (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Exclusion,
    Give,
    LockModel,
    Make,
    Receiver,
    Spawn,
    Threads,
    TypeModel,
)

_FUTURE = "cassandra.cluster.ResponseFuture"
_SESSION = "cassandra.cluster.Session"


def _call_back(function: Arg, rest: int | None = None) -> Spawn:
    return Spawn(function, Arguments(rest=rest), Threads.SERIAL, thread="event loop", common=True)


_ADD: tuple[Effect, ...] = (_call_back(Arg(0, "fn"), 1), Give(Receiver()))

TYPES: dict[str, TypeModel] = {
    "cassandra.cluster.Cluster": TypeModel(
        methods={"connect": (Make(_SESSION),)}, lock=LockModel(Exclusion.NOTHING)
    ),
    _SESSION: TypeModel(methods={"execute_async": (Make(_FUTURE),)}, lock=LockModel(Exclusion.NOTHING)),
    _FUTURE: TypeModel(
        methods={
            "add_callback": _ADD,
            "add_errback": _ADD,
            "add_callbacks": (_call_back(Arg(0, "callback")), _call_back(Arg(1, "errback"))),
        }
    ),
}
