"""``zeroconf``: each browser is a thread that calls its listeners (catalogue 1.4, 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Each,
    Exclusion,
    Join,
    LockModel,
    Spawn,
    Threads,
    TypeModel,
)

_METHODS = ("add_service", "remove_service", "update_service")


def _told(listener: Arg) -> Spawn:
    return Spawn(listener, threads=Threads.SERIAL, runs=_METHODS, thread="browser")


TYPES: dict[str, TypeModel] = {
    "zeroconf.ServiceBrowser": TypeModel(
        construct=(
            _told(Arg(2, "handlers")),
            _told(Arg(3, "listener")),
            Spawn(Each(Arg(2, "handlers")), threads=Threads.SERIAL, thread="browser"),
        ),
        methods={"cancel": (Join(),)},
        lock=LockModel(Exclusion.NOTHING),
        on_exit=(Join(),),
    ),
    "zeroconf.Zeroconf": TypeModel(
        methods={
            "add_service_listener": (
                Spawn(Arg(1, "listener"), threads=Threads.SERIAL, runs=_METHODS, repeated=True),
            )
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
}
