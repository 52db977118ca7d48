"""``cheroot``: ten threads run one WSGI application (catalogue 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_SERVER = "cheroot.wsgi.Server"
_BEGIN: tuple[Effect, ...] = (Begin("app"),)

TYPES: dict[str, TypeModel] = {
    _SERVER: TypeModel(
        construct=(Register(Spawn(Arg(1, "wsgi_app"), threads=Threads.POOL, repeated=True), "app"),),
        methods={"start": _BEGIN, "serve": _BEGIN, "safe_start": _BEGIN},
    ),
}

ALIASES: dict[str, str] = {"cheroot.wsgi.WSGIServer": _SERVER}
