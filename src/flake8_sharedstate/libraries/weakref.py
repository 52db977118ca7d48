"""``weakref``: references, callbacks, and containers whose single operations are one step (catalogue 3.3).

A callback runs in whichever thread drops the last reference.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Change,
    Effect,
    Field,
    Give,
    Keep,
    PutAll,
    Receiver,
    Spawn,
    Threads,
    TypeModel,
)

_CALLBACK = Spawn(Arg(1, "callback"), Arguments(values=(Receiver(),)), Threads.HOLDER)
_REFERENCE = TypeModel(
    construct=(Keep("<referent>", Arg(0)), _CALLBACK), methods={"__call__": (Give(Field("<referent>")),)}
)
_MAPPING = TypeModel(bases=("builtins.dict",), construct=(PutAll(Arg(0), change=Change.STORE),))

TYPES: dict[str, TypeModel] = {
    "weakref.ref": _REFERENCE,
    "weakref.WeakMethod": _REFERENCE,
    # What it is called with nobody else has by then, as a rule: that is not passed on.
    "weakref.finalize": TypeModel(construct=(Spawn(Arg(1, "func"), threads=Threads.HOLDER),)),
    "weakref.WeakKeyDictionary": _MAPPING,
    "weakref.WeakValueDictionary": _MAPPING,
    "weakref.WeakSet": TypeModel(
        bases=("builtins.set",), construct=(PutAll(Arg(0, "data"), change=Change.INSERT),)
    ),
}

ALIASES: dict[str, str] = {
    "_weakref.ref": "weakref.ref",
    "_weakref.proxy": "weakref.proxy",
    "_weakrefset.WeakSet": "weakref.WeakSet",
    "weakref.ReferenceType": "weakref.ref",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "weakref.proxy": (Give(Arg(0)), Spawn(Arg(1), threads=Threads.HOLDER)),
}
