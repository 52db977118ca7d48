"""``apscheduler`` 3: jobs run in the scheduler's pool of threads once it is started (catalogue 1.4, 1.6).

A job does not run beside itself unless it is allowed to (``max_instances`` is 1 by default), but different
jobs run at the same time, in the ten workers of the default executor; that of ``BlockingScheduler``, too.
Listeners are called by the scheduler's thread and by the workers (``_dispatch_event``).
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Begin,
    Effect,
    Field,
    Give,
    If,
    Join,
    Keep,
    Make,
    Receiver,
    Register,
    Source,
    Spawn,
    Threads,
    TypeModel,
)

_SCHEDULER = "apscheduler.schedulers.base.BaseScheduler"
_DECORATOR = "apscheduler.<decorator>"
_OF_SEVERAL = "apscheduler.<decorator of several>"
_OF_SCHEDULER = TypeModel(bases=(_SCHEDULER,))


def _job(callable_: Arg, args: Source, kwargs: Source, threads: Threads, on: Source) -> Register:
    given = Arguments(unpacked=args, named=kwargs)
    return Register(Spawn(callable_, given, threads, repeated=threads is Threads.POOL), "jobs", on=on)


def _by_instances(limit: Arg, one: tuple[Effect, ...], several: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """What is done where one run of a job is allowed at a time, and where several are, in so many words."""
    return (If(limit, None, one, (If(limit, 1, one, several),)),)


def _add(threads: Threads) -> tuple[Effect, ...]:
    return (_job(Arg(0, "func"), Arg(2, "args"), Arg(3, "kwargs"), threads, Receiver()),)


def _decorate(decorator: str) -> tuple[Effect, ...]:
    keep = (
        Keep("<scheduler>", Receiver()),
        Keep("<args>", Arg(1, "args")),
        Keep("<kwargs>", Arg(2, "kwargs")),
    )
    return (Make(decorator, keep=keep),)


def _decorator(threads: Threads) -> TypeModel:
    job = _job(Arg(0), Field("<args>"), Field("<kwargs>"), threads, Field("<scheduler>"))
    return TypeModel(methods={"__call__": (job, Give(Arg(0)))})


TYPES: dict[str, TypeModel] = {
    _SCHEDULER: TypeModel(
        methods={
            "add_job": _by_instances(Arg(8, "max_instances"), _add(Threads.SERIAL), _add(Threads.POOL)),
            "scheduled_job": _by_instances(
                Arg(7, "max_instances"), _decorate(_DECORATOR), _decorate(_OF_SEVERAL)
            ),
            "add_listener": (
                Register(Spawn(Arg(0, "callback"), threads=Threads.POOL, repeated=True), "jobs"),
            ),
            "start": (Begin("jobs"),),
            "shutdown": (Join(),),
        }
    ),
    _DECORATOR: _decorator(Threads.SERIAL),
    _OF_SEVERAL: _decorator(Threads.POOL),
    "apscheduler.schedulers.background.BackgroundScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.blocking.BlockingScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.asyncio.AsyncIOScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.tornado.TornadoScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.twisted.TwistedScheduler": _OF_SCHEDULER,
}
