"""``operator`` (library reference): item access as functions."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Change, Effect, Mutate, Put, Take, Test

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "operator.getitem": (Take(Arg(0), key=Arg(1)),),
    "operator.setitem": (Put(Arg(2), key=Arg(1), change=Change.STORE, into=Arg(0)),),
    "operator.delitem": (Mutate(Change.REMOVE, of=Arg(0), key=Arg(1)),),
    "operator.contains": (Test(Arg(0), key=Arg(1)),),
    "operator.countOf": (Test(Arg(0)),),
    "operator.indexOf": (Test(Arg(0)),),
    "operator.length_hint": (Test(Arg(0)),),
}

ALIASES: dict[str, str] = {
    "_operator.getitem": "operator.getitem",
    "_operator.setitem": "operator.setitem",
    "_operator.delitem": "operator.delitem",
    "_operator.contains": "operator.contains",
}
