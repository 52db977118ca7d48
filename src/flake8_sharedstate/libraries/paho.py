"""``paho.mqtt``: callbacks are attributes; ``loop_start`` runs them all in one thread (catalogue 1.4, 1.6).

``loop_forever`` and ``loop`` run them in the thread that calls it.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Attribute,
    Begin,
    Effect,
    Field,
    Give,
    Invoke,
    Join,
    Keep,
    Make,
    Receiver,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_CLIENT = "paho.mqtt.client.Client"
_DECORATOR = "paho.mqtt.client.<decorator>"
_EVENTS = (
    *(
        "connect",
        "connect_fail",
        "pre_connect",
        "disconnect",
        "message",
        "publish",
        "subscribe",
        "unsubscribe",
    ),
    *("log", "socket_open", "socket_close", "socket_register_write", "socket_unregister_write"),
)
_DECORATE: tuple[Effect, ...] = (Make(_DECORATOR, keep=(Keep("<client>", Receiver()),)),)
_GIVEN = Arguments(values=(Receiver(),))


def _on_message(callback: Arg) -> Spawn:
    return Spawn(callback, threads=Threads.SERIAL, thread="loop")


_HERE: tuple[Effect, ...] = (
    *(Invoke(Attribute(f"on_{event}"), _GIVEN) for event in _EVENTS),
    Begin("callbacks", here=True),
)

TYPES: dict[str, TypeModel] = {
    _CLIENT: TypeModel(
        methods={
            "message_callback_add": (Register(_on_message(Arg(1, "callback")), "callbacks"),),
            "topic_callback": _DECORATE,
            **{f"{event}_callback": _DECORATE for event in _EVENTS},
            "loop_start": (
                *(
                    Spawn(Attribute(f"on_{event}"), _GIVEN, Threads.SERIAL, thread="loop")
                    for event in _EVENTS
                ),
                Begin("callbacks"),
            ),
            "loop_stop": (Join(),),
            "loop_forever": _HERE,
            "loop": _HERE,
        }
    ),
    _DECORATOR: TypeModel(
        methods={"__call__": (Register(_on_message(Arg(0)), "callbacks", on=Field("<client>")), Give(Arg(0)))}
    ),
}
