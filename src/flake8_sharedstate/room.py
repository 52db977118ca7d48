"""Room for the analysis, whatever the program around it has set."""

from __future__ import annotations

import contextlib
import gc
import inspect
import sys
from collections.abc import Iterator

# Deep nesting is rare, generated code has it. Recursion through C takes the stack that an operating
# system gives, which is enough for this many frames; deeper programs are past the budget.
_FRAMES = 12_000


@contextlib.contextmanager
def room_to_work() -> Iterator[None]:
    """Lets the analysis recurse deeper, and has no garbage looked for meanwhile.

    What the analysis builds grows and goes as a whole: looking for garbage in it only costs time. It
    has the same number of frames whoever calls it: what is too deep for one run is so for the next.
    """
    limit, collects = sys.getrecursionlimit(), gc.isenabled()
    gc.freeze()
    sys.setrecursionlimit(max(limit, _depth() + _FRAMES))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        gc.unfreeze()
        if collects:
            gc.enable()


def _depth() -> int:
    """How many frames there are already."""
    frame, depth = inspect.currentframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
