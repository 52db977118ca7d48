"""``flask``: views and hooks run in the threads of a server (catalogue 1.4, 1.5).

``Flask.run`` serves with threads (``options.setdefault("threaded", True)``), and so do the servers that
import an application: gunicorn's ``gthread``, waitress, mod_wsgi. A view class makes an instance for
each request unless it says ``init_every_request = False``; ``g``, ``request`` and ``session`` are of the
running request.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Exclusion,
    Field,
    Give,
    Keep,
    LockModel,
    Make,
    Receiver,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_DECORATOR = "flask.<decorator>"
_CONTEXT = "flask.<context>"


def _serve(callable_: Arg) -> Spawn:
    return Spawn(callable_, threads=Threads.POOL, repeated=True, waited=True)


_DECORATE: tuple[Effect, ...] = (Make(_DECORATOR, keep=(Keep("<app>", Receiver()),)),)
_HOOK: tuple[Effect, ...] = (Register(_serve(Arg(0, "f")), "views", served=True), Give(Arg(0, "f")))
_IN_CONTEXT: tuple[Effect, ...] = (Make(_CONTEXT),)

_DECORATORS = (
    *("route", "get", "post", "put", "delete", "patch", "errorhandler", "app_errorhandler"),
    *(f"{app}template_{kind}" for app in ("", "app_") for kind in ("filter", "test", "global")),
)
_HOOKS = (
    *("before_request", "after_request", "teardown_request", "context_processor", "teardown_appcontext"),
    *("url_value_preprocessor", "url_defaults", "before_app_request", "after_app_request"),
    *("teardown_app_request", "app_context_processor", "app_url_value_preprocessor", "app_url_defaults"),
)

TYPES: dict[str, TypeModel] = {
    "flask.<scaffold>": TypeModel(
        methods={
            **dict.fromkeys(_DECORATORS, _DECORATE),
            **dict.fromkeys(_HOOKS, _HOOK),
            "endpoint": _DECORATE,
            "add_url_rule": (Register(_serve(Arg(2, "view_func")), "views", served=True),),
            "register_error_handler": (Register(_serve(Arg(1, "f")), "views", served=True),),
            "add_template_filter": _HOOK,
            "add_template_test": _HOOK,
            "add_template_global": _HOOK,
        }
    ),
    "flask.Flask": TypeModel(
        bases=("flask.<scaffold>",),
        methods={
            "run": (Begin("views"),),
            "app_context": _IN_CONTEXT,
            "request_context": _IN_CONTEXT,
            "test_request_context": _IN_CONTEXT,
        },
    ),
    "flask.Blueprint": TypeModel(bases=("flask.<scaffold>",)),
    _DECORATOR: TypeModel(
        methods={
            "__call__": (Register(_serve(Arg(0)), "views", on=Field("<app>"), served=True), Give(Arg(0)))
        }
    ),
    _CONTEXT: TypeModel(lock=LockModel(Exclusion.NOTHING)),
    "flask.views.View": TypeModel(
        served_each=("dispatch_request", "get", "head", "post", "put", "delete", "options", "patch"),
        reused=("init_every_request", False),
    ),
    "flask.views.MethodView": TypeModel(bases=("flask.views.View",)),
    # Each thread sees its own.
    "flask.<local>": TypeModel(thread_local=True),
}

ALIASES: dict[str, str] = {
    "flask.app.Flask": "flask.Flask",
    "flask.blueprints.Blueprint": "flask.Blueprint",
}
