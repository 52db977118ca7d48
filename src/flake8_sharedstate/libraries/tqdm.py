"""``tqdm.contrib.concurrent``: a map over a pool of threads, or of processes (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Spawn,
    Threads,
)

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "tqdm.contrib.concurrent.thread_map": (
        Spawn(Arg(0, "fn"), Arguments(each_rest=1), Threads.POOL, handle="builtins.list", waited=True),
    ),
    "tqdm.contrib.concurrent.process_map": (Spawn(Arg(0, "fn"), threads=Threads.ELSEWHERE),),
}
