"""``werkzeug``: the development server, with threads if it is asked for them (catalogue 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    If,
    Spawn,
    Threads,
    TypeModel,
)

_SERVE = Spawn(Arg(2, "application"), threads=Threads.POOL, repeated=True, waited=True)

TYPES: dict[str, TypeModel] = {
    # Each thread sees its own.
    "werkzeug.local.Local": TypeModel(thread_local=True),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "werkzeug.serving.run_simple": (If(Arg(9, "threaded"), True, (_SERVE,)),),
}

ALIASES: dict[str, str] = {
    "werkzeug.run_simple": "werkzeug.serving.run_simple",
    "werkzeug.Local": "werkzeug.local.Local",
}
