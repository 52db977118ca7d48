"""``bisect``: the place is searched in one step and used in a later one (catalogue 3.3, 3.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Change, Effect, Put, Test

_LIST = Arg(0, "a")
_SEARCH: tuple[Effect, ...] = (Test(_LIST),)
_INSERT: tuple[Effect, ...] = (Test(_LIST), Put(Arg(1, "x"), change=Change.INSERT, into=_LIST))

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "bisect.bisect": _SEARCH,
    "bisect.bisect_left": _SEARCH,
    "bisect.bisect_right": _SEARCH,
    "bisect.insort": _INSERT,
    "bisect.insort_left": _INSERT,
    "bisect.insort_right": _INSERT,
}
