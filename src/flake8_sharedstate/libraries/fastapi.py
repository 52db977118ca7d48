"""``starlette`` and ``fastapi``: what is no coroutine runs in a pool of threads (catalogue 1.4, 1.5).

Endpoints, dependencies, handlers of exceptions and background tasks that are plain functions are
given to ``run_in_threadpool``; coroutines run in the event loop. An ``HTTPEndpoint`` is made for each
request.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Give,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_DECORATOR = "starlette.<decorator>"


def _register(callable_: Arg, injects: bool = False) -> Register:
    serve = Spawn(callable_, threads=Threads.POOL, repeated=True, tasks=True, injects=injects)
    return Register(serve, "fastapi", on=None, served=True)


_DECORATE: tuple[Effect, ...] = (Make(_DECORATOR),)
_METHODS = ("get", "post", "put", "delete", "patch", "options", "head", "trace", "api_route", "route")
_ADD_TASK: tuple[Effect, ...] = (Spawn(Arg(0, "func"), Arguments(rest=1), Threads.POOL, tasks=True),)
_ROUTE = TypeModel(construct=(_register(Arg(1, "endpoint")),))
_ROUTER = TypeModel(
    methods={
        **dict.fromkeys(_METHODS, _DECORATE),
        "exception_handler": _DECORATE,
        "add_route": (_register(Arg(1)),),
        "add_api_route": (_register(Arg(1, "endpoint")),),
        "add_exception_handler": (_register(Arg(1, "handler")),),
    }
)

TYPES: dict[str, TypeModel] = {
    _DECORATOR: TypeModel(methods={"__call__": (_register(Arg(0)), Give(Arg(0)))}),
    "starlette.applications.Starlette": _ROUTER,
    "starlette.routing.Router": _ROUTER,
    "starlette.routing.Route": _ROUTE,
    "starlette.endpoints.HTTPEndpoint": TypeModel(
        served_each=("get", "post", "put", "delete", "patch", "options", "head")
    ),
    "starlette.background.BackgroundTask": TypeModel(construct=_ADD_TASK),
    "starlette.background.BackgroundTasks": TypeModel(methods={"add_task": _ADD_TASK}),
    "starlette.middleware.wsgi.WSGIMiddleware": TypeModel(construct=(_register(Arg(0, "app")),)),
    "fastapi.FastAPI": TypeModel(bases=("starlette.applications.Starlette",)),
    "fastapi.APIRouter": TypeModel(bases=("starlette.routing.Router",)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "starlette.concurrency.run_in_threadpool": (
        Spawn(Arg(0, "func"), Arguments(rest=1), Threads.POOL, handle="asyncio.Future", awaited=True),
    ),
    "fastapi.Depends": (_register(Arg(0, "dependency"), injects=True),),
    "fastapi.Security": (_register(Arg(0, "dependency"), injects=True),),
}

ALIASES: dict[str, str] = {
    "fastapi.concurrency.run_in_threadpool": "starlette.concurrency.run_in_threadpool",
    "fastapi.BackgroundTasks": "starlette.background.BackgroundTasks",
    "fastapi.background.BackgroundTasks": "starlette.background.BackgroundTasks",
    "fastapi.applications.FastAPI": "fastapi.FastAPI",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "fastapi.param_functions.Depends": "fastapi.Depends",
    "fastapi.param_functions.Security": "fastapi.Security",
    "fastapi.middleware.wsgi.WSGIMiddleware": "starlette.middleware.wsgi.WSGIMiddleware",
}
