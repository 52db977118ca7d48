"""``atexit``: what is registered runs in the main thread, after the threads that end (catalogue 1.1)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Arguments, Effect, Give, Spawn, Threads

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "atexit.register": (Spawn(Arg(0), Arguments(rest=1), Threads.CALLER), Give(Arg(0))),
    "atexit.unregister": (),
}
