"""``signal``: handlers run in the main thread, between two of its steps: no thread (catalogue 1.1)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Spawn, Threads

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "signal.signal": (Spawn(Arg(1), threads=Threads.CALLER),),
    "signal.getsignal": (),
}
