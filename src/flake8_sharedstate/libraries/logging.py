"""``logging``: handlers are called under a lock of their own, filters are not (catalogue 1.1, 1.2, 2.2)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Exclusion,
    Hooks,
    Join,
    Keep,
    LockModel,
    Make,
    Receiver,
    Spawn,
    Tell,
    Threads,
    TypeModel,
)

_HANDLER = "logging.Handler"
_LOCK = LockModel(Exclusion.THREADS, part="lock", reentrant=True)
_UNDER_LOCK = ("emit", "format", "handleError")


def _hooks(*more: str) -> Hooks:
    return Hooks("lock", (*_UNDER_LOCK, *more))


_OF_HANDLER = TypeModel(bases=(_HANDLER,))
_OF_STREAM = TypeModel(bases=("logging.StreamHandler",))
_GET_LOGGER: tuple[Effect, ...] = (Make("logging.Logger"),)

_LEVELS = ("debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log")
_TELL: tuple[Effect, ...] = (Tell(),)

TYPES: dict[str, TypeModel] = {
    _HANDLER: TypeModel(attributes={"lock": "threading.RLock"}, hooks=_hooks(), lock=_LOCK),
    "logging.StreamHandler": _OF_HANDLER,
    "logging.FileHandler": _OF_STREAM,
    "logging.NullHandler": _OF_HANDLER,
    "logging.handlers.BaseRotatingHandler": TypeModel(
        bases=(_HANDLER,), hooks=_hooks("shouldRollover", "doRollover")
    ),
    "logging.handlers.RotatingFileHandler": TypeModel(bases=("logging.handlers.BaseRotatingHandler",)),
    "logging.handlers.TimedRotatingFileHandler": TypeModel(bases=("logging.handlers.BaseRotatingHandler",)),
    "logging.handlers.WatchedFileHandler": _OF_STREAM,
    "logging.handlers.BufferingHandler": TypeModel(bases=(_HANDLER,), hooks=_hooks("shouldFlush", "flush")),
    "logging.handlers.MemoryHandler": TypeModel(bases=("logging.handlers.BufferingHandler",)),
    "logging.handlers.SMTPHandler": _OF_HANDLER,
    "logging.handlers.HTTPHandler": _OF_HANDLER,
    "logging.handlers.SysLogHandler": _OF_HANDLER,
    "logging.handlers.NTEventLogHandler": _OF_HANDLER,
    "logging.handlers.SocketHandler": TypeModel(
        bases=(_HANDLER,),
        hooks=_hooks("makePickle", "makeSocket", "createSocket", "send"),
    ),
    "logging.handlers.DatagramHandler": TypeModel(bases=("logging.handlers.SocketHandler",)),
    "logging.handlers.QueueHandler": TypeModel(bases=(_HANDLER,), hooks=_hooks("prepare", "enqueue")),
    # One thread takes records from the queue and has the handlers handle them.
    "logging.handlers.QueueListener": TypeModel(
        construct=(
            Keep("handlers", Arg(1)),
            Keep("handlers", Arg(2)),
            Keep("handlers", Arg(3)),
        ),
        methods={
            "start": (Spawn(Receiver(), threads=Threads.SERIAL, runs=("dequeue", "prepare", "handle")),),
            "stop": (Join(),),
        },
    ),
    "logging.Logger": TypeModel(methods={"getChild": _GET_LOGGER, **dict.fromkeys(_LEVELS, _TELL)}),
    "logging.LoggerAdapter": TypeModel(construct=(Keep("logger", Arg(0, "logger")),)),
    "logging.Filter": TypeModel(),
    "logging.Formatter": TypeModel(),
}

ALIASES: dict[str, str] = {"logging.RootLogger": "logging.Logger"}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "logging.getLogger": _GET_LOGGER,
    **dict.fromkeys([f"logging.{level}" for level in _LEVELS], _TELL),
    "logging.config.listen": (Spawn(Arg(1, "verify"), threads=Threads.POOL, handle="threading.Thread"),),
}
