"""``weakref``: references, and containers whose single operations are one step (catalogue 3.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Change, Effect, Field, Give, Keep, PutAll, TypeModel

_REFERENCE = TypeModel(
    construct=(Keep("<referent>", Arg(0)),), methods={"__call__": (Give(Field("<referent>")),)}
)
_MAPPING = TypeModel(bases=("builtins.dict",), construct=(PutAll(Arg(0), change=Change.STORE),))

TYPES: dict[str, TypeModel] = {
    "weakref.ref": _REFERENCE,
    "weakref.WeakMethod": _REFERENCE,
    # The callback runs in whichever thread drops the last reference: no thread of its own.
    "weakref.finalize": TypeModel(),
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

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"weakref.proxy": (Give(Arg(0)),)}
