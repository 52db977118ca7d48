"""``dash``: callbacks of a page run in the threads of its Flask server (catalogue 1.4)."""

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

_DECORATOR = "dash.<decorator>"
_DECORATE: tuple[Effect, ...] = (Make(_DECORATOR),)
_CALLBACK = Spawn(Arg(0), threads=Threads.POOL, repeated=True)

TYPES: dict[str, TypeModel] = {
    _DECORATOR: TypeModel(
        methods={"__call__": (Register(_CALLBACK, "dash", on=None, served=True), Give(Arg(0)))}
    ),
    "dash.Dash": TypeModel(methods={"callback": _DECORATE}),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"dash.callback": _DECORATE}

ALIASES: dict[str, str] = {"dash.dash.Dash": "dash.Dash"}
