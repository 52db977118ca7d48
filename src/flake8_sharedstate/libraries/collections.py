"""``collections`` and ``collections.abc`` (catalogue 3.4).

``Counter`` adds in a Python loop, and ``+=`` on one is such a loop too, not one step in place; the
other containers are as safe as the built-in ones that they extend.
"""

from __future__ import annotations

from flake8_sharedstate.libraries import builtins
from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Change,
    Effect,
    Field,
    Invoke,
    Keep,
    Make,
    Mutate,
    Put,
    PutAll,
    Receiver,
    Take,
    Test,
    TypeModel,
)

_ADDS: tuple[Effect, ...] = (Test(), Take(), PutAll(Arg(0), change=Change.STORE))
_SUBTRACTS: tuple[Effect, ...] = (Test(), Take(), Mutate(Change.STORE))
_LIST: tuple[Effect, ...] = (Make("builtins.list", items=Receiver()),)

_SEQUENCE = TypeModel(bases=("builtins.list",))
_MAPPING = TypeModel(bases=("builtins.dict",))
_SET = TypeModel(bases=("builtins.set",))

TYPES: dict[str, TypeModel] = {
    "collections.deque": TypeModel(
        bases=("builtins.list",),
        construct=(PutAll(Arg(0, "iterable")),),
        methods={
            "appendleft": (Put(Arg(0)),),
            "extendleft": (PutAll(Arg(0)),),
            "pop": (Mutate(Change.REMOVE), Take()),
            "popleft": (Mutate(Change.REMOVE), Take()),
            "rotate": (Mutate(Change.REORDER),),
            "copy": (Make("collections.deque", items=Receiver()),),
        },
        container="deque",
    ),
    "collections.defaultdict": TypeModel(
        bases=("builtins.dict",),
        construct=(Keep("default_factory", Arg(0)), PutAll(Arg(1), change=Change.STORE)),
        methods={
            "__missing__": (Invoke(Field("default_factory"), give=True),),
            "copy": (
                Make(
                    "collections.defaultdict",
                    items=Receiver(),
                    keep=(Keep("default_factory", Field("default_factory")),),
                ),
            ),
        },
    ),
    "collections.OrderedDict": TypeModel(
        bases=("builtins.dict",),
        construct=(PutAll(Arg(0), change=Change.STORE),),
        methods={
            "move_to_end": (Mutate(Change.REORDER, key=Arg(0, "key")),),
            "copy": (Make("collections.OrderedDict", items=Receiver()),),
        },
    ),
    "collections.Counter": TypeModel(
        methods={
            **builtins.TYPES["builtins.dict"].methods,
            "update": _ADDS,
            "subtract": _SUBTRACTS,
            "__iadd__": _SUBTRACTS,
            "__isub__": _SUBTRACTS,
            "__ior__": _SUBTRACTS,
            "__iand__": _SUBTRACTS,
            "most_common": (Test(), *_LIST),
            "elements": (Make("builtins.<iterator>"),),
            "total": (Test(),),
            "copy": (Make("collections.Counter", items=Receiver()),),
        },
        container="dict",
    ),
    "collections.ChainMap": TypeModel(
        bases=("builtins.dict",),
        construct=(PutAll(Arg(0), change=Change.STORE), PutAll(Arg(1), change=Change.STORE)),
        methods={
            "new_child": (Make("collections.ChainMap", items=Receiver()),),
            "copy": (Make("collections.ChainMap", items=Receiver()),),
        },
    ),
    "collections.UserDict": TypeModel(
        bases=("builtins.dict",),
        construct=(PutAll(Arg(0), change=Change.STORE),),
        attributes={"data": "builtins.dict"},
    ),
    "collections.UserList": TypeModel(
        bases=("builtins.list",),
        construct=(PutAll(Arg(0, "initlist")),),
        attributes={"data": "builtins.list"},
    ),
    "collections.UserString": TypeModel(bases=("builtins.str",)),
    # What ``namedtuple`` gives: a class of tuples.
    "collections.<tuple class>": TypeModel(methods={"__call__": (Make("builtins.tuple"),)}),
    # What an annotation says of a value of which nothing else is known.
    "collections.abc.Mapping": _MAPPING,
    "collections.abc.MutableMapping": _MAPPING,
    "collections.abc.Sequence": _SEQUENCE,
    "collections.abc.MutableSequence": _SEQUENCE,
    "collections.abc.Set": _SET,
    "collections.abc.MutableSet": _SET,
    "collections.abc.Iterator": TypeModel(bases=("builtins.<iterator>",)),
}

ALIASES: dict[str, str] = {
    "_collections.deque": "collections.deque",
    "_collections.defaultdict": "collections.defaultdict",
    "_collections.OrderedDict": "collections.OrderedDict",
    "_collections_abc.Iterator": "collections.abc.Iterator",
    "_collections_abc.Mapping": "collections.abc.Mapping",
    "_collections_abc.MutableMapping": "collections.abc.MutableMapping",
    "_collections_abc.MutableSequence": "collections.abc.MutableSequence",
    "_collections_abc.MutableSet": "collections.abc.MutableSet",
    "_collections_abc.Sequence": "collections.abc.Sequence",
    "_collections_abc.Set": "collections.abc.Set",
    "collections.abc.Generator": "builtins.generator",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "collections.OrderedDict.fromkeys": (Make("collections.OrderedDict"),),
    "collections.namedtuple": (Make("collections.<tuple class>"),),
}
