"""``sys``: an audit hook is called in whichever thread does what is audited (catalogue 1.1)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Spawn, Threads

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "sys.addaudithook": (Spawn(Arg(0, "hook"), threads=Threads.ANY, repeated=True),),
}
