"""``asyncio``: event loops, tasks, worker threads of a loop, locks between tasks (catalogue 1.1, 1.3, 2.2).

Tasks and callbacks of a loop all run in its one thread. A coroutine that is handed over as a task is
written as a callable is; wherever one is given back, it stands for what it returns.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Change,
    Effect,
    Exclusion,
    Field,
    Finish,
    Give,
    Identify,
    Identity,
    Invoke,
    Join,
    Keep,
    LockModel,
    Make,
    Mutate,
    Put,
    Receiver,
    RunLoop,
    Spawn,
    Take,
    Test,
    Threads,
    TypeModel,
    View,
)

_LOOP = "asyncio.AbstractEventLoop"
_FUTURE = "asyncio.Future"
_TASK = "asyncio.Task"
_HANDLE = "asyncio.Handle"

_NEW_LOOP: tuple[Effect, ...] = (Make(_LOOP),)
_OWN_LOOP: tuple[Effect, ...] = (Identify(Identity.LOOP), Make(_LOOP))
_CREATE_TASK: tuple[Effect, ...] = (
    Spawn(Arg(0, "coro"), threads=Threads.CALLER, handle=_TASK, awaited=True),
    Give(Arg(0, "coro")),
)
_LATER: tuple[Effect, ...] = (Spawn(Arg(1, "callback"), Arguments(rest=2), Threads.CALLER, handle=_HANDLE),)
_SOON: tuple[Effect, ...] = (Spawn(Arg(0, "callback"), Arguments(rest=1), Threads.CALLER, handle=_HANDLE),)
_PROTOCOL: tuple[Effect, ...] = (Spawn(Arg(0, "protocol_factory"), threads=Threads.CALLER),)
_SERVE: tuple[Effect, ...] = (
    Spawn(Arg(0, "client_connected_cb"), threads=Threads.CALLER, repeated=True, tasks=True),
    Make("asyncio.Server"),
)
_JOIN: tuple[Effect, ...] = (Join(),)
_STATE: tuple[Effect, ...] = (Test(),)
_PUT: tuple[Effect, ...] = (Put(Arg(0, "item")),)
_GET: tuple[Effect, ...] = (Mutate(Change.REMOVE), Take())

_NO_LOCK = LockModel(Exclusion.NOTHING)
_SEMAPHORE = TypeModel(lock=LockModel(Exclusion.TASKS, permits=Arg(0, "value")))
_GATHERED = (Arg(0), Arg(1), Arg(2), Arg(3), Arg(4), Arg(5))

TYPES: dict[str, TypeModel] = {
    _LOOP: TypeModel(
        methods={
            "run_in_executor": (
                Spawn(
                    Arg(1, "func"),
                    Arguments(rest=2),
                    Threads.POOL,
                    handle=_FUTURE,
                    awaited=True,
                    workers=Arg(0, "executor"),
                ),
            ),
            "call_soon_threadsafe": _SOON,
            "call_soon": _SOON,
            "call_later": _LATER,
            "call_at": _LATER,
            "add_reader": _LATER,
            "add_writer": _LATER,
            "add_signal_handler": _LATER,
            "create_task": _CREATE_TASK,
            "create_future": (Make(_FUTURE),),
            "create_server": (*_PROTOCOL, Make("asyncio.Server")),
            "create_connection": _PROTOCOL,
            "create_datagram_endpoint": _PROTOCOL,
            "run_until_complete": (RunLoop(), Give(Arg(0, "future"))),
            "run_forever": (RunLoop(),),
            "set_exception_handler": (Spawn(Arg(0, "handler"), threads=Threads.CALLER),),
        }
    ),
    "asyncio.BaseEventLoop": TypeModel(bases=(_LOOP,)),
    "asyncio.SelectorEventLoop": TypeModel(bases=(_LOOP,)),
    "asyncio.ProactorEventLoop": TypeModel(bases=(_LOOP,)),
    _HANDLE: TypeModel(),
    _FUTURE: TypeModel(
        methods={
            "__await__": (Join(), Give(Field("result"))),
            "result": (Give(Field("result")),),
            "set_result": (Keep("result", Arg(0)),),
            "add_done_callback": (Spawn(Arg(0), Arguments(values=(Receiver(),)), Threads.CALLER),),
        }
    ),
    _TASK: TypeModel(bases=(_FUTURE,)),
    "asyncio.TaskGroup": TypeModel(methods={"create_task": _CREATE_TASK}, lock=_NO_LOCK, on_exit=_JOIN),
    "asyncio.Runner": TypeModel(
        methods={"run": (RunLoop(), Give(Arg(0, "coro"))), "get_loop": _NEW_LOOP}, lock=_NO_LOCK
    ),
    "asyncio.Timeout": TypeModel(lock=_NO_LOCK),
    "asyncio.Server": TypeModel(lock=_NO_LOCK),
    "asyncio.Lock": TypeModel(lock=LockModel(Exclusion.TASKS)),
    "asyncio.Condition": TypeModel(
        methods={"wait_for": (Invoke(Arg(0, "predicate"), give=True),)},
        lock=LockModel(Exclusion.TASKS, wait=("wait", "wait_for"), wraps=Arg(0, "lock")),
    ),
    "asyncio.Semaphore": _SEMAPHORE,
    "asyncio.BoundedSemaphore": _SEMAPHORE,
    "asyncio.Event": TypeModel(),
    "asyncio.Barrier": TypeModel(lock=_NO_LOCK),
    "asyncio.Queue": TypeModel(
        methods={
            "put": _PUT,
            "put_nowait": _PUT,
            "get": _GET,
            "get_nowait": _GET,
            "empty": _STATE,
            "full": _STATE,
            "qsize": _STATE,
            "join": _JOIN,
            "task_done": (Finish(),),
        },
        container="queue",
    ),
    "asyncio.LifoQueue": TypeModel(bases=("asyncio.Queue",)),
    "asyncio.PriorityQueue": TypeModel(bases=("asyncio.Queue",)),
}

ALIASES: dict[str, str] = {
    "asyncio.events.AbstractEventLoop": _LOOP,
    "asyncio.events.Handle": _HANDLE,
    "asyncio.events.TimerHandle": _HANDLE,
    "asyncio.TimerHandle": _HANDLE,
    "asyncio.events.get_event_loop": "asyncio.get_event_loop",
    "asyncio.events.get_running_loop": "asyncio.get_running_loop",
    "asyncio.events.new_event_loop": "asyncio.new_event_loop",
    "_asyncio.get_event_loop": "asyncio.get_event_loop",
    "_asyncio.get_running_loop": "asyncio.get_running_loop",
    "asyncio.base_events.BaseEventLoop": "asyncio.BaseEventLoop",
    "asyncio.base_events.Server": "asyncio.Server",
    "asyncio.unix_events.SelectorEventLoop": "asyncio.SelectorEventLoop",
    "asyncio.windows_events.ProactorEventLoop": "asyncio.ProactorEventLoop",
    "asyncio.EventLoop": "asyncio.SelectorEventLoop",
    "asyncio.futures.Future": _FUTURE,
    "_asyncio.Future": _FUTURE,
    "asyncio.tasks.Task": _TASK,
    "_asyncio.Task": _TASK,
    "asyncio.tasks.create_task": "asyncio.create_task",
    "asyncio.tasks.ensure_future": "asyncio.ensure_future",
    "asyncio.tasks.gather": "asyncio.gather",
    "asyncio.tasks.wait": "asyncio.wait",
    "asyncio.tasks.wait_for": "asyncio.wait_for",
    "asyncio.tasks.as_completed": "asyncio.as_completed",
    "asyncio.tasks.shield": "asyncio.shield",
    "asyncio.tasks.run_coroutine_threadsafe": "asyncio.run_coroutine_threadsafe",
    "asyncio.taskgroups.TaskGroup": "asyncio.TaskGroup",
    "asyncio.runners.Runner": "asyncio.Runner",
    "asyncio.runners.run": "asyncio.run",
    "asyncio.threads.to_thread": "asyncio.to_thread",
    "asyncio.timeouts.Timeout": "asyncio.Timeout",
    "asyncio.timeouts.timeout": "asyncio.timeout",
    "asyncio.timeouts.timeout_at": "asyncio.timeout_at",
    "asyncio.locks.Lock": "asyncio.Lock",
    "asyncio.locks.Condition": "asyncio.Condition",
    "asyncio.locks.Semaphore": "asyncio.Semaphore",
    "asyncio.locks.BoundedSemaphore": "asyncio.BoundedSemaphore",
    "asyncio.locks.Event": "asyncio.Event",
    "asyncio.locks.Barrier": "asyncio.Barrier",
    "asyncio.queues.Queue": "asyncio.Queue",
    "asyncio.queues.LifoQueue": "asyncio.LifoQueue",
    "asyncio.queues.PriorityQueue": "asyncio.PriorityQueue",
    "asyncio.streams.start_server": "asyncio.start_server",
    "asyncio.streams.start_unix_server": "asyncio.start_unix_server",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "asyncio.to_thread": (Spawn(Arg(0), Arguments(rest=1), Threads.POOL, handle=_FUTURE, awaited=True),),
    "asyncio.run_coroutine_threadsafe": (
        Spawn(
            Arg(0, "coro"),
            threads=Threads.CALLER,
            handle="concurrent.futures.Future",
            workers=Arg(1, "loop"),
        ),
    ),
    "asyncio.get_event_loop": _OWN_LOOP,
    "asyncio.get_running_loop": _OWN_LOOP,
    "asyncio.new_event_loop": _NEW_LOOP,
    "asyncio.run": (RunLoop(), Give(Arg(0, "main"))),
    "asyncio.create_task": _CREATE_TASK,
    "asyncio.ensure_future": (
        Spawn(Arg(0, "coro_or_future"), threads=Threads.CALLER, handle=_TASK, awaited=True),
        Give(Arg(0, "coro_or_future")),
    ),
    "asyncio.gather": (
        *(Spawn(one, threads=Threads.CALLER, awaited=True) for one in _GATHERED),
        *(Give(one) for one in _GATHERED),
    ),
    "asyncio.wait": (Join(Arg(0, "fs"), each=True),),
    "asyncio.wait_for": (Give(Arg(0, "fut")),),
    "asyncio.shield": (Give(Arg(0, "arg")),),
    "asyncio.as_completed": (View(Arg(0, "fs")),),
    "asyncio.timeout": (Make("asyncio.Timeout"),),
    "asyncio.timeout_at": (Make("asyncio.Timeout"),),
    "asyncio.current_task": (Make(_TASK),),
    "asyncio.iscoroutinefunction": (),
    "asyncio.iscoroutine": (),
    "asyncio.start_server": _SERVE,
    "asyncio.start_unix_server": _SERVE,
}
