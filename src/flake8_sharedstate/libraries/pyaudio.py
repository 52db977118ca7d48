"""``pyaudio``: a stream calls back in a thread of its own (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Make,
    Spawn,
    Threads,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "pyaudio.PyAudio": TypeModel(
        methods={
            "open": (
                Spawn(Arg(None, "stream_callback"), threads=Threads.SERIAL, thread="audio"),
                Make("pyaudio.<stream>"),
            )
        }
    ),
    "pyaudio.<stream>": TypeModel(),
}
