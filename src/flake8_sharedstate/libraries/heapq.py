"""``heapq``: a heap compares its items while it moves them: more than one step (catalogue 3.3, 3.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Change,
    Effect,
    Invoke,
    Make,
    Mutate,
    Put,
    Take,
    Test,
)

_HEAP = Arg(0)
_PUSH: tuple[Effect, ...] = (Test(_HEAP), Put(Arg(1), change=Change.INSERT, into=_HEAP))
_POP: tuple[Effect, ...] = (Test(_HEAP), Mutate(Change.REMOVE, of=_HEAP), Take(_HEAP))
_BOTH: tuple[Effect, ...] = (*_PUSH, Mutate(Change.REMOVE, of=_HEAP), Take(_HEAP))
_BEST: tuple[Effect, ...] = (
    Make("builtins.list", items=Arg(1, "iterable")),
    Invoke(Arg(2, "key"), Arguments(each=Arg(1, "iterable"))),
)

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "heapq.heappush": _PUSH,
    "heapq.heappop": _POP,
    "heapq.heappushpop": _BOTH,
    "heapq.heapreplace": _BOTH,
    "heapq.heapify": (Test(_HEAP), Mutate(Change.REORDER, of=_HEAP)),
    "heapq.nlargest": _BEST,
    "heapq.nsmallest": _BEST,
    "heapq.merge": (Make("builtins.<iterator>", items=Arg(0)),),
}

ALIASES: dict[str, str] = {
    "_heapq.heappush": "heapq.heappush",
    "_heapq.heappop": "heapq.heappop",
    "_heapq.heappushpop": "heapq.heappushpop",
    "_heapq.heapreplace": "heapq.heapreplace",
    "_heapq.heapify": "heapq.heapify",
}
