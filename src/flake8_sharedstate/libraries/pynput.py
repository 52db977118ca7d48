"""``pynput``: a listener is one thread that calls its callbacks (catalogue 1.4, 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Each,
    Effect,
    Field,
    Join,
    Keep,
    Spawn,
    Threads,
    TypeModel,
)


def _listener(*callbacks: str) -> TypeModel:
    begin = tuple(Spawn(Field(c), threads=Threads.SERIAL, thread="listener") for c in callbacks)
    return TypeModel(
        bases=("threading.Thread",),
        construct=tuple(Keep(c, Arg(place, c)) for place, c in enumerate(callbacks)),
        methods={"start": begin},
        on_enter=begin,
        on_exit=(Join(),),
    )


_HOTKEYS: tuple[Effect, ...] = (Spawn(Field("<hotkeys>"), threads=Threads.SERIAL, thread="listener"),)

TYPES: dict[str, TypeModel] = {
    "pynput.keyboard.Listener": _listener("on_press", "on_release"),
    "pynput.mouse.Listener": _listener("on_move", "on_click", "on_scroll"),
    "pynput.keyboard.GlobalHotKeys": TypeModel(
        bases=("threading.Thread",),
        construct=(Keep("<hotkeys>", Each(Arg(0, "hotkeys"))),),
        methods={"start": _HOTKEYS},
        on_enter=_HOTKEYS,
        on_exit=(Join(),),
    ),
}
