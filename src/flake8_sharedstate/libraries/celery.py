"""``celery``: tasks run in other processes, unless the pool is one of threads (catalogue 1.4, 1.6)."""

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

_CONF = "celery.<configuration>"
_DECORATOR = "celery.<decorator>"
_TASK = Register(Spawn(Arg(0), threads=Threads.POOL, repeated=True), "celery", on=None)
# With a function it is the decorator, with options it makes one.
_DECORATE: tuple[Effect, ...] = (_TASK, Give(Arg(0)), Make(_DECORATOR))
_BEGIN: tuple[Effect, ...] = (Begin("celery", on=None),)

TYPES: dict[str, TypeModel] = {
    "celery.Celery": TypeModel(methods={"task": _DECORATE}, attributes={"conf": _CONF}),
    _DECORATOR: TypeModel(methods={"__call__": (_TASK, Give(Arg(0)))}),
    _CONF: TypeModel(
        assigned={"worker_pool": (If(Arg(0), "threads", _BEGIN),)},
        methods={"update": (If(Arg(None, "worker_pool"), "threads", _BEGIN),)},
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"celery.shared_task": _DECORATE}

ALIASES: dict[str, str] = {"celery.app.base.Celery": "celery.Celery"}
