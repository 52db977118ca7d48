"""``apscheduler`` 3: jobs run in the scheduler's pool of threads once it is started (catalogue 1.4, 1.6).

A job does not run beside itself (``max_instances`` is 1 by default), but different jobs run at the same
time, in the ten workers of the default executor; that of ``BlockingScheduler``, too. Listeners are called
by the scheduler's thread and by the workers (``_dispatch_event``).
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Begin,
    Field,
    Give,
    Join,
    Keep,
    Make,
    Receiver,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_SCHEDULER = "apscheduler.schedulers.base.BaseScheduler"
_DECORATOR = "apscheduler.<decorator>"
_OF_SCHEDULER = TypeModel(bases=(_SCHEDULER,))

TYPES: dict[str, TypeModel] = {
    _SCHEDULER: TypeModel(
        methods={
            "add_job": (
                Register(
                    Spawn(
                        Arg(0, "func"),
                        Arguments(unpacked=Arg(2, "args"), named=Arg(3, "kwargs")),
                        Threads.SERIAL,
                    ),
                    "jobs",
                ),
            ),
            "scheduled_job": (
                Make(
                    _DECORATOR,
                    keep=(
                        Keep("<scheduler>", Receiver()),
                        Keep("<args>", Arg(1, "args")),
                        Keep("<kwargs>", Arg(2, "kwargs")),
                    ),
                ),
            ),
            "add_listener": (
                Register(Spawn(Arg(0, "callback"), threads=Threads.POOL, repeated=True), "jobs"),
            ),
            "start": (Begin("jobs"),),
            "shutdown": (Join(),),
        }
    ),
    _DECORATOR: TypeModel(
        methods={
            "__call__": (
                Register(
                    Spawn(
                        Arg(0),
                        Arguments(unpacked=Field("<args>"), named=Field("<kwargs>")),
                        Threads.SERIAL,
                    ),
                    "jobs",
                    on=Field("<scheduler>"),
                ),
                Give(Arg(0)),
            )
        }
    ),
    "apscheduler.schedulers.background.BackgroundScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.blocking.BlockingScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.asyncio.AsyncIOScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.tornado.TornadoScheduler": _OF_SCHEDULER,
    "apscheduler.schedulers.twisted.TwistedScheduler": _OF_SCHEDULER,
}
