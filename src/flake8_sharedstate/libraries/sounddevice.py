"""``sounddevice``: a stream's callbacks run in the thread of PortAudio (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Exclusion,
    Join,
    LockModel,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_BEGIN: tuple[Effect, ...] = (Begin("callbacks"),)
_END: tuple[Effect, ...] = (Join(),)


def _call_back(place: int, name: str) -> Register:
    return Register(Spawn(Arg(place, name), threads=Threads.SERIAL, thread="audio"), "callbacks")


_STREAM = TypeModel(
    construct=(_call_back(7, "callback"), _call_back(8, "finished_callback")),
    methods={"start": _BEGIN, "stop": _END, "abort": _END, "close": _END},
    lock=LockModel(Exclusion.NOTHING),
    on_enter=_BEGIN,
    on_exit=_END,
)

TYPES: dict[str, TypeModel] = {
    f"sounddevice.{raw}{direction}Stream": _STREAM
    for raw in ("", "Raw")
    for direction in ("", "Input", "Output")
}
