"""``waitress``: four threads run one WSGI application (catalogue 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Spawn,
    Threads,
)

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "waitress.serve": (Spawn(Arg(0), threads=Threads.POOL, repeated=True, waited=True),),
}
