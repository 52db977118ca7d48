"""``bottle``: one thread by default, many with the threaded servers (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Give,
    If,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_DECORATOR = "bottle.<decorator>"
_DECORATE: tuple[Effect, ...] = (Make(_DECORATOR),)
_VIEW = Spawn(Arg(0), threads=Threads.POOL, repeated=True, waited=True)
_SERVERS = ("waitress", "cheroot", "cherrypy", "paste", "gunicorn")


def _run(server: Arg) -> tuple[Effect, ...]:
    return tuple(If(server, name, (Begin("bottle", on=None),)) for name in _SERVERS)


_DECORATORS = ("route", "get", "post", "put", "delete", "patch", "error", "hook")

TYPES: dict[str, TypeModel] = {
    "bottle.Bottle": TypeModel(
        methods={**dict.fromkeys(_DECORATORS, _DECORATE), "run": _run(Arg(None, "server"))}
    ),
    _DECORATOR: TypeModel(methods={"__call__": (Register(_VIEW, "bottle", on=None), Give(Arg(0)))}),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    **dict.fromkeys([f"bottle.{name}" for name in _DECORATORS], _DECORATE),
    "bottle.run": _run(Arg(1, "server")),
}
