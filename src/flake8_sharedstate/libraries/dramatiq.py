"""``dramatiq``: actors run in the eight threads of a worker (catalogue 1.4, 1.5).

Broker middleware is one object for all of them.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Give,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_ACTOR = Register(Spawn(Arg(0, "fn"), threads=Threads.POOL, repeated=True), "dramatiq", on=None, served=True)
_DECORATOR = "dramatiq.<decorator>"

TYPES: dict[str, TypeModel] = {
    _DECORATOR: TypeModel(methods={"__call__": (_ACTOR, Give(Arg(0)))}),
    "dramatiq.Middleware": TypeModel(
        served=(
            *("before_process_message", "after_process_message", "after_skip_message"),
            *("before_enqueue", "after_enqueue"),
        )
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    # With a function it is the decorator, with options it makes one.
    "dramatiq.actor": (_ACTOR, Give(Arg(0, "fn")), Make(_DECORATOR)),
}

ALIASES: dict[str, str] = {
    "dramatiq.actor.actor": "dramatiq.actor",
    "dramatiq.middleware.Middleware": "dramatiq.Middleware",
    "dramatiq.middleware.middleware.Middleware": "dramatiq.Middleware",
}
