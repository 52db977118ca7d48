"""``contextlib``: managers that lock nothing, and stacks that hold what they entered (catalogue 2.2)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Defer,
    Effect,
    Exclusion,
    Field,
    Give,
    Hold,
    Keep,
    LockModel,
    Make,
    Transfer,
    TypeModel,
    Unwind,
)

_NO_LOCK = LockModel(Exclusion.NOTHING)
_REDIRECT = TypeModel(
    construct=(Keep("new_target", Arg(0, "new_target")),), lock=_NO_LOCK, enters="new_target"
)
_CLOSING = TypeModel(construct=(Keep("thing", Arg(0, "thing")),), lock=_NO_LOCK, enters="thing")

_ENTER: tuple[Effect, ...] = (Keep("entered", Arg(0, "cm")), Give(Arg(0, "cm")), Hold(Arg(0, "cm")))
_PUSH: tuple[Effect, ...] = (Keep("exits", Arg(0, "exit")), Give(Arg(0, "exit")))
_CALLBACK: tuple[Effect, ...] = (Keep("callbacks", Arg(0)), Give(Arg(0)), Defer(Arg(0)))
_MOVED = (
    Keep("entered", Field("entered")),
    Keep("exits", Field("exits")),
    Keep("callbacks", Field("callbacks")),
)

TYPES: dict[str, TypeModel] = {
    "contextlib.nullcontext": TypeModel(
        construct=(Keep("enter_result", Arg(0, "enter_result")),), lock=_NO_LOCK, enters="enter_result"
    ),
    "contextlib.suppress": TypeModel(lock=_NO_LOCK),
    "contextlib.chdir": TypeModel(lock=_NO_LOCK),
    "contextlib.closing": _CLOSING,
    "contextlib.aclosing": _CLOSING,
    "contextlib.redirect_stdout": _REDIRECT,
    "contextlib.redirect_stderr": _REDIRECT,
    # What other libraries' functions give for ``with``, where there is no more to say of it.
    "contextlib.<manager>": TypeModel(lock=_NO_LOCK),
    "contextlib.ExitStack": TypeModel(
        methods={
            "enter_context": _ENTER,
            "push": _PUSH,
            "callback": _CALLBACK,
            "pop_all": (Make("contextlib.ExitStack", keep=_MOVED), Transfer()),
            "close": (Unwind(),),
        }
    ),
    "contextlib.AsyncExitStack": TypeModel(
        methods={
            "enter_context": _ENTER,
            "enter_async_context": _ENTER,
            "push": _PUSH,
            "push_async_exit": _PUSH,
            "callback": _CALLBACK,
            "push_async_callback": _CALLBACK,
            "pop_all": (Make("contextlib.AsyncExitStack", keep=_MOVED), Transfer()),
            "aclose": (Unwind(),),
        }
    ),
}

# The decorated function stays a generator function: ``with`` runs its body up to the ``yield``.
FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "contextlib.contextmanager": (Give(Arg(0)),),
    "contextlib.asynccontextmanager": (Give(Arg(0)),),
}
