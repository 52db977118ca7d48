"""``concurrent.futures``: pools of threads, and of processes (catalogue 1.1, 1.3).

What processes run shares no memory; the futures that stand for it live, and call back, in this one.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Field,
    Give,
    Join,
    Keep,
    Make,
    Receiver,
    Spawn,
    Take,
    Threads,
    TypeModel,
    View,
)

_FUTURE = "concurrent.futures.Future"
_PROCESS_FUTURE = "concurrent.futures.<process future>"
_MAP = "concurrent.futures.<map>"

_CALLED_WITH_ITSELF = Arguments(values=(Receiver(),))
_WAIT: tuple[Effect, ...] = (Join(),)

TYPES: dict[str, TypeModel] = {
    # As an annotation, or the base of a user's executor: taken for a pool of threads.
    "concurrent.futures.Executor": TypeModel(
        methods={
            "submit": (Spawn(Arg(0), Arguments(rest=1), Threads.POOL, handle=_FUTURE),),
            "map": (Spawn(Arg(0, "fn"), Arguments(each_rest=1), Threads.POOL, handle=_MAP),),
            "shutdown": _WAIT,
        },
        on_exit=_WAIT,
    ),
    "concurrent.futures.ThreadPoolExecutor": TypeModel(
        bases=("concurrent.futures.Executor",),
        construct=(
            Spawn(
                Arg(2, "initializer"),
                Arguments(unpacked=Arg(3, "initargs")),
                Threads.POOL,
                repeated=True,
            ),
        ),
        workers=Arg(0, "max_workers"),
    ),
    "concurrent.futures.ProcessPoolExecutor": TypeModel(
        bases=("concurrent.futures.Executor",),
        methods={
            "submit": (Spawn(Arg(0), threads=Threads.ELSEWHERE), Make(_PROCESS_FUTURE)),
            "map": (Spawn(Arg(0), threads=Threads.ELSEWHERE), Make(_MAP)),
        },
        elsewhere=True,
    ),
    "concurrent.futures.InterpreterPoolExecutor": TypeModel(
        bases=("concurrent.futures.Executor",),
        methods={"submit": (Make(_FUTURE),), "map": (Make(_MAP),)},
        elsewhere=True,
    ),
    # What ``Executor.map`` gives: iterating it waits for each result in turn.
    _MAP: TypeModel(methods={"__next__": (Join(), Take())}, container="iterator", atomic=True),
    _FUTURE: TypeModel(
        methods={
            "result": (Join(), Give(Field("result"))),
            "exception": _WAIT,
            "set_result": (Keep("result", Arg(0, "result")),),
            "add_done_callback": (Spawn(Arg(0, "fn"), _CALLED_WITH_ITSELF, Threads.POOL),),
        }
    ),
    # One thread of this process watches the workers and calls back.
    _PROCESS_FUTURE: TypeModel(
        bases=(_FUTURE,),
        methods={"add_done_callback": (Spawn(Arg(0, "fn"), _CALLED_WITH_ITSELF, Threads.SERIAL),)},
    ),
}

ALIASES: dict[str, str] = {
    "concurrent.futures.thread.ThreadPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
    "concurrent.futures.process.ProcessPoolExecutor": "concurrent.futures.ProcessPoolExecutor",
    "concurrent.futures.interpreter.InterpreterPoolExecutor": "concurrent.futures.InterpreterPoolExecutor",
    "concurrent.futures._base.Executor": "concurrent.futures.Executor",
    "concurrent.futures._base.Future": _FUTURE,
    "concurrent.futures._base.wait": "concurrent.futures.wait",
    "concurrent.futures._base.as_completed": "concurrent.futures.as_completed",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "concurrent.futures.wait": (Join(Arg(0, "fs"), each=True, unless=Arg(2, "return_when")),),
    "concurrent.futures.as_completed": (View(Arg(0, "fs")),),
}
