"""``contextvars``: each thread sees a value of its own (catalogue 1.3, 3.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Arguments, Effect, Invoke, Make, TypeModel

TYPES: dict[str, TypeModel] = {
    "contextvars.ContextVar": TypeModel(thread_local=True),
    "contextvars.Context": TypeModel(
        methods={
            "run": (Invoke(Arg(0), Arguments(rest=1), give=True),),
            "copy": (Make("contextvars.Context"),),
        }
    ),
}

ALIASES: dict[str, str] = {
    "_contextvars.ContextVar": "contextvars.ContextVar",
    "_contextvars.Context": "contextvars.Context",
    "_contextvars.copy_context": "contextvars.copy_context",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"contextvars.copy_context": (Make("contextvars.Context"),)}
