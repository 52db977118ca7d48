"""``tornado``: executors of the loop, calls back into it, locks between tasks (catalogue 1.4, 2.3).

A method under ``run_on_executor`` runs in the pool that its object has as ``executor``. The loop makes a
handler for each request and runs its methods, as tasks where they are coroutines.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Attribute,
    Effect,
    Exclusion,
    Field,
    Identify,
    Identity,
    Keep,
    LockModel,
    Make,
    RunLoop,
    Spawn,
    Threads,
    TypeModel,
)

_ON_EXECUTOR = "tornado.concurrent.<on executor>"
_LOOP = "tornado.ioloop.IOLoop"
_BACK: tuple[Effect, ...] = (Spawn(Arg(0), Arguments(rest=1), Threads.CALLER),)
_LATER: tuple[Effect, ...] = (Spawn(Arg(1), Arguments(rest=2), Threads.CALLER),)
_TASKS = TypeModel(lock=LockModel(Exclusion.TASKS))

TYPES: dict[str, TypeModel] = {
    _ON_EXECUTOR: TypeModel(
        methods={
            "__call__": (
                Spawn(
                    Field("<function>"),
                    Arguments(rest=0),
                    Threads.POOL,
                    handle="asyncio.Future",
                    awaited=True,
                    workers=Attribute("executor", Arg(0)),
                ),
            )
        },
        binds=True,
    ),
    _LOOP: TypeModel(
        methods={
            "run_in_executor": (
                Spawn(
                    Arg(1, "func"),
                    Arguments(rest=2),
                    Threads.POOL,
                    handle="asyncio.Future",
                    awaited=True,
                    workers=Arg(0, "executor"),
                ),
            ),
            "start": (RunLoop(),),
            "add_callback": _BACK,
            "add_callback_from_signal": _BACK,
            "spawn_callback": _BACK,
            "call_later": _LATER,
            "add_handler": _LATER,
        }
    ),
    "tornado.web.RequestHandler": TypeModel(
        served_each=("prepare", "get", "head", "post", "put", "delete", "options", "patch"), in_loop=True
    ),
    "tornado.websocket.WebSocketHandler": TypeModel(
        bases=("tornado.web.RequestHandler",), served_each=("open", "on_*"), in_loop=True
    ),
    "tornado.locks.Lock": _TASKS,
    "tornado.locks.Condition": TypeModel(),
    "tornado.locks.Semaphore": TypeModel(lock=LockModel(Exclusion.TASKS, permits=Arg(0, "value"))),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "tornado.concurrent.run_on_executor": (Make(_ON_EXECUTOR, keep=(Keep("<function>", Arg(0)),)),),
    f"{_LOOP}.current": (Identify(Identity.LOOP), Make(_LOOP)),
    f"{_LOOP}.instance": (Make(_LOOP),),
}
