"""``pika``: callbacks of a blocking connection run in the thread that consumes (catalogue 1.4, 1.6)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Begin,
    Effect,
    Exclusion,
    Field,
    Keep,
    LockModel,
    Make,
    Receiver,
    Register,
    Spawn,
    TypeModel,
)

_CONNECTION = "pika.BlockingConnection"
_CHANNEL = "pika.adapters.blocking_connection.BlockingChannel"

_CONSUME: tuple[Effect, ...] = (
    Begin("callbacks", here=True),
    Begin("callbacks", on=Field("<connection>"), here=True),
)
_PROCESS: tuple[Effect, ...] = (Begin("callbacks", here=True),)

TYPES: dict[str, TypeModel] = {
    _CONNECTION: TypeModel(
        methods={
            "channel": (Make(_CHANNEL, keep=(Keep("<connection>", Receiver()),)),),
            "add_callback_threadsafe": (Register(Spawn(Arg(0, "callback")), "callbacks"),),
            "call_later": (Register(Spawn(Arg(1, "callback")), "callbacks"),),
            "process_data_events": _PROCESS,
            "sleep": _PROCESS,
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
    _CHANNEL: TypeModel(
        methods={
            "basic_consume": (
                Register(Spawn(Arg(1, "on_message_callback"), Arguments(values=(Receiver(),))), "callbacks"),
            ),
            "start_consuming": _CONSUME,
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
}

ALIASES: dict[str, str] = {"pika.adapters.blocking_connection.BlockingConnection": _CONNECTION}
