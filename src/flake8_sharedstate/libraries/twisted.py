"""``twisted``: the reactor's pool of threads, and calls back into the reactor (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Give,
    Join,
    Receiver,
    Spawn,
    Threads,
    TypeModel,
)

_DEFERRED = "twisted.internet.defer.Deferred"
_CALL: tuple[Effect, ...] = (Spawn(Arg(0), Arguments(rest=1), Threads.POOL),)
_BACK: tuple[Effect, ...] = (Spawn(Arg(0), Arguments(rest=1), Threads.CALLER),)
_LATER: tuple[Effect, ...] = (Spawn(Arg(1), Arguments(rest=2), Threads.CALLER),)
_WITH_CALLBACK: tuple[Effect, ...] = (
    Spawn(Arg(0), threads=Threads.POOL),
    Spawn(Arg(1), Arguments(rest=2), Threads.POOL),
)
_ADD: tuple[Effect, ...] = (Spawn(Arg(0), threads=Threads.CALLER), Give(Receiver()))


def _defer(function: int) -> tuple[Effect, ...]:
    return (Spawn(Arg(function), Arguments(rest=function + 1), Threads.POOL, handle=_DEFERRED, awaited=True),)


TYPES: dict[str, TypeModel] = {
    _DEFERRED: TypeModel(methods={"addCallback": _ADD, "addErrback": _ADD, "addBoth": _ADD}),
    "twisted.python.threadpool.ThreadPool": TypeModel(
        methods={
            "callInThread": _CALL,
            "callInThreadWithCallback": _WITH_CALLBACK,
            "stop": (Join(),),
        },
        workers=Arg(1, "maxthreads"),
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "twisted.internet.threads.deferToThread": _defer(0),
    "twisted.internet.threads.deferToThreadPool": _defer(2),
    "twisted.internet.threads.blockingCallFromThread": (Spawn(Arg(1), Arguments(rest=2), Threads.CALLER),),
    "twisted.internet.reactor.callInThread": _CALL,
    "twisted.internet.reactor.callFromThread": _BACK,
    "twisted.internet.reactor.callWhenRunning": _BACK,
    "twisted.internet.reactor.callLater": _LATER,
}
