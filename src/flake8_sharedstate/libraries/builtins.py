"""Built-in containers and functions (catalogue 3.4; CPython's "Thread Safety Guarantees").

One call of a container's method is one step. Effects happen in the order in which they are listed: a
change before a read is one step with it (``pop``, ``setdefault``), a read before a change is a step
of its own, after which another thread may come in (``heapq.heappush``, ``Counter.update``).

A function or class that is described and gives nothing gives a plain value: a number, a truth value. So
do, in effect, containers that cannot change: ``tuple``, ``frozenset``, ``str``, ``bytes``, ``range``.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Attribute,
    Change,
    Effect,
    Exclusion,
    Field,
    Fresh,
    Give,
    Invoke,
    Keep,
    LockModel,
    Make,
    Mutate,
    Put,
    PutAll,
    Receiver,
    Specialized,
    Take,
    TakePairs,
    TakeTuples,
    Tell,
    Test,
    TypeModel,
    Unfailing,
    View,
)

_REMOVE: tuple[Effect, ...] = (Mutate(Change.REMOVE),)
_REMOVE_KEY: tuple[Effect, ...] = (Mutate(Change.REMOVE, key=Arg(0)),)
_CLEAR: tuple[Effect, ...] = (Mutate(Change.CLEAR),)
_STATE: tuple[Effect, ...] = (Test(),)
_ADVANCE: tuple[Effect, ...] = (Mutate(Change.REMOVE), Take())
_ITERATE: tuple[Effect, ...] = (Make("builtins.<iterator>", items=Receiver()), View())
_TO_LIST: tuple[Effect, ...] = (Make("builtins.list"),)
_TO_SET: tuple[Effect, ...] = (Make("builtins.set", items=Receiver()),)

_BY_KEY: dict[str, tuple[Effect, ...]] = {
    "__getitem__": (Take(key=Arg(0)),),
    "__setitem__": (Put(Arg(1), key=Arg(0), change=Change.STORE),),
    "__delitem__": _REMOVE_KEY,
    "__contains__": (Test(key=Arg(0)),),
    "__len__": _STATE,
    "__iter__": _ITERATE,
    "clear": _CLEAR,
}
_LIST_METHODS: dict[str, tuple[Effect, ...]] = {
    **_BY_KEY,
    "append": (Put(Arg(0)),),
    "extend": (PutAll(Arg(0)),),
    "insert": (Put(Arg(1), change=Change.INSERT),),
    "pop": (Mutate(Change.REMOVE), Take(key=Arg(0))),
    "remove": _REMOVE,
    "reverse": (Mutate(Change.REORDER),),
    "index": _STATE,
    "count": _STATE,
    "__iadd__": (PutAll(Arg(0)), Give(Receiver())),
}
_FROZENSET_METHODS: dict[str, tuple[Effect, ...]] = {
    "__contains__": (Test(key=Arg(0)),),
    "__len__": _STATE,
    "__iter__": _ITERATE,
    "copy": _TO_SET,
    "union": _TO_SET,
    "intersection": _TO_SET,
    "difference": _TO_SET,
    "symmetric_difference": _TO_SET,
    "issubset": _STATE,
    "issuperset": _STATE,
    "isdisjoint": _STATE,
}
_TEXT_METHODS: dict[str, tuple[Effect, ...]] = {
    "split": _TO_LIST,
    "rsplit": _TO_LIST,
    "splitlines": _TO_LIST,
    "join": (Test(Arg(0)),),
}

_FGET = Keep("fget", Field("fget"))
_FSET = Keep("fset", Field("fset"))
_FDEL = Keep("fdel", Field("fdel"))

TYPES: dict[str, TypeModel] = {
    "builtins.list": TypeModel(
        construct=(PutAll(Arg(0)),),
        methods={
            **_LIST_METHODS,
            "__reversed__": _ITERATE,
            "sort": (Mutate(Change.REORDER), Invoke(Arg(None, "key"), Arguments(each=Receiver()))),
            "copy": (Make("builtins.list", items=Receiver()),),
        },
        container="list",
        in_place=True,
    ),
    "builtins.tuple": TypeModel(construct=(PutAll(Arg(0)),), container="tuple"),
    "builtins.dict": TypeModel(
        construct=(PutAll(Arg(0), change=Change.STORE),),
        methods={
            **_BY_KEY,
            "get": (Test(key=Arg(0)), Take(key=Arg(0)), Give(Arg(1))),
            "setdefault": (Put(Arg(1), key=Arg(0), change=Change.INSERT), Take(key=Arg(0)), Give(Arg(1))),
            "pop": (Mutate(Change.REMOVE, key=Arg(0)), Take(key=Arg(0)), Give(Arg(1))),
            "popitem": (Mutate(Change.REMOVE), Make("builtins.tuple", items=Receiver())),
            "update": (PutAll(Arg(0), change=Change.STORE),),
            "copy": (Make("builtins.dict", items=Receiver()),),
            "keys": (Make("builtins.<view>", items=Receiver()), View()),
            "values": (View(),),
            "items": (TakePairs(),),
            "__reversed__": _ITERATE,
            "__ior__": (PutAll(Arg(0), change=Change.STORE), Give(Receiver())),
        },
        container="dict",
        in_place=True,
    ),
    "builtins.<namespace>": TypeModel(bases=("builtins.dict",), container="namespace"),
    "builtins.set": TypeModel(
        construct=(PutAll(Arg(0), change=Change.INSERT),),
        methods={
            **_FROZENSET_METHODS,
            "add": (Put(Arg(0), key=Arg(0), change=Change.INSERT),),
            "discard": (Mutate(Change.REMOVE, key=Arg(0), tolerant=True),),
            "remove": _REMOVE_KEY,
            "pop": _ADVANCE,
            "clear": _CLEAR,
            "update": (PutAll(Arg(0), change=Change.INSERT), PutAll(Arg(1), change=Change.INSERT)),
            "difference_update": _REMOVE,
            "intersection_update": _REMOVE,
            "symmetric_difference_update": (*_REMOVE, PutAll(Arg(0), change=Change.INSERT)),
            "__ior__": (PutAll(Arg(0), change=Change.INSERT), Give(Receiver())),
        },
        container="set",
        in_place=True,
    ),
    "builtins.frozenset": TypeModel(
        construct=(PutAll(Arg(0)),), methods=_FROZENSET_METHODS, container="frozenset"
    ),
    "builtins.bytearray": TypeModel(
        methods={**_LIST_METHODS, **_TEXT_METHODS, "copy": (Make("builtins.bytearray"),)},
        container="bytearray",
        in_place=True,
    ),
    "builtins.memoryview": TypeModel(
        construct=(Keep("obj", Arg(0, "object")),),
        container="memoryview",
        lock=LockModel(Exclusion.NOTHING),
    ),
    "builtins.str": TypeModel(methods=_TEXT_METHODS, container="str"),
    "builtins.bytes": TypeModel(methods=_TEXT_METHODS, container="bytes"),
    "builtins.range": TypeModel(container="range"),
    "builtins.object": TypeModel(),
    # What ``View`` gives.
    "builtins.<view>": TypeModel(container="view"),
    # Iterators that are advanced in more than one step.
    "builtins.<iterator>": TypeModel(methods={"__next__": _ADVANCE}, container="iterator"),
    "builtins.generator": TypeModel(
        methods={"__next__": _ADVANCE, "send": _ADVANCE, "throw": _ADVANCE, "close": _CLEAR},
        container="iterator",
    ),
    "builtins.property": TypeModel(
        construct=(Keep("fget", Arg(0, "fget")), Keep("fset", Arg(1, "fset")), Keep("fdel", Arg(2, "fdel"))),
        methods={
            "getter": (Make("builtins.property", keep=(Keep("fget", Arg(0)), _FSET, _FDEL)),),
            "setter": (Make("builtins.property", keep=(_FGET, Keep("fset", Arg(0)), _FDEL)),),
            "deleter": (Make("builtins.property", keep=(_FGET, _FSET, Keep("fdel", Arg(0)))),),
        },
    ),
    "builtins.staticmethod": TypeModel(construct=(Keep("function", Arg(0)),)),
    "builtins.classmethod": TypeModel(construct=(Keep("function", Arg(0)),)),
}

ALIASES: dict[str, str] = {"types.GeneratorType": "builtins.generator"}

_SORT_KEY = Invoke(Arg(None, "key"), Arguments(each=Arg(0)))
_EXTREME: tuple[Effect, ...] = (
    Test(Arg(0)),
    Take(Arg(0)),
    Give(Arg(1)),
    Give(Arg(2)),
    Give(Arg(None, "default")),
    _SORT_KEY,
    Unfailing(),
)


def _special(name: str) -> Effect:
    """What a class of the program defines under the special name is called."""
    return Invoke(Attribute(f"__{name}__", Arg(0)), give=True)


_NEXT: tuple[Effect, ...] = (Take(Arg(0)), Give(Arg(1)), Fresh())

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "builtins.dict.fromkeys": (Make("builtins.dict"),),
    "builtins.sorted": (Make("builtins.list", items=Arg(0)), _SORT_KEY),
    "builtins.reversed": (Make("builtins.<iterator>", items=Arg(0)), View(Arg(0))),
    "builtins.enumerate": (Make("builtins.<iterator>"), TakePairs(Arg(0, "iterable"))),
    "builtins.zip": (Make("builtins.<iterator>"), TakeTuples()),
    "builtins.map": (Make("builtins.<iterator>"), Invoke(Arg(0), Arguments(each_rest=1))),
    "builtins.filter": (
        Make("builtins.<iterator>", items=Arg(1)),
        View(Arg(1)),
        Invoke(Arg(0), Arguments(each=Arg(1))),
    ),
    "builtins.iter": (
        Make("builtins.<iterator>", items=Arg(0)),
        View(Arg(0)),
        Invoke(Arg(0)),
        _special("iter"),
    ),
    "builtins.next": (*_NEXT, _special("next")),
    "builtins.abs": (_special("abs"),),
    "builtins.hash": (_special("hash"),),
    "builtins.repr": (_special("repr"),),
    "builtins.round": (_special("round"),),
    "builtins.aiter": (View(Arg(0)),),
    "builtins.anext": _NEXT,
    "builtins.min": _EXTREME,
    "builtins.max": _EXTREME,
    **dict.fromkeys(("builtins.all", "builtins.any", "builtins.sum"), (Test(Arg(0)),)),
    "builtins.len": (Test(Arg(0)), Specialized(), Unfailing(), _special("len")),
    "builtins.isinstance": (Specialized(), Unfailing()),
    "builtins.bool": (Unfailing(), _special("bool")),
    "builtins.id": (Unfailing(),),
    "builtins.print": (Tell(),),
    "builtins.open": (Make("io.IOBase"),),
    **dict.fromkeys(
        [
            "builtins.ascii",
            "builtins.bin",
            "builtins.callable",
            "builtins.chr",
            "builtins.complex",
            "builtins.divmod",
            "builtins.float",
            "builtins.format",
            "builtins.hasattr",
            "builtins.hex",
            "builtins.input",
            "builtins.int",
            "builtins.issubclass",
            "builtins.oct",
            "builtins.ord",
            "builtins.pow",
        ],
        (),
    ),
}
