"""``socketio`` and ``flask_socketio``: handlers run in threads where that is asked for (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Give,
    If,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_SERVER = "socketio.<server with threads>"
_DECORATOR = "socketio.<decorator>"
_HANDLE = Register(Spawn(Arg(0), threads=Threads.POOL, repeated=True), "socketio", on=None, served=True)
_MAKE: tuple[Effect, ...] = (If(Arg(None, "async_mode"), "threading", (Make(_SERVER),)),)

TYPES: dict[str, TypeModel] = {
    _SERVER: TypeModel(
        methods={
            "on": (Make(_DECORATOR),),
            "event": (_HANDLE, Give(Arg(0)), Make(_DECORATOR)),
            "on_event": (
                Register(
                    Spawn(Arg(1, "handler"), threads=Threads.POOL, repeated=True),
                    "socketio",
                    on=None,
                    served=True,
                ),
            ),
            "start_background_task": (
                Spawn(Arg(0, "target"), Arguments(rest=1), Threads.ONE, handle="threading.Thread"),
            ),
        }
    ),
    _DECORATOR: TypeModel(methods={"__call__": (_HANDLE, Give(Arg(0)))}),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"socketio.Server": _MAKE, "flask_socketio.SocketIO": _MAKE}
