"""``eventlet``: real threads beside greenlets, and threads that are greenlets (catalogue 1.4, 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Cooperate,
    Effect,
    Spawn,
    Threads,
)

_PATCH: tuple[Effect, ...] = (Cooperate(),)

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "eventlet.monkey_patch": _PATCH,
    "eventlet.tpool.execute": (Spawn(Arg(0, "meth"), Arguments(rest=1), Threads.POOL, waited=True),),
}

ALIASES: dict[str, str] = {"eventlet.patcher.monkey_patch": "eventlet.monkey_patch"}
