"""``watchdog``: an observer's one thread calls its handlers (catalogue 1.4, 1.5).

``dispatch_events`` runs in the observer's thread, under its lock; two observers are two threads.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Field,
    Join,
    Keep,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_OBSERVER = "watchdog.observers.api.BaseObserver"
_CALLBACKS = Spawn(
    Arg(0, "event_handler"), threads=Threads.SERIAL, runs=("dispatch", "on_*"), thread="observer"
)
_OF_OBSERVER = TypeModel(bases=(_OBSERVER,))

TYPES: dict[str, TypeModel] = {
    _OBSERVER: TypeModel(
        bases=("threading.Thread",),
        methods={
            "schedule": (Register(_CALLBACKS, "handlers"),),
            "add_handler_for_watch": (Register(_CALLBACKS, "handlers"),),
            "start": (Begin("handlers"),),
        },
        on_enter=(Begin("handlers"),),
        on_exit=(Join(),),
    ),
    "watchdog.observers.Observer": _OF_OBSERVER,
    "watchdog.observers.polling.PollingObserver": _OF_OBSERVER,
    "watchdog.observers.polling.PollingObserverVFS": _OF_OBSERVER,
    "watchdog.utils.BaseThread": TypeModel(bases=("threading.Thread",)),
    "watchdog.utils.event_debouncer.EventDebouncer": TypeModel(
        bases=("threading.Thread",),
        construct=(Keep("<callback>", Arg(1, "events_callback")),),
        methods={"start": (Spawn(Field("<callback>"), threads=Threads.SERIAL, thread="debouncer"),)},
    ),
}
