"""``can``: listeners of a notifier, called under its lock, and periodic senders (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Each,
    Effect,
    Exclusion,
    Join,
    LockModel,
    Make,
    Spawn,
    Threads,
    TypeModel,
)


def _hear(listener: Arg | Each) -> tuple[Effect, ...]:
    return (
        Spawn(listener, threads=Threads.SERIAL, thread="notifier"),
        Spawn(listener, threads=Threads.SERIAL, runs=("on_message_received",), thread="notifier"),
    )


TYPES: dict[str, TypeModel] = {
    # One thread for each bus, but one lock around the listeners.
    "can.Notifier": TypeModel(
        construct=_hear(Each(Arg(1, "listeners"))),
        methods={"add_listener": _hear(Arg(0, "listener")), "stop": (Join(),)},
        lock=LockModel(Exclusion.NOTHING),
        on_exit=(Join(),),
    ),
    "can.BusABC": TypeModel(
        methods={
            "send_periodic": (Spawn(Arg(None, "modifier_callback"), threads=Threads.SERIAL, thread="sender"),)
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"can.interface.Bus": (Make("can.BusABC"),)}

ALIASES: dict[str, str] = {
    "can.Bus": "can.interface.Bus",
    "can.notifier.Notifier": "can.Notifier",
    "can.bus.BusABC": "can.BusABC",
}
