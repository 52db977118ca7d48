"""``os``: what a forked child runs, in its only thread (catalogue 1.3, 2.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Identify, Identity, Spawn, Threads

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "os.register_at_fork": tuple(
        Spawn(Arg(None, name), threads=Threads.ELSEWHERE)
        for name in ("before", "after_in_parent", "after_in_child")
    ),
    "os.getpid": (Identify(Identity.PROCESS),),
}
