"""``gpiozero``: callbacks are assigned, and run in the threads of the pins (catalogue 1.4).

``when_held`` has a thread of its own: a device can have two.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Exclusion,
    LockModel,
    Receiver,
    Spawn,
    Threads,
    TypeModel,
)

_DISPATCHED: tuple[Effect, ...] = (
    Spawn(Arg(0), Arguments(values=(Receiver(),)), Threads.SERIAL, thread="pins"),
)
_HELD: tuple[Effect, ...] = (Spawn(Arg(0), Arguments(values=(Receiver(),)), Threads.SERIAL, thread="hold"),)
_EVENTS = (
    *("pressed", "released", "activated", "deactivated", "motion", "no_motion", "line", "no_line", "light"),
    *("dark", "in_range", "out_of_range", "rotated", "rotated_clockwise", "rotated_counter_clockwise"),
    "changed",
)
_DEVICE = TypeModel(
    assigned={**{f"when_{event}": _DISPATCHED for event in _EVENTS}, "when_held": _HELD},
    lock=LockModel(Exclusion.NOTHING),
)

TYPES: dict[str, TypeModel] = {
    f"gpiozero.{device}": _DEVICE
    for device in (
        *("Button", "DigitalInputDevice", "MotionSensor", "LineSensor", "LightSensor", "DistanceSensor"),
        *("RotaryEncoder", "SmoothedInputDevice"),
    )
}
