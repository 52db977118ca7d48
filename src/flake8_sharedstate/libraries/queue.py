"""``queue``: queues hand items over from thread to thread, under a lock of their own (catalogue 1.2, 2.2)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Change,
    Effect,
    Finish,
    Hooks,
    Join,
    Mutate,
    Put,
    Take,
    Test,
    TypeModel,
)

_PUT: tuple[Effect, ...] = (Put(Arg(0, "item")),)
_GET: tuple[Effect, ...] = (Mutate(Change.REMOVE), Take())
_STATE: tuple[Effect, ...] = (Test(),)

_HANDOVER: dict[str, tuple[Effect, ...]] = {
    "put": _PUT,
    "put_nowait": _PUT,
    "get": _GET,
    "get_nowait": _GET,
    "empty": _STATE,
    "qsize": _STATE,
}

TYPES: dict[str, TypeModel] = {
    "queue.Queue": TypeModel(
        methods={**_HANDOVER, "full": _STATE, "join": (Join(),), "task_done": (Finish(),)},
        attributes={
            "mutex": "threading.Lock",
            "not_empty": "threading.Condition",
            "not_full": "threading.Condition",
            "all_tasks_done": "threading.Condition",
            "queue": "collections.deque",
        },
        container="queue",
        hooks=Hooks("mutex", ("_init", "_qsize", "_put", "_get")),
    ),
    "queue.LifoQueue": TypeModel(bases=("queue.Queue",), attributes={"queue": "builtins.list"}),
    "queue.PriorityQueue": TypeModel(bases=("queue.Queue",), attributes={"queue": "builtins.list"}),
    "queue.SimpleQueue": TypeModel(methods=_HANDOVER, container="queue"),
}

ALIASES: dict[str, str] = {
    "_queue.SimpleQueue": "queue.SimpleQueue",
    "queue._PySimpleQueue": "queue.SimpleQueue",
}
