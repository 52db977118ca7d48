"""``sqlalchemy``: listeners run where an engine, a pool or a session is used (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Give,
    Make,
    Spawn,
    Threads,
    TypeModel,
)

_DECORATOR = "sqlalchemy.event.<decorator>"

TYPES: dict[str, TypeModel] = {
    _DECORATOR: TypeModel(
        methods={"__call__": (Spawn(Arg(0), threads=Threads.ANY, repeated=True), Give(Arg(0)))}
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "sqlalchemy.event.listen": (Spawn(Arg(2, "fn"), threads=Threads.ANY, repeated=True),),
    "sqlalchemy.event.listens_for": (Make(_DECORATOR),),
}

ALIASES: dict[str, str] = {
    "sqlalchemy.event.api.listen": "sqlalchemy.event.listen",
    "sqlalchemy.event.api.listens_for": "sqlalchemy.event.listens_for",
}
