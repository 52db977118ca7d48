"""``joblib``: calls run in threads where those are asked for, else in processes (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Begin,
    Effect,
    Exclusion,
    Field,
    If,
    Keep,
    LockModel,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_DELAYED = "joblib.<delayed>"
_THREADS = "joblib.<threads>"
_PROCESSES = "joblib.<processes>"

TYPES: dict[str, TypeModel] = {
    _DELAYED: TypeModel(
        methods={
            "__call__": (
                Register(
                    Spawn(Field("<function>"), Arguments(rest=0), Threads.POOL, waited=True),
                    "joblib",
                    on=None,
                ),
            )
        }
    ),
    _THREADS: TypeModel(
        methods={"__call__": (Begin("joblib", on=None), Make("builtins.list"))},
        lock=LockModel(Exclusion.NOTHING),
    ),
    _PROCESSES: TypeModel(methods={"__call__": (Make("builtins.list"),)}, lock=LockModel(Exclusion.NOTHING)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "joblib.delayed": (Make(_DELAYED, keep=(Keep("<function>", Arg(0, "function")),)),),
    "joblib.Parallel": (
        If(
            Arg(1, "backend"),
            "threading",
            (Make(_THREADS),),
            (
                If(
                    Arg(None, "prefer"),
                    "threads",
                    (Make(_THREADS),),
                    (If(Arg(None, "require"), "sharedmem", (Make(_THREADS),), (Make(_PROCESSES),)),),
                ),
            ),
        ),
    ),
    "joblib.parallel_backend": (Make("contextlib.<manager>"),),
    "joblib.parallel_config": (Make("contextlib.<manager>"),),
}

ALIASES: dict[str, str] = {
    "joblib.parallel.delayed": "joblib.delayed",
    "joblib.parallel.Parallel": "joblib.Parallel",
}
