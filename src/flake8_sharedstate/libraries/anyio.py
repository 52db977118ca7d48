"""``anyio`` and ``trio``: tasks and worker threads of a loop, calls back, locks (catalogue 1.4, 2.3).

Options of ``run_sync`` are keyword-only and are not passed on; a function has only its positional arguments.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Exclusion,
    Invoke,
    Join,
    LockModel,
    Make,
    RunLoop,
    Spawn,
    Threads,
    TypeModel,
)

_TO_THREAD: tuple[Effect, ...] = (
    Spawn(Arg(0), Arguments(rest=1), Threads.POOL, handle="asyncio.Future", awaited=True),
)
_FROM_THREAD: tuple[Effect, ...] = (Spawn(Arg(0), Arguments(rest=1), Threads.CALLER),)
_ELSEWHERE: tuple[Effect, ...] = (Spawn(Arg(0), threads=Threads.ELSEWHERE),)
# The loop of a blocking portal has a thread of its own.
_IN_PORTAL: tuple[Effect, ...] = (Spawn(Arg(0, "func"), Arguments(rest=1), Threads.SERIAL, thread="loop"),)
_CALL_PORTAL: tuple[Effect, ...] = (
    Spawn(Arg(0, "func"), Arguments(rest=1), Threads.SERIAL, thread="loop", waited=True),
)
_RUN: tuple[Effect, ...] = (RunLoop(), Invoke(Arg(0), Arguments(rest=1), give=True))

# It gives back nothing; whoever leaves the group has waited for all of its tasks.
_START_TASK: tuple[Effect, ...] = (Spawn(Arg(0), Arguments(rest=1), Threads.CALLER, tasks=True),)
_GROUP = TypeModel(
    methods={"start_soon": _START_TASK, "start": _START_TASK},
    lock=LockModel(Exclusion.NOTHING),
    on_exit=(Join(),),
)

_LOCK = TypeModel(lock=LockModel(Exclusion.TASKS))
_SEMAPHORE = TypeModel(lock=LockModel(Exclusion.TASKS, permits=Arg(0, "initial_value")))

TYPES: dict[str, TypeModel] = {
    "anyio.abc.TaskGroup": _GROUP,
    "anyio.Lock": _LOCK,
    "anyio.Condition": _LOCK,
    "anyio.Semaphore": _SEMAPHORE,
    "anyio.from_thread.BlockingPortal": TypeModel(
        methods={"call": _CALL_PORTAL, "start_task_soon": _IN_PORTAL, "start_task": _CALL_PORTAL},
        lock=LockModel(Exclusion.NOTHING),
    ),
    "trio.Nursery": _GROUP,
    "trio.Lock": _LOCK,
    "trio.StrictFIFOLock": _LOCK,
    "trio.Condition": _LOCK,
    "trio.Semaphore": _SEMAPHORE,
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "anyio.create_task_group": (Make("anyio.abc.TaskGroup"),),
    "anyio.run": _RUN,
    "anyio.to_thread.run_sync": _TO_THREAD,
    "anyio.from_thread.run": _FROM_THREAD,
    "anyio.from_thread.run_sync": _FROM_THREAD,
    "anyio.from_thread.start_blocking_portal": (Make("anyio.from_thread.BlockingPortal"),),
    "anyio.to_process.run_sync": _ELSEWHERE,
    "anyio.to_interpreter.run_sync": _ELSEWHERE,
    "trio.open_nursery": (Make("trio.Nursery"),),
    "trio.run": _RUN,
    "trio.to_thread.run_sync": _TO_THREAD,
    "trio.from_thread.run": _FROM_THREAD,
    "trio.from_thread.run_sync": _FROM_THREAD,
}
