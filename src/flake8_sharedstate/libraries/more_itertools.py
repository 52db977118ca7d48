"""``more_itertools``: iterators that threads may share (catalogue 2.2)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Keep, Make

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "more_itertools.serialize": (Make("threading.<serialized>", items=Arg(0, "iterable")),),
    "more_itertools.synchronized": (
        Make("threading.<synchronized>", keep=(Keep("callable", Arg(0, "func")),)),
    ),
}

ALIASES: dict[str, str] = {
    "more_itertools.more.serialize": "more_itertools.serialize",
    "more_itertools.more.synchronized": "more_itertools.synchronized",
}
